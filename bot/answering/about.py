"""Messages about the bot, the library or the last answer, recognised as whole messages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.answering.answer import Plan, Status
from bot.answering.lexicon import OWN_GROUPS
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.lexicon import AboutPhrase
    from bot.answering.query import Query

_NAMED_ALIKE: Final = frozenset({Intent.SOURCES, Intent.SHARE, Intent.SCHEDULE, Intent.NEWS})
"""Their words may be part of a library's own names: "open source", "market share"."""
_OF_A_BRIEF: Final = frozenset({Intent.OWNER, Intent.REVIEWED})
"""What may be asked of a brief by its name: "who owns china-vs-us"."""
MAX_OFFERED: Final = 3
"""Briefs that a reply about the bot offers."""
_OF_ANYTHING: Final = frozenset({("who", "owns"), ("wem", "gehort")})
"""What may be asked of whatever was spoken of: "who owns them?"."""
_ARTICLES: Final = frozenset({"the", "la", "das"})
_OF_THE_ASKER: Final = frozenset({"my", "our", "mine", "ours", "me", "us", "i", "we"})
"""Of whom it is asked then: "who is responsible for my things" is about no brief."""
MAX_WORDS: Final = 16
"""A longer message says more than something about the bot."""
OF_THE_LAST_ANSWER: Final = frozenset({Intent.SHORTER, Intent.REPEAT})
"""What such a message asks for is the last answer, whatever else is called so."""
_TIME_OF_DAY: Final = re.compile(r"\b\d{1,2}(?:[:.]\d\d|\s?[ap]m)\b", re.IGNORECASE)
_THANKING: Final = re.compile(
    "[\U0001f44d\U0001f44c\U0001f64f\U0001f64c\U0001f44f\U0001f389\u2764\u2705\U0001f60a\U0001f642]"
    r"|:(?:\+1|thumbsup|ok_hand|pray|raised_hands|clap|tada|heart|white_check_mark|blush|smile):"
)
_GREETING: Final = re.compile("\U0001f44b|:wave:")
_ASKING: Final = re.compile(r"[?\u2753\u2754\uff1f]|:question:|:grey_question:")


def about_plan(text: str, query: Query, catalog: Catalog, before: Plan | None) -> Plan | None:
    """The plan for a message that is about the bot as a whole, None for any other."""
    if ordered := _ordered(text, query.meant, catalog):
        brief, _ = _named_brief(query.meant, catalog)
        return _plan(ordered.intent, query, catalog, before, brief or "", ordered.language)
    named, phrase = None, recognise(query.meant, catalog)
    if phrase is None or phrase.intent in _OF_A_BRIEF:
        named, words = _named_brief(query.meant, catalog)
        phrase = recognise(words, catalog)
    intent = phrase.intent if phrase else None if query.words else _wordless(text)
    doubtful = named or (phrase and phrase.words in _OF_ANYTHING)
    if doubtful and not (intent in _OF_A_BRIEF and _means_brief(query, text, named, catalog)):
        return None  # "who is responsible for travel" asks for what the brief on travel says
    if not (named or catalog.document_actors.isdisjoint(query.actors)):
        return None  # "what does the second article say" asks for what it says
    if intent in _NAMED_ALIKE and _names_own(query, catalog):
        return None
    summary = before is None and intent is Intent.SHORTER and query.wants(Intent.SUMMARY)
    if intent is None or summary:
        return None
    language = phrase.language if phrase else "en"
    return _plan(intent, query, catalog, before, named or "", language)


def _plan(
    intent: Intent, query: Query, catalog: Catalog, before: Plan | None, named: str, language: str
) -> Plan:
    """The plan of a message that is recognised; `named` is the brief that it names."""
    if intent is Intent.MORE:
        return _next_page(before, catalog)
    if intent is Intent.REPEAT and before is not None and not before.is_aside:
        composed_by_intent = before.about or before.intent is Intent.LIST
        return replace(before, intent=before.intent if composed_by_intent else intent, page=1)
    return Plan(
        Status.ANSWERED,
        intent,
        brief=named or (before.brief if before else None),
        snippets=before.snippets if before else (),
        actors=before.actors if before else (),
        aspects=before.aspects if before else (),
        shared=before.shared if before else (),
        terms=before.terms if before else (),
        nearest=tuple(catalog.library.briefs)[:MAX_OFFERED],
        score=100.0,
        about=True,
        page=before.page if before and intent is Intent.SOURCES else query.page,
        notes=language_notes(language),
    )


