"""Colours and the style sheet.

The options of the theme travel as flags, since a configuration file would not follow the installed
package. The style sheet takes its colours from the text's own, so that it fits light and dark.
"""

from __future__ import annotations

from string import Template

from ui.i18n.labels import Words

OPTIONS = {
    "theme.headingFont": "serif",
    "theme.baseRadius": "medium",
    "theme.paddingTop": "0.75rem",
    "theme.light.primaryColor": "#17657d",
    "theme.light.backgroundColor": "#fdfdfb",
    "theme.light.secondaryBackgroundColor": "#f3f2ed",
    "theme.light.textColor": "#23221f",
    "theme.light.sidebar.backgroundColor": "#f6f5f0",
    "theme.light.sidebar.secondaryBackgroundColor": "#ffffff",
    "theme.dark.primaryColor": "#287a94",
    "theme.dark.backgroundColor": "#171918",
    "theme.dark.secondaryBackgroundColor": "#262a29",
    "theme.dark.textColor": "#e9e8e3",
    "theme.dark.sidebar.backgroundColor": "#1d201f",
}
"""Streamlit's options by name; fonts come with Streamlit, none is fetched."""

ACCENT = "#2a86a3"
"""The colour of what can be clicked."""

SERIES = (ACCENT, "#c98a1b")
"""Colours of a chart's series; both are seen on light and dark."""

