"""What the intent of a question shows in, as data: the same names in every language.

Each is a pattern, matched without regard to capitals except for `key`. They are features of a
trained classifier (`rag/answering/question_intent.py`): none decides alone, and one that also
matches elsewhere does no harm. Accents are optional where people leave them out.
"""

from __future__ import annotations

_SPANISH = {
    "what_is": r"qu[eé] (?:es|son|era|eran|fue)\b(?! (?:mejor|peor|m[aá]s|lo ))",
    "means": r"signific\w+|quieren? decir|defin\w+|concepto|siglas?|se (?:llama|denomina|"
    r"entiende|considera)\b(?! \w+\?)|qu[eé] es eso|en qu[eé] consisten?|qu[eé] "
    r"clase de",
    "which_things": r"(?:qu[eé]|cu[aá]les) (?:son|fueron|eran|\w*[a-zé]{2}[aeoñ]s|\w+es)\b|"
    r"qui[eé]nes (?:forman|son|integran|componen)",
    "enumerates": r"^\W*(?:(?:haz|dame|hazme|quiero|dime|c[ií]ta|n[oó]mbra|"
    r"enumer)\w*\b.*\b)?(?:list\w*|enumer\w+|n[oó]mbra\w*|c[ií]ta(?:me)?|todos|"
    r"todas|principios)\b",
    "many_matters": r"requisitos|ventajas|inconvenientes|tipos|clases|objetivos|riesgos|medidas|"
    r"consecuencias|s[ií]ntomas|efectos|obligaciones|derechos|causas|principios|"
    r"caracter[ií]sticas|limitaciones|retos|fases|t[eé]cnicas|materiales|"
    r"herramientas|ingredientes|miembros|niveles|servicios|gastos|m[oó]dulos|"
    r"partes|elementos|funciones|factores|ejemplos",
    "how_to": r"c[oó]mo (?:(?:se(?! (?:llam|apellid|titul|denomin))|me|lo|la|hay que|puedo|"
    r"podemos|debo|hago|funciona\w*|tengo que)\b|\w+o\b)|paso a paso|pasos|procedimiento|"
    r"instrucciones|"
    r"gu[ií]a (?:para|de)|proceso de|en qu[eé] orden|de qu[eé] (?:manera|modo|"
    r"forma)|manera de",
    "must_do": r"(?:tengo|hay|tiene|tenemos) que hacer|deb(?:o|e|emos|en|er[ií]a) hacer|"
    r"\bqu[eé] (?:hago|hacemos|se hace)\b|hay que hacer",
    "causes": r"por ?qu[eé]\b|^\W*porque\b|motivos?|raz[oó]n|razones|causas?\b|causó|"
    r"provoc\w+|se debe|debido a|obedece|llev[oó] a|culpa|explica (?:el|la|que|"
    r"por)|c[oó]mo es que|origin[oó]|a cuento de",
    "purpose": r"para qu[eé]\b|con qu[eé] (?:fin|finalidad|objeto|objetivo|prop[oó]sito)|"
    r"de qu[eé] sirve",
    "compares": r"diferenci\w+|distingu\w+|compar\w+|frente a|respecto (?:al?|del?)\b|en "
    r"com[uú]n|se parecen?|parecid\w+|semejanzas?|contraste|versus|\bvs\b|"
    r"\biguales\b|separa|ventajas? .* sobre",
    "either": r"(?:,| entre| el| la| antes| \w+) [^,?]{2,30} (?:o|u|y) [^?,]{2,30}\?$",
    "chooses": r"\b(?:o|u|ni)\b",
    "more": r"\b(?:m[aá]s|menos|mejor|peor|antes|mayor|menor|primero)\b",
    "greatest": r"\b(?:el|la|los|las|con|tuvo|tiene|fue|en qu[eé] \w+ se|el \w+|la \w+) "
    r"(?:mayor|menor|mejor|peor|m[aá]s|menos)\b|compr[oó] m[aá]s|vendi[oó] "
    r"m[aá]s|m[aá]xim\w+|m[ií]nim\w+",
    "adds_up": r"\btotal\b|sum[ae]\w*|media\b|promedio|en conjunto|juntos|acumulad\w+|"
    r"entre todos|calcul\w+|resta\w*|resultante|multiplic\w+|por persona|por "
    r"cada|al cabo|cada uno|costar[ií]a|ahorrar[ií]a\w*|c[oó]mputo",
    "difference": r"cu[aá]nt[oa]s? (?:\w+ )?m[aá]s\b|cu[aá]nt[oa]s? (?:\w+ )?menos\b|"
    r"diferencia de|(?:por|en) cu[aá]nto\b|de m[aá]s\b|aument\w+|crec\w+|"
    r"disminu\w+|sub(?:i[oó]|ido)|baj(?:[oó]|ado)|falta[nr]?\b|pas(?:a|"
    r"aron)(?:ron)? (?:entre|desde)",
    "share": r"porcentaje|proporci[oó]n|qu[eé] parte|tanto por ciento|de los que|qu[eé] "
    r"fracci[oó]n",
    "age": r"qu[eé] edad|cu[aá]ntos años",
    "spans": r"\b(?:entre|desde)\b.*\b(?:y|hasta)\b",
    "sums_up": r"resum\w+|res[uú]me\w*|s[ií]ntesis|sintetiz\w+|visi[oó]n general|puntos "
    r"(?:clave|m[aá]s|principales)|ideas? (?:principal|clave|m[aá]s)\w*|de "
    r"qu[eé] (?:va|trata)\b|conclusi\w+|grandes rasgos|pocas (?:palabras|"
    r"l[ií]neas)|esquema|sinopsis|extracto|lo esencial|por encima|"
    r"(?:pon\w*|puesta) al d[ií]a|"
    r"h[aá]bla(?:me|nos)|cu[eé]nta(?:me|nos)?|contenido de|se (?:trat[oó]|"
    r"habl[oó]|acord[oó])|qu[eé] (?:dice|cuenta|propone|recoge|contiene)"
    r"(?!.* (?:sobre|acerca|respecto)\b)|"
    r"descr[ií]b[ei]\w*",
    "documents": r"documentos?|archivos?|ficheros?|pdfs?|bibliotecas?|carpetas?|textos?|"
    r"p[aá]ginas?|hojas de c[aá]lculo|papeles|informes|idiomas?|t[ií]tulos|"
    r"fuentes|presentaciones",
    "have_you": r"\btienes\b|\btenemos\b|\bhay\b|\best[aá]n?\b|\bsabes\b|\bhas\b|se han|"
    r"mencionan?|hablan?|tratan?|aparecen?|contiene\b|sobre\b|acerca",
    "you": r"\beres\b|\best[aá]s\b|te llamas|puedes\b|\bte\b|\bt[uú]\b|\bhas\b|\bme "
    r"(?:puedes|ayudas)\b|seguro\?|de veras|verdad\?|inventa\w*|fiarme",
    "pleasantry": r"\bhola|gracias|buen[oa]s|adi[oó]s|hasta (?:luego|mañana|pronto)|"
    r"perd[oó]n\w*|vale\b|\bok\b|okay|genial|perfecto|encantad\w+|de acuerdo|"
    r"amable|saludos?|chao|feliz|bravo|estupendo|maj[oa]|lo siento|qu[eé] tal|"
    r"entendido|mal\b|bien\b",
    "when_where": r"\ben (?:el |la |los |las )?(?:\d{4}|enero|febrero|marzo|abril|mayo|junio|"
    r"julio|agosto|septiembre|octubre|noviembre|diciembre|primer\w*|segund\w+|"
    r"tercer\w*|cuarto|trimestre|semestre|distrito|columna|jornada|temporada|"
    r"mesa|tabla|estaci[oó]n|tienda|departamento|categor[ií]a|grupo)\b|\d{1,2} "
    r"de \w+|los (?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bados|"
    r"domingos|festivos)|trimestre|mensual",
    "measure": r"importe|precio|tarifa|tasa|saldo|sueldo|salario|nota\b|puntos|votos|"
    r"unidades|goles|producci[oó]n|consumo|presupuest\w+|gast[oó]\b|vendi[oó]|"
    r"ingres[oó]|partida|dosis|presi[oó]n|par de apriete|porcentaje|hora\b|"
    r"d[ií]as|beneficio|visitantes|conservaci[oó]n|calor[ií]as|cantidad|valor|"
    r"fila|cuota|lluvia|bajas|matriculad\w+|temperatura",
    "key": r"\b[A-Z]{1,4}-?\d+\w*|\b\d+(?:\.?[ºª]|\s?%)?|\b(?:modelo|l[ií]nea|cuenta|"
    r"referencia|categor[ií]a|secci[oó]n|departamento|m[aá]quina|edificio|talla|"
    r"zona|clase|curso|marca|candidat[oa]|equipo) \w+",
    "is_it": r"^\W*(?:(?:se|me|nos|lo|la|los|las|el \w+|la \w+|los \w+|las \w+|te|no|ya|"
    r"a[uú]n|tambi[eé]n) )?(?:(?:es|son|est[aá]n?|era|eran|fue|fueron|hay|"
    r"hab[ií]a|hubo|tiene[ns]?|ten[ií]a|tengo|puede[ns]?|puedo|pod[ií]a|"
    r"debe[ns]?|debo|necesit[aoe]\w*|hace falta|existen?|sigue[ns]?|ha|han|"
    r"cubren?|incluyen?|acept\w+|admit\w+|cobr\w+|caduc\w+|llev\w+|sab[eé]\w*|"
    r"viv\w+|conten\w+|contien\w+|dijo|dice|particip\w+|lleg\w+|entreg\w+|"
    r"cumpl\w+|permit\w+|particip\w+|estuvo|estaba|lleg[oó]|usa\w*|trabaj\w+|"
    r"funciona|sirve|vale|exige|requiere|pag\w+|gan[oó]|muri[oó]|naci[oó]|"
    r"conoc\w+|firm\w+|aprob\w+)\b)",
    "any": r"\b(?:tienes|tenemos|hay|existe) (?:algo|alg[uú]n\w*)\b|\best[aá]n? "
    r"(?:cargad|guardad|indexad|subid)\w+",
    "asks": r"\b(?:qu[eé]|cu[aá]l(?:es)?|c[oó]mo|cu[aá]ndo|cu[aá]nt[oa]s?|"
    r"qui[eé]n(?:es)?|d[oó]nde)\b",
    "called": r"c[oó]mo se (?:llam|apellid|titul|denomin)\w+",
    "who": r"\bqui[eé]n\b",
    "when": r"\bcu[aá]ndo\b|qu[eé] (?:año|fecha|d[ií]a|mes)\b",
    "where": r"\bd[oó]nde\b",
    "how_much": r"\bcu[aá]nt[oa]\b|qu[eé] (?:precio|cantidad|importe)",
    "how_many": r"\bcu[aá]nt[oa]s\b",
    "how": r"\bc[oó]mo\b",
    "what": r"\bqu[eé]\b",
    "which": r"\bcu[aá]l\b",
    "which_ones": r"\bcu[aá]les\b",
    "begs": r"^\W*(?:dime|dame|haz\w*|expl[ií]ca\w*|ens[eé]ña\w*|indica\w*|quiero|"
    r"necesito|pon\w*|calcula)\b",
}  # fmt: skip

