"""A snippet as it is shown, and which of several need not be told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering import phrases
from bot.answering.answer import Statement
from bot.library.model import FORWARD_LOOKING, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from bot.library.model import Citation, Snippet


def statement(snippet: Snippet, today: date) -> Statement:
    """A snippet as it is shown: forecasts and open questions say that they are."""
    labels = {Kind.OUTLOOK: phrases.FORECAST, Kind.OPEN_QUESTION: phrases.OPEN_QUESTION}
    forward = snippet.kind in FORWARD_LOOKING
    verdict = snippet.outcome.verdict if snippet.outcome else None
    return Statement(
        snippet=snippet.id,
        text=snippet.text,
        citations=snippet.rests_on,
        label=labels.get(snippet.kind),
        attribution=snippet.attribution,
        facts=facts_of(snippet),
        outcome=(snippet.outcome.text if snippet.outcome else phrases.OPEN) if forward else None,
        verdict=phrases.VERDICTS[verdict.value] if verdict else None,
        review_due=snippet.review_by if snippet.review_was_due(today) else None,
    )


def facts_of(snippet: Snippet) -> tuple[tuple[str, str], ...]:
    """(label, value) of each of `phrases.FACTS` that is known of a snippet."""
    values = ((label, getattr(snippet, name)) for name, label in phrases.FACTS.items())
    return tuple((label, str(value)) for label, value in values if value)


def length_chars(item: Statement) -> int:
    """What a statement takes of an answer's room: label, text, outcome, citations, review."""
    told = item.outcome if item.outcome not in {None, phrases.OPEN} else None
    held = item.attribution if item.label else None
    due = f"{phrases.REVIEW_DUE} {item.review_due}" if item.review_due else None
    parts = (item.label, held, item.text, item.verdict, told, *map(str, item.citations), due)
    return sum(len(part) + 2 for part in parts if part)


def told_once(snippets: Iterable[Snippet], most: int | None = None) -> list[Snippet]:
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


def told_in_full(snippets: Sequence[Snippet]) -> list[Snippet]:
    """All statements of a brief but single items of a list that is told before them.

    A list has at least two items in the brief: where two statements happen to rest on some of the
    same lines, both are told.
    """
    items = {s.id: [t for t in snippets if t is not s and _lists(s, t)] for s in snippets}
    lists = [s for s in snippets if len(items[s.id]) > 1]
    order = {s.id: at for at, s in enumerate(snippets)}
    told = {t.id for s in lists for t in items[s.id] if order[s.id] < order[t.id]}
    return [s for s in snippets if s.id not in told]


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
