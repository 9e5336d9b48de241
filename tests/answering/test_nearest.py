"""The closest statement never looks like an answer, and is counted as none."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from bot.answering import phrases
from bot.answering.answer import Answer, Closest, Note, Status
from bot.answering.compose import compose, nearest_note
from bot.answering.message import answer_plan
from bot.cli.terminal import print_answer
from bot.gaps.grouping import is_gap
from bot.platforms.discord.render.payload import render_answer as render_discord
from bot.platforms.discord.render.payload import render_text as render_discord_text
from bot.platforms.plain import render_json, render_page, render_text
from bot.platforms.slack.render import render_answer as render_slack
from bot.schedules.content import compose_briefing, parse_content
from bot.schedules.subscription import Content, ContentKind, Subscription, Target
from bot.schedules.texts import Mistake
from bot.service.assistant import Assistant, Incoming
from bot.storage.store import dump_plan, parse_plan
from bot.web.metrics import PrometheusMetrics
from tests.days import TODAY
from tests.memory_store import MemoryStore
from tests.payloads import plain_text
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog

ASKED = "who has access to the attic"


@pytest.fixture
def plan(catalog: Catalog) -> Plan:
    return answer_plan(ASKED, catalog)


@pytest.fixture
def answer(plan: Plan, catalog: Catalog) -> Answer:
    return compose(plan, catalog, TODAY)


def drawn(answer: Answer) -> str:
    out = StringIO()
    print_answer(answer, Console(file=out, width=400))
    return out.getvalue()


def discord(answer: Answer) -> str:
    pages = render_discord(answer, "a1", shareable=True)
    return "\n".join(map(plain_text, pages))


def test_it_is_a_note_and_the_closest_statement(answer: Answer) -> None:
    assert answer.status is Status.NEAREST
    assert answer.title == phrases.NOT_COVERED_TITLE
    note, closest = answer.blocks
    assert note == Note(phrases.NOTHING_ON.format(words='"attic"'))
    assert isinstance(closest, Closest)
    assert closest.statement.citations == answer.citations
    assert {c.source for c in answer.citations} == {s.id for s in answer.sources}


@pytest.mark.parametrize("show", [render_text, render_page, drawn, discord])
def test_shown_to_people(show: Any, answer: Answer) -> None:
    """First what the briefs do not have, then the statement under its label, with its lines."""
    text = show(answer)
    (closest,) = answer.statements()
    places = [
        text.index(nearest_note_of(answer)),
        text.index(f"{phrases.CLOSEST_LABEL}:"),
        text.index(closest.text),
        text.index(f"[{closest.citations[0]}]"),
    ]
    assert places == sorted(places)
    assert text.count(closest.text) == 1


def nearest_note_of(answer: Answer) -> str:
    note = answer.blocks[0]
    assert isinstance(note, Note)
    return note.text


@pytest.mark.parametrize("newest", [True, False])
def test_on_slack_it_is_a_quotation(answer: Answer, newest: bool) -> None:
    (closest,) = answer.statements()
    for payload in render_slack(answer, "a1", newest=newest):
        blocks = payload["blocks"]
        holding = [block for block in blocks if closest.text in json.dumps(block)]
        assert [block["type"] for block in holding] == ["rich_text"]
        head, quote = holding[0]["elements"]
        assert head["elements"][0]["text"] == f"{phrases.CLOSEST_LABEL}:"
        assert quote["type"] == "rich_text_quote"
        assert blocks[0]["text"]["text"] == phrases.NOT_COVERED_TITLE


def test_on_discord_it_is_a_quotation(answer: Answer) -> None:
    (closest,) = answer.statements()
    for shown in (render_discord(answer, "a1", shareable=True), render_discord_text(answer, "a1")):
        lines = [
            line
            for text in _texts(list(shown))
            for line in text.splitlines()
            if closest.text in line.replace("\\", "")
        ]
        assert lines
        assert all(line.startswith("> ") for line in lines)


def _texts(value: Any) -> list[str]:
    """Every text in a payload."""
    if isinstance(value, dict):
        own = [value["content"]] if "content" in value else []
        return own + _texts(list(value.values()))
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def test_other_programs_read_its_status(answer: Answer, plan: Plan) -> None:
    told = render_json(answer)
    (cited,) = answer.citations
    assert (told["status"], told["missing"]) == ("nearest", ["attic"])
    assert told["citations"] == [{"source": cited.source, "lines": cited.lines}]
    assert told["snippets"] == list(plan.snippets)


def test_what_is_missing_is_named_once_and_never_stored(plan: Plan, catalog: Catalog) -> None:
    assert plan.missing == ("attic",)
    stored = json.loads(json.dumps(dump_plan(plan)))
    assert "attic" not in json.dumps(stored)
    again = parse_plan(stored)
    assert again == replace(plan, missing=())
    assert again is not None
    shown = compose(again, catalog, TODAY)
    assert shown.blocks[0] == Note(phrases.NOT_SAID)
    assert len(list(shown.statements())) == 1


async def test_a_store_in_memory_keeps_no_words_either(catalog: Catalog, now: datetime) -> None:
    store = MemoryStore()
    reply = await Assistant(catalog, store, lambda: "a1").answer(
        Incoming("slack", "T1", "C1", "U1", ASKED), now
    )
    assert reply.answer.missing == ("attic",)
    assert "attic" not in str(vars(store))


@pytest.mark.parametrize("note", sorted(phrases.CLOSEST))
def test_a_detail_that_is_not_given_is_what_is_said(note: str, plan: Plan) -> None:
    assert nearest_note(replace(plan, missing=(), notes=(note,)), {}) == phrases.CLOSEST[note]
    assert nearest_note(replace(plan, notes=(note,)), {}) == phrases.NOTHING_ON.format(
        words='"attic"'
    )


def test_what_has_expired_is_no_closest_statement(plan: Plan, catalog: Catalog) -> None:
    gone = replace(plan, snippets=("gone",))
    shown = compose(gone, catalog, TODAY)
    assert (shown.status, shown.citations) == (Status.NOT_COVERED, ())


def test_it_is_a_gap(plan: Plan) -> None:
    assert is_gap(plan)


async def test_it_is_an_outcome_of_its_own_in_metrics(catalog: Catalog, now: datetime) -> None:
    metrics = PrometheusMetrics(lambda: catalog, lambda: now)
    assistant = Assistant(catalog, MemoryStore(), lambda: "id", metrics=metrics)
    await assistant.answer(Incoming("slack", "T1", "C1", "U1", ASKED), now)
    counted = [line for line in metrics.render().decode().splitlines() if 'nearest"' in line]
    assert [line.rsplit(" ", 1)[1] for line in counted if "answers_total" in line] == ["1.0"]


def test_no_schedule_sends_it(catalog: Catalog) -> None:
    subscription = Subscription(
        id="a",
        target=Target("slack", "T1", "C1"),
        content=Content(ContentKind.ASKS, (ASKED, "reactions")),
        trigger=cron_trigger("0 9 * * *", "UTC"),
        owner="U1",
        created_at=None,  # type: ignore[arg-type]
    )
    briefing = compose_briefing(subscription, catalog, {}, TODAY)
    assert [post.answer.brief for post in briefing.posts] == ["reactions"]


def test_no_schedule_is_made_of_it(catalog: Catalog) -> None:
    assert isinstance(parse_content(ASKED, catalog), Mistake)


@pytest.mark.parametrize(
    ("question", "snippet"),
    [
        ("who holds the carrots", "reaction-us"),
        ("will prices tumble", "disrupt-pricing"),
        ("is beijing buying friends with gifts", "china-partnerships"),
    ],
)
def test_a_figure_of_speech_shows_the_right_statement(
    question: str, snippet: str, catalog: Catalog
) -> None:
    """As an answer or as the closest one."""
    found = answer_plan(question, catalog)
    assert found.status in {Status.ANSWERED, Status.NEAREST}
    assert snippet in found.snippets
