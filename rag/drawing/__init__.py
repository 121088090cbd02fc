"""Draws pages in children that can be killed: a hostile page costs itself, not the app.

`drawer` is the app's side: it asks, and waits no longer than a deadline. `task` is what a child
runs. Knows nothing about the library or how an image is shown.
"""

from rag.drawing.drawer import DEADLINE, Drawer

__all__ = ["DEADLINE", "Drawer"]
