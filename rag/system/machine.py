"""What this machine has for a model: memory, a GPU, arithmetic."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

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
    """Memory in bytes; that of the GPU is 0 where there is none."""

    cores: int
    memory: int
    free: int
    gpu: str = ""
    gpu_memory: int = 0
    bf16: bool = False  # of the processor

    def __str__(self) -> str:
        gpu = f"{self.gpu}, {self.gpu_memory / GB:.0f} GB" if self.gpu else "no GPU"
        memory = f"{self.memory / GB:.0f} GB of memory, {self.free / GB:.0f} free"
        return f"{self.cores} cores, {memory}, {gpu}"


def probe() -> Machine:
    """Returns what is there; only what is free of the memory is looked at anew."""
    memory = psutil.virtual_memory()
    return Machine(os.cpu_count() or 1, memory.total, memory.available, *_gpu(), native_bf16())


def native_bf16() -> bool:
    """Tells whether the processor multiplies bf16 itself; torch emulates it far slower."""
    return bool({"avx512_bf16", "amx_bf16"} & set(_flags().split()))


def int8_arithmetic() -> str:
    """Names how this processor multiplies the bundled models' int8 numbers."""
    return named_arithmetic(_flags())


def named_arithmetic(flags: str) -> str:
    """Names the best that onnxruntime has code for, by a processor's flags as Linux lists them."""
    has = set(flags.split())
    return next((name for flag, name in _INT8 if flag in has), "unknown: the system does not say")


@cache
def _flags() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


@cache
def _gpu() -> tuple[str, int]:
    """Returns name and memory of the largest NVIDIA GPU; importing torch would take seconds."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "", 0
    query = ["--query-gpu=memory.total,name", "--format=csv,noheader,nounits"]
    try:
        output = subprocess.run([tool, *query], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return "", 0
    return largest(output)


def largest(output: str) -> tuple[str, int]:
    """Returns (name, bytes) of the largest of lines «MiB, name»; ("", 0) where there is none."""
    found = [line.split(",", 1) for line in output.splitlines() if "," in line]
    cards = [(int(size), name.strip()) for size, name in found if size.strip().isdigit()]
    size, name = max(cards, default=(0, ""))
    return name, size * 2**20
