"""What a reader's reply may do: choose among the candidates, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import Status, Table
from bot.answering.compose import compose
from bot.answering.matching import weigh
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.answering.reader_choice import Choice, chosen_plan, parse_reply
from bot.answering.reader_request import (
    MAX_CHOSEN,
    ChoiceKind,
    When,
    asks_reader,
    build_reading,
    find_options,
    write_request,
)
from bot.library.vocabulary import Intent
from tests.never_invents import invented, known_texts

if TYPE_CHECKING:
    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.answering.reader_request import Reading

TODAY = date(2026, 11, 30)
UNSURE = "what of zeppelins and soft power"
MARK = "Zanzibar rules the waves"


def reading_of(text: str, catalog: Catalog, before: Plan | None = None) -> Reading:
    return build_reading(text, answer_plan(text, catalog, before), before, catalog)


def chosen(text: str, catalog: Catalog, kind: ChoiceKind, *ids: str) -> Plan:
    return chosen_plan(Choice(kind, ids), text, answer_plan(text, catalog), None, catalog)


def test_the_request_is_data_with_the_statements_first(catalog: Catalog) -> None:
    request = write_request(reading_of('say "}]} <@U1> \x00 hi', catalog))
    data = json.loads(request.user)
    assert list(data) == ["briefs", "question"]
    assert data["question"] == 'say "}]}     hi'
    told = [each for brief in data["briefs"] for each in brief["statements"]]
    assert {each["id"] for each in told} == set(catalog.homes)
    assert request.schema["properties"]["ids"]["items"]["enum"] == [each["id"] for each in told]
    assert any("held_by" in each for each in told)


def test_two_questions_begin_with_the_same_bytes(catalog: Catalog) -> None:
    one, other = (write_request(reading_of(q, catalog)) for q in (UNSURE, "and zeppelins?"))
    assert one.system == other.system
    assert one.user.partition('"question"')[0] == other.user.partition('"question"')[0]


def test_the_turn_before_is_told_in_the_librarys_own_words(catalog: Catalog) -> None:
    before = answer_plan("how did the us react to Ms Verbatim", catalog)
    reading = reading_of("and the europeans?", catalog, before)
    assert reading.before is not None
    assert set(reading.before.shown) <= set(catalog.homes)
    assert "Verbatim" not in str(reading)


ONE = Choice(ChoiceKind.ANSWER, ("reaction-us",))
TWICE = '{"choice": "answer", "ids": ["nobody", "reaction-us", "reaction-us", 7]}'
CLOSEST = '{"choice": "closest", "ids": ["reaction-us", "reaction-china"]}'
REPLIES: list[tuple[str, Choice | None]] = [
    ('{"choice": "none", "ids": []}', Choice(ChoiceKind.NONE)),
    ('{"choice": "none"}', Choice(ChoiceKind.NONE)),
    ('{"choice": "ask", "ids": ["reaction-us"]}', Choice(ChoiceKind.ASK)),
    (CLOSEST, Choice(ChoiceKind.CLOSEST, ("reaction-us",))),
    (TWICE, ONE),
    (f"```json\n{TWICE}\n```", ONE),
    ('<think>{"choice": "none"} or so</think> I take {"choice": "ask"}.', Choice(ChoiceKind.ASK)),
    ('{"thought": {"choice": "ask"}}', Choice(ChoiceKind.ASK)),
    ('{"choice": "answer", "ids": ["nobody"]}', None),
    ('{"choice": "answer", "ids": "reaction-us"}', None),
    ('{"choice": "answer"}', None),
    ('{"choice": ["answer"], "ids": ["reaction-us"]}', None),
    ('["reaction-us"]', None),
    ("reaction-us", None),
    ('{"choice": "none", "ids": [', None),
    ('{"a":' * 3_000, None),
    ("", None),
]


@pytest.mark.parametrize(("text", "choice"), REPLIES)
def test_replies(text: str, choice: Choice | None, catalog: Catalog) -> None:
    assert parse_reply(text, reading_of(UNSURE, catalog)) == choice


def test_more_than_six_are_cut(catalog: Catalog) -> None:
    ids = list(catalog.homes)[:9]
    reply = parse_reply(json.dumps({"choice": "answer", "ids": ids}), reading_of(UNSURE, catalog))
    assert reply == Choice(ChoiceKind.ANSWER, tuple(ids[:MAX_CHOSEN]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(data=st.data())
def test_no_reply_puts_its_own_text_into_an_answer(catalog: Catalog, data: st.DataObject) -> None:
    named = st.lists(st.sampled_from([*catalog.homes, "made-up", MARK]) | JSON, max_size=9)
    shaped: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"choice": st.sampled_from([*ChoiceKind, "write"]) | JSON, "ids": named | JSON},
        optional={"text": st.just(MARK)},
    )
    body = data.draw(st.text() | JSON.map(json.dumps) | shaped.map(json.dumps))
    around = st.sampled_from(["", MARK, "Here you are: ", "```"])
    reply = data.draw(around) + body + data.draw(around)
    text = data.draw(
        st.sampled_from([UNSURE, "china or the us on openness", "what comes next", "it?"])
        | st.text(max_size=40)
    )
    before = answer_plan(data.draw(st.sampled_from(["reactions", "xyzzy"])), catalog)
    plan = answer_plan(text, catalog, before)
    choice = parse_reply(reply, build_reading(text, plan, before, catalog))
    if choice is not None:
        assert set(choice.ids) <= set(catalog.homes)
        answer = compose(chosen_plan(choice, text, plan, before, catalog), catalog, TODAY)
        gists = {brief.gist.id for brief in catalog.library.briefs.values()}
        assert set(answer.snippets) <= gists | set(catalog.library.snippets)
        assert MARK not in f"{answer}"
        if answer.status is Status.ANSWERED:
            assert not invented(answer, known_texts(catalog))


def test_the_outcomes(catalog: Catalog) -> None:
    plan = chosen(UNSURE, catalog, ChoiceKind.ANSWER, "reaction-us", "china-open-source")
    answer = compose(plan, catalog, TODAY)
    assert (answer.status, answer.snippets) == (
        Status.ANSWERED,
        ("reaction-us", "china-open-source"),
    )
    assert not invented(answer, known_texts(catalog))
    closest = compose(chosen(UNSURE, catalog, ChoiceKind.CLOSEST, "reaction-us"), catalog, TODAY)
    assert (closest.status, closest.snippets) == (Status.NEAREST, ("reaction-us",))
    assert chosen(UNSURE, catalog, ChoiceKind.ASK).status is Status.CLARIFY
    nothing = compose(chosen(UNSURE, catalog, ChoiceKind.NONE), catalog, TODAY)
    assert (nothing.status, nothing.snippets) == (Status.NOT_COVERED, ())
    assert len(nothing.suggestions) == 3


def test_what_the_library_has_lost_since_is_left_out(catalog: Catalog) -> None:
    plan = chosen(UNSURE, catalog, ChoiceKind.ANSWER, "gone")
    assert plan.status is Status.NOT_COVERED


def test_a_comparison_is_a_table_where_it_shows_all_that_was_chosen(catalog: Catalog) -> None:
    ids = ("reaction-us", "reaction-china")
    answer = compose(
        chosen("how do china and the us differ in tone?", catalog, ChoiceKind.ANSWER, *ids),
        catalog,
        TODAY,
    )
    assert any(isinstance(block, Table) for block in answer.blocks)
    assert answer.intent is Intent.COMPARE
    assert set(answer.snippets) == set(ids)
    one_side = chosen("compare china and us on zeppelins", catalog, ChoiceKind.ANSWER, ids[0])
    assert not one_side.actors
    beside = chosen("compare china and us", catalog, ChoiceKind.ANSWER, *ids, "race-intensifies")
    assert not beside.actors
    assert beside.snippets == (*ids, "race-intensifies")


def test_a_summary_is_its_brief_where_most_of_it_was_chosen(catalog: Catalog) -> None:
    brief = next(b for b in catalog.library.briefs.values() if 3 < len(b.snippets) <= 6)
    text = "sum up the zeppelin matters"
    whole = chosen(text, catalog, ChoiceKind.ANSWER, *brief.snippets[:4])
    assert (whole.brief, whole.snippets) == (brief.slug, ())
    part = chosen(text, catalog, ChoiceKind.ANSWER, brief.snippets[0])
    assert part.snippets == (brief.snippets[0],)


ASKED = [
    (UNSURE, True, True),
    ("is soft power a factor for zeppelins", True, True),
    ("china vs us", False, False),
    ("china-vs-us", False, False),
    ("help", False, False),
    ("thanks!", False, False),
    ("list", False, False),
    ("", False, False),
    ("lol ok", False, False),
    ("tell me about it", False, False),
    ("x" * 20_000, False, False),
]


@pytest.mark.parametrize(("text", "unsure", "always"), ASKED)
def test_which_questions_go_to_it(text: str, unsure: bool, always: bool, catalog: Catalog) -> None:
    plan = answer_plan(text, catalog)
    for when, expected in ((When.UNSURE, unsure), (When.ALWAYS, always)):
        assert asks_reader(text, plan, None, catalog, when) is expected


def test_more_of_the_same_is_never_asked_again(catalog: Catalog) -> None:
    before = answer_plan("what are the reactions?", catalog)
    more = answer_plan("more", catalog, before)
    assert not asks_reader("more", more, before, catalog, When.ALWAYS)


def test_the_engines_own_ranking_stands_beside_a_choice(catalog: Catalog) -> None:
    ranked = reading_of("who reacted in europe", catalog).ranked
    assert 0 < len(ranked) <= 3
    assert [score for _, score in ranked] == sorted((s for _, s in ranked), reverse=True)


def test_candidates_stay_in_the_budget_and_have_what_the_engine_means(catalog: Catalog) -> None:
    terms = weigh(parse("how did european allies react", catalog.lexicon), catalog)
    everything = find_options(terms, catalog)
    assert set(everything) == set(catalog.homes)
    few = find_options(terms, catalog, ("race-intensifies",), budget=12)
    assert len(few) == 12
    assert {"reaction-allies", "race-intensifies"} <= set(few)
    assert [name for name in everything if name in few] == list(few)
