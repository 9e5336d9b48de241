"""What to answer, as ids only: small enough to store, enough to compose the answer again.

What is stored of a plan holds no text of the question, so it may be kept for "Why this?", "Share"
and follow-ups.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.answering.answer import ReaderNote, Status
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
    about: bool = False
    """It answers a message about the bot, the library or the last answer."""
    missing: tuple[str, ...] = ()
    """Words of the question that the library does not say; shown once and never stored."""
    score: float = 0.0
    judged: tuple[tuple[str, float], ...] = ()
    """The parts of the sum by which it was judged whether the library says what was asked."""
    shared: tuple[str, ...] = ()
    """Statements that speak of several of the sides compared; they stand before the table."""
    since: str = ""
    """For "what is new" the day that `snippets` are new since, as 2026-11-16; empty where nothing
    is known of changes."""
    withdrawn: int = 0
    """How many statements have been withdrawn since then."""
    reader: ReaderNote | None = None
    """What a reader had to do with it; None where none is set up."""
    subject: str | None = None
    """The id of the last answer, where it answers a message about the bot: "share that"."""

    @property
    def is_aside(self) -> bool:
        """Whether it is about the bot: a conversation goes on from what was said before it."""
        return self.about and self.intent is not Intent.NEWS
