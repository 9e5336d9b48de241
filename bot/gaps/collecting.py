"""Collects what was not answered well, beside the answering and without personal data.

Nothing here can slow an answer down or make it fail: notes gather in memory and are written
together, and a write that fails is logged and left out.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from bot.answering.answer import Status
from bot.gaps.gap_ports import Notes, Tally, Watch
from bot.gaps.grouping import Gap, Why, is_gap, redact, shown_digest
from bot.schedules.subscription import short_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.gaps.gap_ports import GapStore
    from bot.service.assistant import Incoming, Reply

log = structlog.get_logger(__name__)

TERMINAL = "cli"
"""The one place where nobody can be told later."""
MAX_WAITING = 5_000
"""Notes that may wait for the database; what comes beyond them is left out."""


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

        Args:
            reply: What was answered.
            incoming: What was asked.
            alone: The decision on a question without what was said before it.
            now: When.
        """
        try:
            return self._note_answer(reply, incoming, alone, now)
        except Exception:
            log.exception("gaps.note_failed")
            return reply

    def _note_answer(
        self, reply: Reply, incoming: Incoming, alone: Callable[[str], Plan], now: datetime
    ) -> Reply:
        self._count(reply.plan, now)
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

    def note_other(self, plan: Plan, now: datetime) -> None:
        """Count an answer to what is nobody's question: a message that somebody else wrote."""
        self._count(plan, now)

    def note_rated_down(self, answer_id: str, plan: Plan, catalog: Catalog, now: datetime) -> None:
        """Somebody found an answer not helpful; the first such vote makes its question a gap."""
        if len(self._waiting.votes) < MAX_WAITING:
            self._waiting.votes.append((answer_id, plan.brief or "", now, catalog))
            self._write_soon(now)

    async def watch(
        self, answer_id: str, incoming: Incoming, alone: Callable[[str], Plan], now: datetime
    ) -> str:
        """Tell this person once the question of an answer is covered.

        Args:
            answer_id: The answer that did not cover it.
            incoming: Who wants to be told.
            alone: See `note_answer`.
            now: When.

        Returns:
            What to say, as a key of `phrases.NOTICES`.
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

    def _count(self, plan: Plan, now: datetime) -> None:
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
        down = []
        for answer_id, brief, at, catalog in waiting.votes:
            question = await self._store.take_question(answer_id)
            if question is not None:
                shown = shown_digest(question, catalog)
                down.append(Gap(at.date(), Why.RATED_DOWN, question, brief, shown))
        if down:
            await self._store.note(Notes(gaps=down), now)
