"""Plan + catalog -> Answer: the library's own sentences, chosen and put in order."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, assert_never

from bot.answering import phrases
from bot.answering.about import about_blocks, news_texts, replies_of
from bot.answering.answer import (
    MAX_TEXT_CHARS,
    Answer,
    Block,
    Closest,
    Entry,
    Note,
    Row,
    Statement,
    Status,
    Suggestion,
    Table,
    length_chars,
    statement,
    told_in_full,
    told_once,
)
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.library.model import Snippet

T = TypeVar("T")
MAX_SUGGESTIONS = 4
MAX_LABEL_CHARS = 75
NOT_COVERED = "title-not-covered"
"""The key of the title, among a language's replies."""
NEWS_CHARS = 120
"""Room for what is said of the statements that are new."""
NOTES_CHARS = 80
"""Room for the note on the answer's language."""


def compose(plan: Plan, catalog: Catalog, today: date) -> Answer:
    """Turn a decision into what is shown on the day `today`.

    Ids that the library no longer has are left out, statements past their expiry are withheld
    and counted, and those past their review say so.
    """
    match plan.status:
        case Status.NEAREST:
            return _nearest(plan, catalog, today)
        case Status.CLARIFY | Status.NOT_COVERED:
            return _declined(plan, catalog)
        case Status.ANSWERED:
            pass
        case _:
            assert_never(plan.status)
    if plan.intent is Intent.LIST:
        return _listing(plan, catalog)
    if plan.about:
        told = _news if plan.since else _about
        return told(plan, catalog, today)
    if plan.actors:
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
    shown = told_once(valid) if plan.snippets or not brief else [brief.gist, *told_in_full(valid)]
    told = (statement(snippet, today) for snippet in shown)
    page, more = _page(told, length_chars, plan.page, _taken(plan, catalog, withheld))
    blocks: list[Block] = [*_notes(plan, catalog), *page]
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
    shared = _of_several(plan, catalog, today)
    taken = _taken(plan, catalog, withheld) + sum(map(length_chars, shared))
    page, more = _page(rows, lambda row: _row_chars(row, labels), plan.page, taken)
    if withheld and not page and plan.page == 1:
        return _all_withheld(plan, catalog, withheld)
    blocks: list[Block] = [*_notes(plan, catalog), *(shared if plan.page == 1 else ())]
    if page:
        blocks.append(Table(labels, tuple(page)))
    if not blocks:
        blocks.append(Note(phrases.NOTES["no-more"]))
    title = f"{', '.join(labels[:-1])} {phrases.AND} {labels[-1]} {phrases.COMPARED}"
    suggestions = _suggestions(plan, catalog, more=more)
    return build_answer(plan, catalog, title, blocks, suggestions, withheld)


def _of_several(plan: Plan, catalog: Catalog, today: date) -> list[Statement]:
    """The statements that speak of several sides, before the table on its first page."""
    chosen = (catalog.library.snippets.get(name) for name in plan.shared)
    return [statement(s, today) for s in chosen if s and not s.is_expired(today)]


def _sides(plan: Plan, catalog: Catalog, today: date) -> tuple[list[list[Snippet]], int]:
    """What can be said of each side, and how much of what fits a row is withheld."""
    brief = catalog.library.briefs.get(plan.brief or "")
    first = brief.snippets if brief else ()
    sides = [catalog.statements_about(actor, plan.actors, first) for actor in plan.actors]
    if plan.snippets:
        sides = [[s for s in side if s.id in plan.snippets] for side in sides]
    expired = {s.id for side in sides for s in side if s.is_expired(today)}
    if not expired:
        return sides, 0
    fitting = sum(not catalog.takes_up[name].isdisjoint(plan.aspects) for name in expired)
    return [[s for s in side if s.id not in expired] for side in sides], fitting


def _rows(plan: Plan, catalog: Catalog, sides: list[list[Snippet]], today: date) -> Iterator[Row]:
    """One row an aspect that has something new to tell.

    A statement stands in the first row that it fits, and once more where its side would have an
    empty cell without it: "no sourced claim" is said only where there is none.
    """
    most = 2 if plan.snippets or len(plan.aspects) == 1 else 1
    shown: set[str] = set()
    for aspect in plan.aspects:
        fitting = [[s for s in side if aspect in catalog.takes_up[s.id]] for side in sides]
        fresh = [[s for s in side if s.id not in shown] for side in fitting]
        cells = [
            told_once(new or side or _with_others(actor, aspect, catalog, today), most)
            for actor, new, side in zip(plan.actors, fresh, fitting, strict=True)
        ]
        shown.update(snippet.id for cell in cells for snippet in cell)
        if any(fresh):
            told = tuple(tuple(statement(s, today) for s in cell) for cell in cells)
            yield Row(catalog.vocabulary.label(aspect), told)


