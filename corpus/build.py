"""Build the sample corpus: every source under `sources/` becomes the file people would really have.

Run it as `python -m corpus.build` (or with the names of a few sources, to build only those). It
picks the renderer by the front matter and rewrites the manifest from all of them. It knows nothing
about how each format is drawn, nor about the app that will read the documents.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from corpus.markup import Source, read_source
from corpus.render_docx import render_docx
from corpus.render_html import render_html
from corpus.render_pdf import render_pdf

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DOCUMENTS = HERE / "documents"
MANIFEST = HERE / "manifest.toml"
LICENCE = "CC-BY-4.0"


def render_md(source: Source, target: Path) -> None:
    """A Markdown document is its source without the front matter."""
    target.write_text(source.body, encoding="utf-8")


RENDERERS: dict[str, Callable[[Source, Path], None]] = {
    "pdf": render_pdf,
    "docx": render_docx,
    "html": render_html,
    "md": render_md,
}


def relative_target(source: Source) -> Path:
    """Where a source's document goes, below `documents/`."""
    return Path(source.language) / f"{source.path.stem}.{source.format}"


def build(source: Source) -> Path:
    """Write one source's document and say where it is."""
    target = DOCUMENTS / relative_target(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    # A source whose format changed must not leave its old file behind to be ingested twice.
    for stale in target.parent.glob(f"{target.stem}.*"):
        stale.unlink()
    RENDERERS[source.format](source, target)
    return target


def manifest(sources: list[Source]) -> str:
    """The manifest's text; a JSON string is also a valid TOML basic string."""
    parts = ["# Written by corpus/build.py from the front matters: edit those, not this file.\n"]
    for source in sources:
        fields = {
            "path": relative_target(source).as_posix(),
            "title": source.title,
            "language": source.language,
            "licence": LICENCE,
            "topic": source.topic,
        }
        lines = [
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()
        ]
        parts.append("\n".join(["[[document]]", *lines, ""]))
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Build the named sources, or all of them, and the manifest."""
    parser = argparse.ArgumentParser(description="Build the sample corpus from its sources.")
    parser.add_argument(
        "names", nargs="*", help="sources to build, e.g. es/guia-rag (default: all)"
    )
    names = set(parser.parse_args(arguments).names)
    sources = [read_source(path) for path in sorted(SOURCES.glob("*/*.md"))]
    unknown = names - {f"{source.language}/{source.path.stem}" for source in sources}
    if unknown:
        parser.error(f"no such source: {', '.join(sorted(unknown))}")
    for source in sources:
        if not names or f"{source.language}/{source.path.stem}" in names:
            sys.stdout.write(f"{build(source).relative_to(HERE)}\n")
    MANIFEST.write_text(manifest(sources), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
