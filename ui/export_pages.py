"""A conversation with the pages that prove it: as a PDF, or as Markdown beside the images."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rag.errors import FileProblem
from rag.library import Library
from rag.schema import Answer, Citation, Conversation, KeptTurn, PageImage
from ui import export, i18n, scope
from ui.i18n.labels import Words

MOST_PAGES = 40
"""Page images of one export: each takes a second to draw, and some 0.2 MB."""

Draw = Callable[[Citation], PageImage | None]

_FONTS = {"": "Vera", "Bd": "Vera-Bold"}  # they come with reportlab, with the letters of Europe
_UNKNOWN = "\N{WHITE SQUARE}"  # in the place of a letter that the fonts lack
_MARGIN = 56  # points
_TALLEST = 0.62  # of the page's room that an image takes
_QUALITY = 80  # of a JPEG: its letters are read well


class Pages:
    """Draws the pages of citations, each once and so many at most; counts those left out."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._drawn: dict[tuple[int, int], PageImage | None] = {}
        self.left_out = 0

    def __call__(self, citation: Citation) -> PageImage | None:
        """Returns the page with the quote marked; None where there is none, or no more fit."""
        if citation.page is None or citation.address in self._drawn:
            return None
        if len(self._drawn) >= MOST_PAGES:
            self.left_out += 1
            return None
        try:
            image = self._library.originals.cited(citation)
        except FileProblem:
            image = None
        self._drawn[citation.address] = image
        return image


def markdown_zip(
    words: Words, conversation: Conversation, turns: list[KeptTurn], library: Library
) -> bytes:
    """Returns a ZIP of the conversation as Markdown and the pages that it shows as PNG."""
    made, pages = io.BytesIO(), Pages(library)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:

        def shown(answer: Answer) -> Iterator[str]:
            for citation in answer.citations:
                image = pages(citation)
                if image is not None:
                    name = f"pages/{len(archive.namelist()) + 1:03}.png"
                    archive.writestr(name, image.png)
                    title = f"[{citation.number}] {i18n.source_name(words, citation)}"
                    yield f"![{title.replace(']', ')').replace('[', '(')}]({name})"

        text = export.markdown(words, conversation, turns, shown)
        if pages.left_out:
            text += f"\n{words.conversations.pages_left.format(count=pages.left_out)}\n"
        archive.writestr("conversation.md", text)
    return made.getvalue()


def pdf(words: Words, conversation: Conversation, turns: list[KeptTurn], library: Library) -> bytes:
    """Returns the conversation as a PDF: questions, answers, quotes, and the pages marked."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    made, pages, typeset = io.BytesIO(), Pages(library), _Typeset()
    story = list(_story(words, conversation, turns, pages, typeset))
    if pages.left_out:
        story.append(typeset.note(words.conversations.pages_left.format(count=pages.left_out)))
    if typeset.unknown:
        story.append(typeset.note(words.conversations.letters_left.format(count=typeset.unknown)))
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
    SimpleDocTemplate(
        made, pagesize=A4, title=conversation.title, author=words.title, **margins
    ).build(story)
    return made.getvalue()


def _story(
    words: Words,
    conversation: Conversation,
    turns: list[KeptTurn],
    pages: Pages,
    typeset: _Typeset,
) -> Iterator[Any]:
    said = words.conversations
    yield typeset.title(conversation.title)
    if conversation.scope:
        where = scope.described(words, conversation.scope)
        yield typeset.note(said.searched_in.format(scope=where))
    for turn in turns:
        yield typeset.question(turn.question)
        if turn.answer is None:
            yield typeset.note(words.interrupted)
            continue
        yield from _answer(words, turn.answer, pages, typeset)
    yield typeset.note(said.exported.format(day=export.today()))


def _answer(words: Words, answer: Answer, pages: Pages, typeset: _Typeset) -> Iterator[Any]:
    if answer.short and not answer.text.startswith(f"{answer.short}."):
        yield typeset.short(answer.short)
    for line in answer.text.splitlines():
        yield typeset.text(line)
    for line in export.sources(words, answer):
        yield typeset.source(line)
    for citation in answer.citations:
        image = pages(citation)
        if image is not None:
            yield typeset.picture(image)
            yield typeset.note(f"[{citation.number}] {i18n.source_name(words, citation)}")


class _Typeset:
    """Makes the parts of a PDF; `unknown` counts the letters that its fonts cannot show."""

    def __init__(self) -> None:
        import reportlab
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        folder = Path(reportlab.__file__).parent / "fonts"
        for suffix, name in _FONTS.items():
            pdfmetrics.registerFont(TTFont(name, folder / f"Vera{suffix}.ttf"))
        self._known = pdfmetrics.getFont(_FONTS[""]).face.charToGlyph
        self._style = ParagraphStyle
        self._room = (A4[0] - 2 * _MARGIN, (A4[1] - 2 * _MARGIN) * _TALLEST)
        self.unknown = 0

    def title(self, text: str) -> Any:
        return self._paragraph(text, size=17, bold=True, after=10)

    def question(self, text: str) -> Any:
        return self._paragraph(text, size=12.5, bold=True, before=16, after=6, keep=True)

    def short(self, text: str) -> Any:
        return self._paragraph(text, size=14, bold=True, after=4)

    def text(self, text: str) -> Any:
        return self._paragraph(text, after=4)

    def source(self, text: str) -> Any:
        return self._paragraph(text, size=8.5, after=3, indent=10)

    def note(self, text: str) -> Any:
        return self._paragraph(text, size=8, after=8, colour="#5c5a55")

    def picture(self, image: PageImage) -> Any:
        """Returns a page image within the room, as a JPEG."""
        from PIL import Image as Picture
        from reportlab.platypus import Image

        made = io.BytesIO()
        with Picture.open(io.BytesIO(image.png)) as drawn:
            drawn.convert("RGB").save(made, "JPEG", quality=_QUALITY)
        made.seek(0)
        scale = min(self._room[0] / image.width, self._room[1] / image.height)
        return Image(made, image.width * scale, image.height * scale)

    def _paragraph(
        self,
        text: str,
        size: float = 10,
        bold: bool = False,
        before: float = 0,
        after: float = 0,
        indent: float = 0,
        colour: str = "#23221f",
        keep: bool = False,
    ) -> Any:
        from reportlab.platypus import Paragraph

        style = self._style(
            "made",
            fontName=_FONTS["Bd" if bold else ""],
            fontSize=size,
            leading=size * 1.4,
            spaceBefore=before,
            spaceAfter=after,
            leftIndent=indent,
            textColor=colour,
            keepWithNext=keep,
        )
        return Paragraph(escape(self._shown(text)), style)

    def _shown(self, text: str) -> str:
        letters = [char if ord(char) in self._known else "" for char in " ".join(text.split())]
        self.unknown += letters.count("")
        return "".join(letter or _UNKNOWN for letter in letters)
