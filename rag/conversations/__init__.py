"""Conversations, kept in the library's folder in a SQLite file of their own.

They are written while files are read and while documents are removed, so they share neither the
library's transactions nor its write lock. `Conversations` holds conversations and their turns with
what people think of them, `usage` the figures of monitoring without a word of a question;
`answer_json` turns an answer into text and back.
"""

from rag.conversations.conversations import Conversations as Conversations
