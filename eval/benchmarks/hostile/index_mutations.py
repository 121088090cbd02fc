"""Index files that have been tampered with: what does opening the library make of each?

    python -m eval.benchmarks.hostile.index_mutations [--files 2000] [--seed N]

Each mutation (bits flipped, bytes of the header edited, lengths raised, cut off, padded, parts
swapped, another library's index) is opened twice, each time in a fork: as it lies there, which the
recorded hash must notice; and with the record changed to fit it, so that FAISS itself is given the
bytes, as after a change of its format: what it then gives is not known to be wrong, but it must not
crash. The library must come back with the right neighbours, by rebuilding, or say why not. A fork
that dies would have been the app. POSIX.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np

from eval.benchmarks.helpers.failpoints import Tell, WordEmbedder, in_child, opened, write
from eval.benchmarks.helpers.verdicts import judged
from rag.indexing.index_sync import open_index
from rag.storage import Store
from rag.storage.database import FILE_NAME

QUESTION = "la frase de la obra"
HEADER = 64  # bytes: kind, dimension, count, metric; then those of the index inside
KINDS = ("bits", "header", "length", "cut", "padded", "swapped", "zeroed", "another")
MEMORY_MB = 4_096  # address space that an opening may take


def main() -> int:
    """Exit code 1 when one brought the process down or gave other neighbours."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=None)
    flags = parser.parse_args()
    seed = random.randrange(10**6) if flags.seed is None else flags.seed
    logging.disable(logging.WARNING)  # of each index that is rebuilt
    bad: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        base, other = (made(Path(scratch) / name, seed) for name in ("base", "other"))
        right = in_child(lambda tell: tell(_neighbours(base)))[0][0]  # FAISS's threads do not fork
        for believed in (False, True):
            start, ends, peak = time.perf_counter(), Counter[str](), 0.0
            for number in range(flags.files):
                dice = random.Random(f"{seed}/{number}")
                kind = KINDS[number % len(KINDS)]
                end, grown = one(base, other, kind, dice, believed, right)
                ends[end] += 1
                peak = max(peak, grown)
                fine = ("rebuilt", "stated", "the same")
                # whoever writes the record as well may put any vectors there
                if end not in (*fine, "other neighbours") or (end not in fine and not believed):
                    bad[f"{kind}, {'believed' if believed else 'as it lies'}: {end}"] += 1
            print(
                f"{flags.files} files, {'the record fits' if believed else 'as they lie'}, seed "
                f"{seed}: {dict(ends)}; at most {peak:.0f} MB, "
                f"{(time.perf_counter() - start) / flags.files * 1000:.0f} ms each",
                flush=True,
            )
    return judged(dict(bad))


def made(folder: Path, seed: int) -> Path:
    """A library of some forty chunks."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    dice = random.Random(f"{seed}{folder.name}")
    for number in range(8):
        write(docs / f"{number}.txt", dice)
    with opened(folder / "library") as library:
        library.ingest([docs])
    return folder / "library"


def one(
    base: Path, other: Path, kind: str, dice: random.Random, believed: bool, right: str
) -> tuple[str, float]:
    """How the opening of one mutated file ended, and the most memory of the fork in MB."""
    scratch = base.parent / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(base, scratch)
    path = next(scratch.glob("*.faiss"))
    data = mutated(path.read_bytes(), next(other.glob("*.faiss")).read_bytes(), kind, dice)
    same = data == path.read_bytes()
    path.write_bytes(data)
    if believed:
        _believe(scratch, data)

    def work(tell: Tell) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
        tell(_neighbours(scratch))
        tell(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    told, code = in_child(work)
    if code < 0:
        return f"killed by signal {-code}", 0.0
    if code:
        stated = told[-1].startswith("error: ")
        return "stated" if stated else told[-1].splitlines()[0][:90], 0.0
    if told[0] != right:
        return "other neighbours", float(told[1])
    rebuilt = bool(list(scratch.glob("*.corrupt"))) or not path.exists()
    return "rebuilt" if rebuilt and not same else "the same", float(told[1])


def mutated(data: bytes, other: bytes, kind: str, dice: random.Random) -> bytes:
    """The file, changed in one way."""
    content, half = bytearray(data), len(data) // 2
    if kind == "bits":
        for _ in range(dice.choice((1, 1, 2, 8, 64))):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    elif kind == "header":
        for _ in range(dice.randint(1, 6)):
            content[dice.randrange(HEADER)] = dice.choice((0, 1, 127, 128, 255))
    elif kind == "length":  # eight bytes that may be a count become a large, or a negative, one
        at = dice.randrange(0, min(len(content), 256) - 8)
        number = dice.choice((2**63 - 1, 2**62, 2**40, 2**32, 2**31, 2**64 - 1, 10**6))
        content[at : at + 8] = number.to_bytes(8, "little")
    elif kind == "zeroed":
        at = dice.randrange(len(content))
        content[at : at + 512] = bytes(len(content[at : at + 512]))
    changed: dict[str, bytes] = {
        "cut": data[: dice.randrange(len(data))],
        "padded": data + dice.randbytes(dice.randint(1, 4_096)),
        "swapped": data[half:] + data[:half],
        "another": other,
    }
    return changed.get(kind, bytes(content))


def _believe(library: Path, data: bytes) -> None:
    """The record says that the file is to be just so."""
    with closing(sqlite3.connect(library / FILE_NAME)) as connection, connection:
        digest = hashlib.sha256(data).hexdigest()
        connection.execute("UPDATE generations SET sha256 = ?, bytes = ?", (digest, len(data)))


def _neighbours(library: Path) -> str:
    """What the library's own opening finds, with texts and scores."""
    query = WordEmbedder().encode_queries([QUESTION])[0]
    with closing(Store(library)) as store:
        index, _ = open_index(store)
        found = index.search(query, 10)
        texts = store.documents.chunks(key for key, _ in found)
        lines = [
            (key, texts[key][0].text, float(np.round(score, 4)))
            for key, score in found
            if key in texts
        ]
    return str(lines)


if __name__ == "__main__":
    sys.exit(main())
