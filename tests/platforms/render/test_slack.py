"""Slack payloads: exact for what is common, within every limit for whatever else."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.answering import phrases
from bot.answering.answer import Answer, Note, Row, Statement, Status, Suggestion, Table
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.overview import BriefLine, Topic, library_topics
from bot.library.model import Citation
from bot.library.vocabulary import Intent
from bot.platforms.plain import count_chars
from bot.platforms.slack.blocks import (
    ButtonKind,
    button_value,
    escape,
    parse_text,
    shorten,
    split_text,
    visible,
)
from bot.platforms.slack.incoming import Button, parse_button
from bot.platforms.slack.render import render_answer, render_explanation, render_notice
from bot.platforms.slack.slack_views import View, render_home
from bot.service.assistant import Explanation
from tests.days import TODAY
from tests.fakes.slack_blocks import check_message, check_no_ping, check_view
from tests.platforms.render.strategies_slack import ANSWERS, SOURCES, STATEMENTS, TEXTS

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

SLOW = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
STATEMENT = Statement("s1", "Prices may fall & rise.", (Citation("S2", 12, 14),), "Forecast")


def an_answer(*blocks: Any, **changes: Any) -> Answer:
    given: dict[str, Any] = {
        "status": Status.ANSWERED,
        "intent": Intent.SUMMARY,
        "title": "Cost & pricing",
        "blocks": blocks,
        "suggestions": (Suggestion("What comes next", "what-comes-next"),),
        "sources": (),
        "score": 90.0,
        "library": "v",
    }
    return Answer(**(given | changes))


def shown(payloads: tuple[dict[str, Any], ...]) -> str:
    """Every text in the blocks, unescaped."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("text"), str):
                found.append(html.unescape(value["text"]))
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk([payload["blocks"] for payload in payloads])
    return "\n".join(found)


def test_an_answer_to_the_letter() -> None:
    assert render_answer(an_answer(STATEMENT), "id1", share_as="U1") == (
        {
            "text": "Cost &amp; pricing\nForecast: Prices may fall &amp; rise. [S2:12-14]",
            "blocks": [
                {
                    "type": "header",
                    "text": {"type": "plain_text", "text": "Cost &amp; pricing", "emoji": False},
                },
                {
                    "type": "section",
                    "text": {
                        "type": "mrkdwn",
                        "text": "*Forecast:* Prices may fall &amp; rise. [S2:12-14]",
                        "verbatim": True,
                    },
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {
                                "type": "plain_text",
                                "text": "What comes next",
                                "emoji": False,
                            },
                            "action_id": "aibrief:ask:0",
                            "value": "1|ask|what-comes-next",
                        },
                        {
                            "type": "button",
                            "text": {"type": "plain_text", "text": "Why this?", "emoji": False},
                            "action_id": "aibrief:why",
                            "value": "1|why|id1",
                        },
                        {
                            "type": "button",
                            "text": {
                                "type": "plain_text",
                                "text": "Share to channel",
                                "emoji": False,
                            },
                            "action_id": "aibrief:share",
                            "value": "1|share|id1|U1",
                        },
                    ],
                },
                {
                    "type": "context_actions",
                    "elements": [
                        {
                            "type": "feedback_buttons",
                            "action_id": "aibrief:rate",
                            "positive_button": {
                                "text": {
                                    "type": "plain_text",
                                    "text": "Helpful",
                                    "emoji": False,
                                },
                                "value": "1|rate|id1|up",
                            },
                            "negative_button": {
                                "text": {
                                    "type": "plain_text",
                                    "text": "Not helpful",
                                    "emoji": False,
                                },
                                "value": "1|rate|id1|down",
                            },
                        }
                    ],
                },
            ],
            "unfurl_links": False,
            "unfurl_media": False,
        },
    )


def test_a_comparison_is_a_table_and_without_tables_sections() -> None:
    table = Table(("China", "US"), (Row("Cost", ((STATEMENT,), ())),))
    (drawn,) = render_answer(an_answer(table), "id1")
    (block,) = [b for b in drawn["blocks"] if b["type"] == "table"]
    assert [len(row) for row in block["rows"]] == [3, 3]
    assert block["rows"][1][2] == {"type": "raw_text", "text": phrases.NO_CLAIM}
    (listed,) = render_answer(an_answer(table), "id1", newest=False)
    assert "table" not in {b["type"] for b in listed["blocks"]}
    for payload in (drawn, listed):
        check_message(payload)
        assert STATEMENT.text in shown((payload,))
        assert "US" in shown((payload,))


