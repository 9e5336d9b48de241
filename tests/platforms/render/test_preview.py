"""What previews show is what the payload says, and nothing in it becomes markup."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering import phrases
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.answering.overview import library_topics
from bot.platforms.discord.discord_preview import discord_meters, preview_discord, preview_markdown
from bot.platforms.discord.render import payload as discord
from bot.platforms.discord.render.components import render_lines as discord_lines
from bot.platforms.discord.render.components import render_note
from bot.platforms.discord.render.discord_text import escape
from bot.platforms.slack import render as slack
from bot.platforms.slack import slack_views as views
from bot.platforms.slack.slack_preview import preview_slack, slack_meters
from bot.service.assistant import Explanation
from tests.days import TODAY
from tests.payloads import plain_text
from tests.platforms.render.answers import NASTY, answers, texts

if TYPE_CHECKING:
    from markupsafe import Markup

    from bot.answering.answer import Answer
    from bot.answering.catalog import Catalog

ALLOWED = {
    *("h4", "p", "div", "span", "strong", "code", "ul", "li", "hr", "button", "select", "option"),
    *("table", "thead", "tbody", "tr", "th", "td", "blockquote"),
}
ATTRIBUTES = {
    *("class", "type", "name", "value", "aria-label", "aria-hidden", "scope", "tabindex", "role"),
}
MARKUP = "<script>alert('1')</script><img src=x onerror=y>\"' &amp; </p>"


class Checker(HTMLParser):
    """Reads HTML strictly: only what previews may hold, everything closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.values: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.values += [value or "" for name, value in attrs if name == "value"]
        if tag != "hr":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    @classmethod
    def read(cls, html: Markup) -> Checker:
        checker = cls()
        checker.feed(str(html))
        checker.close()
        assert checker._open == []
        return checker


def squeezed(text: str) -> str:
    """Without spaces, line ends and what the platforms take out."""
    return re.sub(r"[\s\x00-\x1f\x7f\u200b\u2028\u2029]+", "", text)


def strings(payload: Any, *names: str) -> list[str]:
    """Every string under one of these names, at any depth."""
    if isinstance(payload, list | tuple):
        return [s for each in payload for s in strings(each, *names)]
    if not isinstance(payload, dict):
        return []
    own = [v for k, v in payload.items() if k in names and isinstance(v, str)]
    return own + [s for v in payload.values() for s in strings(v, *names)]


@settings(max_examples=60, deadline=None)
@given(answer=answers)
def test_any_answer_is_drawn_whole_and_as_text(answer: Answer) -> None:
    for payload in slack.render_answer(answer, "abc", share_as="U1"):
        drawn = Checker.read(preview_slack(payload))
        said = squeezed(drawn.text)
        for text in strings(payload["blocks"], "text"):
            plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            bold = re.fullmatch(r"\*([^*]*)\*(.*)", plain, re.DOTALL)
            for part in bold.groups() if bold else (plain,):
                assert squeezed(part) in said or text in {phrases.HELPFUL, phrases.NOT_HELPFUL}
        assert drawn.values == strings(payload["blocks"], "value")
    for payload in discord.render_answer(answer, "abc", shareable=True):
        drawn = Checker.read(preview_discord(payload))
        said = squeezed(drawn.text).replace("*", "")
        assert set(drawn.values) == set(strings(payload, "custom_id", "value"))
        for label in strings(payload, "label"):
            assert squeezed(label).replace("*", "") in said
        shown = "".join(
            Checker.read(preview_markdown(text)).text for text in strings(payload, "content")
        )
        expected = squeezed(plain_text(payload))
        assert squeezed(shown).replace("*", "") == expected.replace("*", "")


@settings(max_examples=100, deadline=None)
@given(text=texts)
def test_escaped_text_shows_as_it_was_written(text: str) -> None:
    drawn = Checker.read(preview_markdown(escape(text)))
    assert squeezed(drawn.text) == squeezed(text)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="*`\\-# <>&\"'ab\n", max_size=30))
def test_any_markdown_is_harmless(text: str) -> None:
    Checker.read(preview_markdown(text))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("### Title", '<h4 class="dc-heading">Title</h4>'),
        ("-# small", '<p class="dc-small">small</p>'),
        ("- a\n- b", '<ul class="dc-list"><li>a</li><li>b</li></ul>'),
        ("**a:** b", '<p class="dc-text"><strong>a:</strong> b</p>'),
        (r"\*\*a\*\* \- b", '<p class="dc-text">**a** - b</p>'),
        ("**open", '<p class="dc-text">**open</p>'),
        ("say `a*b`", '<p class="dc-text">say <code>a*b</code></p>'),
        ("<b>&", '<p class="dc-text">&lt;b&gt;&amp;</p>'),
    ],
)
def test_the_markdown_that_we_send(markdown: str, html: str) -> None:
    assert preview_markdown(markdown) == html


