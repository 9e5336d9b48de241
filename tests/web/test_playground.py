"""The playground, used without scripts: every button does what it does on its platform."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.answering import phrases
from bot.platforms.discord.render import payload as discord
from bot.platforms.discord.render.discord_text import TextBudget
from bot.platforms.slack import render as slack
from bot.service.ports import rater_of
from bot.web.playground import PART
from tests.web.site import Got, Reader, buttons, visiting

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.service.assistant import Incoming, Reply

SCRIPT = "<script>alert(1)</script>"
NASTY = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }}{% raw %}",
    "</textarea></form><b>",
    "<!--",
    "\x00\x07\u202e",
    "javascript:alert(1)",
    "&lt;script&gt;",
)


def sent(page: Got) -> list[object]:
    """The payloads of the page, in order."""
    return [
        json.loads(html.unescape(p))
        for p in re.findall(r"<pre.*?>(.*?)</pre>", page.text, re.DOTALL)
    ]


async def test_the_first_page_offers_what_works(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        start = await visitor.get("/")
        asks = [str(b["value"]) for b in Reader.read(start.text).all("button", name="text")]
        assert "/aibrief china-vs-us" in asks
        statuses = set()
        for ask in asks:
            with capture_logs() as told:
                await visitor.ask(ask)
            statuses.add(told[-1]["status"])
        assert statuses == {"answered", "not_covered"}


async def test_an_answer_is_drawn_from_what_would_be_sent(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page, _ = await visitor.ask("/aibrief china-vs-us")
        reply = await visitor.site.assistant.recall("answer1", visitor.site.clock())
        assert reply is not None
        assert sent(page) == [
            *slack.render_answer(reply.answer, reply.id, share_as="you"),
            discord.render_answer(reply.answer, reply.id, shareable=True)[0],
        ]
        for statement in reply.answer.statements():
            assert page.words.count(" ".join(statement.text.split())) >= 2
        assert page.words.count("Only visible to you") == 2
        meters = Reader.read(page.text).all("meter")
        assert len(meters) == 7
        assert all(float(m["value"] or 0) <= float(m["max"] or 0) for m in meters)


async def test_a_conversation_goes_on(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        _, thread = await visitor.ask("compare china and us on openness")
        page, again = await visitor.ask("and on safety?", thread)
        assert again == thread
        assert "Advanced safety alignment" in page.words
        assert page.text.count('class="turn"') == 2
        alone, _ = await visitor.ask("and on safety?")
        assert alone.text.count('class="turn"') == 1


async def test_who_sees_an_answer(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        command, _ = await visitor.ask("/aibrief overview")
        mention, _ = await visitor.ask("@aibrief overview")
        direct, _ = await visitor.ask("overview")
        assert "Share" in buttons(command, "discord")
        assert phrases.SHARE_TO_CHANNEL in buttons(command, "slack")
        for page in (mention, direct):
            assert "Share" not in buttons(page, "discord")
            assert phrases.SHARE_TO_CHANNEL not in buttons(page, "slack")
        assert mention.words.count("for everybody") == 2
        assert "Only visible" not in direct.words


@pytest.mark.parametrize(
    ("platform", "share"), [("slack", "Share to channel"), ("discord", "Share")]
)
async def test_what_buttons_do(catalog: Catalog, platform: str, share: str) -> None:
    async with visiting(catalog) as visitor:
        page, thread = await visitor.ask("/aibrief china-vs-us")
        shown = buttons(page, platform)

        async def press(label: str) -> Got:
            return await visitor.press(thread, platform, html.unescape(shown[label]))

        why = await press(phrases.WHY)
        assert why.words.count("What comes next") == page.words.count("What comes next")
        assert "of 100" in why.words
        assert "reviewed 2026-11-24" in why.words
        shared = await press(share)
        assert shared.words.count("Posted to the channel for everybody") == 1
        assert phrases.NOTICES["already-shared"] in (await press(share)).words
        thumb = "👎" if platform == "slack" else "👎 Not helpful"
        assert phrases.NOTED in (await press(thumb)).words
        assert await visitor.store.rating_totals() == {"china-vs-us": (0, 1)}
        assert set(visitor.store._votes) == {
            ("answer1", rater_of("answer1", f"playground:{thread}"))
        }
        asked = await press("What comes next")
        assert asked.text.count('class="turn"') == 2
        assert "You: What comes next" in asked.words
        assert "Both articles expect the contest to go on" in asked.words


@pytest.mark.parametrize("platform", ["slack", "discord"])
async def test_whoever_wants_to_be_told_sees_what_would_be_said(
    catalog: Catalog, platform: str
) -> None:
    async with visiting(catalog) as visitor:
        answer = visitor.site.assistant.answer

        async def tellable(
            incoming: Incoming, now: datetime, *, after: str | None = None
        ) -> Reply:
            return replace(await answer(incoming, now, after=after), can_tell=True)

        visitor.site.assistant.answer = tellable  # type: ignore[method-assign]
        page, thread = await visitor.ask("best pizza in town")
        wish = html.unescape(buttons(page, platform)[phrases.TELL_ME])
        told = await visitor.press(thread, platform, wish)
        assert phrases.NOTICES["will-tell"] in told.words
        assert "in the playground no message follows" in told.words


async def test_each_platform_shows_its_own_doings(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page, thread = await visitor.ask("overview")
        shown = html.unescape(buttons(page, "slack")[phrases.WHY])
        after = await visitor.press(thread, "slack", shown)
        part = after.text.partition('class="platform discord"')
        assert "Why this?</h4>" in part[0]
        assert "Why this?</h4>" not in part[2]


async def test_choices_of_a_clarification_and_of_the_menu(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page, thread = await visitor.ask("")
        label, value = next(iter(buttons(page, "discord").items()))
        chosen = await visitor.press(thread, "discord", html.unescape(value))
        assert f"You: {label}" in chosen.words
        page, thread = await visitor.ask("list")
        menu = html.unescape(buttons(page, "discord")["Open"])
        opened = await visitor.press(thread, "discord", menu, choice="cost-and-pricing")
        assert "You: Cost and pricing" in opened.words
        entry = html.unescape(buttons(page, "slack")["Brief me"])
        assert "You: " in (await visitor.press(thread, "slack", entry)).words


async def test_pages_of_a_long_answer(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord, "PAGE", TextBudget(400, 9000))
    async with visiting(catalog) as visitor:
        for question, extras in (("/aibrief china-vs-us", 0), ("@aibrief china-vs-us", 1)):
            page, thread = await visitor.ask(question)
            (label,) = [b for b in buttons(page, "discord") if b.startswith("Next (2/")]
            value = html.unescape(buttons(page, "discord")[label])
            after = await visitor.press(thread, "discord", value)
            assert any(b.startswith("Previous (1/") for b in buttons(after, "discord"))
            assert len(sent(after)) == len(sent(page)) + extras


async def test_buttons_that_nobody_made(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        _, thread = await visitor.ask("overview")
        for platform in ("slack", "discord"):
            for value in (
                "",
                "1|why",
                "ab1:why:" + "x" * 99,
                *NASTY,
                "2|ask|x",
                "1|rate|x|sideways",
            ):
                page = await visitor.press(thread, platform, value)
                assert phrases.NOTICES["old-button"] in page.words
                assert SCRIPT not in page.text
        await visitor.ask("/aibrief china-vs-us")
        for value, platform in (
            *(
                ("1|rate|answer2|up", "slack"),
                ("1|why|a\x00b", "slack"),
                ("1|share|x|U1", "slack"),
            ),
            *(("ab1:nth:answer1:99", "discord"), ("ab1:up:answer2", "discord")),
        ):
            page = await visitor.press(thread, platform, value)
            assert phrases.NOTICES["expired"] in page.words
        assert not await visitor.store.rating_totals()
        gone = await visitor.press(thread, "discord", "ab1:page:answer1:999")
        assert phrases.EXPIRED in gone.words
        form = {"thread": thread, "turn": "1", "platform": "slack", "press": "1|why|answer1"}
        for wrong, status in (
            ({"thread": "nope"}, 404),
            ({"turn": "99"}, 404),
            ({"turn": "²"}, 404),
            ({"turn": "9" * 5000}, 404),
            ({"platform": "irc"}, 400),
        ):
            assert (await visitor.post("/press", form | wrong)).status == status
        for name in form:
            left = {k: v for k, v in form.items() if k != name}
            assert (await visitor.post("/press", left)).status == 400


@pytest.mark.parametrize("text", NASTY)
async def test_markup_in_a_question_never_comes_back_as_markup(
    catalog: Catalog, text: str
) -> None:
    async with visiting(catalog) as visitor:
        plain, _ = await visitor.ask("nothing of that kind")
        for typed in (text, f"/aibrief {text}", f"china vs us {text}"):
            page, thread = await visitor.ask(typed)
            extra = {t for t, _ in Reader.read(page.text).tags} - {
                *(t for t, _ in Reader.read(plain.text).tags),
                *(
                    "table",
                    "thead",
                    "tbody",
                    "tr",
                    "th",
                    "td",
                    "select",
                    "option",
                    "ul",
                    "li",
                    "blockquote",
                ),
            }
            assert extra == set()
            again = await visitor.press(thread, "discord", "ab1:pick:answer1", choice=text)
            assert text not in again.text or "<" not in text
            for got in (
                await visitor.post("/search", {"text": typed}),
                await visitor.post("/complete", {"text": typed}),
            ):
                assert got.status == 200
                assert text not in got.text or "<" not in text


async def test_a_question_that_is_too_long_gets_a_kind_word(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page, _ = await visitor.ask("why " * 4000)
        assert phrases.NOTES["too-long"] in page.words
        assert len(Reader.read(page.text).text) < 20_000
        searched = await visitor.post("/search", {"text": "why " * 4000})
        assert phrases.NOTES["too-long"] in searched.words


async def test_schedules_are_told_where_they_belong(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page, _ = await visitor.ask("/aibrief schedule weekdays 9:00 china-vs-us")
        assert "Schedules belong to a channel" in page.words
        assert sent(page) == []


async def test_an_answer_that_is_no_longer_kept(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        _, thread = await visitor.ask("overview")
        visitor.store._plans.clear()
        page = await visitor.get(f"/c/{thread}")
        assert page.words.count(phrases.NOTICES["expired"]) >= 2


async def test_the_script_gets_the_turn_alone(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        form = {"text": "overview", "thread": ""}
        part = await visitor.post("/ask", form, **{PART: "turn"})
        assert part.status == 200
        assert part.text.lstrip().startswith('<article class="turn" id="turn-1"')
        assert (await visitor.get(part.headers["X-Thread"])).status == 200


async def test_what_may_be_meant_while_typing(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        offered = json.loads((await visitor.post("/complete", {"text": "/aibrief chi"})).text)
        assert {"label": "China and the US compared", "ask": "china-vs-us"} in offered
        assert len(offered) <= 25


async def test_nothing_that_is_written_is_logged_or_stored(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        with capture_logs() as told:
            _, thread = await visitor.ask("zanzibar china vs us")
            await visitor.post("/search", {"text": "zanzibar"})
            await visitor.post("/complete", {"text": "zanzibar"})
        assert [line["event"] for line in told] == ["playground.answered"]
        assert "zanzibar" not in f"{told} {vars(visitor.store)} {thread}"
