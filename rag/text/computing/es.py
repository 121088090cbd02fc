"""How computations over tables are asked for and worded in Spanish."""

from __future__ import annotations

from rag.text.computing.data import ComputingData

SPANISH = ComputingData(
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
            r"\bde (?:m[aá]s|menos)\b|\b(?:super[oó]|excedi[oó]|desvi)\w*|"
            r"\bahorr(?:ó|é|amos|aron|ad[oa]s?|aría\w*)\b|"
            r"cu[aá]nt[oa]s? .*\b(?:m[aá]s|menos|mayor|menor)\b.*\bque\b",
        ),
        ("average", r"\b(?:media|promedio|por t[eé]rmino medio|de media)\b"),
        (
            "largest",
            r"\b(?:mayor(?:es)?|m[aá]xim[oa]s?|r[eé]cord|pico)\b|"
            r"\b(?:el|la|los|las|qu[eé]|cu[aá]l|qui[eé]n|d[oó]nde|cu[aá]ndo) "
            r"(?:[\w.,()%€$/]+ ){0,9}?m[aá]s\b(?! (?:del?|que)\b)"
            r"(?! barat| peque| cort[oa]| baj[oa]| bajos| recient)",
        ),
        (
            "smallest",
            r"\b(?:menor(?:es)?|m[ií]nim[oa]s?)\b|m[aá]s (?:barat|peque|cort|baj)\w+|"
            r"\b(?:el|la|los|las|qu[eé]|cu[aá]l|qui[eé]n|d[oó]nde|cu[aá]ndo) (?:[\w.]+ ){0,6}?"
            r"menos\b(?! (?:del?|que)\b)",
        ),
        (
            "sum",
            r"\b(?:en total|total(?:es)?|suma\w*|en conjunto|junt[oa]s|entre tod[oa]s|"
            r"(?:en|durante|a lo largo de) tod[oa]s? (?:el|la|los|las) \w+)\b",
        ),
        ("count", r"\bcu[aá]nt[oa]s\b|\bn[uú]mero de\b"),
        ("list", r"\b(?:qu[eé]|cu[aá]les)\b"),
    ),
    defined=r"\b(?:se )?(?:defin\w+|calcul\w+|entend\w+|entiend\w+) (?:[\w ]{1,40} )?como\b",
    filters=(
        (
            ">=",
            r"(?:al menos|como m[ií]nimo|por lo menos|igual o (?:mayor|superior) (?:a|que)|"
            r"m[ií]nimo de) ([\d.,]+)",
        ),
        ("<=", r"(?:como (?:mucho|m[aá]ximo)|hasta|m[aá]ximo de|no m[aá]s de) ([\d.,]+)"),
        (
            ">",
            r"(?:m[aá]s de(?:l| un)?|superior(?:es)? a|mayor(?:es)? (?:que|de|a)|por encima de|"
            r"super[ae]n?|"
            r"superan(?: l[oa]s)?|exced[ea]n?(?: de)?|sobrepas[ae]n?)(?: l[oa]s)? ([\d.,]+)",
        ),
        (
            "<",
            r"(?:menos de(?:l| un)?|inferior(?:es)? a|menor(?:es)? (?:que|de|a)|por debajo de|"
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
    negative=r"\b(?:en |con )?(?:negativ[oa]s?|n[uú]meros rojos)\b",
    since=r"\bdesde\b",
    clock=r"\b(?:a|desde|hasta) qu[eé] hora\b",
    until="a hasta",
    quarters="trimestre trimestres",
    before=r"\b(?:anterior(?:es)?|previ[oa]s?|antes|pasad[oa])\b",
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
    elevado elevada evolucionado evoluciono tendencia variado fluctuado comparan informado
    informados significativo significativa
    grande pequeno pequena caro cara barato barata largo corto""",
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
    mixed="Estas cifras están en unidades distintas y no se calcula nada con ellas: {parts}.",
    rows_named="{count} de {all} filas de la tabla",
    rows_counted="{count} filas",
    rows_counted_documents="{count} documentos",
    several=r"\b(?:trimestres|periodos|períodos|meses|años) (?:anteriores|previos|pasados)|"
    r"\b(?:los|las|estos|estas|[uú]ltim[oa]s) (?:dos|tres|cuatro|cinco|seis|siete|ocho|"
    r"nueve|diez|doce|\d{1,2}) \w+\b(?! (?:termin|cerr|finaliz))|\b(?:en|por|de) cada \w+|"
    r"\btod[oa]s (?:los|las) \w+|\ba lo largo de|\bcon el tiempo|\bevoluci\w+|"
    r"\btendencia|\bentre (?:los|las) \w+",
    counted=r"\b(?:los|las|estos|estas) (dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|"
    r"\d{1,2}) [^\W\d]+",
    changing=r"\b(?:cambi|vari|fluct|evoluci|tendenci|crec|aument|disminu|compar|respecto)\w*",
    newest=r"\bm[aá]s (?:reciente|nuev[oa])\b|\b[uú]ltim[oa]\b",
    asks=r"\bcu[aá]nt[oa]s?\b|\bqu[eé] (?:cantidad|importe|suma)\b",
    money=r"\b(?:cuestan?|vale[n]?|cobran?|cobrar|pagan?|pagar|gastan?|gastar|piden|precios?|dinero|"
    r"sueldos?|salarios?|ganan?|barat[oa]s?|car[oa]s?)\b",
    of_series=r"\b(?:qu[eé]|cu[aá]nt[oa]s|cu[aá]l es el|cu[aá]l fue el) (mes(?:es)?|trimestres?|"
    r"a[nñ]os?|d[ií]as?)\b",
    priced=r"^\W*(?:a )?cu[aá]nto (?:es|son|era|vale|cuesta)\b",
    by_unit=r"\b(?:la|cada|por|una) (?:hora|unidad|pieza)\b|\b(?:el|cada|por|un) (?:litro|kilo|"
    r"metro)\b|\bcada un[oa]\b|\bunitario",
    more=r"\b(?:m[aá]s|mayor(?:es)?|superior(?:es)?|mejor(?:es)?|super[aóe]\w*|exced\w+|"
    r"aument\w+|sub(?:i[oó]|ieron|en?|ido)|creci\w+)\b",
    less=r"\b(?:menos|menor(?:es)?|inferior(?:es)?|peor(?:es)?|m[aá]s (?:barat|baj|cort|peque)\w+|"
    r"baj(?:[oó]|aron|an?|ado)|disminu\w+|descend\w+|redu[jc]\w+)\b",
    moves=r"\b(?:aument\w+|sub(?:i[oó]|ieron|en?|ido)|creci\w+|baj(?:[oó]|aron|an?|ado)|"
    r"disminu\w+|descend\w+|redu[jc]\w+)\b",
    results=r"\b(?:saldos?|resultados?|netos?|netas?|beneficios?|variacion|diferencia)\b",
    growth="{difference} ({share})",
)
