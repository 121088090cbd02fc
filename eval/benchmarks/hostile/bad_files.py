"""Bad files of every sort among good ones, through one ingest of the real command.

    python -m eval.benchmarks.hostile.bad_files [--good 200] [--verbose] [--keep DIR]

Empty, mislabelled, cut off, locked, garbled, bombs: each must get a typed outcome with a reason,
and not one good file may be lost to its company. A second ingest must find nothing to do.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from eval.benchmarks.helpers.commands import command
from eval.benchmarks.helpers.packages import MAIN, SENTENCE, packages, packed
from eval.benchmarks.helpers.pdf_by_hand import document, written as pdf
from eval.benchmarks.helpers.pdf_classes import attacks
from eval.benchmarks.helpers.verdicts import counted, flags_of, judged, untyped, written
from eval.benchmarks.hostile import archives, markup

PDFS = """flate bomb|flate in flate in flate|table that goes back to itself|pages in a circle
outline inside itself|form that draws itself|locked|locked by a stranger|cut in half|only a head
title of 20 MB|two thousand million pages|brackets without an end|zeros after the head"""
REPLACED = ("bomb", "ratio", "overlap", "slip", "says less", "says more", "locked", "cut off")
FINE = ("ok", "partial", "duplicate")


def main() -> int:
    """Exit code 1 when a good file is lost or a bad one has no outcome."""
    parser = flags_of(__doc__)
    parser.add_argument("--good", type=int, default=200)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, library = flags.keep or Path(scratch) / "docs", Path(scratch) / "library"
        bad, good = dict(files(Path(scratch))), dict(good_files(flags.good))
        written({**bad, **good}, folder)
        first = command("ingest", library, str(folder), small_batches=False)
        again = command("ingest", library, str(folder), small_batches=False)
        status = command("status", library)
        held = command("search", library, "El pozo bueno", "-k", "1")
    if not first or not again or not status:
        return judged({"the command failed": 1})
    failed = {failure["path"]: failure for failure in first["failed"]}
    outcomes = {name: failed.get(name, {"outcome": "read"})["outcome"] for name in bad}
    if flags.verbose:
        for name, outcome in outcomes.items():
            print(f"  {name}: {outcome}; {failed.get(name, {}).get('reason', '')[:100]}")
    decided = sum(first["files"].values())
    lost = [name for name in good if name in failed]
    for name in lost:
        print(f"  lost: {name}: {failed[name]['outcome']}; {failed[name]['reason'][:200]}")
    print(
        f"{len(bad)} bad files among {len(good)} good ones: good indexed "
        f"{1 - len(lost) / len(good):.0%}, decided {decided / (len(bad) + len(good)):.0%}; of the "
        f"bad ones {counted(list(outcomes.values()))}; {first['seconds']['total']:.1f} s, "
        f"again {again['seconds']['total']:.1f} s with {again['chunks']} new passages"
    )
    return judged(
        {
            "good files lost": len(lost),
            "undecided": len(bad) + len(good) - decided,
            "untyped": untyped([failure["outcome"] for failure in failed.values()]),
            "without a reason": sum(not failure["reason"] for failure in failed.values()),
            "inconsistent": not status["consistent"],
            "not found": not (held and held["passages"]),
        }
    )


def good_files(count: int) -> Iterator[tuple[str, bytes]]:
    """As many, of every format."""
    kinds = packages()
    for number in range(count):
        words = f"El pozo bueno {number} da {number * 31} litros al día y se limpia en mayo."
        forms = {
            "txt": words.encode(),
            "md": f"# Pozo {number}\n\n{words}\n".encode(),
            "html": f"<html><body><p>{words}</p></body></html>".encode(),
            "csv": f"pozo,litros\n{number},{number * 31}\n".encode(),
            "json": json.dumps([{"pozo": number, "texto": words}]).encode(),
            "pdf": pdf(document(b"BT /F1 12 Tf 72 700 Td (Pozo bueno %d.) Tj ET" % number)),
        }
        if number % 10 == 9:  # the slow ones, a tenth
            kind = list(kinds)[number // 10 % len(kinds)]
            yield f"good {number}.{kind}", _said(kinds[kind], words)
        else:
            suffix = list(forms)[number % len(forms)]
            yield f"good {number}.{suffix}", forms[suffix]


def _said(members: dict[str, bytes], words: str) -> bytes:
    return packed(
        {name: data.replace(SENTENCE.encode(), words.encode()) for name, data in members.items()}
    )


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The bad ones."""
    yield from _plain()
    yield from _mislabelled()
    yield from _damaged()
    every = attacks()
    for name in PDFS.replace("\n", "|").split("|"):
        yield f"{name}.pdf", every[f"{name}.pdf"]
    for name, kind in zip(
        REPLACED, ["docx", "xlsx", "pptx", "odt", "ods", "epub"] * 2, strict=False
    ):
        yield f"zip {name}.{kind}", archives.ATTACKS[name](packages()[kind])
    canaries = markup.Canaries(folder)
    wanted = """laughs in word-document.xml.docx|laughs in OEBPS-one.xhtml.epub|laughs.svg
laughs in content.xml.odt|entity file in content.xml.ods|quadratic.html""".replace("\n", "|")
    yield from ((name, data) for name, data in markup.files(canaries) if name in wanted.split("|"))


