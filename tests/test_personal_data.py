"""Personal data is found by its check digits and forms, and look-alikes are left alone."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from stdnum import iban, luhn
from stdnum.es import dni, nie

from rag.personal_data import Finding, find

CHECKED = ("dni", "nie", "iban", "card")
FRAMES = (
    "El titular, con documento {}, firma el contrato.",
    "Nº {}",
    "Transfer it to {} before Friday.",
    "Datos: {}; fecha: 12/05/2024.",
    "({})",
    "The customer ({}), resident in Jaén, agrees.",
    "IBAN/DNI/Card: {}.",
    "{}\nSiguiente línea",
)


def a_dni(chance: random.Random) -> str:
    digits = f"{chance.randrange(10**8):08d}"
    letter = dni.calc_check_digit(digits)
    dotted = f"{digits[:2]}.{digits[2:5]}.{digits[5:]}"
    return chance.choice([f"{digits}{letter}", f"{digits}-{letter}", f"{dotted}-{letter.lower()}"])


def a_nie(chance: random.Random) -> str:
    number = f"{chance.choice('XYZ')}{chance.randrange(10**7):07d}"
    letter = nie.calc_check_digit(number)
    return chance.choice([f"{number}{letter}", f"{number[0]}-{number[1:]}-{letter}"])


def an_iban(chance: random.Random) -> str:
    bank = "".join(str(chance.randrange(10)) for _ in range(8))
    account = "".join(str(chance.randrange(10)) for _ in range(10))
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

    def control(digits: str) -> str:
        rest = 11 - sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        return str({10: 1, 11: 0}.get(rest, rest))

    national = bank + control("00" + bank) + control(account) + account
    whole = "ES" + iban.calc_check_digits("ES00" + national) + national
    spaced = " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
    return chance.choice([whole, spaced, spaced.replace(" ", "-")])


def a_card(chance: random.Random) -> str:
    start, length = chance.choice([("4", 16), ("53", 16), ("2345", 16), ("37", 15), ("6011", 16)])
    body = start + "".join(str(chance.randrange(10)) for _ in range(length - 1 - len(start)))
    whole = body + luhn.calc_check_digit(body)
    groups = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    ends = [sum(groups[: at + 1]) for at in range(len(groups))]
    spaced = " ".join(whole[end - size : end] for end, size in zip(ends, groups, strict=True))
    return chance.choice([whole, spaced, spaced.replace(" ", "-")])


def wrong(number: str) -> str:
    """The number with its last digit or letter changed: the check no longer fits."""
    at = max(index for index, sign in enumerate(number) if sign.isdigit())
    return number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "dni": a_dni,
    "nie": a_nie,
    "iban": an_iban,
    "card": a_card,
}

LOOK_ALIKES = (
    "Pedido 12345678 a nombre de la empresa.",
    "Factura 2024-0012345678, albarán 4111 1111 1111 1112.",
    "ISBN 978-84-376-0494-7, EAN 8412345678905.",
    "La referencia PPR-9087 sustituye a M-20 e ISO 27001:2013.",
    "Superficie: 12.345.678 m² y 4.000.000.000.000.000 átomos.",
    "Versión 10.0.19045.3803, 192.168.100.200, 2024-11-29T10:00:00.",
    "CIF B12345674, matrícula 1234 BCD, código postal 23001.",
    "Escriba a la dirección @fuente o en https://fuente.example/a@b.",
    "Phone extension 1234, room 555, order no. 600-12.",
    "IMEI 490154203237518, cuenta contable 6290000012.",
)


def test_numbers_with_a_check_digit_are_told_from_look_alikes() -> None:
    chance = random.Random(23)
    right = {kind: [0, 0, 0] for kind in CHECKED}  # found, wrongly found, missed
    for number in range(1600):
        kind = CHECKED[number % len(CHECKED)]
        value = MAKERS[kind](chance)
        broken = number % 8 >= 4
        text = chance.choice(FRAMES).format(wrong(value) if broken else value)
        at = text.index(wrong(value) if broken else value)
        expected = None if broken else (kind, at, at + len(value))
        found = [(one.kind, one.start, one.end) for one in find(text) if one.kind in CHECKED]
        right[kind][0] += expected in found
        right[kind][1] += len([one for one in found if one != expected])
        right[kind][2] += expected is not None and expected not in found
    for text in LOOK_ALIKES:
        for one in find(text):
            if one.kind in CHECKED:
                right[one.kind][1] += 1
    for kind, (found_count, wrongly, missed) in right.items():
        assert found_count / (found_count + wrongly) >= 0.95, (kind, right)
        assert found_count / (found_count + missed) >= 0.9, (kind, right)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_nothing(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Llame al 953 10 20 30 por la mañana.", "phone", "953 10 20 30"),
        ("Call +44 20 7946 0958 today.", "phone", "+44 20 7946 0958"),
        ("Móvil: 612345678", "phone", "612345678"),
        ("Escriba a ana.lópez+web@correo.example.", "email", "ana.lópez+web@correo.example"),
        ("IBAN ES91 2100 0418 4502 0005 1332 EN EUROS", "iban", "ES91 2100 0418 4502 0005 1332"),
        ("IBAN GB82 WEST 1234 5698 7654 32.", "iban", "GB82 WEST 1234 5698 7654 32"),
        ("DNI 1.234.567-L", "dni", "1.234.567-L"),
        ("1,48882101V,320", "dni", "48882101V"),
        ("7,4111111111111111,320", "card", "4111111111111111"),
    ],
)
def test_each_kind_is_found_whole(text: str, kind: str, value: str) -> None:
    at = text.index(value)
    assert find(text) == [Finding(kind, at, at + len(value))]


NAMES = {
    "Comparece doña Rocío Ureña Cano, vecina de Úbeda.": "Rocío Ureña Cano",
    "Trabajador: Luis Peña Soto": "Luis Peña Soto",
    "El informe es de Manuel de la Torre Linares.": "Manuel de la Torre Linares",
    "Alumna: GARCÍA LÓPEZ, María Dolores": "GARCÍA LÓPEZ, María Dolores",
    "Querida Toñi: llego mañana.": "Toñi",
    "Dear Ms Patel, thank you.": "Patel",
    "The lease was signed by Margaret O'Connell in May.": "Margaret O'Connell",
    "Patient Ahmed Al-Farsi was referred.": "Ahmed Al-Farsi",
    "Attendees: Robert Smith Jr.": "Robert Smith Jr",
}


@pytest.mark.parametrize("text", NAMES)
def test_names_of_people(text: str) -> None:
    (found,) = find(text, ("name",))
    assert text[found.start : found.end] == NAMES[text]


def test_two_names_are_two() -> None:
    text = "Firman Ana Ruiz y Luis Gómez, y también Xavier Puig i Ferrer."
    found = [text[one.start : one.end] for one in find(text, ("name",))]
    assert found == ["Ana Ruiz", "Luis Gómez", "Xavier Puig i Ferrer"]


@pytest.mark.parametrize(
    "text",
    [
        "La bomba Santa Rosa se revisa cada mes.",
        "El colegio María Zambrano está en el centro.",
        "La rosa, la violeta y la margarita necesitan sol.",
        "Instale Windows 11, abra Excel y pulse Guardar.",
        "The Bank of England raised its rate in New York.",
        "Python and Java are languages; Grace periods do not apply.",
        "Ship it to the Rome Department of Jordan Press.",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert find(text, ("name",)) == []


ADDRESSES = {
    "Vive en la calle Fuente de Risas, 12, 2.º B, 23400 Úbeda, desde mayo.": (
        "la calle Fuente de Risas, 12, 2.º B, 23400 Úbeda"
    ),
    "Avda. de la Constitución, n.º 45, 3.º izq.": "Avda. de la Constitución, n.º 45, 3.º izq",
    "en el Camino de las Huertas s/n, 23700 Linares": "Camino de las Huertas s/n, 23700 Linares",
    "of 14 Harbour Street, Galway, and others": "14 Harbour Street, Galway",
    "at Flat 3, 18 Cromwell Road, London SW7 2DT.": "Flat 3, 18 Cromwell Road, London SW7 2DT",
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_postal_addresses(text: str) -> None:
    (found,) = find(text, ("address",))
    assert text[found.start : found.end] == ADDRESSES[text]


def test_a_street_without_a_number_is_no_address() -> None:
    assert find("La calle Mayor estaba sin empedrar en 1605.", ("address",)) == []
    assert find("The road to Main Street is closed.", ("address",)) == []


def test_a_street_that_bears_a_name_is_no_person() -> None:
    kinds = [one.kind for one in find("Envíelo a la calle María Pita, 3, de Vigo.")]
    assert kinds == ["address"]
