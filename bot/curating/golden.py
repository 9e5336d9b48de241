"""Golden asks: each must be answered by what it stands with, or by nothing.

They run through the matcher itself, so a change of content that takes an answer away, or that
answers what the documents do not, is found before it ships.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.answer import Status
from bot.answering.decide import answer_plan
from bot.curating.explaining import explain, other_name, stand
from bot.library.schema import SnippetFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.curating.explaining import AskRank
    from bot.errors import Finding
    from bot.library.loader import BriefDocument, LoadedLibrary

DETAILS = {
    "amount": "an amount",
    "date": "a date",
    "names": "a name",
    "number": "a number",
    "place": "a place",
}
NOT_HERE = "Word what answers it more narrowly, or remove the question from the list."


def check_asks(loaded: LoadedLibrary, catalog: Catalog, today: date) -> Iterator[Finding]:
    """Every ask that is answered otherwise than the library promises.

    The asks of a statement that has expired by `today` are not looked at: it is withheld.
    """
    for each in loaded.briefs:
        yield from _own_asks(each, catalog, today)
        for number, ask in enumerate(each.brief.must_not_cover):
            yield from _not_by_brief(each, number, ask, catalog)
    yield from _not_at_all(loaded, catalog)


def _own_asks(each: BriefDocument, catalog: Catalog, today: date) -> Iterator[Finding]:
    """An ask of a snippet must be answered with it, that of a brief from the brief."""
    for index, entry in enumerate(each.entries):
        if isinstance(entry, SnippetFile) and not (entry.expires and entry.expires < today):
            for number, ask in enumerate(entry.asks):
                yield from _ask(
                    each, ("snippets", index, "asks", number), ask, {entry.id}, catalog
                )
    own = {each.brief.slug, *catalog.library.briefs[each.brief.slug].snippets}
    for number, ask in enumerate(each.brief.asks):
        yield from _ask(each, ("asks", number), ask, own, catalog)


def _ask(
    each: BriefDocument,
    path: tuple[int | str, ...],
    ask: str,
    wanted: set[str],
    catalog: Catalog,
) -> Iterator[Finding]:
    plan = answer_plan(ask, catalog)
    brief = catalog.library.briefs.get(plan.brief or "")
    shown = set(plan.snippets) if plan.snippets or not brief else set(brief.snippets)
    if plan.status is Status.ANSWERED and not wanted.isdisjoint({plan.brief, *shown}):
        return
    message = f"The ask '{ask}' is answered with {explain(ask, plan, catalog)}."
    fix = "Word it more closely, or move it to what answers it."
    yield each.document.finding(path, message, fix)


def _not_by_brief(
    each: BriefDocument, number: int, ask: str, catalog: Catalog
) -> Iterator[Finding]:
    """The question opens another brief, a statement of another brief, or nothing."""
    plan = answer_plan(ask, catalog)
    own = catalog.library.briefs[each.brief.slug].own
    opened = plan.brief == each.brief.slug or not own.isdisjoint(plan.snippets)
    if plan.status is Status.ANSWERED and opened:
        message = (
            f"'{ask}' must not be answered by this brief; it is, with "
            f"{explain(ask, plan, catalog)}."
        )
        yield each.document.finding(("must_not_cover", number), message, NOT_HERE)


def _not_at_all(loaded: LoadedLibrary, catalog: Catalog) -> Iterator[Finding]:
    document = loaded.must_not_cover_file
    for number, ask in enumerate(loaded.must_not_cover):
        plan = answer_plan(ask, catalog)
        if document is not None and plan.status is Status.ANSWERED and not plan.about:
            message = f"'{ask}' must not be covered; it is, with {explain(ask, plan, catalog)}."
            yield document.finding(("asks", number), message, NOT_HERE)


def check_standing(loaded: LoadedLibrary, catalog: Catalog, today: date) -> Iterator[Finding]:
    """Every ask that only answers itself: misplaced, or supported by nothing else.

    A warning where that is plain; else a hint, since an idiom may be right and stand alone.
    """
    for each in loaded.briefs:
        for path, name, ask in _asks_of(each, today):
            standing = stand(ask, name, catalog)
            if standing.misplaced:
                found = _misplaced(each, path, ask, standing)
                plain = standing.plainly_misplaced
                yield replace(found, level="warning") if plain else replace(found, level="hint")
            elif standing.alone:
                yield replace(_alone(each, path, ask, name, standing), level="hint")


def _asks_of(each: BriefDocument, today: date) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    for index, entry in enumerate(each.entries):
        if isinstance(entry, SnippetFile) and not (entry.expires and entry.expires < today):
            for number, ask in enumerate(entry.asks):
                yield ("snippets", index, "asks", number), entry.id, ask
    for number, ask in enumerate(each.brief.asks):
        yield ("asks", number), each.brief.slug, ask


def _misplaced(
    each: BriefDocument, path: tuple[int | str, ...], ask: str, standing: AskRank
) -> Finding:
    words = f" (on: {', '.join(standing.on)})" if standing.on else ""
    message = f"Without itself, the ask '{ask}' goes to {other_name(standing)}{words}."
    return each.document.finding(path, message, "Move it there, or word it more closely.")


def _alone(
    each: BriefDocument, path: tuple[int | str, ...], ask: str, name: str, standing: AskRank
) -> Finding:
    if standing.lacks:
        wanted = " and ".join(DETAILS[detail] for detail in standing.lacks)
        message = f"The ask '{ask}' is for {wanted}, which {name} does not give."
        fix = "Name it in `details` if it does; else move the ask, or list it to be declined."
        return each.document.finding(path, message, fix)
    words = ", ".join(f"'{word}'" for word in standing.missing)
    told = f": nothing there says {words}" if words else ""
    message = f"The ask '{ask}' stands alone in {name}{told}."
    fix = "Use the statement's words, add asks like it, or list it as one to be declined."
    return each.document.finding(path, message, fix)
