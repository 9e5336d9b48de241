"""Plan + catalog -> Answer: the library's own sentences, chosen and put in order."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bot.core.catalog import Catalog
    from bot.core.model import Citation, Snippet
    from bot.core.plan import Plan

T = TypeVar("T")
MAX_CLAIMS = 128
MAX_SUGGESTIONS = 4
MAX_LABEL_CHARS = 75
NOTES_CHARS = 80
"""Room for the note on the answer's language."""


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


def length_chars(item: Statement) -> int:
    """What a statement takes of an answer's room: label, text, outcome and citations."""
    told = item.outcome if item.outcome not in {None, phrases.OPEN} else None
    held = item.attribution if item.label else None
    parts = (item.label, held, item.text, told, *map(str, item.citations))
    return sum(len(part) + 2 for part in parts if part)


def _statements(plan: Plan, catalog: Catalog) -> Answer:
    brief = catalog.library.briefs.get(plan.brief or "")
    known = catalog.library.snippets
    if plan.snippets or brief is None:
        chosen = [known[s] for s in plan.snippets if s in known]
    else:
        chosen = [known[s] for s in brief.snippets]
    chosen = _told_once(chosen)
    if not plan.snippets and brief:
        chosen.insert(0, brief.gist)
    page, more = _page(map(statement, chosen), length_chars, plan.page)
    blocks: list[Block] = [*_notes(plan), *page]
    if not page:
        blocks.append(Note(phrases.NOTES["no-more"]))
    suggestions = _suggestions(plan, catalog, more=more)
    title = brief.title if brief else ""
    return _answer(plan, catalog, title, blocks, suggestions)


def _told_once(snippets: Iterable[Snippet], most: int | None = None) -> list[Snippet]:
    """Leave out single items of a list that is told, and a list of which items are told.

    Stops at `most` statements.
    """
    kept: list[Snippet] = []
    for snippet in snippets:
        if most is not None and len(kept) == most:
            break
        if not any(_lists(other, snippet) or _lists(snippet, other) for other in kept):
            kept.append(snippet)
    return kept


def _lists(whole: Snippet, part: Snippet) -> bool:
    """Whether one snippet tells the lines of several others, this one among them."""
    if all(c.last == c.first for c in whole.citations):
        return False

    def around(outer: Citation, inner: Citation) -> bool:
        return (
            outer.source == inner.source
            and outer.first <= inner.first
            and inner.last <= outer.last
            and outer.last - outer.first > inner.last - inner.first
        )

    return all(any(around(outer, c) for outer in whole.citations) for c in part.citations)


def _page(items: Iterable[T], length: Callable[[T], int], number: int) -> tuple[list[T], bool]:
    """The items of one page of at most `MAX_TEXT_CHARS`, and whether there is another page."""
    page: list[T] = []
    at = room = 0
    for item in items:
        cost = length(item)
        if not at or cost > room:
            if at == number:
                return page, True
            at, room, page = at + 1, MAX_TEXT_CHARS - NOTES_CHARS, []
        page.append(item)
        room -= cost
    return (page if at == number else []), False


def _comparison(plan: Plan, catalog: Catalog) -> Answer:
    labels = tuple(catalog.vocabulary.label(actor) for actor in plan.actors)
    rows = _rows(plan, catalog)
    page, more = _page(rows, lambda row: _row_chars(row, labels), plan.page)
    table = Table(labels, tuple(page))
    blocks: list[Block] = [*_notes(plan), table] if page else [Note(phrases.NOTES["no-more"])]
    title = f"{', '.join(labels[:-1])} {phrases.AND} {labels[-1]} {phrases.COMPARED}"
    suggestions = _suggestions(plan, catalog, more=more)
    return _answer(plan, catalog, title, blocks, suggestions)


def claims(catalog: Catalog, side: str, first: Sequence[str] = ()) -> list[Snippet]:
    """What the library says of one side alone, those in `first` first; at most `MAX_CLAIMS`."""
    own = catalog.claims.get(side, {})
    names = dict.fromkeys((*(name for name in first if name in own), *islice(own, MAX_CLAIMS)))
    return [catalog.library.snippets[name] for name in names]


def _rows(plan: Plan, catalog: Catalog) -> Iterator[Row]:
    """One row an aspect; each statement stands in the first row that it fits."""
    brief = catalog.library.briefs.get(plan.brief or "")
    first = brief.snippets if brief else ()
    sides = [claims(catalog, actor, first) for actor in plan.actors]
    if plan.snippets:
        sides = [[s for s in side if s.id in plan.snippets] for side in sides]
    most = 2 if plan.snippets or len(plan.aspects) == 1 else 1
    for aspect in plan.aspects:
        cells = [
            _told_once((s for s in side if aspect in catalog.takes_up[s.id]), most)
            for side in sides
        ]
        shown = {snippet.id for cell in cells for snippet in cell}
        sides = [[s for s in side if s.id not in shown] for side in sides]
        if any(cells):
            told = tuple(tuple(map(statement, cell)) for cell in cells)
            yield Row(catalog.vocabulary.label(aspect), told)


def _row_chars(row: Row, columns: Sequence[str]) -> int:
    """What a row takes in plain text, where each cell is a line of its own."""
    return sum(
        len(row.label) + len(column) + 6 + (sum(map(length_chars, cell)) or len(phrases.NO_CLAIM))
        for column, cell in zip(columns, row.cells, strict=True)
    )


def _declined(plan: Plan, catalog: Catalog) -> Answer:
    clarify = plan.status is Status.CLARIFY
    title = phrases.CLARIFY_TITLE if clarify else phrases.NOT_COVERED_TITLE
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return _answer(plan, catalog, title, _notes(plan), offers)


def _listing(plan: Plan, catalog: Catalog) -> Answer:
    entries = (Entry(b.slug, b.title, b.gist.text) for b in catalog.library.briefs.values())
    page, more = _page(entries, lambda e: len(e.ask) + len(e.title) + len(e.detail) + 5, plan.page)
    blocks: list[Block] = [*page] if page else [Note(phrases.NOTES["no-more"])]
    offers = []
    if more:
        offers = [Suggestion(phrases.MORE, f"list page {plan.page + 1}")]
    return _answer(plan, catalog, phrases.LIST_TITLE, blocks, offers)


def _help(plan: Plan, catalog: Catalog) -> Answer:
    keys = ("help-ask", "help-compare", "help-next", "help-list")
    blocks = [Note(phrases.NOTES[key]) for key in keys]
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return _answer(plan, catalog, phrases.HELP_TITLE, blocks, offers)


def _notes(plan: Plan) -> list[Block]:
    return [Note(phrases.NOTES[key]) for key in plan.notes if key in phrases.NOTES]


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
