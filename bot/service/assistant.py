"""The use cases of a conversation: answer, recall, explain, rate, complete, brief on a text."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot.answering import phrases
from bot.answering.answer import Statement, Status
from bot.answering.changes import known_statements, news_plan, since_day, unread_briefs
from bot.answering.complete import completions
from bot.answering.compose import compose
from bot.answering.message import answer_plan, related_plan
from bot.library.documents import Documents
from bot.library.vocabulary import Intent
from bot.service.ports import Metrics, rater_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.answering.answer import Answer, Plan, ReaderNote, Suggestion
    from bot.answering.catalog import Catalog
    from bot.gaps.collecting import Gaps
    from bot.library.documents import Quote
    from bot.library.model import Source
    from bot.service.ports import StatementLog, Store
    from bot.service.reading import ReaderDesk

log = structlog.get_logger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")

MAX_ALONE = 2_000
"""People whose last answer to a command is known; about 1 MB."""
MAX_DECIDED = 2_000
"""Questions whose plan is kept; about 1 MB."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message, as a platform file understood it."""

    platform: str
    """A name in `platforms.registry`, or "playground"."""
    workspace: str
    """Slack's team id, Discord's guild id; empty in a direct message without one."""
    channel: str
    user: str
    text: str
    thread: str | None = None
    """What a conversation goes on in (a thread's id, a direct message's channel); None where
    each message stands alone."""

    @property
    def conversation(self) -> str | None:
        """The key that follow-ups share."""
        if self.thread is None:
            return None
        return ":".join((self.platform, self.workspace, self.channel, self.thread))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and the id under which it can be shown again, explained and rated."""

    id: str
    answer: Answer
    plan: Plan
    can_tell: bool = False
    """Whether the person may ask to be told once the question is covered."""

    @property
    def about(self) -> str | None:
        """The answer before, where a message may be about that: "you are wrong", "share that"."""
        return self.plan.subject


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer was given: what it rests on and how well it matched."""

    score: float
    brief_title: str | None
    reviewed: str | None
    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]
    judged: tuple[tuple[str, float], ...] = ()
    """The parts of the sum that decided, and last what it was compared with; see `judge`."""
    reader: tuple[str, ...] = ()
    """How it was chosen, one fact a line; empty where no reader is set up."""
    quotes: tuple[Quote, ...] = ()
    """The cited lines, where the documents are at hand."""


class News:
    """A `ports.Component` that writes down what there is, at its start and after each change."""

    name = "news"

    def __init__(
        self,
        statements: StatementLog,
        catalog: Callable[[], Catalog],
        clock: Callable[[], datetime],
    ) -> None:
        self._statements = statements
        self._catalog = catalog
        self._clock = clock
        self._changed = asyncio.Event()

    async def library_changed(self, before: Catalog, after: Catalog) -> None:
        """Write down, soon, what there is now."""
        del before, after
        self._changed.set()

    async def run(self) -> None:
        """Write down whatever library is in use, until cancelled."""
        while True:
            self._changed.clear()
            await self.record()
            await self._changed.wait()

    async def record(self) -> None:
        """Write down what there is now."""
        catalog = self._catalog()
        known = known_statements(catalog)
        await self._statements.record(known, unread_briefs(catalog), self._clock())

    async def tell(self, plan: Plan, catalog: Catalog, now: datetime) -> Plan:
        """The plan of "what is new" with what is; as it was where nothing is known."""
        today = now.date()
        try:
            snapshot = await self._statements.snapshot(since_day(today), now)
        except Exception as error:  # noqa: BLE001 - an answer must not fail with its database
            log.warning("news.not_told", error=repr(error))
            return plan
        return news_plan(plan, snapshot, catalog, today) if snapshot else plan

    def ready(self) -> bool:
        """Always: nobody waits for it."""
        return True

    async def drain(self) -> None:
        """Nothing to finish."""


