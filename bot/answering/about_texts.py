"""What the bot says of itself, its library and its last answer: facts of the product."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.answering.answer import Entry, Note
from bot.answering.statements import statement
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bot.answering.answer import Block
    from bot.answering.catalog import Catalog
    from bot.answering.plan import Plan
    from bot.library.model import Brief, Source

MAX_NAMED: Final = 5
"""Owners, documents or briefs that are named in one reply."""
_LANGUAGE: Final = "language-"
"""How the note on an answer's language begins."""
TITLES: Final[Mapping[Intent, str]] = {
    Intent.HELP: phrases.HELP_TITLE,
    Intent.HELLO: "Hello",
    Intent.THANKS: "With pleasure",
    Intent.STOP: "Stopping",
    Intent.SCHEDULE: "Scheduled briefings",
    Intent.SHARE: "Sharing",
    Intent.ABOUT: "About me",
    Intent.OWNER: "Who keeps the briefs",
    Intent.REVIEWED: "How current this is",
    Intent.SOURCES: "Sources",
    Intent.WHY: "Why you can check this",
    Intent.FEEDBACK: "Reporting a problem",
    Intent.SHORTER: "In short",
    Intent.REPEAT: "Once more",
    Intent.NEWS: "What is new",
    Intent.LANGUAGE: "Languages",
}


def about_title(intent: Intent) -> str:
    """The title of a reply about the bot."""
    return TITLES.get(intent, phrases.HELP_TITLE)


def about_blocks(
    plan: Plan, catalog: Catalog, today: date, cited: Sequence[Source] = ()
) -> tuple[Block, ...]:
    """What is said to a message about the bot; `cited` are the documents of the last answer."""
    brief = catalog.library.briefs.get(plan.brief or "")
    blocks: Iterable[Block]
    match plan.intent:
        case Intent.HELP | Intent.HELLO:
            blocks = _greeting(plan.intent, catalog)
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
            blocks = map(Note, _fixed(plan.intent, brief, catalog))
    return tuple(blocks)


def _fixed(intent: Intent, brief: Brief | None, catalog: Catalog) -> Iterable[str]:
    """The phrases that are the same for every library, but for a brief's name as an example."""
    example = next(iter(catalog.library.briefs), "")
    for key in _PLAIN.get(intent, ()):
        yield phrases.NOTES[key].format(example=example)
    if intent is Intent.FEEDBACK and brief:
        yield phrases.NOTES["feedback-owner"].format(owner=brief.owner)


_PLAIN: Final[Mapping[Intent, tuple[str, ...]]] = {
    Intent.THANKS: ("thanks",),
    Intent.STOP: ("stop",),
    Intent.SCHEDULE: ("schedule",),
    Intent.SHARE: ("share",),
    Intent.ABOUT: ("about", "about-data"),
    Intent.WHY: ("why", "why-limits"),
    Intent.FEEDBACK: ("feedback",),
    Intent.REPEAT: ("nothing-again",),
    Intent.LANGUAGE: ("language",),
}


def _greeting(intent: Intent, catalog: Catalog) -> Iterable[Note]:
    """How to ask, with the names of the loaded library."""
    example = next(iter(catalog.library.briefs), "")
    if intent is Intent.HELLO:
        yield Note(phrases.NOTES["hello"])
    yield Note(phrases.NOTES["help-ask"].format(example=example))
    if intent is Intent.HELP:
        if sides := _example_sides(catalog):
            yield Note(phrases.NOTES["help-compare"].format(sides=sides))
        for key in ("help-next", "help-list", "help-more"):
            yield Note(phrases.NOTES[key])


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


def _source(source: Source) -> str:
    told = phrases.NOTES["source"].format(
        id=source.id,
        title=source.title,
        publisher=source.publisher or phrases.PUBLISHER_UNKNOWN,
        dated=source.published or f"{phrases.UNDATED}, {phrases.SPEAKS_OF} {source.dates_itself}",
    )
    return " ".join(filter(None, (told, source.url, source.archived)))


def _shorter(brief: Brief | None, today: date) -> tuple[Block, ...]:
    """The gist of the brief that was talked about."""
    if brief is None:
        return (Note(phrases.NOTES["nothing-shorter"]),)
    return (statement(brief.gist, today),)


def news_note(plan: Plan, key: str, **facts: object) -> Note:
    """One of `phrases.NEWS`, in the language that the question was in."""
    told = next((note for note in plan.notes if note.startswith(_LANGUAGE)), "")
    said = phrases.NEWS.get(told.removeprefix(_LANGUAGE), phrases.NEWS["en"])
    return Note(said[key].format(**facts))


def _newest(plan: Plan, catalog: Catalog) -> Iterable[Block]:
    """The briefs by their review, `MAX_NAMED` a page."""
    known = list(catalog.library.briefs.values())
    briefs = sorted(known, key=lambda b: (-b.reviewed.toordinal(), b.title))
    page = briefs[(plan.page - 1) * MAX_NAMED : plan.page * MAX_NAMED]
    yield news_note(plan, "reviewed") if page else Note(phrases.NOTES["no-more"])
    for brief in page:
        yield Entry(brief.slug, brief.title, f"{phrases.REVIEWED} {brief.reviewed}")
