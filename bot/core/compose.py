"""Plan + catalog -> Answer: the library's own sentences, chosen and put in order."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from bot.core import phrases
from bot.core.answer import (
    MAX_TEXT_CHARS,
    Answer,
    Block,
    Entry,
    Intent,
    Note,
    Row,
    Statement,
    Status,
    Suggestion,
    Table,
)
from bot.core.model import FORWARD_LOOKING, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.core.catalog import Catalog
    from bot.core.model import Citation, Snippet
    from bot.core.plan import Plan

MAX_SUGGESTIONS = 4
MAX_LABEL_CHARS = 75
OVERHEAD_CHARS = 24
"""Room for a statement's label and citations beside its text."""


def compose(plan: Plan, catalog: Catalog) -> Answer:
    """Turn a decision into what is shown; ids that the library no longer has are left out."""
    match plan:
        case _ if plan.status is not Status.ANSWERED:
            return _declined(plan, catalog)
        case _ if plan.intent is Intent.LIST:
            return _listing(plan, catalog)
        case _ if plan.intent is Intent.HELP:
            return _help(plan, catalog)
        case _ if plan.actors:
            return _comparison(plan, catalog)
    return _statements(plan, catalog)


def statement(snippet: Snippet) -> Statement:
    """A snippet as it is shown: forecasts and open questions say that they are."""
    labels = {Kind.OUTLOOK: phrases.FORECAST, Kind.OPEN_QUESTION: phrases.OPEN_QUESTION}
    forward = snippet.kind in FORWARD_LOOKING
    told = snippet.outcome.citations if snippet.outcome else ()
    return Statement(
        snippet=snippet.id,
        text=snippet.text,
        citations=(*snippet.citations, *told),
        label=labels.get(snippet.kind),
        attribution=snippet.attribution,
        as_of=snippet.as_of,
        outcome=(snippet.outcome.text if snippet.outcome else phrases.OPEN) if forward else None,
    )


def cost_chars(item: Statement) -> int:
    """What a statement takes of an answer's room."""
    told = item.outcome if item.outcome not in {None, phrases.OPEN} else ""
    return len(item.text) + len(told or "") + OVERHEAD_CHARS


def _statements(plan: Plan, catalog: Catalog) -> Answer:
    brief = catalog.library.briefs.get(plan.brief or "")
    known = catalog.library.snippets
    if plan.snippets or brief is None:
        chosen = [known[s] for s in plan.snippets if s in known]
    else:
        chosen = [brief.gist, *(known[s] for s in brief.snippets)]
    pages = _pages([statement(s) for s in _told_once(chosen)])
    page = pages[plan.page - 1] if plan.page <= len(pages) else []
    blocks: list[Block] = [*_notes(plan), *page]
    if not page:
        blocks.append(Note(phrases.NOTES["no-more"]))
    suggestions = _suggestions(plan, catalog, more=plan.page < len(pages))
    title = brief.title if brief else ""
    return _answer(plan, catalog, title, blocks, suggestions)


def _told_once(snippets: Sequence[Snippet]) -> list[Snippet]:
    """Leave out single items of a list that is told, and a list of which items are told."""
    kept: list[Snippet] = []
    for snippet in snippets:
        if not any(_lists(a, b) or _lists(b, a) for a in kept for b in [snippet]):
            kept.append(snippet)
    return kept


def _lists(whole: Snippet, part: Snippet) -> bool:
    """Whether one snippet tells the lines of several others, this one among them."""

    def around(outer: Citation, inner: Citation) -> bool:
        return (
            outer.source == inner.source
            and outer.first <= inner.first
            and inner.last <= outer.last
            and outer.last - outer.first > inner.last - inner.first
        )

    return all(any(around(outer, c) for outer in whole.citations) for c in part.citations)


