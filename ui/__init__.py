"""The web app, drawn by Streamlit over `rag.library`.

launch.py          starts the server in an empty folder, and opens the browser
start.py           what is started: Streamlit without configuration files
options.py         Streamlit's options: set, or left on purpose
streamlit_app.py   what Streamlit runs: sets things up, then draws
chat.py            questions, streamed answers, chips
sources.py         the pane with the cited page, or the text, and the sentence marked
files.py           upload, ingest rows, list and removal of documents
state.py           what a session remembers; the library, shared by all sessions
safe_text.py       document text on the screen without anything in it coming alive
bridge.py          the only JavaScript: clicks on chips, scrolling to the sentence
theme.py           colours, style sheet
texts.py           chooses the language; words.py names what there are words for,
                   spanish.py and english.py hold every visible one
"""

from rag.system.telemetry import switch_off

switch_off()
