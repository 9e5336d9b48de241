"""Forecasts and open questions: who holds them, when to look again, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.library.model import FORWARD_LOOKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.library.model import Library, Snippet


class Settled(StrEnum):
    """How far a forecast or a question is."""

    DUE = "due"
    """It was to be looked at again by now."""
    OPEN = "open"
    TOLD = "told"
    """A source tells what came of it."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger."""

    snippet: Snippet
    brief: str
    """The slug of the brief that it is written in."""
    state: Settled


def ledger(library: Library, today: date) -> tuple[LedgerEntry, ...]:
    """What is due first, then what is open, by the date to look again; what is told last.

    Statements that have expired are in it too: a forecast is kept to, also after it is no
    longer posted.
    """
    homes = {name: brief.slug for brief in library.briefs.values() for name in brief.own}
    found = (
        LedgerEntry(snippet, homes.get(snippet.id, ""), _state(snippet, today))
        for snippet in library.snippets.values()
        if snippet.kind in FORWARD_LOOKING
    )
    return tuple(sorted(found, key=_order))


def ledger_json(entry: LedgerEntry) -> Mapping[str, object]:
    """An entry as JSON types."""
    snippet, outcome = entry.snippet, entry.snippet.outcome
    return {
        "snippet": snippet.id,
        "brief": entry.brief,
        "kind": snippet.kind.value,
        "text": snippet.text,
        "held_by": snippet.attribution,
        "citations": [str(citation) for citation in snippet.citations],
        "look_again": snippet.look_again.isoformat() if snippet.look_again else None,
        "state": entry.state.value,
        "verdict": outcome.verdict.value if outcome and outcome.verdict else None,
        "outcome": outcome.text if outcome else None,
        "outcome_citations": [str(c) for c in outcome.citations] if outcome else [],
    }


def _state(snippet: Snippet, today: date) -> Settled:
    if snippet.outcome is not None:
        return Settled.TOLD
    due = snippet.look_again is not None and snippet.look_again <= today
    return Settled.DUE if due else Settled.OPEN


def _order(entry: LedgerEntry) -> tuple[int, str, str]:
    again = entry.snippet.look_again
    rank = (Settled.DUE, Settled.OPEN, Settled.TOLD).index(entry.state)
    return (rank, again.isoformat() if again else "9999", entry.snippet.id)
