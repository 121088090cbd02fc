"""How computations over tables are asked for, in any capitals, and worded; data by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputingData:
    """The words of one language for computations."""

    operations: tuple[tuple[str, str], ...]
    """(operation, how it is asked for): the first that matches is the one."""
    filters: tuple[tuple[str, str], ...]
    """(comparison, pattern with one group: the figure), for conditions on rows."""
    except_for: str
    """What stands before the part of a whole that does not count."""
    between: str
    """Two groups: the ends of a range."""
    totals: str
    """Names of rows that sum up the others."""
    parts_of: str
    """What stands before the whole of which a share is asked for, and one group: the whole."""
    part_of: str
    """How a sentence says that one figure is a part of another: «de los que»."""
    compares: str
    """What a sentence says between two figures that it compares."""
    joins: str
    """How a sum of several things is asked for, which no single figure is."""
    rest: str
    """Asks for what is left of a whole."""
    per_year: str
    per_month: str
    by_year: str
    """How a column says that it is by year."""
    by_month: str
    differences: str
    """Names, folded, of columns that hold the difference of two others."""
    tells_apart: str
    """Function words that tell columns apart: «antes» and «ahora»."""
    idle: str
    """Words of a question that name nothing."""
    scales: Mapping[str, int]
    scale_names: Mapping[int, str]
    result: Mapping[str, str]
    """Operation -> how its result is put into words."""
    two_fit: str
    rows_counted: str
    rows_counted_documents: str
    several: str
    """Asks for the same of several documents."""
    counted: str
    """One group: of how many documents something is asked for."""
    newest: str
    """Asks for the last document of its kind."""
    asks: str
    """Asks for an amount."""
    growth: str


_SPANISH = ComputingData(
    operations=(
        (
            "growth",
            r"(?:porcentaje|por ciento|%|tasa|porcentual\w*)\b.*\b(?:creci|aument|subi|baj|vari|"
            r"redu|disminu|cambi|cay|ca[ií]d)|(?:creci|aument|subi|baj|vari|redu|disminu|cambi|"
            r"cay|ca[ií])\w*\b.*(?:porcentaje|por ciento|%|porcentual)|"
            r"cu[aá]nt[oa]s? .*\b(?:creci|aument|subi|baj[oóa]|vari[oóa]|reduj|disminu|cambi|"
            r"cay)\w*|"
            r"(?:variaci[oó]n|crecimiento|aumento|descenso|ca[ií]da|cambio) (?:de|del|en)\b",
        ),
        (
            "share",
            r"(?:qu[eé]|cu[aá]l es el|en qu[eé]) (?:porcentaje|parte|proporci[oó]n|fracci[oó]n|"
            r"tanto por ciento)|qu[eé] (?:%|tanto)|cu[aá]nto (?:representa|supone)\w*",
        ),
        (
            "difference",
            r"\bdiferencia\b|\bcu[aá]nt[oa]s? (?:[\w%€]+ ){0,5}?(?:m[aá]s|menos)\b(?! de\b).*|"
            r"\bde (?:m[aá]s|menos)\b|\b(?:super[oó]|excedi[oó]|ahorr|desvi)\w*|"
            r"cu[aá]nt[oa]s? .*\b(?:m[aá]s|menos|mayor|menor)\b.*\bque\b",
        ),
        ("average", r"\b(?:media|promedio|por t[eé]rmino medio|de media)\b"),
        (
            "largest",
            r"\b(?:mayor(?:es)?|m[aá]xim[oa]s?|r[eé]cord|pico)\b|"
            r"\b(?:el|la|los|las|qu[eé]|cu[aá]l|qui[eé]n|d[oó]nde|cu[aá]ndo) (?:[\w.]+ ){0,6}?"
            r"m[aá]s\b(?! (?:de|que)\b)(?! barat| peque| cort[oa]| baj[oa]| bajos| recient)",
        ),
        (
            "smallest",
            r"\b(?:menor(?:es)?|m[ií]nim[oa]s?)\b|m[aá]s (?:barat|peque|cort|baj)\w+|"
            r"\b(?:el|la|los|las|qu[eé]|cu[aá]l|qui[eé]n|d[oó]nde|cu[aá]ndo) (?:[\w.]+ ){0,6}?"
            r"menos\b(?! (?:de|que)\b)",
        ),
        (
            "sum",
            r"\b(?:en total|total(?:es)?|suma\w*|en conjunto|junt[oa]s|entre tod[oa]s|"
            r"(?:en|durante|a lo largo de) tod[oa]s? (?:el|la|los|las) \w+)\b",
        ),
        ("count", r"\bcu[aá]nt[oa]s\b|\bn[uú]mero de\b"),
        ("list", r"\b(?:qu[eé]|cu[aá]les)\b"),
    ),
    filters=(
        (
            ">=",
            r"(?:al menos|como m[ií]nimo|por lo menos|igual o (?:mayor|superior) (?:a|que)|"
            r"m[ií]nimo de) ([\d.,]+)",
        ),
        ("<=", r"(?:como (?:mucho|m[aá]ximo)|hasta|m[aá]ximo de|no m[aá]s de) ([\d.,]+)"),
        (
            ">",
            r"(?:m[aá]s de|superior(?:es)? a|mayor(?:es)? (?:que|de|a)|por encima de|super[ae]n?|"
            r"superan(?: l[oa]s)?|exced[ea]n?(?: de)?|sobrepas[ae]n?)(?: l[oa]s)? ([\d.,]+)",
        ),
        (
            "<",
            r"(?:menos de|inferior(?:es)? a|menor(?:es)? (?:que|de|a)|por debajo de|"
            r"no (?:llegan?|alcanzan?) a)(?: l[oa]s)? ([\d.,]+)",
        ),
    ),
    except_for=r"\b(?:no (?:son|es|sean?|fueron|sea|cuenta[n]?)|sin contar|excepto|salvo|quitando|"
    r"descontando|aparte de|sin incluir|que no)\b",
    between=r"\b(?:entre|desde|de(?= \w+ a \w)) (.+?) (?:y|a|hasta) (.+)",
    totals=r"(?:sub)?total(?:es)?\b.*|suma\b.*|conjunto|global|todos?|todas?|total general",
    parts_of=r"(?:porcentaje|parte|proporci[oó]n|fracci[oó]n|tanto por ciento|%|representa\w*|"
    r"supone\w*)\b.*?\b(?:del|de la|de las|de los|de|sobre el|sobre la) (.+)",
    part_of=r"\b(?:de l[oa]s (?:que|cuales)|del que|de l[oa] que|de ell[oa]s|de (?:un )?total de|"
    r"sobre un total)\b|^\d+(?: \w+)? de l[oa]s $",
    compares=r"\b(?:frente a|que|respecto|comparad[oa]s?|en (?:vez|lugar) de|contra)\b|"
    r"^\W*(?:a|hasta)\W+(?:l[oa]s )?$",
    joins=r"(?i)\b(?:suma\w*|en conjunto|junt[oa]s)\b",
    rest=r"\b(?:sobr\w+|qued\w+|rest\w+|falt\w+|sin (?:gastar|usar|vender|cubrir|ocupar)|"
    r"no se (?:ha |han )?(?:gast|us|vend|consum|emple|cubri|utiliz)\w*)\b",
    per_year=r"\b(?:al a[nñ]o|por a[nñ]o|anual(?:es|mente)?|(?:un|cada) a[nñ]o)\b",
    per_month=r"\b(?:al mes|por mes|mensual(?:es|mente)?|(?:un|cada) mes|mes)\b",
    by_year=r"al año|anual|por año",
    by_month=r"al mes|mensual|por mes",
    differences="diferencia|variacion|desviacion|exceso|ahorro",
    tells_apart="antes despues no otro otra",
    idle="""cuanto cuanta cuantos cuantas cual cuales que quien cuando donde es son fue fueron era
    hay hubo ha han he tiene tienen tuvo tuvieron total media promedio suma diferencia
    porcentaje parte proporcion mayor menor maximo minimo mas menos mucho mucha numero
    cantidad valor cifra dato tabla documento documentos segun entre todo todos toda todas
    conjunto respecto frente comparado comparacion dime dame calcula calcular calculame
    informe reciente ultimo ultima quiero saber suman sumar resultado hace hizo hicieron
    representa supone supuso aumento
    crecio subio bajo vario vario cambio ciento supera superan superaron mismo misma cada
    uno una dos tres cuatro cinco seis siete ocho nueve diez alto alta altos altas bajo baja
    elevado elevada grande pequeno pequena caro cara barato barata largo corto""",
    scales={
        "miles": 1000,
        "mil": 1000,
        "millon": 10**6,
        "millones": 10**6,
    },
    scale_names={1000: "miles", 10**6: "millones", 10**9: "miles de millones"},
    result={
        "sum": "Suma de {what}",
        "difference": "{first} menos {second}{what}",
        "share": "{first} entre {second}{what}",
        "average": "Media de {what}",
        "largest": "El valor más alto de {what}",
        "smallest": "El valor más bajo de {what}",
        "count": "{count} de {all} filas cumplen {what}",
        "list": "{count} de {all} filas cumplen {what}",
        "year": "{what}, por 12 meses",
        "month": "{what}, entre 12 meses",
        "days": "Días de {first} a {second}",
        "growth": "Variación de {first} a {second}{what}",
    },
    two_fit="Encajan dos tablas. ¿Cuál quieres?",
    rows_counted="{count} filas",
    rows_counted_documents="{count} documentos",
    several=r"\b(?:los|las|estos|estas|[uú]ltim[oa]s) (?:dos|tres|cuatro|cinco|seis|siete|ocho|"
    r"nueve|diez|doce|\d{1,2}) \w+|\b(?:en|por|de) cada \w+|\btod[oa]s (?:los|las) \w+|"
    r"\ba lo largo de|\bcon el tiempo|\bevoluci\w+|\btendencia|\bentre (?:los|las) \w+",
    counted=r"\b(?:los|las|estos|estas) (dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|"
    r"\d{1,2}) [^\W\d]+",
    newest=r"\bm[aá]s (?:reciente|nuev[oa])\b|\b[uú]ltim[oa]\b",
    asks=r"\bcu[aá]nt[oa]s?\b|\bqu[eé] (?:cantidad|importe|suma)\b",
    growth="{difference} ({share})",
)

_ENGLISH = ComputingData(
    operations=(
        (
            "growth",
            r"(?:percent\w*|per cent|%|rate)\b.*\b(?:gr[eo]w|increas|ris|rose|decreas|declin|chang|"
            r"fall|fell|drop|growth)|\b(?:gr[eo]w\w*|increas\w*|rise|rose|decreas\w*|declin\w*|"
            r"chang\w*|fall|fell|drop\w*)\b.*(?:percent|per cent|%)|growth rate|"
            r"how (?:much|many) .*\b(?:gr[eo]w\w*|increased?|ris\w*|rose|decreased?|declined?|"
            r"changed?|fall\w*|fell|drop\w*)\b|how (?:has|have|did) .*\bchanged?\b|"
            r"what (?:was|is) the (?:change|increase|decrease|growth|rise|drop|decline) (?:in|of)",
        ),
        (
            "share",
            r"(?:what|which|the) (?:percent\w*|per cent|share|proportion|fraction|part|%)|"
            r"how much of\b|as a (?:percent\w*|share|proportion) of",
        ),
        (
            "difference",
            r"\bdifference\b|how (?:much|many) (?:[\w%€$]+ ){0,4}?(?:more|less|fewer|higher|lower|"
            r"longer|larger|greater)\b(?! than \d)|how (?:much|many) .*\b(?:more|less|fewer|higher|"
            r"lower|larger|greater)\b.*\bthan\b(?! \d)|by how much|"
            r"\b(?:exceed|overrun|saved|over budget|under budget)\w*",
        ),
        ("average", r"\b(?:average|mean|on average)\b"),
        (
            "largest",
            r"\b(?:highest|largest|greatest|biggest|maximum|longest|most|top|peak|dearest)\b"
            r"(?! (?:\d|of the|recent))|\bmost expensive\b",
        ),
        (
            "smallest",
            r"\b(?:lowest|smallest|least|fewest|minimum|shortest|cheapest)\b(?! \d)",
        ),
        (
            "sum",
            r"\b(?:total|in total|sum|altogether|combined|in all|together|overall|add(?:ed)? up|"
            r"(?:in|over|during|for|across) (?:all the|the (?:whole|entire)) \w+)\b",
        ),
        ("count", r"\bhow many\b|\bnumber of\b"),
        ("list", r"\b(?:which|what)\b"),
    ),
    filters=(
        (">=", r"(?:at least|no less than|no fewer than|a minimum of) [$€£]?([\d.,]+)"),
        ("<=", r"(?:at most|up to|no more than|a maximum of) [$€£]?([\d.,]+)"),
        (
            ">",
            r"(?:(?:more|greater|higher|larger|longer) than|over|above|exceed(?:s|ed|ing)?) "
            r"[$€£]?([\d.,]+)",
        ),
        ("<", r"(?:(?:less|fewer|lower|smaller|shorter) than|under|below) [$€£]?([\d.,]+)"),
    ),
    except_for=r"\b(?:(?:are|is|was|were|do|does)(?: not|n['’]t)|not counting|excluding|except|"
    r"without|other than|apart from)\b",
    between=r"\b(?:between|from) (.+?) (?:and|to|through|until) (.+)",
    totals=r"(?:grand |sub)?totals?\b.*|sum\b.*|overall|all|combined",
    parts_of=r"(?:percent\w*|per cent|share|proportion|fraction|part|%|how much) of (.+)",
    part_of=r"\b(?:of (?:which|whom|these|those|them)|out of|from a total of)\b|"
    r"^\d+(?: \w+)? of the $",
    compares=r"\b(?:than|from|compared|against|versus|instead of)\b|^\W*(?:to|until)\W+(?:the )?$",
    joins=r"(?i)\b(?:sum|combined|together|altogether|add\w*)\b",
    rest=r"\b(?:left|remain\w*|unspent|unused|unsold|rest|(?:was|were|has|have|had)(?: not|n['’]t) "
    r"(?:been )?(?:spent|used|sold|covered|consumed)|not (?:spent|used|sold))\b",
    per_year=r"\b(?:a year|per year|yearly|annual(?:ly)?|each year|every year)\b",
    per_month=r"\b(?:a month|per month|monthly|each month|every month|month)\b",
    by_year=r"per year|yearly|annual|a year",
    by_month=r"per month|monthly|a month",
    differences="difference|change|variance|over",
    tells_apart="before after not other no",
    idle="""how much many what which who when where is are was were did does do has have had the
    total average mean sum difference percentage percent share proportion fraction highest largest
    reported report filing stated disclosed recent latest newest
    greatest biggest lowest smallest least fewest most maximum minimum more less fewer number amount
    value figure table document documents according between all together overall combined compared
    than calculate compute tell give me want know result change changed grow grew growth increase
    increased decrease decreased rise rose fell fall drop dropped exceed exceeds exceeded same each
    higher lower larger longest shortest cheapest one two three four five six seven eight nine ten
    there altogether across throughout""",
    scales={
        "thousand": 1000,
        "thousands": 1000,
        "million": 10**6,
        "millions": 10**6,
        "billion": 10**9,
        "billions": 10**9,
    },
    scale_names={1000: "thousand", 10**6: "million", 10**9: "billion"},
    result={
        "sum": "Sum of {what}",
        "difference": "{first} minus {second}{what}",
        "share": "{first} divided by {second}{what}",
        "average": "Average of {what}",
        "largest": "The highest value of {what}",
        "smallest": "The lowest value of {what}",
        "count": "{count} of {all} rows meet {what}",
        "list": "{count} of {all} rows meet {what}",
        "year": "{what}, times 12 months",
        "month": "{what}, divided by 12 months",
        "days": "Days from {first} to {second}",
        "growth": "Change from {first} to {second}{what}",
    },
    two_fit="Two tables fit. Which one do you mean?",
    rows_counted="{count} rows",
    rows_counted_documents="{count} documents",
    several=r"\b(?:the|these|those|all|last) (?:two|three|four|five|six|seven|eight|nine|ten|"
    r"twelve|\d{1,2}) \w+|\b(?:in|for|of|by) (?:each|every)\b|\ball (?:the )?\w+s\b|\bover time\b|"
    r"\b(?:over|across|in|throughout|for) (?:the |these |all )?(?:\w+ )?(?:periods|quarters|months|"
    r"years|weeks|reports)\b|\bquarter to quarter\b|\btrend\w*|\bfluctuat\w+|\bevol\w+",
    counted=r"\b(?:the|these|those|all) (two|three|four|five|six|seven|eight|nine|ten|twelve|"
    r"\d{1,2}) [^\W\d]+",
    newest=r"\b(?:most recent|latest|newest)\b",
    asks=r"\bhow (?:much|many)\b|\bwhat amount\b",
    growth="{difference} ({share})",
)

COMPUTING = {"es": _SPANISH, "en": _ENGLISH}
