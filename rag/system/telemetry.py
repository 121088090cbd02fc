"""What the libraries beneath would tell their makers, switched off before any of them is imported.

`rag/__init__.py` calls `switch_off` first of all, so each process that imports Fuente, and each
process that such a one starts, has the switches. A library that was imported earlier has read its
own already: programs that use Fuente as a library import `rag` first. Imports only what Python
itself has loaded by then, for it runs before all else.
"""

import os

TYPE_CHECKING = False  # as `typing` has it, which is not loaded yet
if TYPE_CHECKING:
    from collections.abc import Mapping


class Switch:
    """An environment variable that a library reads, the value Fuente sets, and the reason."""

    __slots__ = ("package", "reason", "value", "variable")

    def __init__(self, variable: str, value: str, package: str, reason: str) -> None:
        self.variable, self.value = variable, value
        self.package, self.reason = package, reason


SWITCHES = (
    Switch(
        "ORT_DISABLE_TELEMETRY",
        "1",
        "onnxruntime",
        "looks up its maker's collector, sends events, keeps a device id and a queue in the home",
    ),
    Switch(
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS",
        "false",
        "streamlit",
        "the browser reports each run to its maker, and a machine id is kept in the home",
    ),
    Switch(
        "HF_HUB_DISABLE_TELEMETRY",
        "1",
        "huggingface_hub, transformers, sentence-transformers, hf_xet",
        "requests to the hub name the libraries, their versions and a session",
    ),
    Switch("DISABLE_TELEMETRY", "1", "huggingface_hub, hf_xet", "the older name of the same"),
    Switch("DO_NOT_TRACK", "1", "huggingface_hub, hf_xet", "the common name of the same"),
    Switch(
        "HF_HUB_DISABLE_UPDATE_CHECK",
        "1",
        "huggingface_hub",
        "its command line asks the package index for a newer version",
    ),
    Switch("HF_XET_TELEMETRY_ENABLED", "false", "hf_xet", "reports each transfer and its speed"),
    Switch(
        "HF_HUB_DISABLE_XET",
        "1",
        "huggingface_hub",
        "a pull would go through further hosts, and leave a cache and logs in the home",
    ),
)
"""Read in the source of the versions in constraints.txt. tokenizers, faiss, rapidocr,
torch, bitsandbytes, accelerate and llama-index-core report nothing; what the last one would fetch
for nltk and tiktoken lies in its package."""

OFFLINE = "HF_HUB_OFFLINE"
_OURS = "FUENTE_STAYS_OFFLINE"  # it is Fuente that forbids the network, not the person
_YES = ("1", "ON", "YES", "TRUE")  # as the hub's client reads it


def switch_off() -> None:
    """Sets every switch for this process and its children, whatever stood there."""
    os.environ.update({switch.variable: switch.value for switch in SWITCHES})


def stay_offline() -> None:
    """Forbids the hub's libraries the network, unless the environment already says something.

    Every command but `rag models pull` does so: models are on this machine or named as missing.
    """
    if OFFLINE not in os.environ:
        os.environ.update(offline(os.environ))


def offline(inherited: "Mapping[str, str]") -> dict[str, str]:
    """Returns the variables that forbid the hub's libraries the network in a process.

    They keep whether it is the person who forbids it, so that `online` can tell.
    """
    forbidden = _OURS not in inherited and inherited.get(OFFLINE, "").upper() in _YES
    return {OFFLINE: "1"} if forbidden else {OFFLINE: "1", _OURS: "1"}


def online(inherited: "Mapping[str, str]") -> dict[str, str]:
    """Returns the variables for a process that a person has told to use the network.

    Where they forbid it themselves it stays forbidden.
    """
    gone = {OFFLINE, _OURS} if _OURS in inherited else set()
    return {name: value for name, value in inherited.items() if name not in gone}


def is_off(switch: Switch) -> bool:
    """Tells whether a switch stands as Fuente sets it, in this process."""
    return os.environ.get(switch.variable) == switch.value