_STYLE = Template("""
/* what Streamlit says in English only, or that would flicker */
[data-testid="stStatusWidget"], [data-testid="InputInstructions"],
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
[data-testid="stFileUploaderDropzone"] { flex-direction: column; align-items: stretch; }
[data-testid="stFileUploaderDropzone"] button { width: 100%; }
[data-testid="stFileUploaderDropzone"] button > * { display: none; }
[data-testid="stFileUploaderDropzone"] button::after { content: "$upload_button"; }
[data-testid="stFileUploaderDropzone"]::after {
  content: "$upload_hint"; font-size: .8rem; opacity: .7; line-height: 1.35; }
[role="listbox"][data-empty] * { font-size: 0 !important; }
[role="listbox"][data-empty]::before { content: "$no_match"; padding: .6rem; font-size: .9rem; }
[data-type="year"][data-placeholder] { font-size: 0; }
[data-type="year"][data-placeholder]::before { content: "$year_hint"; font-size: .875rem; }
[role="option"] [data-item-hl] { display: block; align-content: center; text-overflow: ellipsis; }
/* the chosen one of several: Streamlit's accent on its own tint is too faint in the dark */
[data-testid="stButtonGroup"] [data-selected] { background: $chosen !important; }
[data-testid="stButtonGroup"] [data-selected] p { color: #fff !important; }

/* the frame; what is placed in the main part is scrolled with it, and moves no side panel */
.stMainBlockContainer { max-width: 92rem; padding: .75rem 2.5rem 1rem; position: relative; }
[data-testid="stBottomBlockContainer"] { max-width: 92rem; padding: .75rem 2.5rem 1.25rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; }
.st-key-header { border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent);
  padding-bottom: .6rem; }
.st-key-header > :first-child { flex: 1 1 18rem; }
.brand { display: flex; align-items: baseline; gap: .9rem; flex-wrap: wrap; }
[data-testid="stHtml"] :is(h2, h3) { padding: 0; margin: 0; }
[data-testid="stHtml"] h2 { font-size: 1.5rem; }
[data-testid="stHtml"] h3 { font-size: 1.1rem; margin-top: .6rem; }
/* Streamlit's own grey is too faint to be read by everybody */
:is([data-testid="stCaptionContainer"], [class*="st-key-why-"] summary) { opacity: .85 !important; }
.st-key-language p { color: light-dark(#23221f, #e9e8e3) !important; }
h1, h2 { font-family: "Source Serif", Georgia, serif; }
.brand h1 { font-size: 1.7rem; padding: 0; margin: 0; letter-spacing: -.01em; }
.brand span { opacity: .72; }

/* for the keyboard: seen once they have the focus */
#skips a { position: fixed; left: .5rem; top: -4rem; z-index: 1000000; padding: .5rem .9rem;
  border-radius: .5rem; background: $accent; color: #fff; }
#skips a:focus { top: .5rem; outline: 2px solid #fff; outline-offset: -4px; }
#offline { position: fixed; inset: auto 1rem 1rem 1rem; z-index: 1000000; padding: .9rem 1.2rem;
  border-radius: .6rem; background: #7a2a20; color: #fff; }

/* the side panel */
.st-key-pages { gap: .15rem; padding-bottom: .6rem;
  border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
[data-testid="stSidebar"] [class*="st-key-conversation-"] a { padding-block: .18rem; min-height: 0;
  background: none; border-left: 3px solid transparent; border-radius: 0; }
[data-testid="stSidebar"] [class*="st-key-conversation-"] a p { font-size: .9rem; font-weight: 400;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
[data-testid="stSidebar"] [class*="st-key-conversation-here-"] a { border-left-color: $accent; }
[data-testid="stSidebar"] [class*="st-key-conversation-here-"] a p { font-weight: 600; }
.st-key-new-conversation a { background: none; }
[data-testid="stSidebar"] [data-testid="stElementContainer"]:has(h2.side) { margin-top: .4rem; }
[data-testid="stSidebar"] [data-testid="stHtml"] h2.side { font-family: inherit;
  font-size: .8rem; font-weight: 600;
  letter-spacing: .02em; opacity: .75; padding: 0; margin: 0; }
[data-testid="stHtml"] h2.conversation { font-size: 1.15rem; overflow-wrap: anywhere; }
.st-key-conversation-head > :first-child { flex: 1 1 12rem; min-width: 0; }

/* before the first question */
.st-key-welcome { max-width: 40rem; margin: 9vh auto 0; }
.empty h2 { font-size: 1.5rem; padding: 0; margin: 0 0 .5rem; }
.empty p { font-size: 1.05rem; line-height: 1.6; margin: 0; }

/* the conversation */
[data-testid^="stChatMessageAvatar"] { display: none; }
[data-testid="stChatMessage"] { padding: 0; background: none; }
.question { margin: .75rem 0 0 auto; width: fit-content; max-width: 85%; padding: .55rem .9rem;
  scroll-margin-top: 1rem; border-radius: 1rem 1rem .25rem 1rem; white-space: pre-wrap;
  overflow-wrap: anywhere; background: color-mix(in srgb, $accent 14%, transparent); }
.answer { line-height: 1.65; font-size: 1.05rem; overflow-wrap: anywhere; }
.answer p, .why p { margin: 0 0 .5rem; }
.answer ul.items { margin: 0 0 .5rem; padding: 0 0 0 .4rem; list-style: none; }
.answer ul.items li { margin: 0 0 .3rem; padding-left: 1.3rem; text-indent: -1.3rem; }
.answer ul.items .chip { text-indent: 0; }
.answer .rows { overflow-x: auto; overflow-wrap: normal; margin: 0 0 .5rem; }
.answer .rows table { border-collapse: collapse; font-size: .95rem; line-height: 1.4; }
.answer .rows th, .answer .rows td { padding: .25rem .7rem .25rem 0; text-align: left; }
.answer .rows th { font-weight: 600; opacity: .75; vertical-align: bottom; }
.answer .rows td { border-top: 1px solid rgba(128, 128, 128, .3); vertical-align: top; }
.answer .rows mark { font-weight: 650; }
.answer .short { font-size: 1.7rem; line-height: 1.25; font-weight: 650; margin-bottom: .4rem; }
.partly { text-decoration: underline dotted #c98a1b .12em; text-underline-offset: .25em; }
.unfound { text-decoration: underline wavy #c2483b .07em; text-underline-offset: .25em; }
.doubt { font-size: .74rem; padding: .05rem .4rem; border-radius: .5rem; white-space: nowrap;
  background: color-mix(in srgb, #c98a1b 20%, transparent); }
.part-title { font-size: .8rem; letter-spacing: .03em; opacity: .68; margin: .1rem 0 .3rem; }
.quick { padding: .1rem 0 .1rem .9rem; margin-bottom: .9rem;
  border-left: .22rem solid color-mix(in srgb, $accent 55%, transparent); }
.note, .conflict { font-size: .9rem; padding: .45rem .8rem; margin: .3rem 0; border-radius: .5rem;
  background: color-mix(in srgb, #c98a1b 12%, transparent); }
.conflict q { quotes: none; display: block; margin-top: .15rem; }
.wait { opacity: .7; font-style: italic; line-height: 1.65; }
.held { white-space: nowrap; }
.chip { all: unset; cursor: pointer; display: inline-block; min-width: 1.15em; text-align: center;
  margin: 0 .12em 0 .25em; padding: 0 .3em; border-radius: .45em; font-size: .78em;
  font-weight: 650; line-height: 1.5; vertical-align: .12em;
  background: color-mix(in srgb, $accent 22%, transparent); }
.chip .mute { font-size: 0; }
.chip:hover, .chip:focus-visible { background: $accent; color: #fff; }
.openers { display: flex; flex-wrap: wrap; gap: .5rem; margin: .6rem 0; }
.opener { all: unset; cursor: pointer; padding: .1rem .6rem; border-radius: .5rem;
  font-size: .85rem; line-height: 1.6; overflow-wrap: anywhere;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
.opener:hover { border-color: $accent; }
[data-testid="stHtml"] details { border-radius: .5rem; padding: .45rem .8rem; margin: 0 0 .6rem;
  border: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
[data-testid="stHtml"] summary { cursor: pointer; font-size: .92rem; }
[data-testid="stHtml"] details[open] summary { margin-bottom: .5rem; }
.nearest { font-size: .88rem; opacity: .85; margin: .7rem 0 .5rem; }
.missing { font-size: 1.05rem; padding: .6rem .9rem; border-radius: .5rem;
  border-left: .25rem solid #c98a1b; background: color-mix(in srgb, #c98a1b 12%, transparent); }
ol.near, ol.sources { margin: 0; padding: 0; list-style: none; display: grid; gap: .7rem; }
.near li, .sources li { margin: 0; }
.near li { display: flex; gap: .5rem; align-items: baseline; font-size: .92rem; opacity: .88; }
.near li > div > span { display: block; overflow-wrap: anywhere; }
.place { font-weight: 600; overflow-wrap: anywhere; }
ol.sources { list-style: decimal; padding-left: 1.4rem; font-size: .92rem; }
.sources li span { display: block; margin-top: .1rem; }
.headings { opacity: .72; font-size: .88rem; font-weight: 400; }
.footer { font-size: .8rem; opacity: .62; line-height: 1.5; margin-top: .5rem; }

/* what can be done with an answer */
.acts { display: flex; gap: .9rem; flex-wrap: wrap; }
[data-testid="stElementContainer"]:has(> * > .bare) { position: absolute; }
.act { all: unset; cursor: pointer; font-size: .85rem; opacity: .75; padding: .2rem 0; }
.act:hover { opacity: 1; text-decoration: underline; text-underline-offset: .2em; }
:is(.act, .chip, .opener):focus-visible { outline: 2px solid $accent; outline-offset: 2px; }
[class*="st-key-actions-"] button[data-testid^="stBaseButton"] { min-height: 0;
  padding: .1rem .3rem; opacity: .75; }
[class*="st-key-actions-"] button p { font-size: .85rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

/* suggested questions */
[class*="-questions"] button { min-height: 0; padding: .25rem .7rem; text-align: left; }
[class*="-questions"] button :is(div, p) { font-size: .9rem; white-space: normal; }

.why { font-size: .9rem; line-height: 1.5; }
.why ol { margin: 0 0 .6rem; padding-left: 1.3rem; }

/* where questions are searched; a field that shrinks when it is left moves what is being clicked */
[data-testid="stMultiSelectTagsContainer"] input { min-width: 3rem !important; }
[data-testid="stDialog"] { background: rgba(15, 17, 16, .5); }
.st-key-scope button { min-height: 0; padding: .1rem .6rem; font-size: .85rem; }
.st-key-scope button p { font-size: .85rem; overflow-wrap: anywhere; }

/* the sources pane */
[data-testid="stColumn"]:has(.st-key-pane-shown, .st-key-pane-clicked) {
  position: sticky; top: .5rem; align-self: flex-start; }
.pane-title { font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; opacity: .62; }
.hint { margin-top: 1rem; padding: 1.2rem; border-radius: .6rem; opacity: .72;
  border: 1px dashed color-mix(in srgb, currentColor 30%, transparent); }
.st-key-steps button { min-height: 0; padding: .1rem .5rem; }
.st-key-page { max-height: calc(100vh - 21rem); overflow-y: auto;
  border: 1px solid color-mix(in srgb, currentColor 16%, transparent); border-radius: .5rem; }
.st-key-page img { border-radius: 0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; padding: .9rem 1rem; line-height: 1.6; }
mark { background: #ffe45c; color: #1c1b18; padding: .05em 0; }
.sources q b, mark b { font-weight: 700; }
.st-key-close-pane { display: none; }
.st-key-compared .st-key-close-pane { display: block; }

/* a page over the whole window: nothing else stands in front of it */
.st-key-page [data-testid="stElementToolbar"] { position: sticky; top: .5rem; height: 0;
  width: 0; padding: 0; order: 1; z-index: 5; }  /* it takes no room from the page */
.st-key-page [data-testid="stElementToolbarButtonContainer"] { position: absolute; right: .5rem; }
[data-testid="stColumn"]:has([aria-label^="Close fullscreen"]) { z-index: 1000; }
body:has([aria-label^="Close fullscreen"])
  :is([data-testid="stSidebar"], [data-testid="stBottom"], .st-key-header) { visibility: hidden; }

/* the documents */
ul.rows { list-style: none; margin: 0; padding: 0; font-size: .85rem; display: grid; gap: .3rem; }
ul.rows li { margin: 0; padding: 0; line-height: 1.3; }
ul.rows span { display: block; overflow-wrap: anywhere; }
ul.rows span:last-child { opacity: .66; font-size: .92em; }
ul.rows .failed span:last-child { opacity: 1; font-weight: 600; }

[class*="st-key-collection-"] > :first-child { flex: 1 1 14rem; }

/* what was read of a document */
.note ul { margin: .3rem 0 0; padding-left: 1.1rem; font-size: .92em; }
.read { display: grid; gap: .1rem; }
.read > div { display: grid; grid-template-columns: 6.5rem 1fr; gap: .8rem; padding: .3rem 0;
  border-top: 1px solid color-mix(in srgb, currentColor 9%, transparent); }
.read small { opacity: .78; font-size: .78rem; line-height: 1.6; }
.read > div > div { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; }
.read .kind-heading > div { font-weight: 650; }
.read .kind-code > div { font-family: monospace; font-size: .88em; }
.read ul { list-style: none; margin: .2rem 0 0; padding: 0; font-size: .84em; opacity: .9; }
.read li { margin: 0; padding: 0; }
.read li span { opacity: .9; }
.read li span::after { content: ":"; }

/* documents and questions */
.matrix { overflow-x: auto; }
.matrix table { border-collapse: collapse; width: 100%; font-size: .95rem; line-height: 1.45; }
.matrix th, .matrix td { text-align: left; vertical-align: top; padding: .55rem 1.1rem .55rem 0;
  min-width: 9rem; overflow-wrap: anywhere; }
.matrix thead th { font-weight: 600; opacity: .75; vertical-align: bottom; }
.matrix tbody th { font-weight: 600; }
.matrix tbody th span { display: block; }
.matrix tbody tr { border-top: 1px solid rgba(128, 128, 128, .3); }
.matrix .none { opacity: .66; }
.differences { font-size: .95rem; line-height: 1.5; margin-bottom: .8rem; }
.differences p { margin: .2rem 0; }
.differences ul { margin: 0 0 .4rem; padding-left: 1.2rem; opacity: .85; }
:is(.sources, .why, .differences) q { quotes: none; }

/* a page larger than its room is moved about in */
[class*="st-key-zoom-"] { overflow: auto; max-height: 85vh; }
.st-key-zoom-150 [data-testid="stElementContainer"] { width: 150%; max-width: none; }
.st-key-zoom-200 [data-testid="stElementContainer"] { width: 200%; max-width: none; }

/* tables of figures */
table.plain { border-collapse: collapse; font-size: .92rem; margin-bottom: 1rem; }
table.plain th { text-align: left; font-weight: 600; opacity: .75; }
table.plain th, table.plain td { padding: .25rem 1.4rem .25rem 0; }
table.plain td { border-top: 1px solid rgba(128, 128, 128, .3); }

/* small screens: the pane lies over the chat when it was asked for */
@media (max-width: 900px) {
  :is(.st-key-conversation, .st-key-compared)
    [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { flex-wrap: wrap; }
  :is(.st-key-conversation, .st-key-compared) [data-testid="stColumn"] {
    flex: 1 1 100%; min-width: 100%; }
  [data-testid="stColumn"]:has(.st-key-pane-clicked) { z-index: 50; }
  .st-key-pane-shown { display: none; }
  .st-key-pane-clicked { position: fixed; inset: auto 0 0 0; max-height: 86vh;
    overflow-y: auto; padding: 1rem 1rem 7rem; box-shadow: 0 -.4rem 2rem rgb(0 0 0 / .3);
    background: Canvas; border-radius: 1rem 1rem 0 0; }
  .st-key-close-pane { display: block; }
  .st-key-page { max-height: 50vh; }
}
@media (max-width: 640px) {
  .matrix thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .matrix tr, .matrix th, .matrix td { display: block; min-width: 0; padding: .15rem 0; }
  .matrix tr { padding: .6rem 0; }
  .matrix td::before { content: attr(data-question); display: block; font-size: .84rem;
    opacity: .72; margin-top: .25rem; }
  [data-testid="stMainBlockContainer"] { padding: 3.25rem 1rem 1rem; }
  [data-testid="stBottomBlockContainer"] { padding: .5rem 1rem 1rem; }
  .brand { gap: .1rem .9rem; }
  .brand span { font-size: .9rem; }
  .st-key-header > :first-child { flex-basis: 100%; }
  .st-key-welcome { margin-top: 2vh; }
  .question { scroll-margin-top: 4rem; }  /* the button of the side panel lies over the page */
}
""")


def style(words: Words) -> str:
    """Returns the style sheet as HTML; it puts Streamlit's own English words into the language."""
    filled = _STYLE.substitute(
        accent=ACCENT,
        chosen=OPTIONS["theme.dark.primaryColor"],
        no_match=words.no_match,
        upload_button=words.upload_button,
        upload_hint=words.upload_hint,
        year_hint=words.year_hint,
    )
    return f"<style>{filled}</style>"
