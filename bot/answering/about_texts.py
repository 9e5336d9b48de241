"""What the bot says of itself, its library and its last answer: facts of the product."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.answering.answer import Entry, Note
from bot.answering.statements import statement
from bot.language.pack import ENGLISH
from bot.library.vocabulary import Group, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bot.answering.answer import Block, Plan
    from bot.answering.catalog import Catalog
    from bot.language.pack import LanguageFile, NewsTexts
    from bot.library.model import Brief, Source

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
            blocks = map(Note, _fixed(plan.intent, brief, catalog))
    return tuple(blocks)


def _fixed(intent: Intent, brief: Brief | None, catalog: Catalog) -> Iterable[str]:
    """The phrases that are the same for every library, but for a brief's name as an example."""
    example = next(iter(catalog.library.briefs), "")
    languages = asked_in(catalog)
    for note in phrases.REPLIES[intent].notes:
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
