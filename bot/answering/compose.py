"""Plan + catalog -> Answer: the library's own sentences, chosen and put in order."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from bot.answering import phrases
from bot.answering.answer import (
    MAX_TEXT_CHARS,
    Answer,
    Block,
    Entry,
    Note,
    Row,
    Status,
    Suggestion,
    Table,
)
from bot.answering.statements import length_chars, statement, told_once
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.answering.plan import Plan
    from bot.library.model import Snippet

T = TypeVar("T")
MAX_CLAIMS = 128
MAX_SUGGESTIONS = 4
MAX_LABEL_CHARS = 75
NOTES_CHARS = 80
"""Room for the note on the answer's language."""


def compose(plan: Plan, catalog: Catalog, today: date) -> Answer:
    """Turn a decision into what is shown on the day `today`.

    Ids that the library no longer has are left out, statements past their expiry are withheld
    and counted, and those past their review say so.
    """
    match plan:
        case _ if plan.status is not Status.ANSWERED:
            return _declined(plan, catalog)
        case _ if plan.intent is Intent.LIST:
            return _listing(plan, catalog)
        case _ if plan.intent is Intent.HELP:
            return _help(plan, catalog)
        case _ if plan.actors:
            return _comparison(plan, catalog, today)
    return _statements(plan, catalog, today)


def _statements(plan: Plan, catalog: Catalog, today: date) -> Answer:
    brief = catalog.library.briefs.get(plan.brief or "")
    known = catalog.library.snippets
    if plan.snippets or brief is None:
        chosen = [known[s] for s in plan.snippets if s in known]
    else:
        chosen = [known[s] for s in brief.snippets]
    valid = [snippet for snippet in chosen if not snippet.is_expired(today)]
    withheld = len(chosen) - len(valid)
    if withheld and not valid:
        return _all_withheld(plan, catalog, withheld)
    shown = told_once(valid)
    if not plan.snippets and brief:
        shown.insert(0, brief.gist)
    told = (statement(snippet, today) for snippet in shown)
    page, more = _page(told, length_chars, plan.page, _withheld_chars(withheld))
    blocks: list[Block] = [*_notes(plan), *page]
    if not page:
        blocks.append(Note(phrases.NOTES["no-more"]))
    suggestions = _suggestions(plan, catalog, more=more)
    title = brief.title if brief else ""
    return build_answer(plan, catalog, title, blocks, suggestions, withheld)


def _page(
    items: Iterable[T], length: Callable[[T], int], number: int, taken: int = 0
) -> tuple[list[T], bool]:
    """The items of one page of at most `MAX_TEXT_CHARS`, and whether there is another page.

    Of each page `taken` characters are needed for something else.
    """
    page: list[T] = []
    at = room = 0
    for item in items:
        cost = length(item)
        if not at or cost > room:
            if at == number:
                return page, True
            at, room, page = at + 1, MAX_TEXT_CHARS - NOTES_CHARS - taken, []
        page.append(item)
        room -= cost
    return (page if at == number else []), False


def _comparison(plan: Plan, catalog: Catalog, today: date) -> Answer:
    labels = tuple(catalog.vocabulary.label(actor) for actor in plan.actors)
    sides, withheld = _sides(plan, catalog, today)
    rows = _rows(plan, catalog, sides, today)
    page, more = _page(
        rows, lambda row: _row_chars(row, labels), plan.page, _withheld_chars(withheld)
    )
    if withheld and not page and plan.page == 1:
        return _all_withheld(plan, catalog, withheld)
    table = Table(labels, tuple(page))
    blocks: list[Block] = [*_notes(plan), table] if page else [Note(phrases.NOTES["no-more"])]
    title = f"{', '.join(labels[:-1])} {phrases.AND} {labels[-1]} {phrases.COMPARED}"
    suggestions = _suggestions(plan, catalog, more=more)
    return build_answer(plan, catalog, title, blocks, suggestions, withheld)


def claims(catalog: Catalog, side: str, first: Sequence[str] = ()) -> list[Snippet]:
    """What the library says of one side alone, those in `first` first; at most `MAX_CLAIMS`."""
    own = catalog.claims.get(side, {})
    names = dict.fromkeys((*(name for name in first if name in own), *islice(own, MAX_CLAIMS)))
    return [catalog.library.snippets[name] for name in names]


def _sides(plan: Plan, catalog: Catalog, today: date) -> tuple[list[list[Snippet]], int]:
    """What can be said of each side, and how much of what fits a row is withheld."""
    brief = catalog.library.briefs.get(plan.brief or "")
    first = brief.snippets if brief else ()
    sides = [claims(catalog, actor, first) for actor in plan.actors]
    if plan.snippets:
        sides = [[s for s in side if s.id in plan.snippets] for side in sides]
    expired = {s.id for side in sides for s in side if s.is_expired(today)}
    if not expired:
        return sides, 0
    fitting = sum(not catalog.takes_up[name].isdisjoint(plan.aspects) for name in expired)
    return [[s for s in side if s.id not in expired] for side in sides], fitting