def every_slack_payload(catalog: Catalog) -> list[dict[str, Any]]:
    """One of each kind that the renderers make."""
    found: list[dict[str, Any]] = []
    for question in ("compare china and us", "what comes next", "list", "help", "pizza", "it"):
        answer = compose(answer_plan(question, catalog), catalog, TODAY)
        for newest in (True, False):
            found += slack.render_answer(answer, "abc", share_as="U1", newest=newest)
    plan = answer_plan("what comes next", catalog)
    statements = tuple(compose(plan, catalog, TODAY).statements())
    why = Explanation(50.0, "Title", "2026-11-24", statements, ())
    found += slack.render_explanation(why)
    found += [slack.render_notice(key) for key in phrases.NOTICES]
    found.append(slack.render_lines(("one `id`", "two")))
    listed = [*views.render_home_schedules([("abcde", "At 9", True)])]
    topics = library_topics(catalog, date(2026, 11, 24))
    found.append(views.render_home(topics, {"overview": (1, 2)}, listed))
    return found


def test_every_block_that_we_send_is_drawn(catalog: Catalog) -> None:
    for payload in every_slack_payload(catalog):
        drawn = Checker.read(preview_slack(payload))
        assert not re.search(r"\[(block|element|cell|text) ", drawn.text)
        assert drawn.values == strings(payload["blocks"], "value")
    for payload in discord_lines(("one `id`", "two")):
        assert "<code>id</code>" in preview_discord(payload)
    for key in phrases.NOTICES:
        note = render_note(phrases.NOTICES[key])
        assert Checker.read(preview_discord(note)).text == phrases.NOTICES[key]


def test_the_form_is_drawn_but_for_what_only_slack_can_fill(catalog: Catalog) -> None:
    form = views.render_form("C1", "Europe/Berlin", {"overview": MARKUP})
    drawn = Checker.read(preview_slack(form))
    assert "[element conversations_select]" in drawn.text
    assert "Europe/Berlin" in str(form)
    assert "<script>alert" in drawn.text


def test_what_is_not_known_is_shown_by_its_name() -> None:
    text = preview_slack({"blocks": [{"type": MARKUP}, {"type": "video"}, {}]})
    assert "[block video]" in Checker.read(text).text
    table = {
        "type": "table",
        "rows": [[{"type": "raw_number"}, {"type": "rich_text", "elements": [{"type": "emoji"}]}]],
    }
    assert Checker.read(preview_slack({"blocks": [table]})).text == "[cell raw_number][text emoji]"
    shown = Checker.read(preview_discord({"components": [{"type": 9}, {"type": MARKUP}, {}]}))
    assert "[component 9]" in shown.text


@pytest.mark.parametrize("text", [MARKUP, *NASTY])
def test_markup_in_every_place_stays_text(text: str) -> None:
    for payload in (
        {"text": text},
        {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"*{text}* {text}"}}]},
        {
            "blocks": [
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {"type": "plain_text", "text": text},
                            "value": text,
                            "accessibility_label": text,
                        }
                    ],
                }
            ]
        },
    ):
        Checker.read(preview_slack(payload))
    button = {"type": 2, "style": 1, "label": text, "custom_id": text, "emoji": {"name": text}}
    option = {"label": text, "value": text, "description": text}
    menu = {"type": 3, "custom_id": text, "placeholder": text, "options": [option]}
    Checker.read(preview_discord({"components": [{"type": 1, "components": [button, menu]}]}))
    Checker.read(preview_discord({"content": text}))


@settings(max_examples=40, deadline=None)
@given(answer=answers)
def test_meters_agree_with_the_limits_that_the_renderers_keep(answer: Answer) -> None:
    for payload in slack.render_answer(answer, "abc", share_as="U1"):
        assert all(meter.used <= meter.most for meter in slack_meters(payload))
    for payload in discord.render_answer(answer, "abc", shareable=True):
        assert all(meter.used <= meter.most for meter in discord_meters(payload))
    for payload in discord.render_text(answer, "abc"):
        (meter,) = discord_meters(payload)
        assert meter.used <= meter.most


def test_meters_count() -> None:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "é🦑"}}]
    found = {m.label: m.used for m in slack_meters({"text": "ab🦑", "blocks": blocks})}
    assert found["blocks"] == 1
    assert found["characters of the notification"] == 4
    payload = {"components": [{"type": 17, "components": [{"type": 10, "content": "é🦑"}]}]}
    assert [m.used for m in discord_meters(payload)] == [2, 3, 6]
