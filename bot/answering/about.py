"""Messages about the bot, the library or the last answer, recognised as whole messages."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.answering.answer import Entry, Note, Plan, Status, statement
from bot.answering.lexicon import OWN_GROUPS
from bot.answering.query import parse
from bot.language.pack import ENGLISH
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bot.answering.answer import Block
    from bot.answering.catalog import Catalog
    from bot.answering.lexicon import AboutPhrase
    from bot.answering.query import Query
    from bot.language.pack import LanguageFile, NewsTexts
    from bot.library.model import Brief, Source

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
_OF_A_CHANNEL: Final = frozenset({Intent.SCHEDULE, Intent.SHARE, Intent.STOP})
"""What may be asked for in a channel by its name."""
_CHANNEL: Final = re.compile(r"\b(?:in|to|into) #[\w-]+", re.IGNORECASE)
_FIRST_PERSON: Final = frozenset({"i", "im", "me", "my", "myself", "ich", "mich", "mir"})
"""Who says with one of these that they are in distress means themselves."""
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
    if phrase is None and "#" in text:  # "post this every monday in #general"
        order = recognise(parse(_CHANNEL.sub(" ", text), catalog.lexicon).meant, catalog)
        phrase = order if order and order.intent in _OF_A_CHANNEL else None
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
    """What follows of the last answer, of statements the brief that they are in.

    Where there is none that goes on, which brief is meant.
    """
    if before and before.status is Status.ANSWERED and not before.is_aside:
        if before.snippets and before.brief and not (before.actors or before.about):
            said = tuple(note for note in before.notes if note.startswith(phrases.ASKED_IN))
            return replace(
                before, snippets=(), judged=(), notes=said, reader=None, score=100.0, page=1
            )
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
            if phrase.intent is Intent.DISTRESS and not _FIRST_PERSON.isdisjoint(words):
                return phrase  # whatever else is said
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


MAX_NAMED: Final = 5
"""Owners, documents or briefs that are named in one reply."""


def about_blocks(
    plan: Plan, catalog: Catalog, today: date, cited: Sequence[Source] = ()
) -> tuple[Block, ...]:
    """What is said to a message about the bot; `cited` are the documents of the last answer."""
    brief = catalog.library.briefs.get(plan.brief or "")
    blocks: Iterable[Block]
    match plan.intent:
        case Intent.HELP | Intent.HELLO:
            blocks = _greeting(plan.intent, catalog, replies_of(plan, catalog))
        case Intent.OWNER:
            blocks = map(Note, _owners(brief, catalog))
        case Intent.REVIEWED:
            blocks = map(Note, _reviews(brief, catalog))
        case Intent.SOURCES:
            blocks = map(Note, _sources(cited, catalog))
        case Intent.SHORTER:
            blocks = _shorter(brief, today)
        case Intent.NEWS:
            blocks = _newest(plan, catalog)
        case _:
            said = replies_of(plan, catalog).get(plan.intent.value)
            blocks = map(Note, _fixed(plan.intent, brief, catalog, said))
    return tuple(blocks)


def _fixed(
    intent: Intent, brief: Brief | None, catalog: Catalog, said: str | None
) -> Iterable[str]:
    """The phrases that are the same for every library, but for a brief's name as an example.

    `said` is the same in the language of the question, where the pack has it.
    """
    example = next(iter(catalog.library.briefs), "")
    languages = asked_in(catalog)
    for note in (said,) if said else phrases.REPLIES[intent].notes:
        yield note.format(example=example, languages=languages)
    if intent is Intent.FEEDBACK and brief:
        yield phrases.NOTES["feedback-owner"].format(owner=brief.owner)


def asked_in(catalog: Catalog) -> str:
    """The languages in which people may ask: `English, German or Spanish`."""
    *names, last = (file.name for file in catalog.vocabulary.languages.values())
    return f"{', '.join(names)} {phrases.OR} {last}"


def _greeting(intent: Intent, catalog: Catalog, said: Mapping[str, str]) -> Iterable[Note]:
    """How to ask, with the names of the loaded library."""
    texts = {**phrases.NOTES, **said}
    example = next(iter(catalog.library.briefs), "")
    if intent is Intent.HELLO:
        yield Note(texts["hello"])
    yield Note(texts["help-ask"].format(example=example))
    if intent is Intent.HELP:
        if sides := _example_sides(catalog):
            yield Note(texts["help-compare"].format(sides=sides))
        for key in ("help-next", "help-list", "help-more"):
            yield Note(texts[key])


def _example_sides(catalog: Catalog) -> str | None:
    """Two actors of one family that have most to compare: "China and United States"."""
    concepts = catalog.vocabulary.concepts.values()
    named = (c.id for c in concepts if c.group is Group.ACTOR and catalog.is_actor(c.id))
    actors = [actor for actor in named if actor not in catalog.document_actors]
    actors.sort(key=lambda actor: -len(catalog.about.get(actor, ())))
    for first in actors[:1]:
        for second in actors[1:]:
            related = second in catalog.lineage(first) or first in catalog.lineage(second)
            if catalog.families[first] == catalog.families[second] and not related:
                label = catalog.vocabulary.label
                return f"{label(first)} {phrases.AND} {label(second)}"
    return None


def _owners(brief: Brief | None, catalog: Catalog) -> Iterable[str]:
    if brief:
        yield phrases.NOTES["owner-one"].format(title=brief.title, owner=brief.owner)
    else:
        owners = dict.fromkeys(b.owner for b in catalog.library.briefs.values())
        named = ", ".join(islice(owners, MAX_NAMED))
        yield phrases.NOTES["owner-all"].format(owners=named)


def _reviews(brief: Brief | None, catalog: Catalog) -> Iterable[str]:
    if brief:
        yield phrases.NOTES["reviewed-one"].format(
            title=brief.title, reviewed=brief.reviewed, due=brief.review_by
        )
    else:
        days = [b.reviewed for b in catalog.library.briefs.values()]
        if days:
            yield phrases.NOTES["reviewed-all"].format(first=min(days), last=max(days))


def _sources(cited: Sequence[Source], catalog: Catalog) -> Iterable[str]:
    """The documents of the last answer, else of the library."""
    yield phrases.NOTES["source-lines" if cited else "source-all"]
    for source in (cited or list(catalog.library.sources.values()))[:MAX_NAMED]:
        yield _source(source)


def spoken_of(source: Source, sign: str) -> str:
    """`; speaks of 2026`, after a sign; nothing where the document names no time."""
    if source.dates_itself == phrases.UNDATED:
        return ""
    return f"{sign} {phrases.SPEAKS_OF} {source.dates_itself}"


def _source(source: Source) -> str:
    told = phrases.NOTES["source"].format(
        id=source.id,
        title=source.title,
        publisher=source.publisher or phrases.PUBLISHER_UNKNOWN,
        dated=source.published or phrases.UNDATED + spoken_of(source, ","),
    )
    return " ".join(filter(None, (told, source.url, source.archived)))


def _shorter(brief: Brief | None, today: date) -> tuple[Block, ...]:
    """The gist of the brief that was talked about."""
    if brief is None:
        return (Note(phrases.NOTES["nothing-shorter"]),)
    return (statement(brief.gist, today),)


def news_texts(plan: Plan, catalog: Catalog) -> NewsTexts:
    """What is said of what is new, in the language that the question was in."""
    return _asked_in(plan, catalog).news


def replies_of(plan: Plan, catalog: Catalog) -> Mapping[str, str]:
    """What is said in the language that the question was in; nothing for English."""
    return _asked_in(plan, catalog).replies


def _asked_in(plan: Plan, catalog: Catalog) -> LanguageFile:
    asked = (note.removeprefix(phrases.ASKED_IN) for note in plan.notes)
    languages = catalog.vocabulary.languages
    return next((languages[code] for code in asked if code in languages), languages[ENGLISH])


def _newest(plan: Plan, catalog: Catalog) -> Iterable[Block]:
    """The briefs by their review, `MAX_NAMED` a page."""
    known = list(catalog.library.briefs.values())
    briefs = sorted(known, key=lambda b: (-b.reviewed.toordinal(), b.title))
    page = briefs[(plan.page - 1) * MAX_NAMED : plan.page * MAX_NAMED]
    yield Note(news_texts(plan, catalog).reviewed) if page else Note(phrases.NOTES["no-more"])
    for brief in page:
        yield Entry(brief.slug, brief.title, f"{phrases.REVIEWED} {brief.reviewed}")
