"""One generator a file, all behind `protocols.Generator`.

extractive           verbatim sentences; needs no weights
llama_cpp            a GGUF file, on a processor or a GPU, in a process of its own: extra `llm`
transformers_model   any causal language model from a folder, on a GPU: extra `hf`
openai_server        somebody else's server: Ollama, llama-server, vLLM

`serving` puts a queue, a deadline and a way to stop before the others; `chat_template` turns
messages into tokens and back (the template runs in a child process with limits, `template_sandbox`
and `template_child`), `sampling` says how the next one is chosen. `shop` brings models in, for the
web app by a process of its own (`pull_apart`, `pull_child`), which may use the network.
"""
