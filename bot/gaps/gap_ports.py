"""What the gaps loop needs of the world, as protocols and the values they take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from bot.gaps.grouping import Gap


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """How many answers of one kind there were on one day."""

    day: date
    status: str
    intent: str
    brief: str = ""
    """The brief answered from; empty where none was."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Notes:
    """What is written down together."""

    gaps: Sequence[Gap] = ()
    tallies: Sequence[Tally] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    """Redacted questions by the ids of their answers."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One person's wish to be told once a question is covered."""

    id: str
    """The same for the same person and question."""
    platform: str
    workspace: str
    user: str
    question: str
    """Redacted."""
    asked_at: datetime
    attempts: int = 0
    """How often telling began and is not known to have failed."""


class GapStore(Protocol):
    """Gaps, counts of answers, and who wants to be told."""

    async def note(self, notes: Notes, now: datetime) -> None:
        """Add to the counts and keep the questions, as one."""
        ...

    async def take_question(self, answer_id: str) -> str | None:
        """The question of an answer, which is then forgotten; None where it is not kept."""
        ...

    async def question(self, answer_id: str) -> str | None:
        """The question of an answer; None where it is not kept."""
        ...

    async def gaps(self, since: date | None = None) -> Sequence[Gap]:
        """The gaps from that day on, oldest first; of very many the newest."""
        ...

    async def tallies(self, since: date | None = None) -> Sequence[Tally]:
        """The counts of answers from that day on, oldest first."""
        ...

    async def watch(self, watch: Watch) -> bool:
        """Keep a watch; False where the person has it already."""
        ...

    async def watches(self) -> Sequence[Watch]:
        """Every watch, oldest first."""
        ...

    async def claim_watch(self, watch: str, now: datetime) -> Watch | None:
        """Take a watch for telling; None where it is gone or another process tells it.

        A claim counts as lost after `CLAIM_S`: its process died.
        """
        ...

    async def release_watch(self, watch: str) -> None:
        """Give a claim back: nothing was posted."""
        ...

    async def drop_watch(self, watch: str) -> None:
        """Forget a watch."""
        ...

    async def prune(self, *, now: datetime) -> None:
        """Remove what is older than it may be."""
        ...


CLAIM_S = 600.0
"""A telling takes seconds; after so long its process has died."""
