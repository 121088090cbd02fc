"""What a model must not lose while it learns one corpus: the order among everyday sentences.

Sixty sentences in Spanish and English on what any library may hold. A model that has been adapted
has to see the likenesses among them as the embedder does, and to match the two languages as well.
Knows nothing about how a model is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.models.batching import unit

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

# Least correlation of all cosines before and after. Maps of .96 lose .001 to .006 of Spearman's
# correlation on the STS benchmark in either language, of .94 up to .009, of .90 up to .016.
LIKENESS = 0.95
ACROSS = 0.01  # how much of the mean reciprocal rank across the languages may be lost

_PAIRS = """
El médico le recetó un antibiótico durante siete días. | The doctor prescribed an antibiotic for seven days.
La enfermera le tomó la tensión antes de la consulta. | The nurse took her blood pressure before the appointment.
¿Cada cuánto hay que ponerse la vacuna de la gripe? | How often should one get the flu vaccine?
El inquilino debe avisar con un mes de antelación. | The tenant must give one month's notice.
La fianza se devuelve si el piso queda en buen estado. | The deposit is returned if the flat is left in good condition.
¿Quién paga la reparación de la caldera? | Who pays for the repair of the boiler?
La factura se emitió con un error en el importe. | The invoice was issued with an error in the amount.
El banco subió los tipos de interés en septiembre. | The bank raised interest rates in September.
Los impuestos se declaran antes del verano. | Taxes are filed before the summer.
El tribunal rechazó el recurso por falta de pruebas. | The court dismissed the appeal for lack of evidence.
La ley protege los datos personales de los menores. | The law protects the personal data of minors.
¿Qué ocurre si una de las partes incumple el contrato? | What happens if one of the parties breaches the contract?
Se sofríe la cebolla a fuego lento con aceite. | The onion is fried over low heat with oil.
El pan se hornea cuarenta minutos a temperatura alta. | The bread is baked for forty minutes at a high temperature.
Añade sal y deja reposar la masa. | Add salt and let the dough rest.
El equipo local empató en el último minuto. | The home team equalised in the last minute.
La atleta batió el récord del mundo de salto. | The athlete broke the world record in the jump.
El entrenador dimitió después de tres derrotas. | The coach resigned after three defeats.
Mañana lloverá en el norte y soplará viento fuerte. | Tomorrow it will rain in the north with strong wind.
La sequía vació los embalses del sur. | The drought emptied the reservoirs of the south.
El río se desbordó tras la tormenta. | The river overflowed after the storm.
El tren sale a las ocho de la estación central. | The train leaves the central station at eight.
El vuelo se canceló por la niebla. | The flight was cancelled because of the fog.
¿Dónde puedo aparcar cerca del museo? | Where can I park near the museum?
La actualización corrige un fallo de seguridad. | The update fixes a security flaw.
Reinicia el ordenador y vuelve a instalar el programa. | Restart the computer and install the program again.
La contraseña debe tener al menos doce caracteres. | The password must have at least twelve characters.
El servidor guarda una copia cada noche. | The server keeps a copy every night.
La orquesta interpretó una sinfonía de Beethoven. | The orchestra played a symphony by Beethoven.
El cuadro se pintó a finales del siglo diecinueve. | The picture was painted at the end of the nineteenth century.
La novela cuenta la vida de un pescador. | The novel tells the life of a fisherman.
El rey firmó la paz con el país vecino. | The king made peace with the neighbouring country.
La batalla duró tres días y acabó con un asedio. | The battle lasted three days and ended in a siege.
La ciudad fue fundada por los romanos. | The city was founded by the Romans.
Las abejas polinizan los árboles frutales. | Bees pollinate the fruit trees.
El lobo vive en manadas en los bosques del norte. | The wolf lives in packs in the northern forests.
La hoja convierte la luz en azúcar. | The leaf turns light into sugar.
El agua hierve a menor temperatura en la montaña. | Water boils at a lower temperature in the mountains.
La Luna tarda casi un mes en dar la vuelta a la Tierra. | The Moon takes almost a month to go around the Earth.
El átomo está formado por un núcleo y electrones. | The atom consists of a nucleus and electrons.
La profesora corrigió los exámenes el fin de semana. | The teacher marked the exams at the weekend.
El curso empieza en octubre y tiene diez clases. | The course starts in October and has ten lessons.
Los alumnos aprenden a leer a los seis años. | Pupils learn to read at the age of six.
La garantía no cubre los golpes ni la humedad. | The warranty does not cover knocks or moisture.
El pedido llegará en un plazo de cinco días. | The order will arrive within five days.
¿Cómo puedo devolver un artículo defectuoso? | How can I return a faulty item?
El ascensor está averiado desde el lunes. | The lift has been out of order since Monday.
Hay que limpiar el filtro del aire cada seis meses. | The air filter has to be cleaned every six months.
La bombilla consume la mitad de electricidad. | The bulb uses half the electricity.
La empresa contrató a veinte ingenieros este año. | The company hired twenty engineers this year.
Los trabajadores pidieron un aumento de sueldo. | The workers asked for a pay rise.
La reunión se aplazó hasta el jueves. | The meeting was postponed until Thursday.
El director presentó los resultados del trimestre. | The director presented the results of the quarter.
Las ventas cayeron un diez por ciento en invierno. | Sales fell by ten per cent in winter.
El tomate se siembra en primavera y necesita sol. | Tomatoes are sown in spring and need sun.
El agricultor riega el olivar por la noche. | The farmer waters the olive grove at night.
El perro tiene que salir tres veces al día. | The dog has to go out three times a day.
Mi abuela cumplió noventa años en marzo. | My grandmother turned ninety in March.
Los niños jugaban en el patio de la casa. | The children were playing in the yard of the house.
Se casaron en una iglesia pequeña junto al mar. | They got married in a small church by the sea.
"""  # noqa: E501 - one pair a line
PAIRS = tuple(tuple(line.split(" | ")) for line in _PAIRS.strip().splitlines())


def compare(encode: Encode, matrix: Floats) -> dict[str, float]:
    """`likeness`: correlation of all cosines before and after the map (d, d); `across_before` and
    `across_after`: mean reciprocal rank of a sentence's translation, both ways.
    """
    plain = encode([text for side in (0, 1) for text in (pair[side] for pair in PAIRS)])
    mapped = unit(plain @ matrix.T)
    pairs = np.triu_indices(len(plain), 1)
    likeness = np.corrcoef((plain @ plain.T)[pairs], (mapped @ mapped.T)[pairs])[0, 1]
    return {
        "likeness": round(float(likeness), 4),
        "across_before": round(_across(plain), 4),
        "across_after": round(_across(mapped), 4),
    }


def lost(figures: Mapping[str, float]) -> str | None:
    """What the figures of `compare` say was lost, in words; None for nothing."""
    if not figures["likeness"] >= LIKENESS:
        return f"everyday sentences are compared otherwise than before: {figures['likeness']:.3f}"
    if not figures["across_after"] >= figures["across_before"] - ACROSS:
        return (
            "Spanish and English match worse than before: "
            f"{figures['across_before']:.3f} → {figures['across_after']:.3f}"
        )
    return None


def _across(rows: Floats) -> float:
    half = len(rows) // 2
    scores = rows[:half] @ rows[half:].T
    own = scores.diagonal()
    ranks = [(side > own[:, None]).sum(axis=1) for side in (scores, scores.T)]
    return float(np.mean([1 / (1 + each) for each in ranks]))