def test_a_table_too_wide_for_slack_becomes_sections() -> None:
    columns = tuple(f"Side {n}" for n in range(20))
    table = Table(columns, (Row("Cost", ((STATEMENT,),) * 20),))
    payloads = render_answer(an_answer(table), "id1")
    assert "table" not in {b["type"] for p in payloads for b in p["blocks"]}
    for payload in payloads:
        check_message(payload)


def test_two_tables_are_two_messages() -> None:
    table = Table(("China",), (Row("Cost", ((STATEMENT,),)),))
    assert len(render_answer(an_answer(table, table), "id1")) == 2


@pytest.mark.parametrize(
    "ask",
    [
        "china-vs-us",
        "compare china and us on cost",
        "what comes next",
        "list",
        "help",
        "who will win the world cup",
        "reactions",
        "",
    ],
)
def test_what_the_library_answers_is_one_message(ask: str, catalog: Catalog) -> None:
    answer = compose(answer_plan(ask, catalog, None), catalog, TODAY)
    payloads = render_answer(answer, "id1", share_as="U1")
    assert len(payloads) == 1
    check_message(payloads[0])
    for statement in answer.statements():
        assert statement.text in shown(payloads)
    for block in payloads[0]["blocks"]:
        if block["type"] != "table":  # the SDK has no model of its cells
            parsed = Block.parse(block)
            assert parsed is not None
            parsed.validate_json()


@SLOW
@given(
    answer=ANSWERS,
    newest=st.booleans(),
    asker=st.none() | st.just("U1"),
    can_tell=st.booleans(),
)
def test_whatever_the_answer_slack_takes_it(
    answer: Answer, newest: bool, asker: str | None, can_tell: bool
) -> None:
    for payload in render_answer(answer, "id1", share_as=asker, can_tell=can_tell, newest=newest):
        check_message(payload)


@SLOW
@given(
    statements=st.lists(STATEMENTS, max_size=5).map(tuple),
    sources=st.lists(SOURCES, max_size=3).map(tuple),
    title=st.none() | TEXTS,
)
def test_whatever_the_explanation_slack_takes_it(
    statements: Any, sources: Any, title: str | None
) -> None:
    explanation = Explanation(93.1, title, "2026-01-01", statements, sources)
    for payload in render_explanation(explanation):
        check_message(payload)


@SLOW
@given(
    topics=st.lists(
        st.builds(
            Topic,
            TEXTS,
            st.lists(
                st.builds(
                    BriefLine, TEXTS, TEXTS, TEXTS, st.just(date(2026, 1, 1)), st.booleans()
                ),
                max_size=6,
            ).map(tuple),
        ),
        max_size=3,
    )
)
def test_whatever_the_library_slack_takes_the_home(topics: list[Topic]) -> None:
    check_view(render_home(topics, {"b": (1, 2)}))


@pytest.mark.parametrize("count", [1, 148, 1000])
def test_a_library_larger_than_the_home_has_pages(count: int) -> None:
    lines = [
        BriefLine(f"brief-{n}", f"Title {n}", "Gist.", date(2026, 1, 1), due=False)
        for n in range(count)
    ]
    half = count // 2
    topics = (Topic("One", tuple(lines[:half])), Topic("Two", tuple(lines[half:])))
    seen: list[str] = []
    page = 0
    while True:
        view = render_home(topics, view=View(page=page))
        check_view(view)
        values = [b["accessory"]["value"] for b in view["blocks"] if "accessory" in b]
        seen += [value.rpartition("|")[2] for value in values]
        text = json.dumps(view)
        assert (f"of {count}" in text) == (count > 1)
        if f"1|home|{page + 1}" not in text:
            break
        page += 1
    assert seen == [line.slug for line in lines]
    assert json.dumps(render_home(topics, view=View(page=10**9))) == text


