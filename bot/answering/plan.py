"""What to answer, as ids only: small enough to store, enough to compose the answer again.

A plan holds no text of the question, so it may be kept for "Why this?", "Share" and follow-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.answering.answer import Status
from bot.library.vocabulary import Intent


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision on one question; every field names things of the library or vocabulary."""

    status: Status
    intent: Intent
    brief: str | None = None
    snippets: tuple[str, ...] = ()
    """The statements to show, best first; empty where `brief` is shown in its own order."""
    actors: tuple[str, ...] = ()
    """What a comparison compares, one column each; empty where nothing is compared."""
    aspects: tuple[str, ...] = ()
    """The comparison's rows; empty means every aspect with a claim."""
    page: int = 1
    """1 for the first part of an answer, 2 for what "more" shows, and so on."""
    nearest: tuple[str, ...] = ()
    """Slugs of briefs to offer."""
    notes: tuple[str, ...] = ()
    """Keys of `phrases.NOTES` to show."""
    terms: tuple[str, ...] = ()
    """Vocabulary ids the question named; a follow-up may inherit them."""
    score: float = 0.0
