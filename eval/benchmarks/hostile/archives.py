"""ZIP files that lie, overlap, nest or unpack to too much, as documents of each kind.

    python -m eval.benchmarks.hostile.archives [--verbose] [--keep DIR]

Each attack is made of a good document of each format that is a ZIP container, and read in the
sandbox. Said are the outcomes, the longest time until one was refused, the most memory that a
reader took, and the bytes that stand anywhere in the bench's folders that it did not put there.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

from eval.benchmarks.helpers.packages import Members, Part, packages, packed, written_by_hand
from eval.benchmarks.helpers.verdicts import (
    Verdict,
    counted,
    each_with,
    flags_of,
    judged,
    untyped,
    verdicts,
    written,
)

MEGABYTE = 2**20
REFUSED_WITHIN = 2.0  # seconds of processor time
OUTSIDE = Path(tempfile.gettempdir()) / "slipped-out-of-an-archive.txt"


def main() -> int:
    """Exit code 1 when one was slow to be refused, was not typed, or wrote anything."""
    flags = flags_of(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / "temporary"  # what a reader would unpack into
        own.mkdir()
        os.environ["TMPDIR"] = str(own)
        paths = written(attacks(), flags.keep or Path(scratch) / "files")
        before = sizes(Path(scratch))
        found = verdicts(paths, flags.verbose)
        outside = sum(sizes(Path(scratch)).values()) - sum(before.values())
        outside += OUTSIDE.stat().st_size if OUTSIDE.exists() else 0
    refused = [result for result in found if result.outcome not in ("ok", "partial")]
    slowest = max(refused, key=lambda result: result.busy)
    print(
        f"{len(found)} archives: {counted([result.outcome for result in found])}; refused within "
        f"{slowest.busy:.2f} s of a processor ({slowest.name}); peak of a reader "
        f"{max(result.megabytes for result in found):.0f} MB; {outside} bytes written outside"
    )
    return judged(
        {
            f"not refused within {REFUSED_WITHIN} s": sum(
                result.busy > REFUSED_WITHIN for result in refused
            ),
            "without an outcome": untyped([result.outcome for result in found]),
            "bytes outside": outside,
            "bombs that were read": len(let_through(found)),
        }
    )


def attacks() -> dict[str, bytes]:
    """Every file by its name."""
    return {**dict(each_with(packages(), ATTACKS)), **_others()}


def let_through(found: list[Verdict]) -> list[Verdict]:
    """Those that were read though they are built to exhaust a machine."""
    return [
        result
        for result in found
        if result.name.startswith(MUST_BE_REFUSED) and result.outcome in ("ok", "partial")
    ]


def sizes(folder: Path) -> dict[Path, int]:
    """Of all files below a folder."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def _parts(members: Members) -> list[Part]:
    return [Part(name, data) for name, data in members.items()]


@cache
def _zeros(megabytes: int) -> bytes:
    return bytes(megabytes * MEGABYTE)


def _slip(members: Members) -> bytes:
    """Names that lead out of whatever folder it is unpacked into."""
    names = ["../../slipped.txt", str(OUTSIDE), "..\\..\\slipped.txt", "C:\\slipped.txt"]
    return packed({**members, **dict.fromkeys(names, b"out"), "x/../../x.xml": b"<x/>"})


def _link(members: Members) -> bytes:
    """A member that says it is a link to another file of the machine."""
    link = Part("word/media/image1.png", b"/etc/passwd", attributes=0o120777 << 16)
    return written_by_hand([*_parts(members), link])


def _nested(members: Members) -> bytes:
    inner = packed({"zeros.bin": _zeros(50)})
    for depth in range(6):
        inner = packed({f"{depth}.zip": inner})
    return packed({**members, "word/embeddings/inner.zip": inner, "inner.zip": inner})


def _lies(members: Members, **facts: Any) -> bytes:
    """The last member's headers say what is not so."""
    *rest, last = members.items()
    return written_by_hand([*_parts(dict(rest)), Part(*last, **facts)])


def _truncated(members: Members) -> bytes:
    data = packed(members)
    return data[: len(data) * 2 // 3]


ATTACKS: dict[str, Callable[[Members], bytes]] = {
    "slip": _slip,
    "link": _link,
    "bomb": lambda members: packed({**members, "zeros.xml": _zeros(220)}),
    "ratio": lambda members: packed({**members, "zeros.xml": _zeros(20)}),
    "main part bomb": lambda members: packed(
        {name: data + b" " * 30 * MEGABYTE for name, data in members.items()}
    ),
    "bzip2 bomb": lambda members: packed({**members, "zeros.xml": _zeros(60)}, zipfile.ZIP_BZIP2),
    "lzma bomb": lambda members: packed({**members, "zeros.xml": _zeros(60)}, zipfile.ZIP_LZMA),
    "overlap": lambda members: written_by_hand(
        [*_parts(members), Part("kernel", _zeros(1), copies=150)]
    ),
    "quiet overlap": lambda members: written_by_hand(
        [*_parts(members), Part("kernel", random.Random(1).randbytes(MEGABYTE), copies=150)]
    ),
    "nested": _nested,
    "100000 members": lambda members: packed(
        {**members, **{f"m/{number}": b"" for number in range(100_000)}}
    ),
    "says less": lambda members: _lies(members, size=3),
    "says more": lambda members: _lies(members, size=0xFFFFFFF0),
    "says more packed": lambda members: _lies(members, packed_size=0xFFFFFFF0),
    "unknown method": lambda members: _lies(members, method=99),
    "locked": lambda members: _lies(members, flags=1),
    "directory elsewhere": lambda members: written_by_hand(_parts(members), shift=0x7FFFFFFF),
    "long name": lambda members: packed({**members, "x" * 65_000: b"x"}),
    "cut off": _truncated,
}
MUST_BE_REFUSED = (
    "bomb",
    "ratio",
    "main part bomb",
    "bzip2 bomb",
    "lzma bomb",
    "overlap",
    "quiet overlap",
    "100000 members",
    "says more.",
)


def _others() -> dict[str, bytes]:
    """A bare ZIP, and archives that arrive in e-mails."""
    base = packages()["docx"]
    mail = EmailMessage()
    mail["Subject"] = "bombas"
    mail.set_content("Van varias.")
    for name in ("bomb", "overlap", "nested"):
        mail.add_attachment(ATTACKS[name](base), "application", "zip", filename=f"{name}.docx")
    inner = mail
    for _ in range(30):
        outer = EmailMessage()
        outer["Subject"] = "dentro"
        outer.set_content("Va otro.")
        outer.add_attachment(inner)
        inner = outer
    return {
        "bare.zip": packed({"a.txt": b"hola", "zeros": _zeros(5)}),
        "attached.eml": mail.as_bytes(),
        "nested.eml": inner.as_bytes(),
    }


if __name__ == "__main__":
    sys.exit(main())
