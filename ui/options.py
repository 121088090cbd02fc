"""Streamlit's options: those that we set, and those that we leave, each on purpose.

Flags win over Streamlit's configuration files and variables, which the server is kept from as well
(`start.py`, `launch.py`). Whatever a version of Streamlit adds must be put into one of the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit

from rag.config import OIDC_VARIABLE, Settings, oidc_secret
from rag.errors import UsageError
from ui import theme

HOST = "127.0.0.1"
# Another name for this computer would let a foreign page speak to the app (DNS rebinding). One flag
# a host: a list in one flag is taken as one host, and locks everybody out.
ALLOWED_HOSTS = ("localhost", HOST)

_SET = {
    "server.address": HOST,  # nobody else on the network, and no look-up of our address outside
    "server.headless": "true",  # no question for an e-mail address; the browser is opened by us
    "server.showEmailPrompt": "false",
    "server.enableCORS": "true",  # pages of other origins may neither read nor open the WebSocket
    "server.enableXsrfProtection": "true",
    "server.xsrfCookieSameSite": "strict",
    "server.trustedUserHeaders": "{}",
    "server.enableAgentApi": "false",
    "server.enableStaticServing": "false",
    "server.enableExpensiveMemoryStats": "false",
    "server.scriptHealthCheckEnabled": "false",
    "server.customComponentBaseUrlPath": "",
    "server.baseUrlPath": "",
    "server.sslCertFile": "",
    "server.sslKeyFile": "",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.allowRunOnSave": "false",
    "secrets.files": str(Path(__file__).with_name("none.toml")),  # there is no such file
    "browser.serverAddress": HOST,
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",  # tracebacks stay in the terminal
    "client.showErrorLinks": "false",  # to search engines and to a chat service
    "client.showSidebarNavigation": "false",
    "client.toolbarMode": "minimal",
    "global.developmentMode": "false",
    "global.appTest": "false",
    "global.e2eTest": "false",
    "global.unitTest": "false",
    "logger.hideWelcomeMessage": "true",
    "runner.magicEnabled": "false",
    # walks all objects of the libraries after every click, while nothing else runs; Python itself
    # collects what is left over as it grows
    "runner.postScriptGC": "false",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where people sign in: the address of the app for browsers, where it listens, and the file
    that tells Streamlit of the provider."""

    origin: str
    host: str
    file: Path


def sign_in_file(settings: Settings, origin: str, cookie_secret: str) -> str:
    """Returns what tells Streamlit of the provider of identities, as TOML. Raises UsageError."""
    secret = oidc_secret()
    if not (settings.oidc_client and secret):
        said = f"oidc_client or {OIDC_VARIABLE} is not set"
        raise UsageError(said, f"export RAG_OIDC_CLIENT=NAME {OIDC_VARIABLE}=SECRET")
    issuer = settings.oidc_issuer.rstrip("/")
    auth = {
        "redirect_uri": f"{origin}/oauth2callback",
        "cookie_secret": cookie_secret,
        "client_id": settings.oidc_client,
        "client_secret": secret,
        "server_metadata_url": f"{issuer}/.well-known/openid-configuration",
        "expose_tokens": ["id"],
    }
    return tomlkit.dumps({"auth": auth})


def flags(port: int, max_upload_mb: int, sign_in: SignIn | None = None) -> list[str]:
    """Returns all options that we set as arguments of `streamlit run`."""
    origin = sign_in.origin if sign_in else f"http://{HOST}:{port}"
    hosts = (*ALLOWED_HOSTS, *([urlsplit(origin).hostname or ""] if sign_in else []))
    options = {
        **_SET,
        **theme.OPTIONS,
        "server.port": str(port),
        "server.maxUploadSize": str(max_upload_mb),
        "server.corsAllowedOrigins": origin,
        "browser.serverPort": str(port),
        **({"secrets.files": str(sign_in.file), "server.address": sign_in.host} if sign_in else {}),
        "client.allowedOrigins": origin,  # by default Streamlit's hosting service may frame the app
    }
    return [
        *(f"--{name}={value}" for name, value in options.items()),
        *(f"--server.allowedHosts={host}" for host in dict.fromkeys(hosts)),
    ]
