"""Collects what was not answered well, beside the answering and without personal data.

Nothing here can slow an answer down or make it fail: notes gather in memory and are written
together, and a write that fails is logged and left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

import structlog

from bot.answering.answer import Plan, Status
from bot.answering.catalog import Catalog
from bot.gaps.grouping import Gap, Why, is_gap, redact, shown_digest
from bot.schedules.subscription import short_key
from bot.service.assistant import Incoming, Reply

log = structlog.get_logger(__name__)

TERMINAL = "cli"
"""The one place where nobody can be told later."""
MAX_WAITING = 5_000
"""Notes that may wait for the database; what comes beyond them is left out."""
CLAIM_S = 600.0
"""A telling takes seconds; after so long its process has died."""


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

    async def take_question(self, answer_id: str) -> str | None:
        """The question of an answer, which is then forgotten; None where it is not kept."""

    async def question(self, answer_id: str) -> str | None:
        """The question of an answer; None where it is not kept."""

    async def gaps(self, since: date | None = None) -> Sequence[Gap]:
        """The gaps from that day on, oldest first; of very many the newest."""

    async def tallies(self, since: date | None = None) -> Sequence[Tally]:
        """The counts of answers from that day on, oldest first."""

    async def watch(self, watch: Watch) -> bool:
        """Keep a watch; False where the person has it already."""

    async def watches(self) -> Sequence[Watch]:
        """Every watch, oldest first."""

    async def claim_watch(self, watch: str, now: datetime) -> Watch | None:
        """Take a watch for telling; None where it is gone or another process tells it.

        A claim counts as lost after `CLAIM_S`: its process died.
        """

    async def release_watch(self, watch: str) -> None:
        """Give a claim back: nothing was posted."""

    async def drop_watch(self, watch: str) -> None:
        """Forget a watch."""

    async def prune(self, *, now: datetime) -> None:
        """Remove what is older than it may be."""


@dataclass(slots=True)
class _Waiting:
    gaps: list[Gap] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    votes: list[tuple[str, str, datetime, Catalog]] = field(default_factory=list)
    """Answers that were rated down: id, brief, when, and the library of that moment."""
    now: datetime | None = None


class Gaps:
    """What the assistant tells of its answers and their ratings."""

    def __init__(self, store: GapStore) -> None:
        self._store = store
        self._waiting = _Waiting()
        self._writing = _Waiting()
        self._writer: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def note_answer(
        self, reply: Reply, incoming: Incoming, alone: Callable[[str], Plan], now: datetime
    ) -> Reply:
        """Count the answer and keep its question; the reply, with whether one may be told later.

        `alone` decides on a question without what was said before it.
        """
        try:
            return self._note_answer(reply, incoming, alone, now)
        except Exception:
            log.exception("gaps.note_failed")
            return reply

    def _note_answer(
        self, reply: Reply, incoming: Incoming, alone: Callable[[str], Plan], now: datetime
    ) -> Reply:
        self.count(reply.plan, now)
        question = redact(incoming.text)
        # A question that is only answered because something was taken out of it, or that needs
        # what was said before, would count as covered at once.
        missing = is_gap(reply.plan) and alone(question).status is not Status.ANSWERED
        rateable = reply.plan.status is Status.ANSWERED and bool(reply.answer.snippets)
        if not question or not (missing or rateable):
            return reply
        if len(self._waiting.questions) < MAX_WAITING:
            self._waiting.questions[reply.id] = question
            if missing:
                self._waiting.gaps.append(Gap(now.date(), Why.NOT_COVERED, question))
        self._write_soon(now)
        return replace(reply, can_tell=missing and incoming.platform != TERMINAL)

    def note_rated_down(self, answer_id: str, plan: Plan, catalog: Catalog, now: datetime) -> None:
        """Somebody found an answer not helpful; the first such vote makes its question a gap."""
        if len(self._waiting.votes) < MAX_WAITING:
            self._waiting.votes.append((answer_id, plan.brief or "", now, catalog))
            self._write_soon(now)

    async def watch(
        self, answer_id: str, incoming: Incoming, alone: Callable[[str], Plan], now: datetime
    ) -> str:
        """Tell this person once the question of an answer is covered; a key of `phrases.NOTICES`.

        `alone` decides on a question without what was said before it.
        """
        # Under load something is always being written: what is not yet is looked for in memory.
        pending = self._waiting.questions | self._writing.questions
        question = pending.get(answer_id) or await self._store.question(answer_id)
        if question is None:
            return "tells-not"
        if alone(question).status is Status.ANSWERED:
            return "covered-by-now"
        who = (incoming.platform, incoming.workspace, incoming.user)
        watch = Watch(short_key("\n".join((*who, question))), *who, question, now)
        return "will-tell" if await self._store.watch(watch) else "tells-already"

    async def finish(self) -> None:
        """Return when everything that was noted is written, or could not be."""
        while self._writer is not None:
            self._hurry.set()
            await asyncio.wait({self._writer})

    def count(self, plan: Plan, now: datetime) -> None:
        """Count an answer, also to what is nobody's question: what somebody else wrote."""
        if len(self._waiting.tallies) < MAX_WAITING:
            brief = plan.brief or "" if plan.status is Status.ANSWERED else ""
            self._waiting.tallies.append(Tally(now.date(), plan.status, plan.intent, brief))
            self._write_soon(now)

    def _write_soon(self, now: datetime) -> None:
        self._waiting.now = now
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            # What comes within a moment, or while one transaction is written, is one transaction.
            while self._waiting.now is not None:
                with suppress(TimeoutError):
                    # Answers of so long are written down together.
                    await asyncio.wait_for(self._hurry.wait(), 0.5)
                now = self._waiting.now
                self._writing, self._waiting = self._waiting, _Waiting()
                try:
                    await self._write_down(self._writing, now)
                except Exception:
                    log.exception("gaps.write_failed")
        finally:
            self._hurry.clear()
            self._writing = _Waiting()
            self._writer = None

    async def _write_down(self, waiting: _Waiting, now: datetime) -> None:
        notes = Notes(waiting.gaps, waiting.tallies, waiting.questions)
        await self._store.note(notes, now)
        down = [
            Gap(at.date(), Why.RATED_DOWN, question, brief, shown_digest(question, catalog))
            for answer_id, brief, at, catalog in waiting.votes
            if (question := await self._store.take_question(answer_id)) is not None
        ]
        if down:
            await self._store.note(Notes(gaps=down), now)
