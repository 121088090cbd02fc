"""The faces for other programs: an HTTP API, the OpenAI protocol, and tools for agents (MCP).

serve          `rag serve`: where it may listen, and the server's process
api            the routes, their OpenAPI page
openai_chat    the same library for any client of the OpenAI protocol
guard          who may ask, how much and how many at once
tokens         the tokens of a library, kept as hashes
problems       every stated failure as problem details (RFC 9457)
agents         `rag mcp`: tools and resources for agents

Needs the extra `server`.
"""
