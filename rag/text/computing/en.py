"""How computations over tables are asked for and worded in English."""

from __future__ import annotations

from rag.text.computing.data import ComputingData

ENGLISH = ComputingData(
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
            r"longer|larger|greater|cheaper|dearer|bigger|smaller|faster|older)\b"
            r"(?! than [$€£]?\d)|"
            r"how (?:much|many) .*\b(?:more|less|fewer|higher|"
            r"lower|larger|greater)\b.*\bthan\b(?! [$€£]?\d)|by how much|"
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
    defined=r"\b(?:defined?|calculated?|computed?) (?:[\w '’%()-]{1,60} )?as\b",
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
    negative=r"\b(?:negative|below zero|in the red)\b",
    since=r"\bsince\b",
    clock=r"\bwhat time\b",
    until="to through",
    quarters="quarter quarters",
    before=r"\b(?:previous|prior|before|earlier|last (?:year|month|week|quarter|time))\b",
    tells_apart="before after not other no",
    idle="""how much many what which who when where is are was were did does do has have had the
    total average mean sum difference percentage percent share proportion fraction highest largest
    reported report filing stated disclosed recent latest newest
    greatest biggest lowest smallest least fewest most maximum minimum more less fewer number amount
    value figure table document documents according between all together overall combined compared
    than calculate compute tell give me want know result change changed grow grew growth increase
    increased decrease decreased rise rose fell fall drop dropped exceed exceeds exceeded same each
    higher lower larger longest shortest cheapest one two three four five six seven eight nine ten
    evolved trended trend trends varied shifted shift fluctuated fluctuations variations seen
    identified substantial significant notable consistent differ compare comparing reporting there
    altogether across throughout""",
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
    mixed="These figures are in different units, so nothing is computed from them: {parts}.",
    rows_named="{count} of {all} rows of the table",
    rows_counted="{count} rows",
    rows_counted_documents="{count} documents",
    several=r"\b(?:previous|prior|earlier|past|historical|reported|reporting) (?:quarters|periods|"
    r"months|years|ones)\b|\b(?:the|these|those|all|last) (?:two|three|four|five|six|seven|eight|"
    r"nine|ten|twelve|\d{1,2}) \w+\b(?! ended)|\b(?:in|for|of|by) (?:each|every)\b|"
    r"\ball (?:the )?\w+s\b|\bover time\b|\bquarter to quarter\b|\btrend\w*|\bfluctuat\w+|"
    r"\bevol\w+|\b(?:over|across|in|throughout|for) (?:the |these |all )?(?:\w+ )?(?:periods|"
    r"quarters|months|years|weeks|reports)\b(?! ended)",
    counted=r"\b(?:the|these|those|all) (two|three|four|five|six|seven|eight|nine|ten|twelve|"
    r"\d{1,2}) [^\W\d]+",
    changing=r"\b(?:chang|vari|fluctuat|evol|trend|shift|grow|grew|increas|decreas|compar|differ)\w*",
    newest=r"\b(?:most recent|latest|newest)\b",
    asks=r"\bhow (?:much|many)\b|\bwhat amount\b",
    money=r"\b(?:costs?|costing|pays?|paid|charged?|charges?|owed?|owes?|spend|spent|prices?|money|"
    r"salary|salaries|wages?|earns?|cheap|cheaper|cheapest|dearer|dearest|expensive)\b",
    of_series=r"\b(?:which|what|how many) (months?|quarters?|years?|days?)\b",
    priced=r"^\W*how much (?:is|are|was|were)\b",
    by_unit=r"\beach\b|\bapiece\b|\bper (?:unit|item|hour|metre|kilo|litre|piece)\b|"
    r"\bdoes (?:one|an?|a single)\b",
    more=r"\b(?:more|higher|greater|bigger|larger|longer|better|dearer|over|above|exceed\w*|"
    r"rise|rose|risen|increas\w+|grow\w*|grew|go(?:ne)? up|went up)\b",
    less=r"\b(?:less|fewer|lower|smaller|shorter|cheaper|worse|under|below|fall\w*|fell|drop\w*|"
    r"declin\w+|decreas\w+|go(?:ne)? down|went down)\b",
    moves=r"\b(?:rise|rose|risen|increas\w+|grow\w*|grew|gone? up|went up|fall\w*|fell|drop\w*|"
    r"declin\w+|decreas\w+|gone? down|went down)\b",
    results=r"\b(?:net|balance|profit|loss|results?|change|difference)\b",
    growth="{difference} ({share})",
)