class Assistant:
    """Answers from one catalog; `catalog` may be replaced while running."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        new_id: Callable[[], str],
        gaps: Gaps | None = None,
        *,
        metrics: Metrics | None = None,
        reader: ReaderDesk | None = None,
    ) -> None:
        self.catalog = catalog
        self.reader = reader
        """Chooses where the engine is unsure; None where no reader is set up."""
        self.news: News | None = None
        """Knows what was added and changed; None where nothing is remembered."""
        self.metrics = metrics or Metrics()
        self.documents = Documents(None)
        self._store = store
        self._new_id = new_id
        self._gaps = gaps
        self._decided: dict[bytes, Plan] = {}
        self._alone: dict[tuple[str, ...], str] = {}
        """For each person in a channel the last answer to a command; forgotten at the exit."""

    async def answer(
        self, incoming: Incoming, now: datetime, *, after: str | None = None
    ) -> Reply:
        """Answer one message; with a `thread`, as the continuation of what was said there.

        Args:
            incoming: The message.
            now: The time.
            after: The answer that it is a reply to, where the platform tells; else, or where it
                is not kept any longer, the latest one of the thread.
        """
        begun = asyncio.get_running_loop().time()
        catalog = self.catalog
        before = await self._store.load_plan(after) if after else None
        if before is None:
            after = None
            before = await self._before(incoming, now)
        if before is not None and before.is_aside:
            before = await self._store.load_plan(before.subject or "") or before
        plan = (
            self._decide(incoming.text)
            if before is None
            else answer_plan(incoming.text, catalog, before)
        )
        if self.reader is not None:
            plan = await self.reader.read(incoming.text, plan, before, catalog, now)
        if plan.intent is Intent.NEWS and plan.about and not plan.since and self.news:
            plan = await self.news.tell(plan, catalog, now)
        if plan.about:
            plan = replace(plan, subject=await self._subject(plan, incoming, after, now))
        reply = await self._reply(plan, incoming, now)
        if self._gaps is not None:
            reply = self._gaps.note_answer(reply, incoming, self._decide, now)
        seconds = asyncio.get_running_loop().time() - begun
        self.metrics.answered(incoming.platform, reply.answer, seconds)
        return reply

    async def _before(self, incoming: Incoming, now: datetime) -> Plan | None:
        """The plan that a message goes on from, where it is no reply to one.

        A command stands alone, unless it says nothing by itself: "source?", "more".
        """
        if incoming.conversation:
            return await self._store.latest_plan(incoming.conversation, now=now)
        plan = self._decide(incoming.text)
        if not plan.about and plan.status is not Status.CLARIFY:
            return None
        return await self._store.load_plan(self._alone.get(_person_of(incoming), ""))

    async def _subject(
        self, plan: Plan, incoming: Incoming, after: str | None, now: datetime
    ) -> str | None:
        """The id of the answer that a message speaks of; None where there is none.

        A command stands alone, but "share that" means what the person was told last there.
        """
        if after is None and incoming.conversation:
            after = await self._store.latest_answer(incoming.conversation, now=now)
        elif after is None:
            after = self._alone.get(_person_of(incoming))
        before = await self._store.load_plan(after) if after else None
        if before is None or (before.about and not before.since):
            return before.subject if before else None
        shares = plan.intent is Intent.SHARE
        return None if shares and before.status in {Status.CLARIFY, Status.NOT_COVERED} else after

    async def brief_on(self, incoming: Incoming, now: datetime) -> Reply:
        """Find the briefs that a message of somebody else is about."""
        plan = related_plan(incoming.text, self.catalog)
        if self._gaps is not None:
            self._gaps.count(plan, now)
        return await self._reply(plan, incoming, now)

    async def recall(self, answer_id: str, now: datetime) -> Reply | None:
        """The answer once more, from today's library; None where it is not kept any longer."""
        plan = await self._store.load_plan(answer_id)
        return Reply(answer_id, compose(plan, self.catalog, now.date()), plan) if plan else None

    async def explain(self, answer_id: str, now: datetime) -> Explanation | None:
        """What an answer rests on; None where it is not kept any longer."""
        reply = await self.recall(answer_id, now)
        if reply is None:
            return None
        brief = self.catalog.library.briefs.get(reply.answer.brief or "")
        shown = {statement.snippet: statement for statement in reply.answer.statements()}
        note = reply.answer.reader
        return Explanation(
            score=reply.answer.score,
            brief_title=brief.title if brief else None,
            reviewed=brief.reviewed.isoformat() if brief else None,
            statements=tuple(shown.values()),
            sources=reply.answer.sources,
            judged=() if note and note.used else _deciding_sum(reply.plan),
            reader=reader_facts(note),
            quotes=tuple(
                self.documents.quotes(reply.answer.citations, self.catalog.library.sources)
            ),
        )

    async def rate(self, answer_id: str, *, user: str, helpful: bool, now: datetime) -> bool:
        """Store a vote under a hash of the person; False where the answer is unknown."""
        plan = await self._store.load_plan(answer_id)
        if plan is None:
            return False
        rater = rater_of(answer_id, user)
        await self._store.rate(answer_id, rater=rater, helpful=helpful, brief=plan.brief, now=now)
        if self._gaps is not None and not helpful:
            self._gaps.note_rated_down(answer_id, plan, self.catalog, now)
        return True

    async def watch(self, answer_id: str, incoming: Incoming, now: datetime) -> str:
        """Tell a person once the question of an answer is covered; a key of `phrases.NOTICES`."""
        if self._gaps is None:
            return "tells-not"
        return await self._gaps.watch(answer_id, incoming, self._decide, now)

    def complete(self, partial: str, limit: int = 25) -> tuple[Suggestion, ...]:
        """What a person may be typing: briefs first, then example asks; at most `limit`."""
        return completions(partial, self.catalog, limit)

    def _decide(self, text: str) -> Plan:
        """The plan of a question that stands alone; what is asked often is decided once.

        Kept under the question's hash, so that nobody's words stay in memory.
        """
        key = hashlib.sha256(f"{self.catalog.version}:{text}".encode(errors="replace")).digest()
        plan = self._decided.get(key) or answer_plan(text, self.catalog, None)
        _keep(self._decided, key, plan, MAX_DECIDED)
        return plan

    async def _reply(self, plan: Plan, incoming: Incoming, now: datetime) -> Reply:
        answer_id, thread = self._new_id(), incoming.conversation
        await self._store.save_plan(answer_id, plan, thread=thread, now=now)
        if thread is None and not plan.about:
            _keep(self._alone, _person_of(incoming), answer_id, MAX_ALONE)
        return Reply(answer_id, compose(plan, self.catalog, now.date()), plan)


def _keep(kept: dict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Keep it as the latest; of more than `most` the oldest goes."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]


def _deciding_sum(plan: Plan) -> tuple[tuple[str, float], ...]:
    """The sum by which a plan was judged; empty where something else stood in the way."""
    if not plan.judged:
        return ()
    *parts, (_, needed) = plan.judged
    enough = sum(value for _, value in parts) >= needed
    return plan.judged if enough is (plan.status is Status.ANSWERED) else ()


def _person_of(incoming: Incoming) -> tuple[str, ...]:
    return (incoming.platform, incoming.workspace, incoming.channel, incoming.user)


def reader_facts(note: ReaderNote | None) -> tuple[str, ...]:
    """How an answer was chosen, one fact a line; the engine's own ranking beside a choice."""
    if note is None:
        return ()
    form = phrases.CHOSEN_BY_READER
    if not note.used:
        form = phrases.READER_SILENT if note.among else phrases.CHOSEN_BY_MATCHING
    facts = [form.format(model=note.model, among=note.among)]
    if note.ranked:
        ranked = ", ".join(f"{name} ({score:g})" for name, score in note.ranked)
        facts.append(phrases.RANKED_FIRST.format(ranked=ranked))
    return tuple(facts)
