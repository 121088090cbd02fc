"""Pages of PDF a second, Fuente's reader beside pypdf alone, and how like the page their texts are.

    python -m eval.benchmarks.speed.pdf FOLDER [--probes FILE] [--rounds 3] [--files 40]

Every file is read by both in turns, in one process, whole. Fuente's reader does all it does in an
ingest: lines, columns, headings, hyphens, repeated headers. Likeness is the share of words of each
page that two readers have in common (Dice); both are held against pdfium's plain text, and where
FILE gives phrases known to stand in a file, the share of them that is found. Files that pypdf
cannot read are left out, and nothing is recognised in pictures.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from rag.errors import FileProblem
from rag.parsing import ocr, parse

Pages = list[str]
SIDES: dict[str, Callable[[Path], Pages]]


def main() -> int:
    """Prints a table of both sides; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--probes", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=40)
    flags = parser.parse_args()
    logging.disable(logging.WARNING)  # pypdf warns of every oddity it forgives
    setattr(ocr, "is_installed", lambda: False)  # noqa: B010 - mypy
    paths = sorted(flags.folder.rglob("*.pdf"))[: flags.files]
    texts = {path: pages for path in paths if (pages := _texts(path))}
    print(
        f"{len(texts)} of {len(paths)} files, {sum(len(t['pypdf']) for t in texts.values())} pages"
    )
    seconds = _seconds(list(texts), flags.rounds)
    count = sum(len(found["pypdf"]) for found in texts.values()) * flags.rounds
    probes = list(_probes(flags.probes, flags.folder, texts)) if flags.probes else []
    print("| | pages a second | against pypdf | likeness | phrases |", "| --- " * 5 + "|", sep="\n")
    for name in SIDES:
        like = statistics.mean(_likeness(f[name], f["plain"]) for f in texts.values())
        hits = sum(words in _flat(" ".join(texts[path][name])) for path, words in probes)
        ratio, speed = seconds["pypdf"] / seconds[name], count / seconds[name]
        print(f"| {name} | {speed:.0f} | {ratio:.1f} | {like:.3f} | {hits}/{len(probes)} |")
    return 0


def fuente(path: Path) -> Pages:
    """Returns the pages as an ingest stores them."""
    document = parse(path).document
    ends = [*document.pages[1:], len(document.text)]
    return [document.text[a:b] for a, b in zip(document.pages, ends, strict=True)]


def pypdf(path: Path) -> Pages:
    """Returns the pages as pypdf has them."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(path).pages]


def plain(path: Path) -> Pages:
    """Returns the pages as pdfium has them, without layout: what both are compared with."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


SIDES = {"fuente": fuente, "pypdf": pypdf}


def _texts(path: Path) -> dict[str, Pages]:
    try:
        found = {name: side(path) for name, side in SIDES.items()} | {"plain": plain(path)}
    except FileProblem:
        return {}
    except Exception:  # pypdf raises whatever its parsing stumbles over
        return {}
    return found if any(found["pypdf"]) else {}


def _seconds(paths: list[Path], rounds: int) -> dict[str, float]:
    """Returns the processor seconds of each side, the sides in turns."""
    seconds = dict.fromkeys(SIDES, 0.0)
    for _ in range(rounds):
        for path in paths:
            for name, side in SIDES.items():
                start = time.process_time()
                side(path)
                seconds[name] += time.process_time() - start
    return seconds


def _likeness(pages: Pages, others: Pages) -> float:
    """Returns the mean over the pages of the words in common, 0 to 1."""
    shares = []
    for page, other in zip(pages, others, strict=False):
        left, right = Counter(page.split()), Counter(other.split())
        both = left.total() + right.total()
        shares.append(2 * (left & right).total() / both if both else 1.0)
    return statistics.mean(shares) if shares else 0.0


def _probes(path: Path, folder: Path, texts: Container[Path]) -> Iterator[tuple[Path, str]]:
    for line in path.read_text("utf-8").splitlines():
        probe = json.loads(line)
        if (file := folder / probe["file"]) in texts:
            yield file, _flat(probe["phrase"])


def _flat(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
