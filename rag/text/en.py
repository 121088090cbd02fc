"""The words of English."""

from __future__ import annotations

from rag.text.language import LanguageData

_ARTICLES = r"an?|the"

ENGLISH = LanguageData(
    code="en",
    stemmer="english",
    letters=r"(?!)",
    stop_words=frozenset(
        """a about above after again against all also am an and any are as at be because been before
        being below between both but by can could did do does doing down during each few for from
        further had has have having he her here hers him his how i if in into is it its itself just
        many me more most much my no nor not of off on once only or other our out over own same she
        should so some such than that the their them then there these they this those through to
        too under until up very was we were what when where which while who whom whose why will
        with would
        you your""".split()
    ),
    irregular_forms=tuple(
        """choose chose chosen; pay paid; buy bought; sell sold; send sent; spend spent; keep kept;
        leave left; lose lost; find found; hold held; make made; build built; write wrote
        written; break broke broken; begin began begun; drive drove driven; take took taken;
        give gave given; get got gotten; meet met; run ran; teach taught; tell told; say said;
        think thought; win won; wear wore worn; steal stole stolen; speak spoke spoken; go went
        gone; come came; become became; grow grew grown; know knew known; see saw seen; eat ate
        eaten; fall fell fallen; rise rose risen; fly flew flown; draw drew drawn; throw threw
        thrown; freeze froze frozen; forget forgot forgotten; hide hid hidden; bring brought;
        catch caught; feed fed; feel felt; fight fought; hear heard; lead led; lend lent; light
        lit; mean meant; shoot shot; sit sat; sleep slept; stand stood; swim swam swum;
        understand understood; bind bound; bear bore born; die died dying; lay laid; sew sewn;
        show shown; shrink shrank shrunk; sink sank sunk; stick stuck; sweep swept; tear tore
        torn; wake woke woken; withdraw withdrew withdrawn""".split("; ")
    ),
    articles=_ARTICLES,
    abbreviations=frozenset(
        """mr mrs ms prof st fig figs eq vs inc ltd co corp jr e.g i.e al approx dept est jan
        feb apr jun jul aug sep sept oct nov dec rev u.s u.k o.s n.s cf ref ch min vol ed p pp
        etc""".split()
    ),
    openers=frozenset(
        """the an in on at of for from with by to after before each every all this that these those
        it its he she they we you i if when where who and or but as no not there a""".split()
    ),
    name_particles="of|the|and",
    chat_roles="instruction|response",
    numerals={
        "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
        "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
        "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
        "ninety": 90, "hundred": 100, "thousand": 1000,
    },
    scales={
        "hundred": 1e2, "thousand": 1e3, "million": 1e6, "millions": 1e6,
        "billion": 1e9, "billions": 1e9,
    },
    amounts="one|million|twice|half",
    per="per",
    of="of",
    unit_link="",  # «two of them» counts no «them»
    percent="percent|per cent",
    units={
        "%": ("percent",),
        "eur": ("euro", "euros"),
        "usd": ("dollar", "dollars"),
        "ms": ("millisecond", "milliseconds"),
        "second": ("second", "seconds"),
        "minute": ("minute", "minutes"),
        "hour": ("hour", "hours"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "month": ("month", "months"),
        "year": ("year", "years"),
        "km": ("kilometres", "kilometers"),
        "m": ("metres", "meters"),
        "kg": ("kilograms",),
        "bit": ("bit", "bits"),
        "token": ("token", "tokens"),
        "person": ("people", "persons"),
    },
    money="dollars?|cents?",
    byte_sizes="bytes?",
    numbered_parts=r"clauses?|articles?|sections?|points?|chapters?|annex|appendix|paragraphs?|items?|rules?",
    every="every",
    and_a_half="and a half",
    no_units=tuple(
        "of the to and or in on at for that by is are was were has had it but not a no".split()
    ),
    months=(
        ("january",), ("february",), ("march",), ("april",), ("may",), ("june",), ("july",),
        ("august",), ("september",), ("october",), ("november",), ("december",),
    ),
    weekdays="monday tuesday wednesday thursday friday saturday sunday",
    doubtful_months={
        "may": r"\bMay(?=,? \d)|\d(?:st|nd|rd|th)? (?:of )?May\b|\b(?:in|In) May\b"
    },
    dates=r"\b{months} \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?\b|\b\d{1,2} {months}(?: \d{4})?\b",
    century="century",
    centuries=r"(?:\d{1,2}(?:st|nd|rd|th)|\w+teenth) century",
    streets=r"street|st\.?|avenue|ave\.?|road|rd\.?|square|lane|drive|boulevard",
    points_back=r"(?!This (?:document|report|note|page|guide|manual|article)\b)"
    r"(?:It|Its|This|That|These|Those|They|Their|He|She|His|Her|Hers|Such|Both|Neither|"
    r"So|Therefore|Thus|Hence|Also|However|Instead|Then|There|Of these|For this reason|"
    r"As a result|Because of (?:this|that))\b",
    causes=r"(?:because|since\b|due to|owing to|as a result|therefore|for this reason|so that|"
    r"reason|caused?\b|hence|thus\b|in response|in order to|that is why)",
    clause_words=r"articles?|clauses?|sections?|paragraphs?|chapter|points?|art\.",
    order_words="first|then|next|after that|afterwards|second|third|finally|lastly|"
    "at last|in the end|once",
    asking_words="things list name mention mentioned give enumerate which kinds types steps "
    "compare difference differences explain describe described describes document documents text "
    "report note table section according things need follow can could do did does should must been "
    "being allowed permitted possible exist exists",
    yes="Yes",
    no="No",
    yes_cells=r"yes|y|x|✓|✔|☒|☑|always|met|passed|approved|done",
    no_cells=r"no|n|never|✗|✘|☐|none|not met|missed|failed|pending",
    affirmations=(
        ("Yes, {}", "No, not {}"),
        ("Yes: {}, always", "No: {}, never"),
        ("It is true that {}", "It is not true that {}"),
        ("It is possible: {}", "It is impossible: {}"),
        ("Of course {}", "In no way {}"),
    ),
    asks_whether=r"\W*(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|may|must)"
    r"\b(?!.* or ).*",
    differs=r"(?:\w+er|more|less)(?: \w+){0,2} than\b",
    negations=r"no|not|never|none|neither|nor|(?<!with or )without|cannot|nobody|nothing|lacks?|"
    r"fails? to|\w+n['’]t",
    opposites=(
        (
            r"increas|ris(?:e|es|ing)\b|rose\b|grow|grew\b|higher\b|greater\b|more\b|larger\b|"
            r"elevat|enhanc|promot|stimulat|activat|upregul|improv|induc",
            r"decreas|reduc|declin|drop|fall|fell\b|lower|less\b|fewer\b|smaller\b|diminish|"
            r"inhibit|suppress|prevent|block|downregul|worsen|impair|attenuat",
        ),
        (r"before\b|prior to", r"after\b|following\b"),
        (r"first\b", r"last\b"),
        (r"always\b", r"never\b"),
        (r"allow|permit|may\b", r"forbid|forbidden|prohibit|must not|may not"),
        (r"includ", r"exclud|except"),
        (r"min(?:imum|imal|\b)|at least", r"max(?:imum|imal|\b)|at most"),
        (r"beg[aiu]n|start", r"end(?:s|ed)?\b|finish"),
        (r"positive", r"negative"),
        (r"presence|present\b", r"absence|absent\b"),
        (r"required|mandatory|must\b", r"optional|need not"),
        (r"north", r"south"),
        (r"\beast", r"\bwest"),
    ),
    greetings=r"hi|hello|hey|good (?:morning|afternoon|evening)",
    please="please",
    thanks=r"thanks(?: a lot)?|thank you(?: very much)?",
    answer_so=r"(?:please )?(?:answer|respond|reply|round|express|state|(?:give|provide)(?: \w+)? "
    r"(?:answer|response|result|figure))\b",
    requests=r"(?:can|could|would|will) you (?:please )?(?:tell|explain|show|remind|help)(?: to)?"
    r"(?: me| us)?(?: understand)?\b|"
    r"(?:can|could|would|will) you (?:please )?"
    r"(?=(?:describe|compare|list|give|name|summari[sz]e|define)\b)|"
    r"(?:tell|show|remind)(?: me| us)\b|explain(?: to)?(?: me| us)?\b|"
    r"do you (?:happen to )?know\b|"
    r"(?:i|we)(?: would|['’]d)? (?:want|need|like) to (?:know|understand|find out)\b",
    question_format="{}?",
    question_opening=r"(?:what|which|why|how|when|who|whom|whose|where)\b",
    question_words="what|which|why|how|when|who|whom|whose|where",
    names_kind={
        "phone": r"\b(?:tele)?phone(?: number)?\b",
        "email": r"\be-?mail\b",
        "address": r"(?:postal )?address\b",
    },
    asks_for={
        "phone": r"(?:what|which)(?:['’]s| (?:is|are|was))? (?:the )?(?:\w+(?:['’]s)? )?"
        r"(?:tele)?phone(?: number)?\b",
        "email": r"(?:what|which)(?:['’]s| (?:is|are|was))? (?:the )?(?:\w+(?:['’]s)? )?e-?mail\b",
        "address": r"(?:what|which)(?:['’]s| (?:is|was)) (?:the )?(?:\w+['’]s )?(?:postal )?"
        r"address\b",
        "date": r"when\b|(?:what|which)(?: (?:is|was) the)? "
        r"(?:year|date|day|month|century|decade)\b",
        "percent": r"(?:what|which) percent",
        "money": r"(?:how much|what (?:is|was) the (?:cost|price))"
        r"(?=.*\b(?:cost|spen|pric|budget|pa[iy]))",
        "time": r"how (?:long|often)",
        "size": r"how (?:much|large|big)\b(?=.*\b(?:v?ram|memor|disc|disk|storage))",
        "amount": r"how (?:many|much|old|far|tall|large|big|high|fast)\b|"
        r"what (?:number|amount|share|proportion)\b",
        "name": r"who\b|whom\b|whose\b",
        "place": r"where\b",
    },
    counts_anything="people persons times things units items points degrees millimetres "
    "centimetres metres kilometres litres grams kilos tonnes hectares watts kilowatts volts "
    "miles feet inches",
    according_to="according to|as per",
    may_be_unsaid="celsius fahrenheit "
    "letter page footer slide sheet header heading letterhead e-mail mail hidden "
    "annex cover column row image comment form contract minutes "
    "number name date place title price amount cost value reason",
    notes="(?:do|does|in|according to) the (?:[a-z]+ )?(?:note|annotation|comment|remark)s?",
    letterheads="letterhead",
    asks_how_many="how many",
    asks_definition=rf"\bwhat (?:is|are)(?: meant by)? (?:(?:{_ARTICLES}) )?([^?,.;:]+)"
    rf"|\bwhat does (?:(?:{_ARTICLES}) )?([^?,.;:]+?) mean"
    rf"|(?:^|\b(?:explain|describe|tell me) )what (?:(?:{_ARTICLES}) )?([^?,.;:]+?) "
    r"(?:is|are|means?)\b",
    states=r"is|are|means?|refers?|consists?",
    calls=r"called|known as",
    joins="and",
    asks_again=r"(?:(?:by|for|with|to|in|on|of|from|over|at|since|until) )?"
    r"(?:what|which|why|how|when|who|whom|whose|where)\b",
    tells_again=r"(?:tell me|explain|list|name|summari[sz]e|compare|describe|define)\b",
    instructs=r"(?:please )?(?:answer|state|provide|give|respond|round|express|base|use|assume|"
    r"define|calculate)\b",
    continuations=r"^\s*(and|but|so|then|also|what about|how about)\b",
    # but «is it safe to…», which stands for what follows
    pointers=r"\b(?:(?<!is )it|it(?! (?:\w+ ){1,3}to\b)|its|they|them|their|he|she|him|his|her|"
    r"(?:this|that|these|those)(?=\s*(?:\?|$|is|was|are|were|do|does|did|cost|mean|one))|"
    r"the (?:same|latter|former|other)(?: one)?|such an?|instead|the \w+ (?:kind|ones?))\b",
    subjectless=r"^\s*(?:why|when|where|how|who)(?:\s+(?:much|many|long|often))?\s*\??$",
    naming=r"(?i:\b(?:the|an?|my|our|your)\s+\w)|(?<=\w )\w*[A-Z]|\d|:",
    asks_at_start=r"^\s*(?:\w+ )?(?:what|which|who|when|where|why|how)\b",
    noun_first=False,
    prepositions=r"in|of|at|on|with|without|for|from|to|by|during|since|until|about|between",
    stands_for_it=r"(?:the )?(?:one|ones|that|those) (?=of\b|in\b|on\b|at\b|with\b|for\b)",
    stands_for_noun=r"\bones?$",
    asks_of_a_subject=r"\s*(?:(?:in|at|to|with|from|for|by) )?(?:what|which|how|when|where|who|"
    r"whom|why)\b.*?\b(?:do|does|did|can|could|will|would|must|should|may|has|have|had)\b",
    asks_what_it_is=r"\s*(?:how \w+|who|where|when|which \w+|what(?= (?:is|are|was|were) the\b)) "
    r"(?:is|are|was|were)\b",
    behind_a_subject=r"\s\w+\?|"
    r"\s\w+\s(?:in|at|on|with|without|to|by|during|since|until|about)\s",
    year_after=r"(?:next|following) year|year after",
    year_before=r"(?:previous|last|preceding) year|year before",
    said_before=r"how (long|much|many|often|large|far|old|big|high|fast)\b|"
    r"\b(?:do|does|did)\b.*\b(\w+)\s*\?*\s*$",
    refusals=r"(?:cannot|can't|could not|couldn't|do not|don't) find it\b|"
    r"(?:cannot|can't|could not|couldn't|unable to|do not|don't|does not|is not|isn't|not) "
    r"(?:find|found|answer|contain|mention|specif\w+|provide\w*|state\w*|hold|include\w*)\b.*\b"
    r"(?:passages?|documents?|context|text|information|answer|question)\b|"
    r"(?:the )?(?:passages?|documents?|context|text) (?:do(?:es)? not|don't|doesn't) (?:contain|"
    r"mention|say|state|provide|specify|hold|answer)",
    defining_sentence=r"^(?:(?:The|A|An) )?{term}(?:, [^,.;]{1,60},|\([^)]{1,40}\))? "
    r"(?:is|are|was|were|means|consists of|refers to|is defined as|is called)"
    r" (?:a|an|the|any|each|one)\b",
    no_terms=frozenset(
        "this that these those it he she they there which what his her its not other".split()
    ),
    gap_words={"year": "what year", "number": "how much", "name": "what"},
    heading_question="What is said about {}?",
    definition_question="What is {}?",
)  # fmt: skip
