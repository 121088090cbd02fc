"""The switches of what libraries would tell: set before anything else, and ones that they read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.system.telemetry import SWITCHES, Switch
from tests.helpers.tracing import ROOT
from ui import launch

WANTED = {switch.variable: switch.value for switch in SWITCHES}
HEAVY = "onnxruntime streamlit huggingface_hub transformers llama_index torch faiss".split()


def fresh(code: str, **environment: str) -> Any:
    """What a new process prints as JSON; every switch stood the other way before."""
    against = dict.fromkeys(WANTED, "0")
    done = subprocess.run(
        [sys.executable, "-c", f"import json, os, sys\n{code}"],
        cwd=ROOT,
        env=os.environ | against | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("package", ["rag", "ui", "eval", "rag.cli", "rag.parsing.sandbox.child"])
def test_importing_any_part_switches_off_before_a_library_is_there(package: str) -> None:
    text = fresh(
        "import builtins\nasked, real = [], builtins.__import__\n"
        "def watched(name, *rest):\n"
        f"    if name.split('.')[0] in {HEAVY}: asked.append([name, dict(os.environ)])\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = watched\n"
        f"import {package}\n"
        "print(json.dumps([dict(os.environ), *(each[1] for each in asked)]))"
    )
    for environment in text:
        assert WANTED.items() <= environment.items()


def test_the_web_app_starts_with_them() -> None:
    passed = launch.environment(Settings(), dict.fromkeys(WANTED, "0"))
    assert WANTED.items() <= passed.items()


def test_the_hub_understands_them() -> None:
    pytest.importorskip("huggingface_hub")
    text = fresh(
        "import rag\nfrom huggingface_hub import constants\n"
        "print(json.dumps([constants.HF_HUB_DISABLE_TELEMETRY, constants.HF_HUB_DISABLE_XET,"
        " constants.HF_HUB_DISABLE_UPDATE_CHECK]))"
    )
    assert text == [True, True, True]


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.variable)
def test_the_installed_version_reads_it(switch: Switch) -> None:
    """A new version may have renamed it, and would tell again without a word."""
    name = switch.package.split(",")[0]
    if name == "streamlit":  # it makes the variable out of the option's name
        config = pytest.importorskip("streamlit.config")
        assert switch.variable in {
            option.env_var for option in config.get_config_options().values()
        }
        return
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        pytest.skip(f"{name} is not installed")
    files = [p for p in Path(spec.origin).parent.rglob("*") if p.suffix in (".py", ".so", ".pyd")]
    assert any(switch.variable.encode() in path.read_bytes() for path in files)