_ENGLISH = {
    "what_is": r"what(?:['’]s| (?:is|are|was|were))\b(?! (?:best|the best|left|behind))",
    "means": r"\bmeans?\b|meant|meaning|defin\w+|concept|stand for|abbreviation|counts? "
    r"as|considered|called|what kind of",
    "which_things": r"what (?:are|were) (?:the|our|my|its|all)\b|(?:which|what) (?:\w+ "
    r")?(?!is\b|was\b|does\b|has\b|years?\b)\w+[^s'’\W]s\b|who are\b|which two|"
    r"which three|which \w+s\b",
    "enumerates": r"^\W*(?:(?:can you |please |give me |make |write |tell me )?(?:a |all |the "
    r")?(?:list|enumerate|name|state|cite|all)\b)|\blist of\b",
    "many_matters": r"requirements|advantages|disadvantages|benefits|types|kinds|goals|"
    r"objectives|aims|risks|measures|consequences|symptoms|effects|obligations|"
    r"rights|grounds|principles|features|characteristics|limitations|challenges|"
    r"phases|techniques|materials|tools|ingredients|members|levels|services|"
    r"expenses|parts|elements|functions|factors|examples|things",
    "how_to": r"how (?:do|can|should|must|would) (?:i|we|you|one)\b|how (?:is|are) .* "
    r"(?:\w+ed|made|done|set|put|built|sold|kept|paid|sent|cut|run)\b|how "
    r"(?:does|do) .*(?:works?|form|get|made)\b|how to\b|step by step|\bsteps\b|"
    r"procedure|instructions|guide (?:to|for)|process\b|in (?:which|what) order|"
    r"in what way|how should",
    "must_do": r"(?:should|must|do|does|have to|need to|can|shall|be) (?:\w+ )?(?:\w+ "
    r")?(?:have to |need to )?d(?:o|one)\b|what (?:do|should|must|can|shall) "
    r"(?:i|we|you|the \w+|one) (?:have to |need to )?do",
    "causes": r"\bwhy\b|reasons?\b|caus(?:e|es|ed)\b|what (?:led|drove|made|makes|"
    r"explains|triggered|brought)|how come|due to|is behind|to blame|on what "
    r"grounds|because",
    "purpose": r"what .* (?:used )?for\??$|purpose|(?:in order|so as) to what|to what end",
    "compares": r"differen\w+|differ\b|distinguish\w*|compar\w+|versus|\bvs\b|in common|"
    r"similar\w*|contrast\w*|the same as|sets? .* apart|advantage .* over|"
    r"changed from|pros and cons",
    "either": r"(?:,| between) [^,?]{2,30} (?:or|and) [^?,]{2,30}\??$",
    "chooses": r"\bor\b",
    "more": r"\b(?:more|less|better|worse|earlier|first|longer|\w{3,}er)\b",
    "greatest": r"\b(?:the|had|has|with|bought|sold|sells|made) (?:most|least|\w+est|best|"
    r"worst)\b|\b(?:highest|lowest|largest|smallest|biggest|cheapest|tallest)\b|"
    r"maximum|minimum|the most",
    "adds_up": r"\btotal\b|\bsums?\b|add(?:s|ed)? up|average|\bmean\b (?!by)|altogether|in "
    r"all\b|combined|calculat\w+|subtract\w*|per person|per (?:thousand|hundred|"
    r"head)|would .* (?:cost|save)|each of|compute",
    "difference": r"how (?:much|many) (?:more|less|fewer|\w+er)\b|how many more|price gap|"
    r"difference in|by how (?:much|many)|exceed\w*|grow\w*|grown|increas\w+|"
    r"decreas\w+|drop\w*|fell|rose|passed between|are (?:there )?(?:left|from)",
    "share": r"percentage|proportion|what share|what fraction|what part|how many of the",
    "age": r"how old",
    "spans": r"\b(?:between|from)\b.*\b(?:and|to)\b",
    "sums_up": r"summar\w+|sum up|synthes\w+|overview|key points|(?:main|key) (?:ideas?|points|"
    r"conclusions|takeaways)|what is .* about\??$|conclusions?|broad terms|nutshell|in "
    r"short|outline|synopsis|abstract|essentials|briefly|condense|recap|up to "
    r"date|tell me about|most important points|content of|was (?:discussed|"
    r"agreed|said)|what does .* (?:say|tell|propose|contain)"
    r"(?!.* (?:about|on)\b)|describe|walk me",
    "documents": r"documents?|files?|pdfs?|librar(?:y|ies)|folders?|texts?|pages?|"
    r"spreadsheets?|papers|reports|languages?|titles|minutes|information|"
    r"presentations",
    "have_you": r"do you (?:have|know)|do we have|\bis there any|\bare there\b|loaded|added|"
    r"mentions?|talks? about|deals? with|appear|contain|\bon\b|about|you know|i "
    r"ask you",
    "you": r"\b(?:are|can|did|do|made|were|is) (?:you|really|that|anybody|it)\b|"
    r"\byou(?:r)?\b|really|sure\b|trust",
    "pleasantry": r"\bhello|\bhi\b|hey|thank\w*|good ?(?:morning|afternoon|evening|night|bye)|"
    r"bye|see you|sorry|\bok\b|okay|great|perfect|nice to|all right|kind of you|"
    r"so kind|cheers|merry|well done|very well|what's up|pleas\w+|mistake|"
    r"that's wrong|understand me",
    "when_where": r"\b(?:in|on|at|of|for) (?:the )?(?:\d{4}|january|february|march|april|may|"
    r"june|july|august|september|october|november|december|first|second|third|"
    r"fourth|term|quarter|ward|column|matchday|season|table|station|shop|"
    r"department|grade|group|north|south|mondays?|tuesdays?|wednesdays?|"
    r"thursdays?|fridays?|saturdays?|sundays?|holidays)\b|\d{1,2} (?:january|"
    r"february|march|april|june|july|august|september|october|november|"
    r"december)|quarter|monthly",
    "measure": r"amount|price|tariff|fee\b|rate\b|balance|salary|mark\b|points|votes|units|"
    r"goals|yield|consumption|budgeted|spend|spent|sold|earn\w*|item|dose|"
    r"pressure|torque|profit|visitors|retention|percentage|time\b|days|calories|"
    r"value|row|rainfall|sick days|enrolled|temperature",
    "key": r"\b[A-Z]{1,4}-?\d+\w*|\b\d+(?:\.?(?:th|st|nd)|\s?%)?|\b(?:model|line|"
    r"account|item|grade|section|department|machine|building|size|zone|class|"
    r"brand|candidate|team) \w+",
    "is_it": r"^\W*(?:(?:the \w+|also|so) )?(?:is|are|was|were|do|does|did|can|could|may|"
    r"might|must|should|shall|will|would|has|have|had|am|isn['’]t|don['’]t|"
    r"doesn['’]t|didn['’]t)\b",
    "any": r"\b(?:have|got|there) (?:any|some)(?:thing)?\b|\bbeen (?:loaded|added|"
    r"indexed|uploaded)",
    "asks": r"\b(?:what|which|how|when|who|whom|whose|where|why)\b",
    "called": r"\b(?:what|how)\b.*\b(?:called|named|titled)\b",
    "who": r"\bwho(?:m|se)?\b",
    "when": r"\bwhen\b|what (?:year|date|day|month)\b",
    "where": r"\bwhere\b",
    "how_much": r"\bhow much\b|what (?:price|amount)",
    "how_many": r"\bhow many\b",
    "how": r"\bhow\b",
    "what": r"\bwhat\b",
    "which": r"\bwhich\b",
    "which_ones": r"\bwhat are\b|\bwhich \w+s\b",
    "begs": r"^\W*(?:tell|give|make|write|explain|show|state|want|i need|i['’]d like|"
    r"calculate)\b",
}  # fmt: skip

INTENT_CUES = {"es": _SPANISH, "en": _ENGLISH}