def test_what_is_sought_stands_above_all_others(catalog: Catalog) -> None:
    topics = library_topics(catalog, date(2026, 11, 1))
    view = render_home(topics, view=View(sought="china & co", found=("china-vs-us", "odd")))
    check_view(view)
    first = next(b["accessory"]["value"] for b in view["blocks"] if "accessory" in b)
    assert first == "1|ask|china-vs-us"
    nothing = render_home(topics, view=View(sought="zebra"))
    check_view(nothing)
    assert "No brief is near that" in json.dumps(nothing)


def test_the_home_names_every_brief_and_its_review(catalog: Catalog) -> None:
    view = render_home(library_topics(catalog, date(2030, 1, 1)))
    check_view(view)
    text = json.dumps(view)
    for brief in catalog.library.briefs.values():
        assert brief.slug in text
        assert f"{phrases.REVIEW_DUE}, {brief.reviewed.isoformat()}" in text
    assert phrases.HOME_TOTALS not in text
    totals = json.dumps(render_home((), {"cost": (3, 1)}))
    assert f"cost: {phrases.HELPFUL} 3, {phrases.NOT_HELPFUL} 1" in totals


@pytest.mark.parametrize("key", sorted(phrases.NOTICES))
def test_notices(key: str) -> None:
    check_message(render_notice(key))


@SLOW
@given(text=TEXTS, most=st.integers(10, 3000))
def test_splitting_keeps_every_word_and_never_cuts_an_entity(text: str, most: int) -> None:
    pieces = list(split_text(text, most))
    assert "".join("".join(pieces).split()) == "".join(visible(text).split())
    for piece in pieces:
        assert 0 < count_chars(escape(piece)) <= most
        check_no_ping(escape(piece))


@given(text=TEXTS, most=st.integers(10, 200))
def test_shortening_fits(text: str, most: int) -> None:
    assert count_chars(escape(shorten(text, most))) <= most


def test_who_holds_a_forecast_is_said_once() -> None:
    held = replace(STATEMENT, attribution="unnamed experts")
    (payload,) = render_answer(an_answer(held), "abc")
    assert payload["blocks"][1]["text"]["text"] == (
        "*Forecast (unnamed experts):* Prices may fall &amp; rise. [S2:12-14]"
    )


def test_text_that_would_format_is_plain() -> None:
    odd = Statement("s", "a *b* c", (), "Forecast")
    (payload,) = render_answer(an_answer(odd), "id1")
    assert payload["blocks"][1]["text"]["type"] == "plain_text"
    assert payload["blocks"][1]["text"]["text"].startswith("Forecast: a *b* c")


@pytest.mark.parametrize(
    ("given_text", "meant"),
    [
        ("<@U123> china vs us", "china vs us"),
        ("<@U123|bot>china", "china"),
        ("see <https://a.example/x|the article> &amp; more", "see the article & more"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<!channel> a &lt;b&gt;", "a <b>"),
        ("<#C1|general> x\n\n y", "x y"),
        ("", ""),
    ],
)
def test_what_a_person_wrote(given_text: str, meant: str) -> None:
    assert parse_text(given_text) == meant


def test_buttons_carry_a_version_and_ids() -> None:
    asks = Button(ButtonKind.ASK, ("china-vs-us",))
    assert parse_button(button_value(asks.kind, *asks.ids)) == asks
    for old in (None, 3, "", "0|ask|x", "1|ask", "1|ask|", "1|share|a", "1|dance|x", "ask:x"):
        assert parse_button(old) is None


def test_declined_answers_offer_briefs_and_nothing_else() -> None:
    declined = an_answer(
        Note(phrases.NOTES["not-covered"]), status=Status.NOT_COVERED, title="Not in the briefs"
    )
    for can_tell, more in ((False, []), (True, ["aibrief:tell"])):
        (payload,) = render_answer(declined, "id1", share_as="U1", can_tell=can_tell)
        actions = [
            e["action_id"]
            for b in payload["blocks"]
            if b["type"] == "actions"
            for e in b["elements"]
        ]
        assert actions == ["aibrief:ask:0", *more]
        assert payload["blocks"][-1]["type"] == "actions"
