"""Does every passage and every citation stand in its document letter by letter, in any script?

    python -m eval.benchmarks.hostile.unicode_spans

Texts of emoji, combining marks, ligatures, both directions, zero widths, huge graphemes and broken
bytes, in each format and encoding that can hold them, are ingested with the models that ship and
then asked for. Each passage, each sentence cited and each answer must be the slice of the stored
document at its offsets; nothing may begin with a mark that belongs to the letter before it; and of
the plain files each letter must have come through in its normal form.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from eval.benchmarks.helpers.packages import MAIN, SENTENCE, packages, packed
from eval.benchmarks.helpers.verdicts import flags_of, judged, written
from rag.config import Settings
from rag.library import Library
from rag.schema import Document

TEXTS = {
    "emoji": "El equipo 👩‍👩‍👧‍👦 ganó 🏳️‍🌈 con 👍🏽 y 🇪🇸🇲🇽 en la sede número 7️⃣.",
    "combining": "La can\u0303a de azu\u0301car cuesta A\u030a y Zalgo: "
    "Z\u0335\u0321\u034ba\u0336\u0300l\u0337g\u0338o.",
    "ligatures": "La o\ufb01cina de a\ufb00aires \ufb02uye: \u0133, \u01c6, \ufdfa y Ⅷ ½ ﬆ.",
    "right to left": "שלום עולם, المدينة القديمة بنيت سنة 1200, y el pozo mide 12 metros.",
    "directions": "Un texto \u202egirado\u202c y \u2066aislado\u2069 con \u200f\u200e marcas.",
    "zero width": "Una pala\u200bbra par\u2060tida, con\ufeff marca y guio\u00adnes blandos.",
    "joiners": "می\u200cخواهم به خانه بروم و क्\u200dष también se escribe así.",
    "scripts": "日本語の文章は空白なしで続きます。中文也是这样。ภาษาไทยไม่มีช่องว่าง ကမြန်မာ.",
    "beyond": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 matemático 𝒳, cuneiforme 𒀀𒁀 y jeroglífico 𓀀 en la página.",
    "huge grapheme": "La letra e" + "\u0301\u0323" * 3_000 + " lleva seis mil marcas encima.",
    "long word": "Una palabra " + "ñandú" * 3_000 + " sin ningún espacio que la parta.",
    "many emoji": "👩‍👩‍👧‍👦" * 1_500 + " y nada más que familias enteras.",
    "hangul": "한국어 \u1112\u1161\u11ab\u1100\u1173\u11af y sus jamo sueltos en una frase.",
    "controls": "Antes\x01de un control\x1b[31m y después\x7f de él sigue." + " Y más letras." * 30,
    "line ends": "Una línea\u2028otra\u2029y otra\x85más\x0bvertical\x0cpágina\r\ny\rfinal.",
    "not characters": "Hay \ufffe un \uffff no carácter \U0010ffff y uno privado \ue000 aquí.",
    "case": "İstanbul, ISPARTA, straße, ΣΊΣΥΦΟΣ, ǅungla y ŉ cambian de largo en minúsculas.",
    "spaces": "Un\u00a0espacio\u2003ancho\u3000y\u202ffino\u205fentre\u1680palabras distintas.",
    "variation": "Un ❤︎ y un ❤️, 葛󠄀 y 葛󠄁, con selectores de variante detrás.",
    "tags": "Un texto\U000e0041\U000e0042\U000e0043 con etiquetas que nadie ve en medio.",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "utf-32")
BROKEN = {
    "half pairs.json": json.dumps(
        [{"texto": "Medio \ud83d par y \udc00 otro medio \ud800."}]
    ).encode(),
    "half pairs.html": b"<p>Medio &#xD83D; par, &#xDC00; otro y &#0; un cero &#x110000; dicho.</p>",
    "stray bytes.txt": "Una línea buena y larga de la obra. ".encode() * 20 + b"\xff\xfe\x80 mala.",
    "cut pair.txt": b"\xff\xfe" + "Texto que acaba en medio 😀".encode("utf-16-le")[:-2],
    "overlong.txt": b"Una \xc0\xaf barra larga y \xed\xa0\x80 media pareja en bytes.",
    "latin.txt": "El ñandú cuesta 12 € en Córdoba, según «el diario».".encode("cp1252"),
}
_PARTS = re.compile("[\u0300-\u036f\u0323\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


def main() -> int:
    """Exit code 1 for anything that is not the slice at its offsets."""
    flags = flags_of(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        docs = flags.keep or Path(scratch) / "docs"
        sources = dict(files())
        written(sources, docs)
        with Library.open(
            Path(scratch) / "library", replace(Settings(), min_confidence=0.0)
        ) as library:
            report = library.ingest([docs])
            checks, wrong = examined(library, docs)
            problems = library.status().problems
    outcomes = {file.path: str(file.outcome) for file in report.files}
    lost = [name for name in sources if outcomes.get(name) not in ("ok", "partial")]
    for name in [*lost, *wrong]:
        print(f"PROBLEM {name}")
    print(
        f"{len(sources)} files of {len(TEXTS)} texts, {report.chunks} passages: "
        f"{', '.join(f'{count} {name}' for name, count in checks.items())}; "
        f"{len(wrong)} mismatches, {len(lost)} files lost"
    )
    return judged({"mismatches": len(wrong), "lost": len(lost), "problems": len(problems)})


def files() -> Iterator[tuple[str, bytes]]:
    """Every text in every form that can hold it."""
    for name, text in TEXTS.items():
        body = f"{text} El informe se llama {name} y termina aquí."
        for encoding in ENCODINGS:
            yield f"{name}, {encoding}.txt", _encoded(f"{encoding}.\n{body}", encoding)
        yield f"{name}.md", f"# Título {text[:40]}\n\n{body} En markdown.".encode()
        yield f"{name}.csv", f'nombre,texto\n{name},"{body} En tabla."\n'.encode()
        yield f"{name}.json", json.dumps({"texto": f"{body} Con escapes."}).encode()
        escaped = "".join(
            f"&#{ord(character)};" if ord(character) > 126 else character for character in body
        )
        yield f"{name}.html", f"<html><body><p>{escaped} En HTML.</p></body></html>".encode()
        for kind in ("docx", "odt", "epub"):
            members = packages()[kind]
            xml = members[MAIN[kind]].decode()
            safe = "".join(character for character in body if _in_xml(character)) + f" En {kind}."
            yield (
                f"{name}.{kind}",
                packed({**members, MAIN[kind]: xml.replace(SENTENCE, safe).encode()}),
            )
    yield from BROKEN.items()


def _encoded(text: str, encoding: str) -> bytes:
    if encoding.endswith("-bom"):
        return f"\ufeff{text}".encode(encoding.removesuffix("-bom"))
    return text.encode(encoding)


def _in_xml(character: str) -> bool:
    """Whether XML 1.0 can hold it."""
    code = ord(character)
    return code in (9, 10, 13) or (code >= 0x20 and code not in (0xFFFE, 0xFFFF))


def examined(library: Library, docs: Path) -> tuple[Counter[str], list[str]]:
    """Number of checks of each kind, and those that failed."""
    checks: Counter[str] = Counter()
    wrong: list[str] = []

    def check(kind: str, name: str, good: bool) -> None:
        checks[kind] += 1
        if not good:
            wrong.append(f"{name}: {kind}")

    for info in library.documents():
        document = library.document(info.id)
        assert document is not None
        check("texts in normal form", info.path, unicodedata.is_normalized("NFC", document.text))
        for encoding in ENCODINGS:
            if info.path.endswith(f", {encoding}.txt"):
                data = (docs / info.path).read_bytes()
                source = data.decode(encoding.removesuffix("-bom"))
                check("sources kept", info.path, _letters(source) == _letters(document.text))
    for name in TEXTS:
        for question in (f"¿Cómo se llama el informe {name}?", TEXTS[name][:200]):
            for passage in library.search(question, 100):
                document = _of(library, passage.chunk.document_id)
                chunk = passage.chunk
                slice_ = document.text[chunk.start : chunk.end]
                check("passages are slices", passage.path, slice_ == chunk.text)
                check(
                    "passages begin whole",
                    passage.path,
                    not _PARTS.match(chunk.text) or chunk.start == 0,
                )
            answer = library.ask(question).answer
            for citation in answer.citations:
                document = _of(library, citation.passage.chunk.document_id)
                check(
                    "quotes are slices",
                    citation.passage.path,
                    document.text[citation.start : citation.end] == citation.quote,
                )
    return checks, wrong


def _of(library: Library, key: int) -> Document:
    document = library.document(key)
    assert document is not None
    return document


def _letters(text: str) -> str:
    """Letters and digits alone, in the form in which all that look alike are alike."""
    return "".join(
        character for character in unicodedata.normalize("NFKC", text) if character.isalnum()
    )


if __name__ == "__main__":
    sys.exit(main())
