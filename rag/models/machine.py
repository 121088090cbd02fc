"""What this machine has for a language model: memory, a GPU, arithmetic. Loads no library."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GB = 1_000_000_000
_WITHOUT = "without VNNI: exact sums of 32 bits all the same, an eighth to a sixth slower"
_INT8 = (
    ("amx_int8", "AMX: exact sums of 32 bits"),
    ("avx512_vnni", "AVX-512 VNNI: exact sums of 32 bits"),
    ("avx_vnni", "AVX VNNI: exact sums of 32 bits"),
    ("avx512bw", f"AVX-512 {_WITHOUT}"),
    ("avx2", f"AVX2 {_WITHOUT}"),
    ("i8mm", "ARM i8mm: exact sums of 32 bits"),
    ("asimddp", "ARM dot product: exact sums of 32 bits"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes; 0 where it is unknown or there is none."""

    cores: int
    memory: int
    free: int
    gpu: str = ""
    gpu_memory: int = 0
    bf16: bool = False  # of the processor

    def __str__(self) -> str:
        gpu = f"{self.gpu}, {self.gpu_memory / GB:.0f} GB" if self.gpu else "no GPU"
        memory = f"{self.memory / GB:.0f} GB of memory, {self.free / GB:.0f} free"
        return f"{self.cores} cores, {memory if self.memory else 'memory unknown'}, {gpu}"


@cache
def probe() -> Machine:
    """Looks once; later calls give the same."""
    gpu, gpu_memory = _gpu()
    memory = _memory()
    return Machine(os.cpu_count() or 1, memory, _free() or memory, gpu, gpu_memory, _bf16())


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 0


def _free() -> int:
    return next(
        (int(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if "MemAvailable" in line),
        0,
    )


def _bf16() -> bool:
    return any("avx512_bf16" in line or "amx_bf16" in line for line in _lines("/proc/cpuinfo"))


def int8_arithmetic() -> str:
    """How this processor multiplies the bundled models' int8 numbers, by what it says of itself."""
    told = next(
        (line for line in _lines("/proc/cpuinfo") if line.startswith(("flags", "Features"))), ""
    )
    return named_arithmetic(told)


def named_arithmetic(flags: str) -> str:
    """Of the flags of a processor as Linux lists them, the best that onnxruntime has code for."""
    has = set(flags.split())
    return next((name for flag, name in _INT8 if flag in has), "unknown: the system does not say")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _gpu() -> tuple[str, int]:
    """Name and memory of the largest NVIDIA GPU by its own tool; importing torch takes seconds."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "", 0
    query = ["--query-gpu=memory.total,name", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run([tool, *query], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return "", 0
    return largest(said)


def largest(said: str) -> tuple[str, int]:
    """Of lines «memory in MiB, name»; ("", 0) where there is none."""
    found = [line.split(",", 1) for line in said.splitlines() if "," in line]
    cards = [(int(size), name.strip()) for size, name in found if size.strip().isdigit()]
    size, name = max(cards, default=(0, ""))
    return name, size * 2**20
