"""What the container holds and how soon it serves, without a container: its steps, run here.

    python -m eval.benchmarks.speed.image [--keep FOLDER]

Takes the build stage of `deploy/Dockerfile` line by line: what it copies is copied, what it runs is
run, with its two folders under a fresh one. Then `rag serve` of what was installed starts over an
empty library, with nothing of this checkout in reach, and is asked. Prints the size of what the
image copies (the base image comes to it), and the seconds until the server answered. Needs the
package registry.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "deploy/Dockerfile"
SOURCES, INSTALLED = "/src", "/opt/fuente"  # the folders of the Dockerfile
_START_SECONDS = 300
_LEFT_OUT = shutil.ignore_patterns("__pycache__")


def main() -> int:
    """Prints size and seconds; exit code 1 where the server did not answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", type=Path, help="run in this folder, and leave it there")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (flags.keep or Path(scratch)).absolute()
        build(folder)
        bin_folder = folder / INSTALLED[1:] / "bin"
        size = sum(path.lstat().st_size for path in (folder / INSTALLED[1:]).rglob("*"))
        seconds = _serve(bin_folder / "rag", folder)
    print(f"{size / 1e6:.0f} MB are copied into the image; it serves after {seconds:.1f} s")
    return int(seconds > _START_SECONDS)


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Gives the instructions of the build stage with their words."""
    stages = text.replace("\\\n", " ").split("\nFROM ")
    for line in stages[1].splitlines():
        name, _, rest = line.partition(" ")
        if name in ("COPY", "RUN"):
            yield name, shlex.split(rest)


def build(folder: Path) -> None:
    """Does what the build stage does, below `folder`. Raises CalledProcessError."""
    sources = folder / SOURCES[1:]
    sources.mkdir(parents=True)
    for name, words in steps(DOCKERFILE.read_text("utf-8")):
        if name == "RUN":
            here = [word.replace(INSTALLED, str(folder / INSTALLED[1:])) for word in words]
            subprocess.run(here, cwd=sources, check=True)
            continue
        *copied, target = words
        for source in copied:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, sources / target, ignore=_LEFT_OUT)
            else:
                shutil.copy(ROOT / source, sources / target)


def _serve(rag: Path, folder: Path) -> float:
    """Returns the seconds until `/healthz` is answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / "home"
    home.mkdir()
    environment = {"PATH": os.defpath, "HOME": str(home), "HF_HUB_OFFLINE": "1"}
    command = [str(rag), "serve", "--port", str(port), "--library", str(folder / "library")]
    started = time.monotonic()
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            while time.monotonic() - started < _START_SECONDS and server.poll() is None:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                        return time.monotonic() - started
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
        finally:
            server.terminate()
    return float("inf")


if __name__ == "__main__":
    raise SystemExit(main())
