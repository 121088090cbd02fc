"""The parts of a page: its main part, its edges, its menus, and the words of an element."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.parsing.builder import TextBuilder
from rag.parsing.characters import clean_line
from rag.schema import NoteKind

EDGES = frozenset({"header", "footer", "aside", "address"})
"""Parts beside the main one that belong to the page all the same."""

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption "
    "figure footer form header hr legend li main menu ol p section summary table tbody td tfoot th "
    "thead tr ul".split()
)


def roots(tree: LexborHTMLParser, beside: list[str]) -> list[LexborNode]:
    """The body, or what the page itself calls its main part, with the edges of the page around it.

    What else stands around the main part arranges the site; its words are added to `beside`.
    """
    marked = tree.css("main, [role=main]")
    body = tree.body
    if body is None:
        return []
    if not marked or 2 * len(marked[0].text()) <= len(body.text()):
        return [body]
    main = marked[0]
    within = set()
    around: LexborNode | None = main
    while around is not None:
        within.add(around.mem_id)
        around = around.parent
    kept = ", ".join((*EDGES, "nav"))  # menus that are left are tables of contents
    roots: list[LexborNode] = []
    stack = [body]
    while stack:
        node = stack.pop()
        if node.mem_id == main.mem_id or node.tag in EDGES or node.tag == "nav":
            roots.append(node)
        elif node.mem_id in within or (node.tag and node.css_first(kept) is not None):
            stack.extend(reversed(list(children_of(node))))
        elif words := clean_line(
            (node.text_content or "") if node.is_text_node else words_of(node)
        ):
            beside.append(words)
    return roots


def leave_out(
    tree: LexborHTMLParser,
    selector: str,
    builder: TextBuilder,
    where: str,
    chosen: Callable[[LexborNode], bool],
) -> None:
    """Takes the chosen ones of the elements that a selector finds out of the page, and notes it."""
    texts: list[str] = []
    for node in outermost(tree, selector):
        if chosen(node):
            texts += filter(None, [words_of(node)])
            node.decompose()
    if texts:
        builder.note(NoteKind.REPEATED, where, len(texts), texts[0])


def is_contents(menu: LexborNode) -> bool:
    """Tells whether a menu is the table of contents of its own page."""
    links = menu.css("a[href]")
    return 2 * sum((link.attributes["href"] or "").startswith("#") for link in links) > len(links)


def outermost(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """The elements that a selector finds, without those inside another: they go with it."""
    nodes = tree.css(selector)
    marked = {node.mem_id for node in nodes}
    return [node for node in nodes if not _is_inside(node, marked)]


def _is_inside(node: LexborNode, marked: set[int]) -> bool:
    around = node.parent
    while around is not None and around.mem_id not in marked:
        around = around.parent
    return around is not None


def edge_words(page: LexborHTMLParser) -> Iterator[str]:
    """Returns the words of each edge of a page."""
    return filter(None, map(words_of, page.css(", ".join(EDGES))))


def words_of(node: LexborNode) -> str:
    """The text of an element on one line; only blocks and line breaks part words."""
    parts: list[str] = []
    for part in node.traverse(include_text=True):
        if part.is_text_node:
            parts.append(part.text_content or "")
        elif part.tag == "br" or part.tag in BLOCKS:
            parts.append(" ")
    return clean_line("".join(parts))


def children_of(node: LexborNode) -> Iterator[LexborNode]:
    """Yields the elements and texts directly in an element; comments are none."""
    child = node.first_child
    while child is not None:
        if not child.is_comment_node:
            yield child
        child = child.next
