"""Asks a reader where the engine is unsure; whatever goes wrong, the outcome stands."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.answering.answer import ReaderNote
from bot.answering.reader_choice import chosen_plan, differs, parse_reply
from bot.answering.reader_request import BUDGET, When, asks_reader, build_reading, write_request
from bot.errors import ReaderError
from bot.service.ports import DECISION_LIFE, Completion, Decision, Metrics, ReadEvent

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.reader_choice import Choice
    from bot.answering.reader_request import Reading, Request
    from bot.service.ports import DecisionStore, Reader

log = structlog.get_logger(__name__)


MINUTE_S, DAY_S = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a reader is asked, by each process."""

    at_once: int = 4
    per_minute: int = 60
    per_day: int | None = None
    failures: int = 5
    """So many failures one after another open the circuit."""
    rest_s: float = 30.0
    """How long it stays open at first; each failed trial doubles that."""
    longest_rest_s: float = 600.0


@dataclass(slots=True)
class RequestLimiter:
    """Counts requests; `now_s` is any clock that only runs forwards, in seconds."""

    limits: Limits = field(default_factory=Limits)
    _running: int = 0
    _minute: deque[float] = field(default_factory=deque)
    _day_began_s: float = 0.0
    _day_count: int = 0
    _failures: int = 0
    _rests_until_s: float | None = None
    _rest_s: float = 0.0

    def enter(self, now_s: float) -> str | None:
        """Begin a request; None where it may be sent, else why not: "resting" or "limit"."""
        if self._rests_until_s is not None and (now_s < self._rests_until_s or self._running):
            return "resting"
        while self._minute and self._minute[0] <= now_s - MINUTE_S:
            self._minute.popleft()
        if not self._day_count or now_s >= self._day_began_s + DAY_S:
            self._day_began_s, self._day_count = now_s, 0
        most = self.limits
        if (
            self._running >= most.at_once
            or len(self._minute) >= most.per_minute
            or (most.per_day is not None and self._day_count >= most.per_day)
        ):
            return "limit"
        self._running += 1
        self._minute.append(now_s)
        self._day_count += 1
        return None

    def leave(self, now_s: float, *, well: bool) -> None:
        """A request that was begun has ended; `well` where the server did its part."""
        self._running -= 1
        if well:
            self._failures, self._rests_until_s, self._rest_s = 0, None, 0.0
            return
        self._failures += 1
        if self._failures >= self.limits.failures:
            longest = self.limits.longest_rest_s
            self._rest_s = min(longest, 2 * self._rest_s or self.limits.rest_s)
            self._rests_until_s = now_s + self._rest_s


MAX_KEPT: Final = 5_000
"""Choices kept in memory; about 2 MB."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reader is used."""

    when: When = When.UNSURE
    budget: int = BUDGET
    """Statements that it sees at most."""
    timeout_s: float = 6.0
    """After this the engine's own outcome is shown."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One message on its way to the reader."""

    text: str
    plan: Plan
    before: Plan | None
    catalog: Catalog
    now: datetime
    reading: Reading
    request: Request