def _plain() -> Iterator[tuple[str, bytes]]:
    """Texts that say nothing, too much, or in no encoding; no longer than they must be, since what
    can be read is embedded as well."""
    yield "empty.txt", b""
    yield "empty.pdf", b""
    yield "white.md", b" \n\t \r\n" * 500
    yield "only a mark.txt", b"\xef\xbb\xbf"
    yield "zeros.bin", bytes(100_000)
    yield "noise.txt", random.Random(1).randbytes(50_000)
    yield "zeros inside.txt", b"Una frase\x00 con ceros\x00 dentro. " * 50
    yield "broken bytes.txt", "La frase número uno. ".encode() * 100 + b"\xff\xfe\xfd" * 10
    yield "mixed.txt", "El ñandú. ".encode() * 50 + "El ñandú. ".encode("cp1252") * 50
    yield "wide and odd.txt", b"\xff\xfe" + "Texto ancho. ".encode("utf-16-le") * 9 + b"\x41"
    yield "one long line.txt", b"palabra " * 4_000
    yield "one long word.txt", b"a" * 20_000
    yield "controls.txt", bytes(range(1, 32)) * 300
    yield "deep.html", b"<div>" * 100_000 + b"hondo"
    yield "wide cell.html", b"<table><tr><td colspan=1000000000 rowspan=1000000000>celda</table>"
    yield "long heading.html", b"<h1>" + b"titular " * 4_000 + b"</h1><p>Texto.</p>" * 50
    yield "many cells.csv", b"a," * 4_000 + b"\n" + b"1," * 4_000
    yield "formulas.csv", b"nombre,orden\n=cmd|' /C calc'!A0,+1+1\n@SUM(A1),-2\n"
    yield "open quote.csv", b'a,b\n"sin cerrar,' + b"x" * 30_000
    yield "deep.json", b"[" * 100_000 + b"]" * 100_000
    yield "cut.json", b'[{"texto": "acaba a'
    yield "half pairs.json", rb'["\ud83d medio \udc00"]'
    yield "deep.md", b"> " * 20_000 + b"hondo\n" + b"- " * 5_000 + b"lista"
    yield "brackets.md", b"[" * 8_000 + b"](" * 8_000
    yield (
        "loop.eml",
        b"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 50_000,
    )


def _mislabelled() -> Iterator[tuple[str, bytes]]:
    """Names that say something else than the content, and formats that are not read."""
    good = pdf(document())
    yield "a text.pdf", b"No soy un PDF, sino texto corriente."
    yield "a pdf.txt", good
    yield "a pdf.docx", good
    yield "a word file.pdf", packed(packages()["docx"])
    yield "a page.docx", b"<html><body><p>Soy una web.</p></body></html>"
    yield "no suffix", b"Soy texto sin apellido."
    yield "a program.txt", b"\x7fELF" + bytes(range(256)) * 50
    yield "an archive.gz", gzip.compress(b"hola" * 1_000)
    yield "an archive.zip", packed({"a.txt": b"hola"})
    yield "a database.pdf", b"SQLite format 3\x00" + bytes(4_000)
    yield "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") * 50
    locked = "EncryptedPackage".encode("utf-16-le")
    yield "locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + locked
    yield "rich.rtf", rb"{\rtf1 hola}"
    yield "song.mp3", b"ID3" + bytes(3_000)
    yield "picture.png", b"\x89PNG\r\n\x1a\n" + bytes(500)
    yield "picture.jpg", b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(5_000)


def _damaged() -> Iterator[tuple[str, bytes]]:
    """Good packages with a part gone, cut or garbled."""
    for kind, members in packages().items():
        whole = packed(members)
        yield f"half.{kind}", whole[: len(whole) // 2]
        yield f"garbled.{kind}", whole[:100] + random.Random(3).randbytes(len(whole) - 100)
        main = MAIN[kind]
        without = {name: data for name, data in members.items() if name != main}
        yield f"without its text.{kind}", packed(without)
        yield f"cut text.{kind}", packed({**members, main: members[main][:-40]})


if __name__ == "__main__":
    sys.exit(main())
