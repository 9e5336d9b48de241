"""The reader's use case: asked where the engine is unsure, once, and never in the way."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.answering.answer import Status
from bot.answering.message import answer_plan
from bot.answering.reader_choice import Choice
from bot.answering.reader_request import ChoiceKind, When
from bot.errors import ReaderError
from bot.service.assistant import Assistant, Incoming
from bot.service.ports import DECISION_LIFE, Completion, Decision, Metrics
from bot.service.reading import Limits, Manner, ReaderDesk, RequestLimiter
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.reader_request import Request
    from bot.service.ports import ReadEvent

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
UNSURE = "what of zeppelins and soft power"
SURE = "what do chinese officials say about a public good?"


@dataclass
class FakeReader:
    """Says the same to everything, or fails."""

    says: str = '{"choice": "answer", "ids": ["reaction-us"]}'
    model: str = "m"
    fails: ReaderError | Exception | None = None
    takes_s: float = 0.0
    requests: list[Request] = field(default_factory=list)

    async def read(self, request: Request) -> Completion:
        self.requests.append(request)
        await asyncio.sleep(self.takes_s)
        if self.fails:
            raise self.fails
        return Completion(self.says, 100, 7)


@dataclass
class FakeDecisions:
    """A store that two instances share, or that is down."""

    kept: dict[str, Decision] = field(default_factory=dict)
    down: bool = False

    async def load_decision(self, key: str, *, now: datetime) -> Decision | None:
        if self.down:
            raise OSError("down")
        return self.kept.get(key)

    async def save_decision(self, key: str, decision: Decision, *, now: datetime) -> Decision:
        if self.down:
            raise OSError("down")
        return self.kept.setdefault(key, decision)

    async def prune(self, *, now: datetime) -> None:
        """Nothing is ever too old."""


@dataclass
class Counted(Metrics):
    events: list[ReadEvent] = field(default_factory=list)

    def reader_asked(self, event: ReadEvent) -> None:
        self.events.append(event)


async def read(
    desk: ReaderDesk, catalog: Catalog, text: str = UNSURE, now: datetime = NOW
) -> Plan:
    return await desk.read(text, answer_plan(text, catalog), None, catalog, now)


def desk_of(reader: FakeReader, store: FakeDecisions | None = None, **more: object) -> ReaderDesk:
    return ReaderDesk(reader, Manner(When.UNSURE, timeout_s=0.5), store, **more)  # type: ignore[arg-type]


async def test_it_chooses_where_the_engine_is_unsure(catalog: Catalog) -> None:
    metrics = Counted()
    plan = await read(desk_of(FakeReader(), metrics=metrics), catalog)
    assert (plan.status, plan.snippets) == (Status.ANSWERED, ("reaction-us",))
    assert plan.reader is not None
    assert (plan.reader.model, plan.reader.used) == ("m", True)
    assert plan.reader.among == len(catalog.homes)
    [event] = metrics.events
    assert (event.result, event.failed) == ("changed", False)
    assert (event.prompt_tokens, event.completion_tokens) == (100, 7)


async def test_what_the_engine_is_sure_of_is_not_asked(catalog: Catalog) -> None:
    reader = FakeReader()
    plan = await read(desk_of(reader), catalog, SURE)
    assert not reader.requests
    assert plan.reader is not None
    assert not plan.reader.used
    assert replace(plan, reader=None) == answer_plan(SURE, catalog)


async def test_the_same_question_is_asked_once_at_a_time_and_then_never(catalog: Catalog) -> None:
    reader = FakeReader(takes_s=0.05)
    desk = desk_of(reader)
    plans = await asyncio.gather(*(read(desk, catalog) for _ in range(20)))
    plans.append(await read(desk, catalog))
    assert len(reader.requests) == 1
    assert len(set(map(str, plans))) == 1


async def test_instances_share_choices_and_the_first_one_stands(catalog: Catalog) -> None:
    store = FakeDecisions()
    one = desk_of(FakeReader(takes_s=0.02), store)
    other = desk_of(FakeReader('{"choice": "none", "ids": []}', takes_s=0.02), store)
    plans = await asyncio.gather(read(one, catalog), read(other, catalog))
    assert plans[0] == plans[1]
    late = FakeReader('{"choice": "ask"}')
    assert await read(desk_of(late, store), catalog) == plans[0]
    assert not late.requests


@pytest.mark.parametrize("change", ["turn before", "library", "model", "age"])
async def test_what_asks_anew(change: str, catalog: Catalog) -> None:
    reader = FakeReader()
    desk = desk_of(reader)
    await read(desk, catalog)
    if change == "turn before":
        before = answer_plan("what are the reactions?", catalog)
        await desk.read(
            "and zeppelins?", answer_plan("and zeppelins?", catalog, before), before, catalog, NOW
        )
        await desk.read(
            "and zeppelins?", answer_plan("and zeppelins?", catalog), None, catalog, NOW
        )
        assert len(reader.requests) == 3
        return
    if change == "library":
        changed = type(catalog)(replace(catalog.library, version="another"), catalog.vocabulary)
        await read(desk, changed)
    elif change == "model":
        reader.model = "another"
        await read(desk, catalog)
    else:
        await read(desk, catalog, now=NOW + DECISION_LIFE - timedelta(seconds=1))
        assert len(reader.requests) == 1
        await read(desk, catalog, now=NOW + DECISION_LIFE)
    assert len(reader.requests) == 2


@pytest.mark.parametrize(
    ("reader", "kind"),
    [
        (FakeReader("Zanzibar"), "not-a-reply"),
        (FakeReader(fails=ReaderError("refused", 401)), "refused"),
        (FakeReader(fails=ZeroDivisionError("Zanzibar")), "failed"),
    ],
)
async def test_a_failure_is_counted_and_the_engine_stands(
    reader: FakeReader, kind: str, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = Counted()
    plan = await read(desk_of(reader, metrics=metrics), catalog)
    assert replace(plan, reader=None) == answer_plan(UNSURE, catalog)
    assert [(e.result, e.failed) for e in metrics.events] == [(kind, True)]
    assert "Zanzibar" not in str(capsys.readouterr())


async def test_a_slow_reader_is_not_waited_for(catalog: Catalog) -> None:
    desk = desk_of(FakeReader(takes_s=0.7))
    plan = await read(desk, catalog)
    assert plan.reader is not None
    assert not plan.reader.used
    assert plan.reader.ms >= 490
    # What comes late is there for the next one who asks.
    await desk.finish()
    assert (await read(desk, catalog)).reader.used  # type: ignore[union-attr]


async def test_a_store_that_is_down_costs_only_the_sharing(catalog: Catalog) -> None:
    reader = FakeReader()
    desk = desk_of(reader, FakeDecisions(down=True))
    assert (await read(desk, catalog)) == (await read(desk, catalog))
    assert len(reader.requests) == 1


async def test_a_stored_choice_of_statements_that_are_gone_shows_none(catalog: Catalog) -> None:
    class Stale(FakeDecisions):
        async def load_decision(self, key: str, *, now: datetime) -> Decision | None:
            return Decision(Choice(ChoiceKind.ANSWER, ("gone",)), 5, NOW)

    plan = await read(desk_of(FakeReader(), Stale()), catalog)
    assert plan.status is Status.NOT_COVERED


async def test_limits_and_rest_hold_requests_back(catalog: Catalog) -> None:
    metrics = Counted()
    reader = FakeReader(fails=ReaderError("failed"))
    desk = desk_of(reader, guard=RequestLimiter(Limits(failures=2)), metrics=metrics)
    for number in range(5):
        await read(desk, catalog, f"{UNSURE} number {number}")
    assert len(reader.requests) == 2
    assert [event.result for event in metrics.events] == ["failed"] * 2 + ["resting"] * 3


async def test_the_conversation_keeps_explains_and_goes_on(catalog: Catalog) -> None:
    desk = desk_of(FakeReader())
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1", reader=desk)
    reply = await assistant.answer(Incoming("slack", "w", "c", "u", UNSURE, "t"), NOW)
    assert reply.answer.snippets == ("reaction-us",)
    why = await assistant.explain("a1", NOW)
    assert why is not None
    assert why.reader[0] == f"chosen by the reader m among {len(catalog.homes)} statements"
    assert why.reader[1].startswith("matching put first: ")
    more = await assistant.answer(Incoming("slack", "w", "c", "u", "more", "t"), NOW)
    assert (more.plan.brief, more.plan.snippets, more.plan.page) == ("reactions", (), 1)
    more = await assistant.answer(Incoming("slack", "w", "c", "u", "more", "t"), NOW)
    assert more.plan.page == 2


@pytest.mark.parametrize(
    ("reader", "text", "told"),
    [
        (FakeReader(), SURE, "chosen by matching, not by the reader m"),
        (FakeReader("?"), UNSURE, "chosen by matching; the reader m was asked and gave no choice"),
    ],
)
async def test_why_an_answer_is_the_engines(
    reader: FakeReader, text: str, told: str, catalog: Catalog
) -> None:
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1", reader=desk_of(reader))
    await assistant.answer(Incoming("slack", "w", "c", "u", text), NOW)
    why = await assistant.explain("a1", NOW)
    assert why is not None
    assert why.reader[0] == told


async def test_completions_and_others_messages_never_ask(catalog: Catalog) -> None:
    reader = FakeReader()
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1", reader=desk_of(reader))
    assistant.complete("zepp")
    await assistant.brief_on(Incoming("slack", "w", "c", "u", UNSURE), NOW)
    assert not reader.requests
    why = await assistant.explain("a1", NOW)
    assert why is not None
    assert why.reader == ()


async def test_a_reply_holds_nothing_but_ids(catalog: Catalog) -> None:
    store = FakeDecisions()
    says = json.dumps({"choice": "closest", "ids": ["reaction-us"], "why": "Zanzibar"})
    await read(desk_of(FakeReader(says), store), catalog)
    [(key, decision)] = store.kept.items()
    assert len(key) == 64
    assert decision.choice == Choice(ChoiceKind.CLOSEST, ("reaction-us",))
