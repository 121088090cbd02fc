"""Streamlit's options: those that we set, and those that we leave, each on purpose.

Flags win over Streamlit's configuration files and variables, which the server is kept from as well
(`start.py`, `launch.py`). Whatever a version of Streamlit adds must be put into one of the tables.
"""

from __future__ import annotations

from pathlib import Path

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
}


def flags(port: int, max_upload_mb: int) -> list[str]:
    """Returns all options that we set as arguments of `streamlit run`."""
    origin = f"http://{HOST}:{port}"
    options = {
        **_SET,
        **theme.OPTIONS,
        "server.port": str(port),
        "server.maxUploadSize": str(max_upload_mb),
        "server.corsAllowedOrigins": origin,
        "browser.serverPort": str(port),
        "client.allowedOrigins": origin,  # by default Streamlit's hosting service may frame the app
    }
    return [
        *(f"--{name}={value}" for name, value in options.items()),
        *(f"--server.allowedHosts={host}" for host in ALLOWED_HOSTS),
    ]
