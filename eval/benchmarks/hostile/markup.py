"""Entities that grow, and markup that asks for files and addresses, in every format that holds XML.

    python -m eval.benchmarks.hostile.markup [--verbose] [--keep DIR]

The canaries are a file with a word that stands nowhere else, a pipe that says when it is opened,
and a server on this machine that counts who connects. A good reader refuses the file or reads
around what it asks for: no canary word in its text, no pipe opened, no connection. Linux.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eval.benchmarks.helpers.packages import MAIN, Members, packages, packed
from eval.benchmarks.helpers.verdicts import counted, flags_of, judged, untyped, verdicts, written

WORD = "canarioquenadiedebever"
SIZES = (9, 10)  # laughs: levels, and copies at each: a billion
WITHIN = 2.0  # seconds of processor time


@dataclass
class Canaries:
    """Where hostile markup points to, and how often anyone went there."""

    folder: Path
    port: int = 0
    connections: int = 0
    opened: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def file(self) -> str:
        """Address of a file with the word."""
        return (self.folder / "canary.txt").as_uri()

    @property
    def pipe(self) -> str:
        """Address of a pipe that notices whoever opens it."""
        return (self.folder / "canary.pipe").as_uri()

    @property
    def web(self) -> str:
        """Address of a server that counts."""
        return f"http://127.0.0.1:{self.port}/canary"

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Listens while the block runs."""
        (self.folder / "canary.txt").write_text(WORD)
        os.mkfifo(self.folder / "canary.pipe")
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.1)
            self.port = server.getsockname()[1]
            watchers = [
                threading.Thread(target=self._answer, args=(server,)),
                threading.Thread(target=self._feed),
            ]
            for watcher in watchers:
                watcher.start()
            try:
                yield
            finally:
                self._over.set()
                for watcher in watchers:
                    watcher.join()

    def _answer(self, server: socket.socket) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = server.accept()
                self.connections += 1
                connection.sendall(f"HTTP/1.0 200 OK\r\n\r\n{WORD}".encode())
                connection.close()

    def _feed(self) -> None:
        """A pipe can be opened to write only while somebody reads it."""
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                pipe = os.open(self.folder / "canary.pipe", os.O_WRONLY | os.O_NONBLOCK)
                self.opened += 1
                os.write(pipe, WORD.encode())
                os.close(pipe)
            time.sleep(0.005)


