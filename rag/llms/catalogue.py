"""Language models that are worth a look, and which of them this machine can run.

Sizes are those of the models' pages; memory and speed are estimated from them by the formulas
below, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.system.machine import GB, Machine

BYTES = {"bf16": 2.0, "int4": 0.65, "Q4_K_M": 0.85}
"""Bytes of memory a parameter, scales and what stays in 16 bits included.

Of GGUF files as two of them measured: 1.0 with half a billion parameters, .72 with one and a half.
"""

_BESIDE = 1.0 * GB  # for the cache, the program and its libraries
_SHARE = 0.7  # of the free memory that a model may take
_PER_CORE = 0.8  # billions of parameters: a prompt is read in half a minute or so
_QUANTIZED = "Q4_K_M"


@dataclass(frozen=True, slots=True)
class Known:
    """A chat model of the hub; `gguf` is where its quantized files are, «» where nobody knows."""

    name: str
    billions: float
    licence: str
    gguf: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """How to run a model here; `bytes_needed` of memory or of the GPU's."""

    model: Known
    generator: str
    precision: str
    bytes_needed: int
    why: str

    @property
    def pulled(self) -> str:
        """Returns the name by which `rag models pull` gets it."""
        return (
            f"{self.model.gguf}:{self.precision}"
            if self.precision == _QUANTIZED
            else self.model.name
        )


KNOWN = (
    Known("Qwen/Qwen2.5-0.5B-Instruct", 0.49, "Apache-2.0", "Qwen/Qwen2.5-0.5B-Instruct-GGUF"),
    Known("Qwen/Qwen2.5-1.5B-Instruct", 1.54, "Apache-2.0", "Qwen/Qwen2.5-1.5B-Instruct-GGUF"),
    Known("BSC-LT/salamandra-2b-instruct", 2.25, "Apache-2.0", note="made for Spanish"),
    Known("Qwen/Qwen3-4B-Instruct-2507", 4.02, "Apache-2.0"),
    Known("Qwen/Qwen2.5-7B-Instruct", 7.62, "Apache-2.0", "Qwen/Qwen2.5-7B-Instruct-GGUF"),
    Known("BSC-LT/salamandra-7b-instruct", 7.77, "Apache-2.0", note="made for Spanish"),
    Known("Qwen/Qwen2.5-14B-Instruct", 14.8, "Apache-2.0", "Qwen/Qwen2.5-14B-Instruct-GGUF"),
    Known("Qwen/Qwen2.5-32B-Instruct", 32.8, "Apache-2.0", "Qwen/Qwen2.5-32B-Instruct-GGUF"),
)


def memory_needed(billions: float, precision: str) -> int:
    """Returns the bytes of memory to run a model of so many billions of parameters."""
    return int(billions * 1e9 * BYTES[precision] + _BESIDE)


def propose(machine: Machine) -> Proposal | None:
    """Returns the largest known model that runs well here; None where none does."""
    fit = _on_gpu if machine.gpu else _on_cpu
    fitting = [proposal for model in KNOWN if (proposal := fit(model, machine))]
    return max(fitting, key=lambda proposal: proposal.model.billions, default=None)


def _on_gpu(model: Known, machine: Machine) -> Proposal | None:
    """Returns how to run a model on the GPU: in 16 bits where it fits, else in 4."""
    for precision in ("bf16", "int4"):
        size = memory_needed(model.billions, precision)
        if size <= 0.9 * machine.gpu_memory:
            why = f"{size / GB:.1f} of the {machine.gpu_memory / GB:.0f} GB of {machine.gpu}"
            return Proposal(model, "transformers", precision, size, why)
    return None


def _on_cpu(model: Known, machine: Machine) -> Proposal | None:
    size = memory_needed(model.billions, _QUANTIZED)
    slow = model.billions > _PER_CORE * machine.cores
    if not model.gguf or size > _SHARE * machine.free or slow:
        return None
    why = f"{size / GB:.1f} of {machine.free / GB:.0f} GB free; {machine.cores} cores, no GPU"
    return Proposal(model, "llama.cpp", _QUANTIZED, size, why)