def _pages(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Cut between statements so that each page holds at most `MAX_TEXT_CHARS`."""
    pages: list[list[Statement]] = []
    room = 0
    for item in statements:
        cost = cost_chars(item)
        if not pages or cost > room:
            pages.append([])
            room = MAX_TEXT_CHARS - 200
        pages[-1].append(item)
        room -= cost
    return pages


def _comparison(plan: Plan, catalog: Catalog) -> Answer:
    labels = tuple(catalog.vocabulary.label(actor) for actor in plan.actors)
    rows = _rows(plan, catalog)
    pages = _row_pages(rows)
    page = pages[plan.page - 1] if plan.page <= len(pages) else []
    table = Table(labels, tuple(page))
    blocks: list[Block] = [*_notes(plan), table] if page else [Note(phrases.NOTES["no-more"])]
    title = f"{', '.join(labels[:-1])} {phrases.AND} {labels[-1]} {phrases.COMPARED}"
    suggestions = _suggestions(plan, catalog, more=plan.page < len(pages))
    return _answer(plan, catalog, title, blocks, suggestions)


def claims(catalog: Catalog, actor: str, others: Iterable[str]) -> list[Snippet]:
    """What the library says of one side alone: of it or a part of it, and of no other side."""
    lineage = catalog.vocabulary.lineage
    rivals = set(others)
    found = []
    for snippet in catalog.library.snippets.values():
        sides = {each for named in snippet.actors for each in lineage(named)}
        if actor in sides and not sides & rivals:
            found.append(snippet)
    return found


def _rows(plan: Plan, catalog: Catalog) -> list[Row]:
    sides = [
        claims(catalog, actor, (a for a in plan.actors if a != actor)) for actor in plan.actors
    ]
    allowed = set(plan.snippets)
    taken: set[str] = set()
    rows = []
    for aspect in plan.aspects:
        cells = []
        for side in sides:
            fit = [
                s
                for s in side
                if aspect in {e for a in s.aspects for e in catalog.vocabulary.lineage(a)}
                and (not allowed or s.id in allowed)
                and s.id not in taken
            ]
            fit = _told_once(fit)[:2]
            taken.update(s.id for s in fit)
            cells.append(tuple(statement(s) for s in fit))
        if any(cells) or len(plan.aspects) == 1:
            rows.append(Row(catalog.vocabulary.label(aspect), tuple(cells)))
    return rows


def _row_pages(rows: Sequence[Row]) -> list[list[Row]]:
    pages: list[list[Row]] = []
    room = 0
    for row in rows:
        cost = len(row.label) + sum(
            sum(map(cost_chars, cell)) or len(phrases.NO_CLAIM) for cell in row.cells
        )
        if not pages or cost > room:
            pages.append([])
            room = MAX_TEXT_CHARS - 200
        pages[-1].append(row)
        room -= cost
    return pages


def _declined(plan: Plan, catalog: Catalog) -> Answer:
    clarify = plan.status is Status.CLARIFY
    title = phrases.CLARIFY_TITLE if clarify else phrases.NOT_COVERED_TITLE
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return _answer(plan, catalog, title, _notes(plan), offers)


def _listing(plan: Plan, catalog: Catalog) -> Answer:
    entries = [Entry(b.slug, b.title, b.gist.text) for b in catalog.library.briefs.values()]
    size = 12
    shown = entries[(plan.page - 1) * size : plan.page * size]
    blocks: list[Block] = [*shown] if shown else [Note(phrases.NOTES["no-more"])]
    offers = []
    if len(entries) > plan.page * size:
        offers = [Suggestion(phrases.MORE, f"list page {plan.page + 1}")]
    return _answer(plan, catalog, phrases.LIST_TITLE, blocks, offers)


def _help(plan: Plan, catalog: Catalog) -> Answer:
    keys = ("help-ask", "help-compare", "help-next", "help-list")
    blocks = [Note(phrases.NOTES[key]) for key in keys]
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return _answer(plan, catalog, phrases.HELP_TITLE, blocks, offers)


def _notes(plan: Plan) -> list[Block]:
    return [Note(phrases.NOTES[key]) for key in plan.notes]


def _suggestions(plan: Plan, catalog: Catalog, *, more: bool) -> list[Suggestion]:
    """First the rest of this answer, then the brief around it, then its neighbours."""
    briefs = catalog.library.briefs
    offers: list[Suggestion] = []
    if more:
        offers.append(Suggestion(phrases.MORE, f"{_again(plan)} page {plan.page + 1}"))
    if plan.brief and plan.brief in briefs and (plan.snippets or plan.actors):
        offers.append(Suggestion(_label(briefs[plan.brief].title), plan.brief))
    near = (s for s in (*plan.nearest, "what-comes-next") if s in briefs and s != plan.brief)
    offers.extend(Suggestion(_label(briefs[slug].title), slug) for slug in near)
    return list(islice(dict.fromkeys(offers), MAX_SUGGESTIONS))


def _again(plan: Plan) -> str:
    """The question that leads to this plan again, in ids only."""
    if plan.actors:
        return " ".join(
            ("compare", *plan.actors, *(plan.aspects if len(plan.aspects) == 1 else ()))
        )
    return plan.brief or "overview"


def _label(text: str) -> str:
    return text if len(text) <= MAX_LABEL_CHARS else text[: MAX_LABEL_CHARS - 1].rstrip() + "…"


def _answer(
    plan: Plan,
    catalog: Catalog,
    title: str,
    blocks: Iterable[Block],
    suggestions: Iterable[Suggestion],
) -> Answer:
    answer = Answer(
        status=plan.status,
        intent=plan.intent,
        title=title,
        blocks=tuple(blocks),
        suggestions=tuple(suggestions),
        sources=(),
        score=plan.score,
        library=catalog.version,
        brief=plan.brief,
    )
    cited = sorted({c.source for c in answer.citations})
    known = catalog.library.sources
    return replace(answer, sources=tuple(known[s] for s in cited if s in known))
