"""The only JavaScript: hears clicks on chips, and scrolls pages to the marked sentence.

The script is a constant. It reads `data-citation`, scrolls and names the language of the page;
document text never reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

KEY = "bridge"
_CITATION = re.compile(r"(\d{1,6}):(\d{1,3})")

# Streamlit takes a string of one line for a file name, and calls the function again at each update.
_SCRIPT = """
let listening = null;
let scrolled = null;

function scroll(top) {
  const box = document.querySelector('.st-key-page');
  if (!box) return;
  const image = box.querySelector('img');
  const mark = box.querySelector('mark');
  const go = () => {
    let at = 0;
    if (image) at = image.clientHeight * top;
    else if (mark) at = mark.getBoundingClientRect().top
      - box.getBoundingClientRect().top + box.scrollTop;
    box.scrollTop = at - box.clientHeight * 0.3;
  };
  go();
  if (image && !image.complete) image.addEventListener('load', go, { once: true });
}

export default function ({ data, setTriggerValue }) {
  if (listening) document.removeEventListener('click', listening);
  listening = (event) => {
    const chip = event.target.closest?.('[data-citation]');
    if (chip) setTriggerValue('citation', chip.dataset.citation);
  };
  document.addEventListener('click', listening);
  document.documentElement.lang = data.language;
  if (data.token !== scrolled) {
    scrolled = data.token;
    // The page arrives after this script at times: again when it has had time to.
    for (const wait of [0, 150, 500, 1200]) setTimeout(() => {
      if (scrolled === data.token) scroll(data.top);
    }, wait);
  }
  return () => {
    if (listening) document.removeEventListener('click', listening);
    listening = null;
    scrolled = null;
  };
}
"""


def mount(on_citation: Callable[[int, int], None], language: str, token: str, top: float) -> None:
    """Puts the script on the page, once a drawing, and tells screen readers the `language`.

    `on_citation` gets (exchange, number) of a clicked chip. A new `token` scrolls the page in the
    sources pane so that `top`, a share of its height, can be seen.
    """

    def heard() -> None:
        state: Any = st.session_state.get(KEY) or {}
        asked = citation_of(state.get("citation"))
        if asked is not None:
            on_citation(*asked)

    data = {"language": language, "token": token, "top": top}
    _component()(key=KEY, data=data, on_citation_change=heard)


def citation_of(given: object) -> tuple[int, int] | None:
    """Returns (exchange, number) of a chip; None for anything else that a browser may send."""
    match = _CITATION.fullmatch(str(given))
    return (int(match[1]), int(match[2])) if match else None


def _component() -> Any:
    return st.components.v2.component("fuente_bridge", js=_SCRIPT)
