"""Writes compound files, the container of Office up to 2003 and of Outlook messages."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR, SMALL, CUTOFF = 512, 64, 4096
END, FREE, NOTHING = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF

Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """Returns a compound file with these streams (bytes) and storages (mappings)."""
    file = _File()
    file.entry("Root Entry", 5)
    file.add(0, tree)
    return file.written()


class _File:
    def __init__(self) -> None:
        self.entries: list[dict[str, int | str]] = []
        self.sectors: list[bytes] = []
        self.chain: list[int] = []
        self.small = b""
        self.small_chain: list[int] = []

    def entry(self, name: str, kind: int, start: int = END, size: int = 0) -> int:
        self.entries.append({"name": name, "kind": kind, "start": start, "size": size,
                             "next": NOTHING, "child": NOTHING})  # fmt: skip
        return len(self.entries) - 1

    def add(self, parent: int, tree: Tree) -> None:
        before = None
        for name, content in tree.items():
            if isinstance(content, bytes):
                index = self.entry(name, 2, self._stream(content), len(content))
            else:
                index = self.entry(name, 1)
                self.add(index, content)
            owner, key = (parent, "child") if before is None else (before, "next")
            self.entries[owner][key] = index
            before = index

    def _stream(self, data: bytes) -> int:
        if len(data) >= CUTOFF:
            return self._sectors(data)
        if not data:
            return END
        start, count = len(self.small_chain), -(-len(data) // SMALL)
        self.small += data.ljust(count * SMALL, b"\0")
        self.small_chain += [*range(start + 1, start + count), END]
        return start

    def _sectors(self, data: bytes) -> int:
        start, count = len(self.sectors), -(-len(data) // SECTOR)
        self.sectors += [
            data[i * SECTOR : (i + 1) * SECTOR].ljust(SECTOR, b"\0") for i in range(count)
        ]
        self.chain += [*range(start + 1, start + count), END]
        return start if count else END

    def written(self) -> bytes:
        self.entries[0] |= {"start": self._sectors(self.small), "size": len(self.small)}
        small_fat = self._sectors(struct.pack(f"<{len(self.small_chain)}I", *self.small_chain))
        directory = self._sectors(b"".join(map(_packed, self.entries)))
        fat_sectors = -(-(len(self.chain) + 1) // (SECTOR // 4 - 1))
        first = len(self.sectors)
        chain = self.chain + [0xFFFFFFFD] * fat_sectors
        fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fat_sectors * SECTOR, b"\xff")
        header = struct.pack(
            "<8s16xHHHHH6xIIIIIIIIII",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, directory,
            0, CUTOFF, small_fat, int(bool(self.small_chain)), END, 0, first,
        )  # fmt: skip
        header += b"".join(struct.pack("<I", first + i) for i in range(1, fat_sectors))
        return header.ljust(SECTOR, b"\xff") + b"".join(self.sectors) + fat


def _packed(entry: dict[str, int | str]) -> bytes:
    name = str(entry["name"]).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIQ", name, len(name), entry["kind"], 1, NOTHING, entry["next"],
        entry["child"], entry["start"], entry["size"],
    )  # fmt: skip
