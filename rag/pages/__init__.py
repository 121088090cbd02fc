"""A page as an image with a quote highlighted: the proof next to the answer.

`render` draws it and `quotes` finds the quote in its text. Knows nothing about the library, answers
or how the image is shown, and never draws in the app's own process: `rag.drawing` does so in a
child that may die.
"""

from rag.pages.quotes import find_quote
from rag.pages.render import MAX_SIDE, render_page

__all__ = ["MAX_SIDE", "find_quote", "render_page"]
