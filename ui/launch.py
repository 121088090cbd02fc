"""Starts the web app on this computer, for the person who starts it, and opens the browser.

Every option that hardens Streamlit is a flag here; who may come in is decided by `ui.gate`. Knows
nothing about what the app draws.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from rag import private
from rag.config import ENVIRONMENT_PREFIX, NAMES, Settings
from rag.errors import RagError, UsageError
from ui import access, texts, theme

HOST = "127.0.0.1"
SCRIPT = Path(__file__).with_name("server.py")
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0
_OPENING = """<!doctype html><meta charset="utf-8"><title>Fuente</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={address}">
<p><a href="{address}">{said}</a></p>"""

_OPTIONS = {
    "server.address": HOST,  # nobody else on the network, and no look-up of our address outside
    "server.headless": "true",  # no question for an e-mail address; the browser is opened by us
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",  # tracebacks stay in the terminal
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",
    "runner.magicEnabled": "false",
}
# Another name for this computer would let a foreign page speak to the app (DNS rebinding). One flag
# a host: a list in one flag is taken as one host, and locks everybody out.
_ALLOWED_HOSTS = ("localhost", HOST)


def main(settings: Settings, port: int = 8501, open_browser: bool = True) -> int:
    """Runs the app until Ctrl-C; returns the exit code.

    Raises UsageError for a busy port, RagError when the server does not come up.
    """
    require_free(port)
    # Our own `finally` must run when we are ended: a server left behind would hold the port.
    signal.signal(signal.SIGTERM, _interrupt)
    secret = access.secret()
    passed = environment(settings, os.environ) | {access.VARIABLE: secret.value}
    process = subprocess.Popen(command(settings, port), env=passed)
    page = settings.library / f"open-{port}.html"
    try:
        wait_until_up(process, port, secret.value)
        address = f"http://{HOST}:{port}/?token={secret.value}"
        sys.stdout.write(f"Fuente: {address}  (Ctrl-C)\n{_advice(secret)}\n")
        sys.stdout.flush()
        if open_browser:
            _open(page, address, settings.language)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)
        with contextlib.suppress(OSError):
            page.unlink(missing_ok=True)


def command(settings: Settings, port: int) -> list[str]:
    """The command line of the server."""
    options = {
        **_OPTIONS,
        **theme.OPTIONS,
        "server.port": str(port),
        "server.maxUploadSize": str(settings.max_file_mb),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    flags += [f"--server.allowedHosts={host}" for host in _ALLOWED_HOSTS]
    return [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *flags]


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The server's environment: the settings as RAG_*, and libraries told to stay off the net."""
    chosen = {ENVIRONMENT_PREFIX + name.upper(): str(getattr(settings, name)) for name in NAMES}
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return {**inherited, **chosen, **quiet}


def require_free(port: int) -> None:
    """Raises UsageError when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"port {port} of {HOST} cannot be used: {error}",
                f"rag chat --port {port + 1 if port < 65_535 else 8501}",
            ) from error


def wait_until_up(process: subprocess.Popen[bytes], port: int, secret: str) -> None:
    """Returns once our server answers. Raises RagError when it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RagError(
                f"the web app ended at once with code {process.returncode}", "read the lines above"
            )
        if _answers(port, secret):
            return
        time.sleep(0.1)
    raise RagError(f"the web app did not answer within {_START_SECONDS:.0f} s", "try again")


def _answers(port: int, secret: str) -> bool:
    """Whether the server that holds the secret answers: another user's may have taken the port."""
    nonce = secrets.token_urlsafe(16)
    address = f"http://{HOST}:{port}{access.HEALTH}?nonce={nonce}"
    try:
        with urllib.request.urlopen(address, timeout=1) as reply:
            said = str(reply.headers.get(access.PROOF, ""))
    except (urllib.error.URLError, OSError):
        return False
    return access.same(said, access.proof(secret, nonce))


def _advice(secret: access.Secret) -> str:
    if secret.file is None:
        return "Who has this address gets in; the next start has another one."
    return f"Who has this address gets in. For another one: delete {secret.file} and start again."


def _open(page: Path, address: str, language: str) -> None:
    """Opens the browser by a private file: other users can read the arguments of a program."""
    said = texts.words(language).opening
    try:
        private.make_folder(page.parent)
        private.write(page, _OPENING.format(address=address, said=said).encode())
    except OSError as error:
        sys.stderr.write(f"{page} cannot be written ({error.strerror}): open the address above\n")
        return
    webbrowser.open(page.absolute().as_uri())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the server to end, then ends it."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
