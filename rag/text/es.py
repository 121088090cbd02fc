"""The words of Spanish."""

from __future__ import annotations

from rag.text.language import LanguageData

_SAY = (
    r"(?:dec[ií]r?|expl[ií]ca?r?|ind[ií]ca?r?|cont[aá]r?|acl[aá]ra?r?|record[aá]r?|ense[ñn]a?r?|"
    r"ayudar)(?:me|nos)?(?: a (?:saber|entender))?"
)
_QUESTION = r"(?=(?:(?:por|a|en|de) )?qu[eé]|cu[aá]|c[oó]mo|qui[eé]n|d[oó]nde|si\b)"
_ARTICLES = r"un[ao]?s?|el|la|los|las"

SPANISH = LanguageData(
    code="es",
    stemmer="spanish",
    letters=r"[¿¡ñáéíóú]",
    stop_words=frozenset(
        """a al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas
        aquellos aqui asi aun aunque cada como con contra cual cuales cualquier cuando cuanta
        cuantas cuanto cuantos de del desde donde dos durante e el ella ellas ello ellos en
        entre era eran eres es esa esas ese eso esos esta estaba estamos estan estar estas
        este esto estos estoy fue fueron ha haber habia han hasta hay la las le les lo los mas
        me mi mientras mis mismo mucho muchos muy nada ni no nos nosotros o os otra otras otro
        otros para pero poco por porque pues que quien quienes se sea segun ser si sido sin
        sobre somos son soy su sus tal tambien tampoco tan tanto te tenemos tengo tenia tiene
        tienen tienes toda todas todo todos tras tu tus u un una unas uno unos usted ustedes y
        ya yo""".split()
    ),
    irregular_forms=tuple(
        """pedir pide pido pidió; despedir despide despido; impedir impide impido; servir sirve
        sirvo sirvió; seguir sigue sigo siguió; conseguir consigue consigo consiguió; elegir
        elige elijo eligió; corregir corrige corrijo corrigió; medir mide mido midió; repetir
        repite repito repitió; vestir viste visto vistió; empezar empieza empiezo; comenzar
        comienza comienzo; cerrar cierra cierro; calentar calienta caliento; recomendar
        recomienda recomiendo; sembrar siembra siembro; regar riega riego; negar niega niego;
        plegar pliega pliego; sentar sienta siento; encender enciende enciendo; entender
        entiende entiendo; atender atiende atiendo; extender extiende extiendo; perder pierde
        pierdo; defender defiende defiendo; verter vierte vierto; preferir prefiere prefiero
        prefirió; convertir convierte convierto convirtió; invertir invierte invierto invirtió;
        mantener mantiene mantengo mantuvo; obtener obtiene obtengo obtuvo; contener contiene
        contengo contuvo; volver vuelve vuelvo; devolver devuelve devuelvo; resolver resuelve
        resuelvo; mover mueve muevo; llover llueve llovió; cocer cuece cuezo; doler duele duelo;
        costar cuesta cuesto; contar cuenta cuento; mostrar muestra muestro; demostrar demuestra
        demuestro; encontrar encuentra encuentro; probar prueba pruebo; aprobar aprueba apruebo;
        comprobar comprueba compruebo; renovar renueva renuevo; acordar acuerda acuerdo; colgar
        cuelga cuelgo; soltar suelta suelto; rodar rueda ruedo; jugar juega juego; dormir duerme
        duermo durmió; morir muere muero murió; hacer hace hago hizo hecho; poner pone pongo
        puso puesto; proponer propone propongo propuso; suponer supone supongo supuso; decir
        dice digo dijo; traer trae traigo trajo; conducir conduce conduzco condujo; reducir
        reduce reduzco redujo; producir produce produzco produjo; traducir traduce traduzco
        tradujo; escribir escribe escribió escrito; abrir abre abrió abierto; romper rompe
        rompió roto; ver ve veo vio visto; dar da doy dio; salir sale salgo; venir viene vengo
        vino; caer cae caigo cayó; oír oye oigo oyó; construir construye construyo construyó;
        incluir incluye incluyo incluyó; destruir destruye destruyo destruyó; sustituir
        sustituye sustituyo sustituyó""".split("; ")
    ),
    articles=_ARTICLES,
    abbreviations=frozenset(
        """sr sra srta dr dra d dª dña ud uds vd art arts núm nº pág págs cap vol ed p pp ej etc
        aprox tel av avda c cía s.a ee.uu fig figs ref mín máx""".split()
    ),
    openers=frozenset(
        """el la los las lo un una unos unas en de del al a por para con sin según tras ante entre
        desde hasta cada este esta estos estas ese esa su sus se si no ya y o pero como cuando
        donde quien que todo toda todos todas""".split()
    ),
    name_particles="de|del|la|las|los|y",
    chat_roles="usuario|asistente|sistema",
    numerals={
        "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
        "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
        "dieciséis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20,
        "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70,
        "ochenta": 80, "noventa": 90, "cien": 100, "ciento": 100, "mil": 1000,
        "un millón": 1_000_000,
    },
    scales={"mil": 1e3, "millón": 1e6, "millones": 1e6},
    amounts="un[oa]?|millones|mitad|doble",
    per="por",
    of="de",
    unit_link="de",
    percent="por ciento",
    units={
        "%": ("porcentaje",),
        "eur": ("euro", "euros"),
        "usd": ("dólares",),
        "ms": ("milisegundo", "milisegundos"),
        "second": ("segundo", "segundos"),
        "minute": ("minuto", "minutos"),
        "hour": ("hora", "horas"),
        "day": ("día", "días"),
        "week": ("semana", "semanas"),
        "month": ("mes", "meses"),
        "year": ("año", "años"),
        "km": ("kilómetros",),
        "m": ("metros",),
        "kg": ("kilogramos", "kilos"),
        "person": ("persona", "personas"),
    },
    money="dólares|céntimos",
    byte_sizes="bytes?|[mgt]egas?|gigas?",
    numbered_parts=r"clausulas?|articulos?|apartados?|secci(?:on|ones)|puntos?|capitulos?|anexos?|epigrafes?|parrafos?|titulos?",
    every="cada",
    and_a_half="y media",
    no_units=tuple(
        """de del la las los el su sus que en y o a por con se al no ni ya lo le les es son fue era
        ha han hay""".split()
    ),
    months=(
        ("enero",), ("febrero",), ("marzo",), ("abril",), ("mayo",), ("junio",), ("julio",),
        ("agosto",), ("septiembre", "setiembre"), ("octubre",), ("noviembre",), ("diciembre",),
    ),
    weekdays="lunes martes miercoles jueves viernes sabado domingo",
    doubtful_months={},
    dates=r"\b\d{1,2}(?:º|\.º)? de {months}(?: (?:de|del) \d{4})?\b"
    r"|\b{months}(?: (?:de|del))? \d{4}\b",
    century="siglo",
    centuries="siglo [IVXL]+",
    streets=r"calle|c/|avenida|avda\.?|plaza|paseo|carretera|ctra\.?|camino|ronda|"
    r"travesía|pol[ií]gono",
    points_back=r"(?!Est[ea] (?:documento|informe|nota|página|guía|cuaderno|manual|artículo)\b)"
    r"(?:Est[eao]s?|Es[eao]s?|Ello|Ell[ao]s?|Él|Lo|Les?|Sus?|Así|También|Además|Tal(?:es)?|"
    r"Por (?:eso|ello|esta? |ese |lo tanto|tanto)|Dich[oa]s?|Amb[oa]s|Entonces|Luego|Pero|"
    r"Sin embargo|En (?:ese|este|esa|esta|ell[ao]s?)|De (?:es[eao]s?|est[eao]s?|ell[ao]s?|las|los)|"
    r"Es|Son|Fue|Fueron|Era|Eran|Tiene|Tenía|Está|Estaba|[A-ZÁÉÍÓÚ]\w+(?:ó|aba|aban|aron|ieron|amos))\b",
    causes=r"(?:porque|ya que|puesto que|dado que|debido|por eso|por ello|a causa|gracias a|pues\b|"
    r"motivo|razón|causa\b|así que|de modo que|de ahí|en respuesta|para que|con el fin)",
    clause_words=r"art[íi]culos?|cl[áa]usulas?|apartados?|secci(?:ón|on)|cap[íi]tulo|puntos?|art\.",
    order_words="primero|después|luego|a continuación|seguidamente|más tarde|finalmente|"
    "por último|al final|en (?:primer|segundo|tercer|último) lugar|una vez",
    asking_words="cosas enumera enumerar lista listado nombra menciona mencionan di cuáles tipos "
    "clases pasos compara comparar diferencia diferencias resume resumen explica describe "
    "describen documento documentos texto informe nota tabla sección según recomienda seguir hacer "
    "hago permite permiten permitido puedo posible tengo estuvo estuvieron puede pueden podría "
    "podrá hubo habrá será serán sería debe deben debo ir va van poner existe existen",
    yes="Sí",
    no="No",
    yes_cells=r"sí|si|x|✓|✔|☒|☑|siempre|cumplid[oa]|aprobad[oa]|hecho",
    no_cells=r"no|nunca|✗|✘|☐|ningun[oa]|incumplid[oa]|pendiente",
    affirmations=(
        ("Sí, {}", "No, no {}"),
        ("Sí: {}, siempre", "No: {}, nunca"),
        ("Es cierto que {}", "No es cierto que {}"),
        ("Es posible: {}", "Es imposible: {}"),
        ("Claro que {}", "De ningún modo {}"),
    ),
    asks_whether=r"[¿\s]*(?!y\b|(?:(?:a|con|de|desde|en|hasta|para|por|según|sobre) )?"
    r"(?:que|cual(?:es)?|como|cuando|cuant[oa]s?|quien(?:es)?|a?donde)\b)"
    r"(?!.*\b(?:qué|cuál(?:es)?|cómo|cuándo|cuánt[oa]s?|quién(?:es)?|a?dónde)\b)(?!.* o )"
    r"(?:\w+ ){2,}.*\?",
    differs=r"(?:m[aá]s|menos|mayor|menor|superior|inferior)(?: \w+){0,2} (?:que|a|al)\b",
    negations=r"no|nunca|jam[aá]s|ning[uú]n[oa]?s?|nadie|nada|tampoco|(?<!con o )sin|ni|"
    r"carecen? de",
    opposites=(
        (
            r"aument|crec|sub(?:e|en|ió|ieron)\b|mayor|más\b|mejor|increment|eleva|activ",
            r"disminu|baj(?:a|an|ó|aron)\b|menor|menos\b|empeor|inhib|imp(?:ide|iden)\b|reduc",
        ),
        (r"antes\b", r"después\b|tras\b"),
        (r"primer", r"últim|final\b"),
        (r"siempre\b", r"nunca\b|jamás\b"),
        (r"puede|autoriz|permite", r"prohíb|prohib|no puede"),
        (r"inclu[iy]", r"excl[uú]|excepto|salvo"),
        (r"mínim|al menos", r"máxim"),
        (r"empe[zc]|empiez|comen[zc]|comienz|inici", r"termin|acab|finaliz"),
        (r"positiv", r"negativ"),
        (r"presencia", r"ausencia"),
        (r"obligatori|deben?\b", r"opcional"),
        (r"norte", r"\bsur\b"),
        (r"\beste\b", r"\boeste\b"),
    ),
    greetings=r"hola|buen[oa]s(?: d[ií]as| tardes| noches)?|oye|perdona|disculpa",
    please="por favor|porfa",
    thanks=r"(?:muchas )?gracias|un saludo",
    answer_so=r"(?:por favor,? )?(?:respond[ea]|contest[ae]|redonde[ae]|expres[ae]|"
    r"(?:da|dé|indica|indique) (?:la respuesta|el resultado|la cifra))\b",
    requests=rf"(?:si )?(?:me |nos )?(?:puedes?|podr[ií]as?|pod[eé]is)(?: usted)? {_SAY}\b|"
    rf"(?:me |nos )?sab(?:es|r[ií]as?|e usted) {_QUESTION}|"
    r"(?:quiero|quisiera|querr[ií]a|necesito|me gustar[ií]a|nos gustar[ií]a) "
    r"(?:saber|conocer|entender|que me (?:dig|dijer|expli[qc])\w+)\b|"
    r"(?:d[ií]|d[ií]ga|expl[ií]ca|expl[ií]que|ind[ií]ca|ind[ií]que|cu[eé]nta|acl[aá]ra|"
    r"recu[eé]rda)(?:me|nos)\b|(?<!¿)expl[ií]ca\b",
    question_format="¿{}?",
    question_opening=r"(?:(?:por|para|con|a|en|de|desde|hasta) )?"
    r"(?:qu[eé]|cu[aá]\w+|c[oó]mo|qui[eé]n\w*|d[oó]nde)\b",
    question_words=r"qué|cu[aá]l(?:es)?|c[oó]mo|cu[aá]ndo|(?:cada )?cu[aá]nt[oa]s?|qui[eé]n(?:es)?|"
    r"d[oó]nde|que (?=año|fecha|día|mes|siglo|década)",
    names_kind={
        "phone": r"tel[eé]fono\b|tfno\b",
        "email": r"correo electr[oó]nico|e-?mail\b",
        "address": r"direcci[oó]n (?:postal )?(?=(?:de|del) )",
    },
    asks_for={
        "phone": r"(?:qu[eé]|cu[aá]l(?: (?:es|era) (?:el|su))?) (?:número de )?tel[eé]fono\b|"
        r"a qu[eé] (?:número|teléfono)\b",
        "email": r"(?:qu[eé]|cu[aá]l(?: (?:es|era) (?:el|la|su))?) (?:direcci[oó]n de )?"
        r"(?:correo\b|e-?mail)",
        "address": r"cu[aá]l (?:es|era) (?:la|su) direcci[oó]n\b(?! (?:ip|web|url|de memoria))",
        "date": r"cu[aá]ndo\b|(?:qu[eé]|cu[aá]l(?: (?:es|fue|era) (?:el|la))?) "
        r"(?:año|fecha|día|mes|siglo|década)\b",
        "percent": r"qu[eé] porcentaje",
        "money": r"(?:cu[aá]nto|qu[eé] (?:coste|precio|importe))"
        r"(?=.*\b(?:cuest|cost|vale|gast|precio|presup|pag(?![ií]n)|cobr|inv[ie]rt))",
        "time": r"cu[aá]nto(?: tiempo|(?=.*\b(?:dur|tard)))|cada cu[aá]nto",
        "size": r"(?:cu[aá]nt[oa]|qu[eé] (?:tamaño|cantidad de))\b"
        r"(?=.*\b(?:v?ram|memor|disc[oa]|espacio en|almacen|ocupa))",
        "amount": r"cu[aá]nt[oa]s?\b|qu[eé] (?:cantidad|número|proporción)\b",
        "name": r"qui[eé]n(?:es)?\b",
        "place": r"d[oó]nde\b",
    },
    counts_anything="personas gente veces cosas unidades elementos puntos grados milimetros "
    "centimetros metros kilometros litros gramos kilos toneladas hectareas vatios kilovatios "
    "voltios bares",
    according_to="según|de acuerdo con",
    may_be_unsaid="celsius centigrados fahrenheit "
    "carta pagina pie diapositiva hoja encabezado cabecera membrete correo oculta "
    "atencion anexo portada columna fila imagen comentario formulario contrato acta "
    "numero nombre fecha lugar titulo precio importe coste cantidad valor motivo",
    notes=r"(?:dice|dicen|pone|indican?|seg[uú]n|en) (?:el|la|los|las) "
    r"(?:nota|anotaci[oó]n|comentario|observaci[oó]n)(?:e?s)?",
    letterheads="membrete",
    asks_how_many=r"cu[aá]nt[oa]s",
    asks_definition=r"\b(?:qu[eé] (?:es|son|significan?|quieren? decir)|qu[eé] consisten?|"
    rf"qu[eé] se entiende por|def[ií]n\w+(?: de)?) (?:(?:{_ARTICLES}) )?([^?,.;:]+)",
    states=r"es|son|consisten?|significan?|se (?:define|entiende|llama|refiere)n?",
    calls=r"se (?:llama|denomina|conoce como|entiende por)|llamamos|denominamos",
    joins="y|e",
    asks_again=r"(?:(?:por|para|con|a|en|de|desde|hasta|sobre|cada) )?"
    r"(?:qué|cuál(?:es)?|cómo|quién(?:es)?|cuándo|cu[aá]nt[oa]s?|dónde)\b",
    tells_again=r"(?:dime|explica|expl[ií]came|enumera|resume|compara|describe|indica|define)\b",
    instructs=r"(?:por favor,? )?(?:responde|contesta|da|redondea|expresa|exprésalo|usa|utiliza|"
    r"b[aá]sate|calcula|calc[uú]lalo|ind[ií]calo)\b",
    continuations=r"^[¿¡\s]*(y|e|pero|entonces|además|también|o sea)\b",
    pointers=r"\b(?:eso|esto|ello|ellos|ellas|él|ella|aquello|allí|dich[oa]s?|"
    # «hacerlo», «usándola»; not «Carlos», «charla», «perlas»
    r"es[ea]s?(?= \w)|aquell?[oa]s?(?= \w)|(?!(?:carl|charl|perl)[oa]s?\b)\w+[aeií]rl[oa]s?|"
    r"\w+[aáeé]ndol[oa]s?|(?:el|la|los|las) (?:mism[oa]s?|anterior(?:es)?|"
    r"(?:primer|segund)[oa](?=\s*(?:[?,]|$))))\b|^(?:(?!\b(?:el|la|los|las|un|una)\b).)*\bsus?\b",
    # verbs whose subject was named before: «¿Cuánto costó?», «¿Quién lo dirige?»
    subjectless=r"^[¿¡\s]*(?:por qué|cuándo|cuánt\w+|dónde|cómo|quién(?:es)?|para qué|"
    r"cuál(?:es)?)(?:(?:\s+(?:lo|la|los|las|se|le|les))?\s+\w+)?\s*\??$",
    naming=r"(?i:\b(?:el|la|los|las|un|una|unos|unas|del)\s+\w)|(?<=\w )\w*[A-ZÁÉÍÓÚÑ]|\d",
    asks_at_start=r"^[¿¡\s]*(?:\w+ )?(?:qu[eé]|cu[aá]l(?:es)?|cu[aá]ndo|cu[aá]nt[oa]s?|"
    r"qui[eé]n(?:es)?|d[oó]nde|c[oó]mo)\b",
    noun_first=True,
    prepositions=r"en|de|del|a|al|con|sin|para|por|desde|hasta|entre|sobre|durante",
    stands_for_it=r"(?:el|la|los|las|lo) (?=de\b|del\b|en\b|con\b|para\b)",
    stands_for_noun=r"(?!)",
    asks_of_a_subject=r"[¿\s]*(?:(?:en|a|con|de|por|para|desde|hasta|cada) )?(?:qu[eé]|cu[aá]nt\w+|"
    r"cu[aá]ndo|d[oó]nde|c[oó]mo|qui[eé]n)\b(?! (?:es|son|fue|era)\b)",
    asks_what_it_is=r"[¿\s]*(?:cu[aá]nt\w+|cu[aá]l(?:es)?|cu[aá]ndo|d[oó]nde|qui[eé]n(?:es)?) "
    r"(?:es|son|fue|era|est[aá]n?)\b",
    behind_a_subject=r"\s(?:en|con|sin|para|por|desde|hasta|sobre|durante)\s",
    year_after=r"año (?:siguiente|pr[oó]ximo)|siguiente año|pr[oó]ximo año",
    year_before=r"año (?:anterior|pasado)|anterior año",
    said_before=r"(?:cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?|d[oó]nde|c[oó]mo|qué)"
    r"(?:\s+(?:se|lo|la|le))?\s+(\w+)\s+(?=(?:el|la|los|las|un|una)\b|(?-i:[A-ZÁÉÍÓÚÑ]))",
    refusals=r"no (?:lo )?encuentro\b|no (?:se )?(?:encuentra|encontr[oóé]|menciona|indica|"
    r"especifica|contienen?|aparece|hay información|dispongo de)\b.*\b(?:documentos?|pasajes?|"
    r"textos?|información|respuesta)\b|(?:los )?(?:pasajes|documentos) no (?:lo )?(?:contienen|"
    r"mencionan|dicen|indican)\b",
    defining_sentence=r"^(?:(?:El|La|Los|Las|Un|Una) )?{term}(?:, [^,.;]{1,60},)? "
    r"(?:es|son|era|fue|significa|consiste en|se define como|se llama|designa)"
    r" (?:un|una|unos|unas|el|la|los|las|cada|todo|aquel)\b",
    no_terms=frozenset(
        """este esta estos estas ese esa esto eso él ella ello lo que no su sus otro otra""".split()
    ),
    gap_words={"year": "qué año", "number": "cuánto", "name": "qué"},
    heading_question="¿Qué se dice sobre {}?",
    definition_question="¿Qué es {}?",
)  # fmt: skip
