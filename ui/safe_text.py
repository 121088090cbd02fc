"""Text of documents as HTML or as a label, so that nothing in it comes alive.

Streamlit's markdown would turn a document's own words into links, formulas, icons and images that
the browser fetches, and backslashes do not stop all of it: addresses, `:icons:` and e-mails are
found after the backslashes are gone. So document text is shown through `st.html`, escaped here, and
never through markdown; only labels of buttons leave no choice.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from rag.schema import Block, BlockKind, Support

CELL = " │ "
"""Stands between the cells of a table, which documents separate by a tab."""

# unseen beside a chip's number, but copied with it: «en 2024 [1]», not «en 20241»
_OPENING, _CLOSING = '<span class="mute"> [</span>', '<span class="mute">]</span>'
_MARK = re.compile(r"\[(\d{1,3})\]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ALIVE = re.compile(r"(www)(?=\\\.)|(?<=[:@])", re.IGNORECASE)
_JOINER = "\u2060"  # takes no room, and breaks «www.», «http:», «:icon:» and «me@home» apart


def plain(text: str) -> str:
    """Returns `text` escaped for HTML, without invisible and direction-changing characters."""
    return html.escape(_UNSEEN.sub("", text).replace("\t", CELL))


def flat(text: str, length: int = 0) -> str:
    """Returns `text` on one line; with a `length`, cut after that many characters at a word."""
    line = " ".join(_UNSEEN.sub("", text).replace("\t", CELL).split())
    if not length or len(line) <= length:
        return line
    cut = line[:length]
    return (cut[: cut.rfind(" ")] if " " in cut[length // 2 :] else cut) + "…"


def label(text: str, length: int = 60) -> str:
    """Returns `text` as the label of a button or a message, which Streamlit reads as markdown."""
    return _ALIVE.sub(rf"\1{_JOINER}", _PUNCTUATION.sub(r"\\\1", flat(text, length)))


@dataclass(frozen=True, slots=True)
class Doubt:
    """How a sentence that the documents do not bear out is shown: its class, a note, and why."""

    kind: str
    note: str
    why: str


def answer(
    blocks: Sequence[Block],
    tips: Mapping[int, str],
    exchange: int,
    doubts: Mapping[Support | None, Doubt] = MappingProxyType({}),
) -> str:
    """An answer as HTML; each mark [n] with a tip becomes a chip that opens citation n.

    A chip carries `data-citation="exchange:n"`, which `ui.bridge` listens for. Sentences in doubt
    are underlined and followed by their note.
    """
    drawn: list[str] = []
    for kind, group in groupby(enumerate(blocks), lambda entry: _shape(entry[1])):
        run = list(group)
        if kind is BlockKind.ROW:
            drawn += _tables([block for _, block in run], tips, exchange)
        elif kind is BlockKind.LIST:
            drawn += (_list(block, tips, exchange) for _, block in run)
        else:
            drawn.append(_prose(run, tips, exchange, doubts))
    return "".join(drawn)


def _shape(block: Block) -> BlockKind:
    """Returns a table for rows with cells, a list, or prose."""
    if block.kind is BlockKind.ROW and block.cells:
        return BlockKind.ROW
    return BlockKind.LIST if block.kind is BlockKind.LIST else BlockKind.SENTENCE


def _prose(
    run: Sequence[tuple[int, Block]],
    tips: Mapping[int, str],
    exchange: int,
    doubts: Mapping[Support | None, Doubt],
) -> str:
    parts: list[str] = []
    for index, block in run:
        parts.append(plain(block.gap) if index else "")
        doubt = doubts.get(block.support)
        chipped = _chipped(block.text, tips, exchange)
        parts.append(chipped if doubt is None else _doubted(block.text, doubt, tips, exchange))
    return "".join(f"<p>{part}</p>" for part in "".join(parts).split("\n") if part.strip())


def _list(block: Block, tips: Mapping[int, str], exchange: int) -> str:
    """Returns a list with the document's numbers; what introduces it, or one item, is prose."""
    lines = block.text.split("\n")
    lead = lines[0] if len(lines) > 1 and lines[0].endswith(":") else ""
    items = lines[1:] if lead else lines
    if len(lines) == 1:
        return f"<p>{_chipped(lines[0], tips, exchange)}</p>"
    drawn = "".join(f"<li>{_chipped(item, tips, exchange)}</li>" for item in items)
    above = f"<p>{plain(lead)}</p>" if lead else ""
    return f'{above}<ul class="items">{drawn}</ul>'