def _next_page(before: Plan | None, catalog: Catalog) -> Plan:
    """What follows of the last answer; where there is none that goes on, which brief is meant."""
    if before and before.status is Status.ANSWERED and not before.is_aside:
        notes = before.notes if before.about else ()
        return replace(before, page=before.page + 1, notes=notes)
    offered = before.nearest if before else ()
    nearest = offered or tuple(catalog.library.briefs)[:MAX_OFFERED]
    return Plan(Status.CLARIFY, Intent.SUMMARY, nearest=nearest, notes=("pronoun",))


def language_notes(language: str) -> tuple[str, ...]:
    """The note on an answer in English to a question in another language."""
    return () if language == "en" else (f"{phrases.ASKED_IN}{language}",)


def _named_brief(words: tuple[str, ...], catalog: Catalog) -> tuple[str | None, tuple[str, ...]]:
    """The brief that a message names word for word among other words, and these.

    Without "the" and "brief" beside its name: "when was the travel brief reviewed".
    """
    size = len(words)
    begun = catalog.index.begin_names
    begins = [at for at, word in enumerate(words) if word in begun]
    for length in range(size - 1, 0, -1) if begins and size <= MAX_WORDS else ():
        for at in begins:
            last = at + length
            named = catalog.shortcut(" ".join(words[at:last])) if last <= size else None
            if named and named.brief:
                first = at
                beside = _ARTICLES | catalog.lexicon.called_brief
                while first and words[first - 1] in beside:
                    first -= 1
                last += not catalog.lexicon.called_brief.isdisjoint(words[last : last + 1])
                return named.id, (*words[:first], *words[last:])
    return None, words


def _means_brief(query: Query, text: str, name: str | None, catalog: Catalog) -> bool:
    """Whether a message means a brief, and not its subject: "travel" alone may be either."""
    by_slug = name is not None and "-" in name and name in text.casefold()
    called = catalog.lexicon.called_brief
    # Chinese and Japanese words stand in one run.
    return by_slug or any(
        w in called or any(c in w for c in called if not c.isascii()) for w in query.meant
    )


def _names_own(query: Query, catalog: Catalog) -> bool:
    """Whether it has a phrase of the library's own vocabulary: "open source" is no "source"."""
    concepts = catalog.vocabulary.concepts
    own = False
    for term in query.terms:
        # The very words stand behind the concepts that they name.
        if term.concept:
            own = own or concepts[term.concept].group in OWN_GROUPS
        elif own and term.key.startswith("+") and " " in term.key:
            return True
        else:
            own = False
    return False


def recognise(words: Sequence[str], catalog: Catalog) -> AboutPhrase | None:
    """The phrase that makes up the whole message; the longest that is found decides."""
    idle, about = catalog.lexicon.idle, catalog.lexicon.about
    best: AboutPhrase | None = None
    for at, word in enumerate(words if len(words) <= MAX_WORDS else ()):
        for phrase in about.get(word, ()):
            size = len(phrase.words)
            if (best and size <= len(best.words)) or tuple(words[at : at + size]) != phrase.words:
                continue
            rest = (*words[:at], *words[at + size :])
            if phrase.intent in _OF_A_BRIEF and not _OF_THE_ASKER.isdisjoint(rest):
                continue
            if all(w in idle or w in phrase.beside or w.isdecimal() for w in rest):
                best = phrase
    return best


def _ordered(text: str, words: Sequence[str], catalog: Catalog) -> AboutPhrase | None:
    """The phrase that begins an order: "schedule weekdays 9:00 china-vs-us" has a time of day."""
    if not words or not _TIME_OF_DAY.search(text):
        return None
    known = catalog.lexicon.about.get(words[0], ())
    orders = (p for p in known if p.intent is Intent.SCHEDULE and len(p.words) == 1)
    return next((p for p in orders if words[0] not in p.beside), None)


def _wordless(text: str) -> Intent | None:
    """What a message of signs alone means: a thumb, a wave, a question mark."""
    for pattern, intent in (
        (_THANKING, Intent.THANKS),
        (_GREETING, Intent.HELLO),
        (_ASKING, Intent.HELP),
    ):
        if pattern.search(text):
            return intent
    return None
