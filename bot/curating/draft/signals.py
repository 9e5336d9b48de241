"""What a sentence says of itself: a forecast, a question, a reaction; of whom, of what, when."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.answering.terms import stem
from bot.answering.text import read_words
from bot.language.pack import FOLDER, LANGUAGES, read_language
from bot.library.model import Kind
from bot.library.vocabulary import Group, parse_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.lexicon import Lexicon


_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NAMED = r"[A-Z][\w.&’'-]*(?: (?:of |for |the )?[A-Z][\w.&’'-]*){0,4}"
_ACCORDING = re.compile(r"\b[Aa]ccording to ((?:an? |the )?[^,.;:()]{2,60})")
_SAYS = re.compile(rf"\b({_NAMED}) (\w+)\b(?! and)")
MOST_BOILERPLATE = 40
"""Words of a paragraph that may be boilerplate."""


class DraftWords(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One language's `drafting.yaml`; forms separated by commas."""

    outlook: str
    possible: str
    question: str
    effect: str
    aim: str
    reaction: str
    event: str
    members: str
    contrast: str
    sides: str
    differences: str
    holders: str
    saying: str
    outlook_heading: str
    reaction_heading: str
    impact_heading: str
    question_heading: str
    answered_heading: str
    boilerplate: str


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    return stem(word)


class Forms:
    """Words and phrases of one kind, found in a text by their stems."""

    def __init__(self, text: str) -> None:
        forms = parse_forms(text)
        self._exact = frozenset(form[1:] for form in forms if form.startswith("="))
        loose = [_stems(form) for form in forms if not form.startswith("=")]
        self._single = frozenset(found[0] for found in loose if len(found) == 1)
        self._phrases = tuple(" ".join(("", *found, "")) for found in loose if len(found) > 1)

    def named(self, words: StemmedText) -> bool:
        """Whether one of them stands there."""
        return (
            not self._single.isdisjoint(words.stems)
            or not self._exact.isdisjoint(words.plain)
            or any(phrase in words.joined for phrase in self._phrases)
        )

    def has(self, word: str) -> bool:
        """Whether a single word is one of them."""
        return word.lower() in self._exact or _stem(word.lower()) in self._single


def _stems(text: str) -> list[str]:
    return [_stem(word.lower()) for word in _TOKEN.findall(text)]