class ReaderDesk:
    """The use case: the plan after a reader was asked, if it is to be."""

    def __init__(
        self,
        reader: Reader,
        manner: Manner,
        store: DecisionStore | None = None,
        *,
        guard: RequestLimiter | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """Wire a reader.

        Args:
            reader: The language model.
            manner: When it is asked, and how.
            store: Shared by instances; None where choices are kept in memory only.
            guard: Its limits.
            metrics: Counts requests.
        """
        self.reader = reader
        self.metrics = metrics or Metrics()
        self._manner = manner
        self._store = store
        self._guard = guard or RequestLimiter()
        self._kept: OrderedDict[str, Decision] = OrderedDict()
        self._flights: dict[str, asyncio.Task[Decision]] = {}

    async def read(
        self, text: str, plan: Plan, before: Plan | None, catalog: Catalog, now: datetime
    ) -> Plan:
        """The plan by the reader's choice, or the engine's own, with a note of which.

        Args:
            text: The message.
            plan: The engine's decision on it.
            before: The plan of the turn before.
            catalog: The index.
            now: When.
        """
        if not asks_reader(text, plan, before, catalog, self._manner.when):
            sure = ReaderNote(self.reader.model, used=False)
            return plan if plan.reader else replace(plan, reader=sure)
        began_s = asyncio.get_running_loop().time()
        reading = build_reading(text, plan, before, catalog, self._manner.budget)
        among = len(reading.options)
        note = ReaderNote(self.reader.model, used=False, among=among, ranked=reading.ranked)
        asked = _Asked(text, plan, before, catalog, now, reading, write_request(reading))
        decision = await self._decision_in_time(asked)
        if decision is None:
            waited_ms = _ms(asyncio.get_running_loop().time() - began_s)
            return replace(plan, reader=replace(note, ms=waited_ms))
        chosen = chosen_plan(decision.choice, text, plan, before, catalog)
        return replace(chosen, reader=replace(note, used=True, ms=decision.ms))

    async def finish(self) -> None:
        """Wait for what is being read, no longer than a reader may take."""
        if self._flights:
            await asyncio.wait(set(self._flights.values()), timeout=self._manner.timeout_s)

    async def _decision_in_time(self, asked: _Asked) -> Decision | None:
        """The choice; None where there is none, whatever the reason."""
        try:
            async with asyncio.timeout(self._manner.timeout_s):
                return await self._decision(asked)
        except ReaderError as error:
            why = str(error)
        except TimeoutError:
            why = "timeout"
        except Exception as error:  # noqa: BLE001 - an answer must not fail with its reader
            why = type(error).__name__
        # Neither a word of the question nor of the reply is in here.
        log.warning("reader.not_used", why=why, model=self.reader.model)
        return None

    async def _decision(self, asked: _Asked) -> Decision:
        """The choice made for the same request before, else a new one, asked for only once."""
        key = decision_key(asked.request, asked.catalog, self.reader.model)
        kept = self._kept.get(key)
        if kept is not None and asked.now - kept.made_at < DECISION_LIFE:
            self._kept.move_to_end(key)
            return kept
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._load_or_ask(key, asked))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(flight)

    def _land(self, key: str, done: asyncio.Task[Decision]) -> None:
        del self._flights[key]
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[key] = done.result()
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    async def _load_or_ask(self, key: str, asked: _Asked) -> Decision:
        stored = await self._load(key, asked.now)
        if stored is not None:
            return stored
        decision = await self._ask(asked)
        return await self._save(key, decision, asked.now)

    async def _load(self, key: str, now: datetime) -> Decision | None:
        try:
            return await self._store.load_decision(key, now=now) if self._store else None
        except Exception as error:  # noqa: BLE001 - without a database the reader is asked anew
            log.warning("reader.load_failed", why=type(error).__name__)
            return None

    async def _save(self, key: str, decision: Decision, now: datetime) -> Decision:
        """Keep it; the one that stands, which may be another instance's."""
        try:
            if self._store:
                return await self._store.save_decision(key, decision, now=now)
        except Exception as error:  # noqa: BLE001 - it is kept in memory all the same
            log.warning("reader.save_failed", why=type(error).__name__)
        return decision

    async def _ask(self, asked: _Asked) -> Decision:
        """Ask the model.

        Raises:
            ReaderError: It gave no choice, or must not be asked now.
        """
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        if why := self._guard.enter(began_s):
            self.metrics.reader_asked(ReadEvent(why, failed=True, seconds=0.0))
            raise ReaderError(why)
        completion, result = Completion(""), "failed"
        try:
            completion = await self.reader.read(asked.request)
            choice = choice_in(completion, asked.reading)
            chosen = chosen_plan(choice, asked.text, asked.plan, asked.before, asked.catalog)
            result = "changed" if differs(chosen, asked.plan) else "same"
            return Decision(choice, _ms(loop.time() - began_s), asked.now)
        except ReaderError as error:
            result = error.kind
            raise
        finally:
            well = result in {"changed", "same"}
            # A server that speaks nonsense is not sick: a rest would not mend it.
            self._guard.leave(loop.time(), well=well or result == "not-a-reply")
            tokens = completion.prompt_tokens, completion.completion_tokens
            self.metrics.reader_asked(ReadEvent(result, not well, loop.time() - began_s, *tokens))


def choice_in(completion: Completion, reading: Reading) -> Choice:
    """The choice that was sent back.

    Raises:
        ReaderError: There is none in it.
    """
    choice = parse_reply(completion.text, reading)
    if choice is None:
        raise ReaderError("not-a-reply")
    return choice


def decision_key(request: Request, catalog: Catalog, model: str) -> str:
    """What a choice is kept under: a hash, from which nobody can read what was asked.

    The request holds the question, the turn before and every statement's text.
    """
    parts = (catalog.version, model, request.system, request.user)
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
