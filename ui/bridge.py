"""The only JavaScript: hears clicks on chips, copies answers, scrolls to the marked sentence.

The script is a constant. It reads `data-citation`, puts `data-copy` on the clipboard, scrolls and
names the language of the page; no document text is ever part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from ui import entry
from ui.i18n.labels import Words

KEY = "bridge"
NOWHERE = "nowhere"
"""The token of a page without questions."""

_QUESTION = '[data-testid="stChatInput"] textarea'
_MAIN = '[data-testid="stMain"]'
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

// The first things that Tab reaches: straight to the question, or past the side panel. What is
// there already stays: a redrawn page must not take away the link that has the focus.
function links(skips) {
  const made = JSON.stringify(skips);
  const before = document.getElementById('skips');
  if (before?.dataset.made === made) return;
  before?.remove();
  const nav = document.createElement('nav');
  nav.id = 'skips';
  nav.dataset.made = made;
  nav.setAttribute('aria-label', skips.label);
  for (const [target, text] of skips.targets) {
    const link = document.createElement('a');
    link.href = '#';
    link.textContent = text;
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const found = document.querySelector(target);
      if (found && found.tabIndex < 0) found.tabIndex = -1;
      found?.focus();
    });
    nav.append(link);
  }
  document.body.prepend(nav);
}

// A new question goes to the top of what is seen, wherever one was reading, and stays there while
// its answer grows, until one scrolls or clicks.
let asked = '';
let pinned = false;
for (const kind of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
  document.addEventListener(kind, () => { pinned = false; }, { capture: true, passive: true });
function follow() {
  const question = [...document.querySelectorAll('.question')].at(-1);
  const turn = question?.dataset.turn ?? '';
  if (turn && turn !== asked) pinned = true;
  asked = turn;
  if (pinned && question) question.scrollIntoView({ block: 'start' });
}

// Streamlit sends what changed within one turn of the browser as one message. A field of a part of
// the page that is drawn by itself then takes the click that left it along, and only that part is
// drawn: the click did nothing. It is held back until the field has been sent.
let typed = null;
let left = -Infinity;
document.addEventListener('input', (event) => { typed = event.target; }, true);
document.addEventListener('focusout', (event) => {
  if (event.target === typed) [typed, left] = [null, event.timeStamp];
}, true);
document.addEventListener('click', (event) => {
  if (!event.isTrusted || !event.detail || event.timeStamp - left > 500) return;
  left = -Infinity;
  event.stopImmediatePropagation();
  event.preventDefault();
  setTimeout(() => {
    const {clientX, clientY, target} = event;
    const there = target.isConnected ? target : document.elementFromPoint(clientX, clientY);
    there?.dispatchEvent(new MouseEvent('click', event));
  }, 20);
}, true);

// Streamlit says in English that its server is gone; here it is said in the app's language.
let watcher = null;
function watch(text) {
  watcher?.disconnect();
  const look = () => {
    follow();
    const gone = [...document.querySelectorAll('[role="dialog"]')]
      .find((dialog) => dialog.textContent.includes('Connection error'));
    let banner = document.getElementById('offline');
    if (!gone) { banner?.remove(); return; }
    gone.style.display = 'none';
    if (banner) return;
    banner = document.createElement('div');
    banner.id = 'offline';
    banner.setAttribute('role', 'alert');
    banner.textContent = text;
    document.body.append(banner);
  };
  watcher = new MutationObserver(look);
  watcher.observe(document.body, { childList: true, subtree: true });
}

// Streamlit takes its theme from the browser's store when a page is loaded, by the page's path.
function dress(theme, paths) {
  const key = (path) => `stActiveTheme-${path}-v2`;
  const wanted = JSON.stringify(theme);
  const before = localStorage.getItem(key(location.pathname)) ?? '"System"';
  for (const path of [location.pathname, ...paths]) localStorage.setItem(key(path), wanted);
  if (before !== wanted) location.reload();
}

function copy(button) {
  const before = button.textContent;
  if (before === button.dataset.done) return;
  navigator.clipboard.writeText(button.dataset.copy).then(() => {
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
}

export default function ({ data, setTriggerValue }) {
  if (listening) document.removeEventListener('click', listening);
  listening = (event) => {
    const chip = event.target.closest?.('[data-citation]');
    if (chip) setTriggerValue('citation', chip.dataset.citation);
    const copier = event.target.closest?.('[data-copy]');
    if (copier) copy(copier);
    const link = event.target.closest?.('[data-testid="stSidebar"] a');
    if (link && window.innerWidth <= 768) setTimeout(() => document.querySelector(
      '[data-testid="stSidebarCollapseButton"] button')?.click(), 150);  // it lies over the page
  };
  document.addEventListener('click', listening);
  document.documentElement.lang = data.language;
  links(data.skips);
  watch(data.offline);
  dress(data.theme, data.paths);
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


def mount(
    on_citation: Callable[[int, int], None],
    words: Words,
    language: str,
    theme: str,
    token: str = NOWHERE,
    top: float = 0.0,
) -> None:
    """Puts the script on the page, once a drawing, and tells screen readers the `language`.

    `theme` is the setting: the browser loads the page anew where it shows another one.

    `on_citation` gets (exchange, number) of a clicked chip. A new `token` scrolls the page in the
    sources pane so that `top`, a share of its height, can be seen.
    """

    def heard() -> None:
        state: Any = st.session_state.get(KEY) or {}
        asked = citation_of(state.get("citation"))
        if asked is not None:
            on_citation(*asked)

    targets = [(_MAIN, words.skip_to_content)]
    if token is not NOWHERE:
        targets.insert(0, (_QUESTION, words.skip_to_question))
    skips = {"label": words.skips, "targets": targets}
    data = {
        "language": language,
        "token": token,
        "top": top,
        "skips": skips,
        "offline": words.offline,
        "theme": theme.title(),
        "paths": entry.PATHS,
    }
    _component()(key=KEY, data=data, on_citation_change=heard)


def citation_of(given: object) -> tuple[int, int] | None:
    """Returns (exchange, number) of a chip; None for anything else that a browser may send."""
    match = _CITATION.fullmatch(str(given))
    return (int(match[1]), int(match[2])) if match else None


def _component() -> Any:
    return st.components.v2.component("fuente_bridge", js=_SCRIPT)