@dataclass(frozen=True, slots=True)
class StemmedText:
    """A text as words, stems, and stems in a row."""

    plain: tuple[str, ...]
    stems: tuple[str, ...]
    joined: str

    @classmethod
    def of(cls, text: str) -> StemmedText:
        """Read a text; the month of May is no possibility."""
        raw = _TOKEN.findall(text)
        plain = tuple(
            "month" if word == "May" and index else word.lower() for index, word in enumerate(raw)
        )
        stems = tuple(map(_stem, plain))
        return cls(plain, stems, " ".join(("", *stems, "")))


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a sentence: the heading above and the line that leads a list in."""

    heading: str = ""
    lead: str = ""
    row: bool = False
    """It is of a table, where nobody speaks."""


class SentenceClassifier:
    """Reads sentences by the word lists of their language."""

    def __init__(self, words: DraftWords) -> None:
        self._forms: Mapping[str, Forms] = {
            name: Forms(getattr(words, name)) for name in DraftWords.__struct_fields__
        }
        either = "|".join(map(re.escape, parse_forms(words.sides)))
        self._sides = re.compile(
            rf"^(?:{either}) ([^,]+), (.+)$|^(.+?),? (?:{either}) (.+)$", re.IGNORECASE
        )

    def kind(self, text: str, around: Context) -> Kind:
        """What sort of statement it is; the first rule that applies wins."""
        heading = StemmedText.of("" if self._answers(around.heading) else around.heading)
        words, lead = StemmedText.of(text), StemmedText.of(around.lead)
        rules = (
            (Kind.OPEN_QUESTION, self._asks(text, words, lead, heading)),
            (Kind.OUTLOOK, self._is("outlook", words) or self._is("outlook_heading", heading)),
            (Kind.FACT, self._is("members", lead) and not self._is("possible", lead)),
            (Kind.REACTION, not around.row and self._reacts(lead, heading)),
            (self._possible(words, lead, heading), self._is("possible", words)),
            (Kind.IMPACT, self._is("possible", lead)),
            (Kind.CLAIM, self._is("aim", words)),
            (Kind.FACT, self._is("event", words) or self._is("event", lead)),
            (Kind.IMPACT, self._is("effect", words)),
            (Kind.REACTION, self._is("reaction", words)),
        )
        return next((kind for kind, applies in rules if applies), Kind.CLAIM)

    def _answers(self, heading: str) -> bool:
        """Whether what stands under a heading is an answer: it asks, or is of a FAQ."""
        asked = heading.rstrip().endswith(("?", "？"))
        return asked or self._is("answered_heading", StemmedText.of(heading))

    def is_boilerplate(self, text: str) -> bool:
        """Whether a short text is about the page and not about its subject."""
        return len(text.split()) <= MOST_BOILERPLATE and self._is(
            "boilerplate", StemmedText.of(text)
        )

    def _reacts(self, lead: StemmedText, heading: StemmedText) -> bool:
        return self._is("reaction_heading", heading) or self._is("reaction", lead)

    def _possible(self, words: StemmedText, lead: StemmedText, heading: StemmedText) -> Kind:
        """What could happen is an impact where something causes it, else a forecast."""
        causes = self._is("effect", words) or self._is("impact_heading", heading)
        return Kind.IMPACT if causes or lead.plain else Kind.OUTLOOK

    def _asks(
        self, text: str, words: StemmedText, lead: StemmedText, heading: StemmedText
    ) -> bool:
        if text.rstrip("\"'”’)] ").endswith(("?", "？")):
            return True
        return (
            self._is("question", words)
            or self._is("question", lead)
            or self._is("question_heading", heading)
        )

    def compares(self, text: str) -> bool:
        """Whether it sets things against each other."""
        return self._is("contrast", StemmedText.of(text))

    def sides(self, text: str) -> tuple[str, str] | None:
        """The two halves of "while A does this, B does that"."""
        match = self._sides.match(text)
        return (match[1] or match[3], match[2] or match[4]) if match else None

    def lists_differences(self, lead: str, heading: str) -> bool:
        """Whether a list under this is a comparison."""
        return self._is("differences", StemmedText.of(lead)) or self._is(
            "differences", StemmedText.of(heading)
        )

    def holder(self, text: str) -> str | None:
        """Who holds it, where the sentence says so: "unnamed experts", "Jane Doe"."""
        if match := _ACCORDING.search(text):
            return _unnamed(match[1].strip(), self._forms["holders"])
        words = _TOKEN.findall(text)
        for index, word in enumerate(words):
            if word.endswith("s") and self._forms["holders"].has(word):
                # What the holder does stands within four words: "experts widely agree".
                after = words[index + 1 : index + 5]
                if any(self._forms["saying"].has(each) for each in after):
                    return f"unnamed {word.lower()}"
        match = _SAYS.search(text)
        if match and self._forms["saying"].has(match[2]):
            return match[1]
        return None

    def _is(self, name: str, words: StemmedText) -> bool:
        return self._forms[name].named(words)


def _unnamed(holder: str, holders: Forms) -> str:
    """As it is: somebody like "a study by Acme", or nobody in particular like "the experts"."""
    bare = re.sub(r"^(an?|the) ", "", holder, flags=re.IGNORECASE)
    return f"unnamed {bare}" if bare.islower() and holders.has(bare.split()[-1]) else holder


FILE = "drafting.yaml"


@cache
def load_words() -> Mapping[str, DraftWords]:
    """The word lists of each language that has some.

    Raises:
        SettingsError: A file is wrong.
    """
    having = (code for code in LANGUAGES if (FOLDER / code / FILE).is_file())
    return {code: read_language(code, FILE, DraftWords) for code in having}


_YEAR = r"(?:19|20)\d\d"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_WHEN = re.compile(
    rf"\b((?:(?:early|mid|late)[ -]|(?:{_MONTH}) (?:\d{{1,2}}, )?|Q[1-4] )?({_YEAR}))\b(?!s\b)"
)
_BY = re.compile(
    rf"\b(?:by|until|before|through)(?: the)?(?: end of| early| mid| late)? ({_YEAR})\b"
)
_IN = re.compile(rf"\b(?:in|during|from|since) ({_YEAR})\b")
_SPAN = re.compile(
    r"\b(?:over|within|in|during) the (?:next|coming) (?:(\d{1,2}|\w+) )?(year|decade)s?\b"
    r"|\bnext (year|decade)\b"
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
YEAR = timedelta(days=365)
FARTHEST_YEAR = 2100
_AMOUNT = re.compile(r"\d")
_ANY_YEAR = re.compile(rf"\b{_YEAR}s?\b")


def find_time(text: str) -> str | None:
    """The first time that is named, as it is named: "early 2024", "March 2026"."""
    match = _WHEN.search(text)
    return match[1] if match else None


def document_time(texts: Iterable[str], today: date) -> str | None:
    """How a document dates what it describes: the year it names most, in its words."""
    years: Counter[str] = Counter()
    first: dict[str, str] = {}
    for text in texts:
        for match in _WHEN.finditer(text):
            if int(match[2]) <= today.year + 1:
                years[match[2]] += 1
                first.setdefault(match[2], match[1])
    return first[max(years, key=lambda year: (years[year], year))] if years else None


def look_again(text: str, today: date) -> date:
    """When to check what came of a forecast: after the time it names, else in a year."""
    named = [int(year) for year in (*_BY.findall(text), *_IN.findall(text))]
    coming = [year for year in named if today.year <= year <= FARTHEST_YEAR]
    if coming:
        return date(max(coming) + 1, 1, 1)
    if match := _SPAN.search(text):
        unit = match[2] or match[3]
        count = _count(match[1]) * (10 if unit == "decade" else 1)
        return date(today.year + count, 1, 1) if count > 1 else today + YEAR
    return today + YEAR


def _count(word: str | None) -> int:
    if word is None:
        return 1
    return int(word) if word.isdecimal() else _NUMBERS.get(word.lower(), 1)


def find_details(text: str) -> frozenset[str]:
    """Whether it can tell a date, or a number that is no date."""
    found = {"date"} if _WHEN.search(text) else set()
    if _AMOUNT.search(_ANY_YEAR.sub("", text)):
        found.add("number")
    return frozenset(found)


MAX_ACTORS, MAX_ASPECTS, MAX_NAMES = 4, 3, 10
_NAME = re.compile(r"(?<![.!?:“\"] )(?<!^)\b[A-Z][\w&’'-]*\w(?: [A-Z][\w&’'-]*\w)*")
"""Capitals that no beginning of a sentence explains."""
_CALENDAR = frozenset(filter(None, (*calendar.month_name, *calendar.day_name)))


@dataclass(frozen=True, slots=True)
class Tags:
    """Ids of the vocabulary, in the order in which they are named."""

    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()

    general: bool = False
    """Only actors of no side are named, such as the world or its users."""

    def or_else(self, other: Tags) -> Tags:
        """These; where there are none of a sort, those of the text around it."""
        actors = self.actors or other.actors
        if self.general and other.actors and not other.general:
            actors = other.actors
        general = self.general if actors == self.actors else other.general
        return Tags(actors, self.aspects or other.aspects, general)


class Tagger:
    """Finds actors and aspects with the same eyes as questions are read with."""

    def __init__(self, catalog: Catalog, language: str = "en") -> None:
        self._catalog = catalog
        self._language = language

    def tags(self, text: str) -> Tags:
        """The actors and aspects that a text names, the narrowest of each family."""
        catalog = self._catalog
        actors: dict[str, None] = {}
        aspects: dict[str, None] = {}
        for concept in self._concepts(text):
            if catalog.is_actor(concept):
                actors[concept] = None
            elif catalog.vocabulary.concepts[concept].group is Group.ASPECT:
                aspects[concept] = None
        sides = [actor for actor in actors if catalog.families.get(actor)]
        named = self._narrow(sides or actors, MAX_ACTORS)
        return Tags(named, self._narrow(aspects, MAX_ASPECTS), general=bool(actors) and not sides)

    def unknown_names(self, texts: Iterable[str]) -> list[tuple[str, int]]:
        """Names that come more than once and are in no vocabulary, most frequent first."""
        found = Counter(name for text in texts for name in _NAME.findall(text))
        often = ((name, count) for name, count in found.most_common() if count > 1)
        unknown = ((n, c) for n, c in often if n not in _CALENDAR and not any(self._concepts(n)))
        return list(islice(unknown, MAX_NAMES))

    def _concepts(self, text: str) -> Iterable[str]:
        hits = self._catalog.lexicon.scan(read_words(text), self._language)
        return (concept for hit in hits for concept in hit.concepts)

    def _narrow(self, found: Iterable[str], most: int) -> tuple[str, ...]:
        """Without those that a narrower one among them belongs to."""
        names = list(found)
        wider = {each for name in names for each in self._catalog.lineage(name)[1:]}
        return tuple(name for name in names if name not in wider)[:most]


def find_language(texts: Sequence[str], lexicon: Lexicon) -> str:
    """The language of most of a document."""
    return lexicon.language(read_words(" ".join(texts)[:20_000]))
