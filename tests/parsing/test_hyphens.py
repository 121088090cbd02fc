"""Words and codes broken at the end of a line."""

from __future__ import annotations

import pytest

from rag.parsing.hyphens import before_break, runs_on

WORDS = {
    "nitro-": ("genado", "nitrogenado"),
    "precipita-": ("ción", "precipitación"),
    "infor-": ("mation", "information"),
    "anglo-": ("sajón", "anglosajón"),
    "teórico-": ("práctico", "teórico-práctico"),
    "físico-": ("químico", "físico-químico"),
    "franco-": ("alemana", "franco-alemana"),
    "ex-": ("ministra", "ex-ministra"),
    "e-": ("mail", "e-mail"),
    "coste-": ("beneficio", "coste-beneficio"),
    "well-": ("known", "well-known"),
    "state-of-the-": ("art", "state-of-the-art"),
    "decision-": ("making", "decision-making"),
    "24-": ("hour", "24-hour"),
    "socio-econó-": ("mico", "socio-económico"),
}
CODES = {
    "29-CA-": ("261755 se", "29-CA-261755 se"),
    "ISO 9001-": ("2015", "ISO 9001-2015"),
    "AB-": ("12-XZ", "AB-12-XZ"),
    "SN-2024-": ("ABC-77", "SN-2024-ABC-77"),
    "3-7:2004+A1:": ("2008 y", "3-7:2004+A1:2008 y"),
    "CT/2024/": ("0017", "CT/2024/0017"),
    "1.234/": ("2004", "1.234/2004"),
    "949-": ("222-333", "949-222-333"),
    "https://x.org/tramites/": ("alta.html", "https://x.org/tramites/alta.html"),
    "www.ayto-": ("ejemplo.org", "www.ayto-ejemplo.org"),
    "ana.perez@": ("x.org", "ana.perez@x.org"),
    "ana.perez": ("@x.org", "ana.perez@x.org"),
    "https://x.org/a?b=": ("2", "https://x.org/a?b=2"),
}
APART = {
    "a las 12:": "30 personas",
    "los siguientes:": "2 kilos",
    "la norma": "2008",
    "véase www.x.org.": "Después",
    "entre 5 -": "6 euros",
}


@pytest.mark.parametrize("start", WORDS)
def test_the_hyphen_of_a_break_goes_and_that_of_the_word_stays(start: str) -> None:
    after, whole = WORDS[start]
    assert before_break(start, after, False, set()) + after == whole


@pytest.mark.parametrize("start", CODES)
def test_codes_and_addresses_are_whole(start: str) -> None:
    after, whole = CODES[start]
    assert before_break(start, after, False, set()) + after == whole
    assert runs_on(start, after)


@pytest.mark.parametrize("start", APART)
def test_what_is_no_code_keeps_its_space(start: str) -> None:
    assert before_break(start, APART[start], False, set()) == f"{start} "
    assert not runs_on(start, APART[start])


def test_the_words_of_the_document_come_first() -> None:
    assert before_break("wi-", "fi", False, {"wi-fi"}) == "wi-"
    assert before_break("coste-", "beneficio", False, {"costebeneficio"}) == "coste"