def main() -> int:
    """Exit code 1 when a canary was seen, or a file had no outcome."""
    flags = flags_of(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        canaries = Canaries(Path(scratch))
        with canaries.watched():
            paths = written(dict(files(canaries)), flags.keep or Path(scratch) / "files")
            _check(canaries)
            found = verdicts(paths, flags.verbose)
    seen = sum(WORD in result.document.text for result in found if result.document)
    slowest = max(found, key=lambda result: result.busy)
    print(
        f"{len(found)} files: {counted([result.outcome for result in found])}; "
        f"{seen + canaries.opened} canary reads, {canaries.connections} connections; longest "
        f"{slowest.busy:.2f} s of a processor ({slowest.name}), peak of a reader "
        f"{max(result.megabytes for result in found):.0f} MB"
    )
    return judged(
        {
            "canary words in texts": seen,
            "pipes opened": canaries.opened,
            "connections": canaries.connections,
            "without an outcome": untyped([result.outcome for result in found]),
            f"longer than {WITHIN} s": sum(result.busy > WITHIN for result in found),
        }
    )


def _check(canaries: Canaries) -> None:
    """The canaries must notice, or nothing they do not say means anything."""
    socket.create_connection(("127.0.0.1", canaries.port)).close()
    assert (canaries.folder / "canary.pipe").read_text().startswith(WORD)
    time.sleep(0.3)
    assert (canaries.connections, canaries.opened) >= (1, 1), "the canaries are blind"
    canaries.connections = canaries.opened = 0


# --- attacks -------------------------------------------------------------------------------------


def prologues(canaries: Canaries) -> dict[str, tuple[str, str]]:
    """What stands before the root element, and what goes into the text."""
    outside = {"file": canaries.file, "pipe": canaries.pipe, "http": canaries.web}
    found = {
        "laughs": (_laughs(), "&l9;"),
        "quadratic": (f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 5_000),
        "internal": ('<!DOCTYPE r [<!ENTITY a "risa">]>', "&a;"),
        "loop": ('<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
    }
    for name, address in outside.items():
        found[f"entity {name}"] = (f'<!DOCTYPE r [<!ENTITY a SYSTEM "{address}">]>', "&a;")
        found[f"doctype {name}"] = (f'<!DOCTYPE r SYSTEM "{address}">', "")
        found[f"parameter {name}"] = (
            f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{address}"> %p;]>',
            "",
        )
        found[f"stylesheet {name}"] = (f'<?xml-stylesheet type="text/xsl" href="{address}"?>', "")
        found[f"include {name}"] = (
            "",
            f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{address}" parse="text"/>',
        )
        found[f"elements {name}"] = ("", _elements(address))
    return found


def _laughs() -> str:
    levels, copies = SIZES
    grown = (f'<!ENTITY l{level} "{f"&l{level - 1};" * copies}">' for level in range(1, levels + 1))
    return f"""<!DOCTYPE r [<!ENTITY l0 "risa">{"".join(grown)}]>"""


def _elements(address: str) -> str:
    """What a browser would load."""
    tags = ("img src", "iframe src", "script src", "link rel='stylesheet' href", "object data")
    inert = "".join(f'<{tag}="{address}"/>' for tag in tags)
    return f'{inert}<p style="background:url({address})">hola</p>'


def files(canaries: Canaries) -> Iterator[tuple[str, bytes]]:
    """Each prologue in each format that holds XML, in UTF-8 and in UTF-16."""
    for name, (prologue, inside) in prologues(canaries).items():
        for kind, members in packages().items():
            for place in _places(kind, members):
                changed = _put(members[place].decode(), prologue, inside)
                label = f"{name} in {place.replace('/', '-')}"
                yield f"{label}.{kind}", packed({**members, place: changed.encode()})
                if kind in ("epub", "odt") and name.startswith(("laughs", "entity")):
                    wide = packed({**members, place: changed.encode("utf-16")})
                    yield f"{label} wide.{kind}", wide
        for suffix, page in _pages(prologue, inside).items():
            yield f"{name}.{suffix}", page.encode()
            yield f"{name} wide.{suffix}", page.encode("utf-16")
    yield from _office_links(canaries)


def _places(kind: str, members: Members) -> list[str]:
    """The main part, and the parts that say where it is."""
    around = {
        "epub": ["META-INF/container.xml", "OEBPS/book.opf"],
        "odt": ["META-INF/manifest.xml"],
        "ods": ["META-INF/manifest.xml"],
    }
    return [MAIN[kind], *around.get(kind, ["[Content_Types].xml", "_rels/.rels"])]


def _put(xml: str, prologue: str, inside: str) -> str:
    """The prologue after the declaration, the rest before the last but one element ends."""
    declaration, root = "", xml
    if xml.startswith("<?xml"):
        declaration, _, root = xml.partition("?>")
        declaration += "?>"
    place = root.rfind("</", 0, root.rfind("</"))
    place = place if place > 0 else root.rfind("<")
    return f"{declaration.replace('UTF-8', 'utf-8')}{prologue}{root[:place]}{inside}{root[place:]}"


def _pages(prologue: str, inside: str) -> dict[str, str]:
    xhtml = "http://www.w3.org/1999/xhtml"
    body = f'<html xmlns="{xhtml}"><body><p>El pozo se limpia. {inside}</p></body></html>'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg"><text>hola {inside}</text></svg>'
    return {
        "html": f"{prologue}{body}",
        "xhtml": f'<?xml version="1.0"?>{prologue}{body}',
        "svg": f"{prologue}{picture}",
        "xml": f'<?xml version="1.0"?>{prologue}<r>hola {inside}</r>',
    }


def _office_links(canaries: Canaries) -> Iterator[tuple[str, bytes]]:
    """A template, a picture and a workbook that are to be fetched when a Word file is opened."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def link(number: int, kind: str, address: str) -> str:
        return (
            f'<Relationship Id="rIdX{number}" Type="{relation}/{kind}" Target="{address}" '
            'TargetMode="External"/>'
        )

    members = packages()["docx"]
    place = "word/_rels/document.xml.rels"
    for name, address in (("file", canaries.file), ("http", canaries.web)):
        kinds = ("attachedTemplate", "image", "oleObject", "aFChunk", "hyperlink", "frame")
        links = "".join(link(number, kind, address) for number, kind in enumerate(kinds))
        rels = members[place].decode().replace("</Relationships>", f"{links}</Relationships>")
        yield f"links {name}.docx", packed({**members, place: rels.encode()})


if __name__ == "__main__":
    sys.exit(main())
