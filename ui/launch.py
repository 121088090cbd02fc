"""Starts the web app on this computer, for the person who starts it, and opens the browser.

The server runs in an empty private folder, where it finds neither code nor settings; its options
are flags (`ui.options`); who may come in is decided by `ui.gate`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from rag.config import (
    CONFIG_FILE,
    ENVIRONMENT_PREFIX,
    NAMES,
    OIDC_VARIABLE,
    TOKEN_VARIABLE,
    Settings,
    config_folder,
)
from rag.errors import RagError, UsageError
from rag.system import private_files, processes
from rag.system.addresses import LOCAL
from rag.system.telemetry import SWITCHES, offline
from ui import access, i18n, options
from ui.options import HOST

START = Path(__file__).with_name("start.py")
SCRIPT = Path(__file__).with_name("server.py")
_WORDS = frozenset("bundled auto coverage none".split())  # no folders
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # not by way of a proxy
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0  # for the batch in hand, as a stop of an ingest has
_OPENING = """<!doctype html><meta charset="utf-8"><title>Fuente</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={address}">
<p><a href="{address}">{notice}</a></p>"""


def main(settings: Settings, port: int = 8501, open_browser: bool = True, host: str = HOST) -> int:
    """Runs the app until Ctrl-C; returns the exit code.

    Raises UsageError for a busy port, and for another `host` than this machine where nobody signs
    in; RagError when the server does not come up.
    """
    signs_in = bool(settings.server and settings.oidc_issuer)
    if host not in LOCAL and not signs_in:
        advice = "set RAG_SERVER and RAG_OIDC_ISSUER (docs/team.md), or ssh -L"
        raise UsageError(f"others reach {host}, and nobody signs in", advice)
    require_free(port)
    # Our own `finally` must run when we are ended: a server left behind would hold the port.
    signal.signal(signal.SIGTERM, _interrupt)
    secret = access.secret()
    passed = environment(settings, os.environ) | {access.VARIABLE: secret.value, access.ORIGIN: ""}
    empty = tempfile.mkdtemp(prefix="fuente-")  # 0700
    page = (Path(empty) if settings.server else settings.library) / f"open-{port}.html"
    address, advice = f"http://{HOST}:{port}/?token={secret.value}", _advice(secret)
    sign_in = None
    if signs_in:
        sign_in = _sign_in(settings, port, host, secret, Path(empty))
        passed = _without_rights(passed) | {access.ORIGIN: sign_in.origin}
        address, advice = sign_in.origin, f"Who opens it signs in at {settings.oidc_issuer}."
    process = subprocess.Popen(command(settings, port, sign_in), env=passed, cwd=empty)
    try:
        wait_until_up(process, port, secret.value)
        sys.stdout.write(f"Fuente: {address}  (Ctrl-C)\n{advice}\n")
        sys.stdout.flush()
        if open_browser:
            _open(page, address, settings.language)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(process)
        shutil.rmtree(empty, ignore_errors=True)
        with contextlib.suppress(OSError):
            page.unlink(missing_ok=True)


def _sign_in(
    settings: Settings, port: int, host: str, secret: access.Secret, folder: Path
) -> options.SignIn:
    """Writes what tells Streamlit of the provider; returns where people sign in."""
    origin = settings.app_url.rstrip("/") or f"http://{HOST}:{port}"
    file = folder / "sign-in.toml"
    cookie_secret = access.sign_in_secret(secret.value, port)
    private_files.write(file, options.sign_in_file(settings, origin, cookie_secret).encode())
    return options.SignIn(origin, host, file)


def _without_rights(passed: Mapping[str, str]) -> dict[str, str]:
    """Returns variables without what would let the app itself into the server."""
    return {
        name: value for name, value in passed.items() if name not in (TOKEN_VARIABLE, OIDC_VARIABLE)
    }


def command(settings: Settings, port: int, sign_in: options.SignIn | None = None) -> list[str]:
    """Returns the command line of the server."""
    flags = options.flags(port, settings.max_file_mb, sign_in)
    return processes.python(str(START), "run", str(SCRIPT), *flags)


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """Returns the server's variables: the settings as RAG_*, and what keeps libraries offline.

    Paths are absolute in it, since the server runs in another folder. Settings that it reads itself
    from the person's own file are left out, so that the app can change them; and so is what would
    configure Streamlit.
    """
    full = _absolute(settings)
    chosen = {
        ENVIRONMENT_PREFIX + name.upper(): str(getattr(full, name))
        for name in NAMES
        if getattr(full, name) != getattr(settings, name) or not _is_own(settings, name)
    }
    quiet = {switch.variable: switch.value for switch in SWITCHES} | offline(inherited)
    kept = {
        name: value
        for name, value in processes.environment(inherited).items()
        if not name.startswith(("STREAMLIT_", "MAPBOX_"))
    }
    return {**kept, **chosen, **quiet}


def _is_own(settings: Settings, name: str) -> bool:
    """Tells whether a setting is its default, or comes from the person's own file."""
    folder = config_folder(os.environ)
    own = str(folder / CONFIG_FILE) if folder else ""
    return name != "library" and settings.origins.get(name) in ("default", own)


def _absolute(settings: Settings) -> Settings:
    """Returns the settings with each path that was meant from the working directory in full."""
    library, models = (path.expanduser().absolute() for path in (settings.library, settings.models))
    names = {name: getattr(settings, name) for name in ("embedder", "reranker", "generator_model")}
    if settings.base_url or (models / settings.generator_model).exists():
        del names["generator_model"]  # the server's name for it, or that of an installed model
    folders: dict[str, Any] = {
        name: str(Path(value).absolute())
        for name, value in names.items()
        if value and Path(value).is_dir() and value not in _WORDS
    }
    roots = (str(Path(root).expanduser().absolute()) for root in _listed(settings.folder_roots))
    folders["folder_roots"] = os.pathsep.join(roots)
    return replace(settings, library=library, models=models, **folders)


def _listed(paths: str) -> list[str]:
    return [path for path in paths.split(os.pathsep) if path]


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
    """Tells whether the server that holds the secret answers: another user's may have the port."""
    nonce = secrets.token_urlsafe(16)
    address = f"http://{HOST}:{port}{access.HEALTH}?nonce={nonce}"
    try:
        with _OPENER.open(address, timeout=1) as reply:
            shown = str(reply.headers.get(access.PROOF, ""))
    except (urllib.error.URLError, OSError):
        return False
    return access.same(shown, access.proof(secret, nonce))


def _advice(secret: access.Secret) -> str:
    if secret.file is None:
        return "Who has this address gets in; the next start has another one."
    return f"Who has this address gets in. For another one: delete {secret.file} and start again."


def _open(page: Path, address: str, language: str) -> None:
    """Opens the browser by a private file: other users can read the arguments of a program."""
    notice = i18n.words(language).opening
    try:
        private_files.make_folder(page.parent)
        private_files.write(page, _OPENING.format(address=address, notice=notice).encode())
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