def _tables(rows: Sequence[Block], tips: Mapping[int, str], exchange: int) -> Iterator[str]:
    """Returns rows as small tables, a new one where the names of the columns change."""
    for names, group in groupby(rows, lambda row: tuple(cell.header for cell in row.cells)):
        head = "".join(f'<th scope="col">{plain(name)}</th>' for name in names)
        body = "".join(_row(row, tips, exchange) for row in group)
        top = f"<thead><tr>{head}<th></th></tr></thead>" if any(names) else ""
        yield f'<div class="rows"><table>{top}<tbody>{body}</tbody></table></div>'


def _row(row: Block, tips: Mapping[int, str], exchange: int) -> str:
    texts = (f"<mark>{plain(c.text)}</mark>" if c.asked else plain(c.text) for c in row.cells)
    cells = "".join(f"<td>{text}</td>" for text in texts)
    chips = "".join(
        chip(exchange, number, tips[number]) for number in row.citations if number in tips
    )
    return f"<tr>{cells}<td>{chips}</td></tr>"


def _doubted(text: str, doubt: Doubt, tips: Mapping[int, str], exchange: int) -> str:
    opening = f'<span class="{doubt.kind}" title="{html.escape(doubt.why, quote=True)}">'
    first, last = _last_word(text)
    sentence = _chipped(first, tips, exchange)
    # a paragraph ends at a line break, and so must what stands in it
    shown = opening + sentence.replace("\n", f"</span>\n{opening}") + "</span>"
    # the note of a sentence stays on its last line: it would seem to open the next one
    ending = f"{opening}{_chipped(last, tips, exchange)}</span>"
    return (
        f'{shown}<span class="held">{ending} <span class="doubt">{plain(doubt.note)}</span></span>'
    )


def _chipped(text: str, tips: Mapping[int, str], exchange: int) -> str:
    """Returns a stretch of an answer, with its chips."""
    parts: list[str] = []
    end = 0
    for match in _MARK.finditer(text):
        number = int(match[1])
        if number in tips:
            before = text[end : match.start()].rstrip()
            parts.append(ended(before, chip(exchange, number, tips[number])))
            end = match.end()
    parts.append(plain(text[end:]))
    return "".join(parts)


def ended(text: str, chips: str) -> str:
    """Returns a text with its chips behind it, which stay on the line of its last word."""
    rest, last = _last_word(text)
    return f'{plain(rest)}<span class="held">{plain(last)}{chips}</span>'


def chip(exchange: int, number: int, tip: str) -> str:
    """The number of a citation, to click; `tip` shows at the pointer and to screen readers."""
    title = html.escape(flat(tip), quote=True)
    return (
        f'<button type="button" class="chip" data-citation="{exchange}:{number}"'
        f' title="{title}" aria-label="[{number}] {title}">{_OPENING}{number}{_CLOSING}</button>'
    )


def opener(exchange: int, number: int, name: str) -> str:
    """Returns the button of a citation with the name of its source."""
    return (
        f'<button type="button" class="opener" data-citation="{exchange}:{number}">'
        f"[{number}] {plain(flat(name, 60))}</button>"
    )


def stressed(text: str, span: tuple[int, int] | None) -> str:
    """Returns `text` escaped for HTML and on one line, the characters of `span` in bold."""
    return _SPACE.sub(" ", _bold(text, span)).strip()


def marked(
    text: str, start: int, end: int, around: int = 700, span: tuple[int, int] | None = None
) -> str:
    """The part of `text` about `start`:`end` as HTML, with those characters marked.

    Of these, the characters of `span`, counted from `start`, are in bold.
    """
    first = _word_start(text, max(0, start - around))
    last = _word_end(text, min(len(text), end + around))
    before = ("… " if first else "") + text[first:start]
    after = text[end:last] + (" …" if last < len(text) else "")
    return f"{plain(before)}<mark>{_bold(text[start:end], span)}</mark>{plain(after)}"


def _bold(text: str, span: tuple[int, int] | None) -> str:
    if span is None:
        return plain(text)
    start, end = span
    return f"{plain(text[:start])}<b>{plain(text[start:end])}</b>{plain(text[end:])}"


def _last_word(text: str) -> tuple[str, str]:
    # A chip that begins a line would look as if it belonged to what follows.
    cut = max(text.rfind(" "), text.rfind("\n")) + 1
    return text[:cut], text[cut:]


def _word_start(text: str, at: int) -> int:
    space = text.find(" ", at, at + 40)
    return space + 1 if at and space >= 0 else at


def _word_end(text: str, at: int) -> int:
    space = text.rfind(" ", at - 40, at)
    return space if at < len(text) and space >= 0 else at
