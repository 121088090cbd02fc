"""The faces for other programs: an HTTP API, the OpenAI protocol, and tools for agents (MCP).

serve          `rag serve`: where it may listen, and the server's process
api            the application, its OpenAPI page
asking         questions and searches
documents      documents, their pages as images, removal
calls          the library's methods by name, for `rag.remote`
signin         sessions of people who sign in at a provider of identities
openai_chat    the same library for any client of the OpenAI protocol
chats          conversations and feedback
uploading      uploads as jobs
callers        who a request comes from, and what they may read
guard          who may ask, how much and how many at once
watching       health, and counts and seconds for a monitoring system
upkeep         what the server does by itself: it forgets what is old, and tells what is wrong
retention      what is old by the settings, and goes
tracing        spans of requests, where an address is set
tokens         the tokens of a library, kept as hashes
access         which folders are open to which users and groups
audit          the log of who did what, in which no change is unseen
kept           the JSON files in which tokens and rules are kept
problems       every stated failure as problem details (RFC 9457)
agents         tools and resources for agents, over stdio (`rag mcp`) and at /mcp

Needs the extra `server`.
"""