def _with_others(actor: str, aspect: str, catalog: Catalog, today: date) -> list[Snippet]:
    """What is said of a side together with others: better than "no sourced claim"."""
    names = (n for n in catalog.about.get(actor, ()) if aspect in catalog.takes_up[n])
    known = (catalog.library.snippets[name] for name in names)
    return list(islice((s for s in known if not s.is_expired(today)), 1))


def _row_chars(row: Row, columns: Sequence[str]) -> int:
    """What a row takes in plain text, where each cell is a line of its own."""
    return sum(
        len(row.label) + len(column) + 6 + (sum(map(length_chars, cell)) or len(phrases.NO_CLAIM))
        for column, cell in zip(columns, row.cells, strict=True)
    )


def _declined(plan: Plan, catalog: Catalog) -> Answer:
    key, title = NOT_COVERED, phrases.NOT_COVERED_TITLE
    if plan.status is Status.CLARIFY or "chat" in plan.notes:
        unread = not {"empty", "too-long", "chat"}.isdisjoint(plan.notes)
        key, title = "title-clarify", phrases.ASK_TITLE if unread else phrases.CLARIFY_TITLE
    said = replies_of(plan, catalog)
    title = said.get(key, title)
    notes = [Note(said.get(key, phrases.NOTES[key])) for key in plan.notes if key in phrases.NOTES]
    if plan.status is Status.NOT_COVERED and plan.missing:
        text = said.get("nothing-on-at-all", phrases.NOTHING_ON_AT_ALL)
        notes = [Note(text.format(words=_quoted(plan.missing)))]
    return build_answer(plan, catalog, title, notes, _offers(plan, catalog))


def _offers(plan: Plan, catalog: Catalog) -> list[Suggestion]:
    briefs = catalog.library.briefs
    return [Suggestion(_label(briefs[s].title), s) for s in plan.nearest if s in briefs]


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _nearest(plan: Plan, catalog: Catalog, today: date) -> Answer:
    """That the briefs do not say it, and the closest statement as just that."""
    known = (catalog.library.snippets.get(name) for name in plan.snippets)
    valid = [snippet for snippet in known if snippet and not snippet.is_expired(today)]
    if not valid:
        return _declined(replace(plan, status=Status.NOT_COVERED), catalog)
    said = replies_of(plan, catalog)
    blocks = (Note(nearest_note(plan, said)), Closest(statement(valid[0], today)))
    title = said.get(NOT_COVERED, phrases.NOT_COVERED_TITLE)
    return build_answer(plan, catalog, title, blocks, _offers(plan, catalog))


def nearest_note(plan: Plan, said: Mapping[str, str]) -> str:
    """What the briefs do not have, and what comes now; `said` has it in another language."""
    detail = next((note for note in plan.notes if note in phrases.CLOSEST), "not-said")
    lacking, english = detail, phrases.CLOSEST.get(detail, phrases.NOT_SAID)
    if plan.missing:
        lacking, english = "nothing-on", phrases.NOTHING_ON
    text = f"{said[lacking]} {said['closest']}" if said else english
    return text.format(words=_quoted(plan.missing))


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


def _taken(plan: Plan, catalog: Catalog, withheld: int) -> int:
    """What notes need beside the room that is kept for them."""
    notes = sum(len(text) + 1 for text in _note_texts(plan, catalog))
    return _withheld_chars(withheld) + max(0, notes - NOTES_CHARS)


def _withheld_chars(count: int) -> int:
    return len(_withheld_note(count).text) + 1 if count else 0


def _withheld_note(count: int) -> Note:
    key = "withheld-one" if count == 1 else "withheld-more"
    return Note(phrases.NOTES[key].format(count=count))


def listed(plan: Plan, catalog: Catalog) -> tuple[str, ...]:
    """The slugs of the briefs that a list shows."""
    return tuple(entry.ask for entry in _entries(plan, catalog)[0])


def _entries(plan: Plan, catalog: Catalog) -> tuple[list[Entry], bool]:
    """One page of the list of briefs, and whether there is another one."""
    entries = (Entry(b.slug, b.title, b.gist.text) for b in catalog.library.briefs.values())
    return _page(entries, lambda e: len(e.ask) + len(e.title) + len(e.detail) + 5, plan.page)