def _rows(plan: Plan, catalog: Catalog, sides: list[list[Snippet]], today: date) -> Iterator[Row]:
    """One row an aspect; each statement stands in the first row that it fits."""
    most = 2 if plan.snippets or len(plan.aspects) == 1 else 1
    for aspect in plan.aspects:
        cells = [
            told_once((s for s in side if aspect in catalog.takes_up[s.id]), most)
            for side in sides
        ]
        shown = {snippet.id for cell in cells for snippet in cell}
        sides = [[s for s in side if s.id not in shown] for side in sides]
        if any(cells):
            told = tuple(tuple(statement(s, today) for s in cell) for cell in cells)
            yield Row(catalog.vocabulary.label(aspect), told)


def _row_chars(row: Row, columns: Sequence[str]) -> int:
    """What a row takes in plain text, where each cell is a line of its own."""
    return sum(
        len(row.label) + len(column) + 6 + (sum(map(length_chars, cell)) or len(phrases.NO_CLAIM))
        for column, cell in zip(columns, row.cells, strict=True)
    )


def _declined(plan: Plan, catalog: Catalog) -> Answer:
    title = phrases.NOT_COVERED_TITLE
    if plan.status is Status.CLARIFY:
        unread = not {"empty", "too-long"}.isdisjoint(plan.notes)
        title = phrases.ASK_TITLE if unread else phrases.CLARIFY_TITLE
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return build_answer(plan, catalog, title, _notes(plan), offers)


def _all_withheld(plan: Plan, catalog: Catalog, count: int) -> Answer:
    """Everything that would have been said is past its expiry."""
    around = (plan.brief,) if plan.brief and (plan.snippets or plan.actors) else ()
    declined = replace(
        plan,
        status=Status.NOT_COVERED,
        brief=None,
        nearest=(*around, *plan.nearest),
        notes=("withheld",),
    )
    return replace(_declined(declined, catalog), withheld=count)


def _withheld_chars(count: int) -> int:
    return len(_withheld_note(count).text) + 1 if count else 0


def _withheld_note(count: int) -> Note:
    key = "withheld-one" if count == 1 else "withheld-more"
    return Note(phrases.NOTES[key].format(count=count))


def _listing(plan: Plan, catalog: Catalog) -> Answer:
    entries = (Entry(b.slug, b.title, b.gist.text) for b in catalog.library.briefs.values())
    page, more = _page(entries, lambda e: len(e.ask) + len(e.title) + len(e.detail) + 5, plan.page)
    blocks: list[Block] = [*page] if page else [Note(phrases.NOTES["no-more"])]
    offers = []
    if more:
        offers = [Suggestion(phrases.MORE, f"list page {plan.page + 1}")]
    return build_answer(plan, catalog, phrases.LIST_TITLE, blocks, offers)


def _help(plan: Plan, catalog: Catalog) -> Answer:
    keys = ("help-ask", "help-compare", "help-next", "help-list")
    blocks = [Note(phrases.NOTES[key]) for key in keys]
    briefs = catalog.library.briefs
    offers = [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]
    return build_answer(plan, catalog, phrases.HELP_TITLE, blocks, offers)


def _notes(plan: Plan) -> list[Block]:
    return [Note(phrases.NOTES[key]) for key in plan.notes if key in phrases.NOTES]


def _suggestions(plan: Plan, catalog: Catalog, *, more: bool) -> list[Suggestion]:
    """First the rest of this answer, then the brief around it, then its neighbours."""
    briefs = catalog.library.briefs
    offers: list[Suggestion] = []
    if more:
        offers.append(Suggestion(phrases.MORE, f"{_again(plan)} page {plan.page + 1}"))
    # Where everything is shown, the brief would only say the same again.
    if plan.brief and plan.brief in briefs and plan.snippets:
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


def build_answer(
    plan: Plan,
    catalog: Catalog,
    title: str,
    blocks: Iterable[Block],
    suggestions: Iterable[Suggestion],
    withheld: int = 0,
) -> Answer:
    """An answer with the sources that its blocks cite; what was withheld is noted at the end."""
    blocks = (*blocks, _withheld_note(withheld)) if withheld else tuple(blocks)
    answer = Answer(
        status=plan.status,
        intent=plan.intent,
        title=title,
        blocks=blocks,
        suggestions=tuple(suggestions),
        sources=(),
        score=plan.score,
        library=catalog.version,
        brief=plan.brief,
        withheld=withheld,
    )
    cited = sorted({c.source for c in answer.citations})
    known = catalog.library.sources
    return replace(answer, sources=tuple(known[s] for s in cited if s in known))
