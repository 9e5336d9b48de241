"""Whatever the answer, the payload is within every limit, pings nobody and says it all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simcord.components import validate_message_state

from bot.answering import phrases
from bot.answering.answer import Answer, Entry, Note, Statement, Status, Suggestion
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.library.model import Citation
from bot.library.vocabulary import Intent
from bot.platforms.discord.discord_poster import mentioning
from bot.platforms.discord.render.components import render_choices, render_note
from bot.platforms.discord.render.discord_text import LIMITS, escape, size_bytes
from bot.platforms.discord.render.payload import render_answer, render_explanation, render_text
from bot.platforms.plain import cite, count_chars
from bot.service.assistant import Explanation
from tests.days import TODAY
from tests.fakes.discord_rules import choices_fault, mention_fault, message_fault
from tests.payloads import buttons, plain_text, raw_text, walk
from tests.platforms.render.answers import answers, statements, texts

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

whatever = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)
PINGS = re.compile(
    r"@everyone|@here|<@[!&]?\d+>|<#\d+>|</[^>\s]+:\d+>|<id:\w+>|<t:\d+|<a?:\w+:\d+>"
)
LINKS = re.compile(r"https?://|discord\.gg/|(?<!\\)\]\(http", re.IGNORECASE)


def within_limits(payload: dict[str, Any]) -> None:
    """By our fake's rules, by an independent simulator's, and by our own narrower budgets."""
    assert message_fault(payload) is None
    assert mention_fault(payload) is None
    if "components" in payload:
        validate_message_state(
            content=None, embeds=[], components=payload["components"], flags=payload["flags"]
        )
    shown = [c["content"] for c in walk(payload) if "content" in c]
    assert sum(map(count_chars, shown)) <= LIMITS.text_chars
    assert sum(map(size_bytes, shown)) <= LIMITS.text_bytes
    raw = raw_text(payload)
    assert not PINGS.search(raw)
    assert not LINKS.search(raw)


@whatever
@given(answers)
def test_any_answer_is_within_every_limit_and_pings_nobody(answer: Answer) -> None:
    for shareable, can_tell in ((True, False), (False, True), (True, True)):
        for payload in render_answer(
            answer, "abcdefghijkl", shareable=shareable, can_tell=can_tell
        ):
            within_limits(payload)
    for payload in render_text(answer, "abc"):
        within_limits(payload)


@whatever
@given(answers)
def test_any_answer_is_shown_whole(answer: Answer) -> None:
    """Every word of every statement is on some page, also where a statement had to be cut."""
    for pages in (render_answer(answer, "abc", shareable=False), render_text(answer, "abc")):
        said = _letters("\n".join(map(raw_text, pages)))
        for item in answer.statements():
            assert _letters(item.text) in said
        for block in answer.blocks:
            if isinstance(block, Note):
                assert _letters(block.text) in said


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


@whatever
@given(answers)
def test_any_explanation_is_within_every_limit(answer: Answer) -> None:
    why = Explanation(90.0, answer.title, "2026-11-24", tuple(answer.statements()), answer.sources)
    for payload in render_explanation(why):
        within_limits(payload)


@whatever
@given(texts)
def test_any_note_is_harmless(text: str) -> None:
    if len(text) < 500 and escape(text):
        within_limits(render_note(text))


@whatever
@given(st.lists(st.builds(Suggestion, texts, texts), max_size=8).map(tuple))
def test_choices_are_within_limits(offers: tuple[Suggestion, ...]) -> None:
    assert choices_fault(render_choices((s.label, s.ask) for s in offers * 20)) is None


def test_blocks_stay_whole_across_pages() -> None:
    sentences = [f"Sentence {n} " + "tells something " * 20 + "here." for n in range(30)]
    blocks = tuple(
        Statement(f"s{n}", text, (Citation("S1", n + 1, n + 1),))
        for n, text in enumerate(sentences)
    )
    answer = _answer(blocks=blocks)
    pages = [plain_text(p) for p in render_answer(answer, "abc", shareable=True)]
    assert len(pages) > 1
    for block in blocks:
        whole = f"{block.text} {cite(block.citations)}"
        assert sum(whole in page for page in pages) == 1


def test_pages_lead_to_each_other() -> None:
    blocks = tuple(Note("word " * 100) for _ in range(20))
    pages = render_answer(_answer(blocks=blocks), "abc", shareable=True)
    turns = [[b["custom_id"] for b in buttons(p) if ":page:" in b["custom_id"]] for p in pages]
    assert len(pages) == 3
    assert turns == [
        ["ab1:page:abc:1"],
        ["ab1:page:abc:0", "ab1:page:abc:2"],
        ["ab1:page:abc:1"],
    ]


def test_long_questions_are_carried_by_their_place() -> None:
    offers = (Suggestion("Short", "china-vs-us"), Suggestion("Long", "china-" * 30))
    (payload,) = render_answer(_answer(suggestions=offers), "abc", shareable=False)
    assert [b["custom_id"] for b in buttons(payload)] == ["ab1:ask:china-vs-us", "ab1:nth:abc:1"]


def test_a_listing_has_a_menu() -> None:
    entries = (Entry("one", "First", "About one."), Entry("two", "Second", "About two."))
    (payload,) = render_answer(_answer(blocks=entries), "abc", shareable=False)
    (menu,) = [c for c in walk(payload) if c["type"] == 3]
    assert [o["value"] for o in menu["options"]] == ["one", "two"]
    assert menu["custom_id"] == "ab1:pick:abc"


@pytest.mark.parametrize("detail", ["", "About it. " * 12])
def test_every_brief_of_a_long_listing_can_be_opened_from_its_page(detail: str) -> None:
    entries = tuple(Entry(f"brief-{n}", f"Title {n}", detail) for n in range(148))
    answer = _answer(blocks=entries)
    for pages in (render_answer(answer, "abc", shareable=False), render_text(answer, "abc")):
        offered: list[str] = []
        for page in pages:
            within_limits(page)
            (menu,) = [c for c in walk(page) if c["type"] == 3]
            shown = [o["value"] for o in menu["options"]]
            assert all(f"({value})" in plain_text(page) for value in shown)
            offered += shown
        assert offered == [entry.ask for entry in entries]


def test_what_is_not_covered_has_nothing_to_share_or_rate() -> None:
    (payload,) = render_answer(
        _answer(status=Status.NOT_COVERED, blocks=(Note(phrases.NOTES["not-covered"]),)),
        "abc",
        shareable=True,
    )
    assert buttons(payload) == []


def test_an_empty_cell_says_so(catalog: Catalog) -> None:
    answer = compose(answer_plan("compare china and us on cost", catalog), catalog, TODAY)
    pages = render_answer(answer, "abc", shareable=True)
    assert phrases.NO_CLAIM in plain_text(pages[0])


@whatever
@given(statements)
def test_why_this_names_every_snippet(item: Statement) -> None:
    pages = render_explanation(Explanation(90.0, None, None, (item,), ()))
    said = _letters("".join(map(raw_text, pages)))
    assert _letters(item.text) in said
    assert _letters(item.snippet) in said


@pytest.mark.parametrize("shareable", [True, False])
def test_share_is_for_what_only_the_asker_sees(shareable: bool) -> None:
    answer = _answer(blocks=(Statement("s", "It is so.", (Citation("S1", 1, 1),)),))
    (payload,) = render_answer(answer, "abc", shareable=shareable)
    labels = [b["label"] for b in buttons(payload)]
    assert (phrases.SHARE in labels) is shareable


def _answer(**changes: Any) -> Answer:
    whole: dict[str, Any] = {
        "status": Status.ANSWERED,
        "intent": Intent.SUMMARY,
        "title": "A title",
        "blocks": (Note("A note."),),
        "suggestions": (),
        "sources": (),
        "score": 90.0,
        "library": "version",
    }
    return Answer(**(whole | changes))


def test_a_full_page_has_room_for_the_role_that_is_mentioned() -> None:
    words = Note("word " * 2000)
    answer = Answer(Status.ANSWERED, Intent.SUMMARY, "Title", (words,), (), (), 1.0, "1")
    for render in (render_answer(answer, "abc", shareable=False), render_text(answer, "abc")):
        for payload in render:
            assert message_fault(mentioning(payload, "1" * 20)) is None