def _listing(plan: Plan, catalog: Catalog) -> Answer:
    page, more = _entries(plan, catalog)
    blocks: list[Block] = [*page] if page else [Note(phrases.NOTES["no-more"])]
    offers = []
    if more:
        offers = [Suggestion(phrases.MORE, f"list page {plan.page + 1}")]
    return build_answer(plan, catalog, phrases.LIST_TITLE, blocks, offers)


def _about(plan: Plan, catalog: Catalog, today: date) -> Answer:
    """The reply to a message about the bot, with briefs to go on with."""
    briefs = catalog.library.briefs
    near = dict.fromkeys((*([plan.brief] if plan.brief else []), *plan.nearest))
    found = near if plan.intent is not Intent.DISTRESS else ()
    offers = [Suggestion(_label(briefs[s].title), s) for s in found if s in briefs]
    told = _comparison if plan.actors else _statements
    cited = told(plan, catalog, today).sources if plan.intent is Intent.SOURCES else ()
    blocks = about_blocks(plan, catalog, today, cited)
    title = phrases.REPLIES[plan.intent].title
    title = replies_of(plan, catalog).get(f"title-{plan.intent.value}", title)
    return build_answer(plan, catalog, title, blocks, offers[:MAX_SUGGESTIONS])


def _news(plan: Plan, catalog: Catalog, today: date) -> Answer:
    """What was added or changed since a day, or that nothing was."""
    known = catalog.library.snippets
    found = [known[name] for name in plan.snippets if name in known]
    valid = (statement(each, today) for each in found if not each.is_expired(today))
    page, more = _page(valid, length_chars, plan.page, NEWS_CHARS)
    said = _news_notes(plan, catalog, told=bool(page))
    blocks: list[Block] = [*_notes(plan, catalog), *said, *page]
    homes = dict.fromkeys(catalog.home(shown.snippet) for shown in page)
    offers = [Suggestion(phrases.MORE, f"news page {plan.page + 1}")] if more else []
    offers += [Suggestion(_label(brief.title), brief.slug) for brief in homes]
    title = phrases.REPLIES[plan.intent].title
    return build_answer(plan, catalog, title, blocks, offers[:MAX_SUGGESTIONS])


def _news_notes(plan: Plan, catalog: Catalog, *, told: bool) -> Iterator[Note]:
    """What stands above the statements that are new; on a page after the last one that is said."""
    if plan.page > 1:
        if not told:
            yield Note(phrases.NOTES["no-more"])
        return
    said = news_texts(plan, catalog)
    yield Note((said.new if told else said.nothing).format(day=plan.since))
    if plan.withdrawn:
        withdrawn = said.withdrawn_one if plan.withdrawn == 1 else said.withdrawn_more
        yield Note(withdrawn.format(count=plan.withdrawn))


def _notes(plan: Plan, catalog: Catalog) -> list[Block]:
    return [Note(text) for text in _note_texts(plan, catalog)]


def _note_texts(plan: Plan, catalog: Catalog) -> list[str]:
    if not plan.notes:
        return []
    languages = catalog.vocabulary.languages.items()
    asked_in = {f"{phrases.ASKED_IN}{code}": file.answer_in_english for code, file in languages}
    texts = phrases.NOTES | asked_in
    return [texts[key] for key in plan.notes if key in texts]


def _suggestions(plan: Plan, catalog: Catalog, *, more: bool) -> list[Suggestion]:
    """First the rest of this answer, then the brief around it, then its neighbours."""
    briefs = catalog.library.briefs
    offers: list[Suggestion] = []
    if more:
        offers.append(Suggestion(phrases.MORE, f"{_again(plan, catalog)} page {plan.page + 1}"))
    # Where everything is shown, the brief would only say the same again.
    if plan.brief and plan.brief in briefs and plan.snippets:
        offers.append(Suggestion(_label(briefs[plan.brief].title), plan.brief))
    ahead = catalog.opening("outlook")
    near = (s for s in (*plan.nearest, ahead or "") if s in briefs and s != plan.brief)
    offers.extend(Suggestion(_label(briefs[slug].title), slug) for slug in near)
    return list(islice(dict.fromkeys(offers), MAX_SUGGESTIONS))


def _again(plan: Plan, catalog: Catalog) -> str:
    """The question that leads to this plan again, in ids only."""
    if plan.actors:
        return " ".join(
            ("compare", *plan.actors, *(plan.aspects if len(plan.aspects) == 1 else ()))
        )
    return plan.brief or catalog.opening("summary") or next(iter(catalog.library.briefs))


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
        missing=() if plan.status is Status.ANSWERED else plan.missing,
        reader=plan.reader,
    )
    cited = sorted({c.source for c in answer.citations})
    known = catalog.library.sources
    return replace(answer, sources=tuple(known[s] for s in cited if s in known))
