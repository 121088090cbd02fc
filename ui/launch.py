"""Starts the web app on this computer, for this computer only, and opens the browser.

Every option that hardens Streamlit is a flag here. Knows nothing about what the app draws.
"""

from __future__ import annotations

import os
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

from rag.config import ENVIRONMENT_PREFIX, NAMES, Settings
from rag.errors import RagError, UsageError
from ui import theme

HOST = "127.0.0.1"
SCRIPT = Path(__file__).with_name("streamlit_app.py")
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0

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
    process = subprocess.Popen(command(settings, port), env=environment(settings, os.environ))
    try:
        wait_until_up(process, port)
        address = f"http://{HOST}:{port}"
        sys.stdout.write(f"Fuente: {address}  (Ctrl-C)\n")
        sys.stdout.flush()
        if open_browser:
            webbrowser.open(address)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)


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


def wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns once the server answers. Raises RagError when it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RagError(
                f"the web app ended at once with code {process.returncode}", "read the lines above"
            )
        if _answers(port):
            return
        time.sleep(0.1)
    raise RagError(f"the web app did not answer within {_START_SECONDS:.0f} s", "try again")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_stcore/health", timeout=1) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


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
