"""What is known of one language: its words as data, read alike for each by the modules beside.

Fields whose type is `str` hold alternatives of a regular expression, joined with «|» and without
flags: all are matched without regard to capitals unless their comment says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageData:
    """The words of one language."""

    code: str
    stemmer: str
    """Name of the Snowball algorithm."""

    # words and sentences
    letters: str
    """Letters and marks that no other language here has; a pattern that never matches for none."""
    stop_words: frozenset[str]
    """Function words, folded: they mark a language and carry no topic."""
    irregular_forms: Words
    """Forms of one verb each, parted by spaces, that its stemmer does not bring together."""
    articles: str
    abbreviations: frozenset[str]
    """Words after which a full stop ends no sentence, in small letters."""
    openers: frozenset[str]
    """Function words, in small letters, whose capital says only that a sentence begins."""
    name_particles: str
    """Words in small letters within a name: «Ministerio de Hacienda»."""
    chat_roles: str
    """What a forged turn of a chat may be headed with, besides the roles of the chat templates."""

    # numbers, units and dates
    numerals: Mapping[str, int]
    scales: Mapping[str, float]
    """Words behind a figure that multiply it."""
    amounts: str
    """Words, other than numerals, that show that a sentence states an amount."""
    per: str
    """What makes a share of the numeral behind it: «por ciento» is no hundred."""
    of: str
    """What may stand between a scale and its unit: «3 millones de euros»."""
    unit_link: str
    """What may stand between any figure and the thing counted."""
    percent: str
    units: Mapping[str, Words]
    """Unit -> the words for it."""
    money: str
    byte_sizes: str
    numbered_parts: str
    """Parts of a document that are known by their number, without accents."""
    every: str
    and_a_half: str
    no_units: Words
    """Words that may follow a figure and are not the thing counted."""
    months: tuple[Words, ...]
    weekdays: str
    """Names of the days of the week, Monday first, folded."""
    doubtful_months: Mapping[str, str]
    """Names of months that are common words too -> how the month stands, with its capital."""
    dates: str
    """Dates with the name of a month, where `{months}` stands for the names."""
    century: str
    centuries: str
    streets: str
    """What streets and squares are called."""

    # sentences that belong together
    points_back: str
    """Openings of a sentence whose subject or reason stands before it; capitals count."""
    causes: str
    """Words that give a cause or a purpose."""

    clause_words: str
    """What the numbered parts of a document are called."""

    order_words: str
    """Words that say what comes first and what then."""

    asking_words: str
    """Words with which a question asks for several things, and names its source: no topic."""

    # yes and no
    yes: str
    no: str
    yes_cells: str
    """Cells of a table that say yes."""
    no_cells: str
    affirmations: tuple[tuple[str, str], ...]
    """A statement as it is affirmed and as it is denied, in several wordings."""
    asks_whether: str
    """How a question begins that yes or no answers, up to its end."""

    # statements that must agree
    differs: str
    """How a sentence states a difference itself, behind its figure: «lower than»."""
    negations: str
    opposites: tuple[tuple[str, str], ...]
    """Pairs of what excludes each other, in the same order in every language."""

    # manners of a question
    greetings: str
    please: str
    thanks: str
    answer_so: str
    """Begins a sentence behind a question that says how the answer is to be given."""
    requests: str
    """What only asks to be told, up to the question itself."""
    question_format: str
    question_opening: str
    """The words with which a question begins, with the preposition before them."""

    # what a question asks for
    question_words: str
    asks_for: Mapping[str, str]
    """Kind of thing -> the words that ask for it, from the word that asks."""
    names_kind: Mapping[str, str]
    """Kind of thing -> what names it where no word asks."""
    according_to: str
    may_be_unsaid: str
    """Words for a document, a part of it or a kind of thing, which texts rarely say."""
    notes: str
    """How a question asks for what is written beside a text: «dice la nota»."""
    letterheads: str
    counts_anything: str
    """Nouns that a question may count without the answer's naming them."""
    asks_how_many: str
    asks_definition: str
    """Has one group in each alternative: the topic."""
    states: str
    """Verbs between a topic and its definition."""
    calls: str
    """Words between a definition and its topic."""

    # questions that ask two things
    joins: str
    asks_again: str
    """Words with which a second question opens; accents count, or relative clauses would match."""
    tells_again: str
    instructs: str
    """Opens a sentence that says how to answer, and asks nothing: «Round to two decimals.»"""
    """Imperatives with which a second question opens."""

    # questions that lean on the conversation
    continuations: str
    """Words that open a question like the next one of a conversation."""
    pointers: str
    subjectless: str
    """Whole questions that name no subject."""
    naming: str
    """What shows that a question names something; capitals count."""
    asks_at_start: str
    noun_first: bool
    """Whether a noun stands before what describes it: «director financiero»."""
    prepositions: str
    stands_for_it: str
    """What stands for a noun that was named before, at the beginning of a fragment: «la de…»."""
    stands_for_noun: str
    """A word that stands for a noun at the end of a fragment: «one»."""
    asks_of_a_subject: str
    """A question up to its verb, where a subject follows that is no definition of itself."""
    asks_what_it_is: str
    """A question up to «is», where what follows has a name of its own: no definition."""
    behind_a_subject: str
    """What may follow a subject, as a lookahead."""
    year_after: str
    year_before: str
    said_before: str
    """Words of an earlier question that ask or say what happens: its groups."""

    # refusals of a language model
    refusals: str

    # questions that a text asks of itself
    defining_sentence: str
    """A sentence that defines a `{term}`; capitals count."""
    no_terms: frozenset[str]
    gap_words: Mapping[str, str]
    """Kind of what is left out -> the words that ask for it."""
    heading_question: str
    definition_question: str
