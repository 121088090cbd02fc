"""What starts the web app: its options, its environment, and what it says when it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rag.config import Settings, load
from rag.errors import RagError, UsageError
from rag.system.telemetry import SWITCHES
from ui import launch, options

LEFT = frozenset(
    """
    server.cookieSecret server.unsafeMetricsUserAttributes
    server.agentMaxSessions server.agentPreviewRows server.agentSessionTTL server.agentWaitTimeout
    server.folderWatchBlacklist server.folderWatchList server.disconnectedSessionTTL
    server.enableWebsocketCompression server.websocketPingInterval
    server.maxCacheDataSize server.maxMessageSize server.maxWidgetStateSize
    client.disableDataExport
    global.disableWidgetStateDuplicationWarning global.maxCachedMessageAge
    global.minCachedMessageSize global.showWarningOnDirectExecution
    global.suppressDeprecationWarnings
    logger.enableRich logger.level logger.messageFormat
    magic.displayLastExprIfNoSemicolon magic.displayRootDocString
    runner.cacheBackgroundRefreshMaxWorkers runner.cacheBackgroundRefreshTTLMultiplier
    runner.cacheHashSeed runner.connectionDefaultTTL runner.enforceSerializableSessionState
    runner.enumCoercion runner.fastReruns runner.parallelMaxWorkers
    ui.hideTopBar
    """.split()
)
"""Options whose own value is the safe one: a fresh secret, no metrics, no agents, sizes, pace."""

THEME = "theme."
"""Options that begin so are colours and fonts: those of `theme.OPTIONS` are set, no other is."""


def test_the_server_is_for_this_computer_only() -> None:
    command = launch.command(Settings(max_file_mb=7), 8600)
    assert command[:5] == [sys.executable, "-P", str(launch.START), "run", str(launch.SCRIPT)]
    for flag in (
        "--server.address=127.0.0.1",
        "--server.allowedHosts=localhost",
        "--server.allowedHosts=127.0.0.1",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--server.port=8600",
        "--server.maxUploadSize=7",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--client.toolbarMode=minimal",
    ):
        assert flag in command


def test_every_option_of_streamlit_is_set_or_left_on_purpose() -> None:
    from streamlit import config

    known = set(config.get_config_options())
    flagged = {flag[2:].partition("=")[0] for flag in launch.command(Settings(), 8600)[5:]}
    assert not flagged & LEFT
    assert (flagged | LEFT) <= known
    new = known - flagged - LEFT
    assert not {name for name in new if not name.startswith(THEME)}


def test_settings_travel_as_environment(tmp_path: Path) -> None:
    flags = {"library": tmp_path / "mi biblioteca", "max_sentences": 3, "models": tmp_path}
    chosen = load(flags, environment={}, directory=tmp_path)
    passed = launch.environment(chosen, {"PATH": "/bin"})
    assert load(environment=passed, directory=tmp_path) == chosen
    assert (passed["PATH"], passed["HF_HUB_OFFLINE"]) == ("/bin", "1")


def test_paths_mean_the_folder_that_the_app_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("own/embedder", "bundled", "auto", "llama"):
        (tmp_path / name).mkdir(parents=True)
    given = Settings(embedder="own/embedder", generator_model="llama", models=Path("m"))
    passed = launch.environment(given, {})
    assert passed["RAG_LIBRARY"] == str(tmp_path / ".rag")
    assert passed["RAG_MODELS"] == str(tmp_path / "m")
    assert passed["RAG_EMBEDDER"] == str(tmp_path / "own/embedder")
    assert passed["RAG_GENERATOR_MODEL"] == str(tmp_path / "llama")
    assert passed["RAG_RERANKER"] == "auto"
    assert launch.environment(Settings(), {})["RAG_EMBEDDER"] == "bundled"
    served = Settings(generator_model="llama", base_url="http://127.0.0.1:1/v1")
    assert launch.environment(served, {})["RAG_GENERATOR_MODEL"] == "llama"
    (tmp_path / "m/llama").mkdir(parents=True)  # an installed model comes before a folder
    assert launch.environment(given, {})["RAG_GENERATOR_MODEL"] == "llama"


def test_the_environment_configures_neither_streamlit_nor_the_module_path() -> None:
    relative = os.pathsep.join(("", "/lib/mine", ".", "lib"))
    hostile = {
        "PYTHONPATH": relative,
        "STREAMLIT_SERVER_ENABLE_CORS": "false",
        "STREAMLIT_SERVER_COOKIE_SECRET": "known",
        "MAPBOX_API_KEY": "x",
    }
    passed = launch.environment(Settings(), hostile)
    switched = {switch.variable for switch in SWITCHES}
    assert not {name for name in passed if name.startswith(("STREAMLIT_", "MAPBOX_"))} - switched
    assert passed["PYTHONPATH"].split(os.pathsep) == ["/lib/mine", str(launch.START.parent.parent)]
    assert passed["PYTHONSAFEPATH"] == "1"


def test_others_reach_the_app_only_where_people_sign_in() -> None:
    for settings in (Settings(), Settings(server="http://127.0.0.1:1"), Settings(oidc_issuer="x")):
        with pytest.raises(UsageError, match="nobody signs in"):
            launch.main(settings, 8600, open_browser=False, host="0.0.0.0")


def test_the_provider_is_told_in_a_file_and_the_app_has_no_right_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_OIDC_SECRET", 'with "quotes"')
    chosen = Settings(oidc_issuer="https://id.example/", oidc_client="fuente")
    auth = tomllib.loads(options.sign_in_file(chosen, "https://fuente.example", "c"))["auth"]
    assert auth["client_secret"] == 'with "quotes"'
    assert auth["redirect_uri"] == "https://fuente.example/oauth2callback"
    assert auth["server_metadata_url"] == "https://id.example/.well-known/openid-configuration"
    with pytest.raises(UsageError, match="oidc_client"):
        options.sign_in_file(Settings(oidc_issuer="https://id.example"), "o", "c")
    sign_in = options.SignIn("https://fuente.example", "0.0.0.0", tmp_path / "sign-in.toml")
    command = launch.command(Settings(), 8600, sign_in)
    for flag in (
        "--server.address=0.0.0.0",
        "--server.allowedHosts=fuente.example",
        "--server.allowedHosts=127.0.0.1",
        "--server.corsAllowedOrigins=https://fuente.example",
        f"--secrets.files={tmp_path / 'sign-in.toml'}",
    ):
        assert flag in command
    inherited = {"RAG_SERVER_TOKEN": "x", "RAG_OIDC_SECRET": "y", "PATH": "/bin"}
    assert launch._without_rights(inherited) == {"PATH": "/bin"}


def test_a_busy_port_names_the_flag() -> None:
    with socket.socket() as taken:
        taken.bind((options.HOST, 0))
        taken.listen()
        with pytest.raises(UsageError, match="--port"):
            launch.main(Settings(), taken.getsockname()[1], open_browser=False)


def test_a_server_that_ends_at_once_is_reported() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    with pytest.raises(RagError, match="code 3"):
        launch.wait_until_up(process, 1, "")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
