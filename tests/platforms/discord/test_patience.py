"""Real discord.py over loopback sockets: people who are quick, and replies that are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import parts
from bot.answering import phrases
from bot.platforms.discord.render import payload as shapes
from bot.platforms.discord.render.discord_text import TextBudget
from tests.fakes.discord import CHANNEL, Asked, Trouble
from tests.memory_store import MemoryStore
from tests.payloads import buttons, plain_text
from tests.platforms.discord_world import Held

if TYPE_CHECKING:
    from tests.platforms.discord_world import Start, World

AT_ONCE = 12


async def ask(world: World, question: str = "governance") -> Asked:
    asked = await world.fake.slash("aibrief", question=question)
    await world.fake.until(lambda: asked.answered)
    return asked


async def press(world: World, asked: Asked, custom_id: str, *, waits: bool = False) -> Asked:
    """Press a button on an answer, or one that is not there any more."""
    assert asked.shown
    message = world.fake.message("", author=world.fake.me) | asked.shown
    pressed = await world.fake.press(message | {"flags": 1 << 15 | 64}, custom_id)
    await world.fake.until(lambda: pressed.callback if waits else pressed.answered)
    return pressed


def button(asked: Asked, label: str) -> str:
    assert asked.shown
    return str(next(b["custom_id"] for b in buttons(asked.shown) if b["label"] == label))


def said(asked: Asked) -> str:
    assert asked.shown
    return plain_text(asked.shown)


async def test_normal_use_meets_no_cooldown_but_a_flood_does(start: Start) -> None:
    fixed = parts.clock()
    async with start(clock=lambda: fixed) as world:
        await world.ready()
        asked = [await ask(world) for _ in range(AT_ONCE + 3)]
        assert [said(a) == phrases.SLOWER for a in asked] == [False] * AT_ONCE + [True] * 3
        voted = await press(world, asked[0], button(asked[0], phrases.HELPFUL))
        assert said(voted) == phrases.NOTED


async def test_a_flood_of_mentions_is_told_once(start: Start) -> None:
    fixed = parts.clock()
    async with start(clock=lambda: fixed) as world:
        await world.ready()
        for _ in range(AT_ONCE + 3):
            await world.fake.mention("governance")
        await world.fake.until(lambda: len(world.fake.posts) > AT_ONCE)
        assert said(await ask(world)) == phrases.SLOWER  # What was written before it is done too.
        texts = [plain_text(post) for post in world.fake.posts]
        assert len(texts) == AT_ONCE + 1
        assert texts.count(phrases.SLOWER) == 1


async def test_who_clicks_share_twice_shares_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await ask(world)
        first = await press(world, asked, button(asked, phrases.SHARE))
        second = await press(world, asked, button(asked, phrases.SHARE))
        assert said(first) == said(asked)
        assert said(second) == phrases.NOTICES["already-shared"]
        assert second.shown
        assert second.shown["flags"] & 64
        assert len(world.fake.posts) == 1


@pytest.mark.parametrize("verb", ["why", "share", "up", "tell", "page:1", "nth:2"])
async def test_a_button_that_the_message_has_no_more_is_answered(start: Start, verb: str) -> None:
    name, _, number = verb.partition(":")
    async with start() as world:
        await world.ready()
        asked = await ask(world)
        pressed = await press(world, asked, f"ab1:{name}:gone" + (f":{number}" if number else ""))
        kind = "tells-not" if name == "tell" else ""
        assert said(pressed) == (phrases.NOTICES[kind] if kind else phrases.EXPIRED)


@pytest.mark.parametrize("status", [None, 404, 0])
async def test_a_slow_share_of_what_is_gone_is_said_to_the_person_only(
    start: Start, status: int | None
) -> None:
    """Also where what was announced is gone, or the connection breaks."""
    store = Held()
    store.go.set()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        asked = await ask(world)
        store.go.clear()
        pressed = await press(world, asked, "ab1:share:gone", waits=True)
        if status is not None:
            world.fake.troubles.append(Trouble("DELETE", "/@original$", status))
        store.go.set()
        await world.fake.until(lambda: pressed.followups)
        assert pressed.deleted is (status != 404)
        assert pressed.original is None
        assert pressed.followups[0]["flags"] & 64
        assert plain_text(pressed.followups[0]) == phrases.EXPIRED


@pytest.mark.parametrize("label", [None, phrases.WHY, phrases.SHARE, phrases.HELPFUL])
async def test_an_answer_comes_though_its_announcement_was_removed(
    start: Start, label: str | None
) -> None:
    gone = {"code": 10008, "message": "Unknown Message"}
    store = Held()
    store.go.set()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        first = await ask(world)
        store.go.clear()
        if label:
            asked = await press(world, first, button(first, label), waits=True)
        else:
            asked = await world.fake.slash("aibrief", question="list")
            await world.fake.until(lambda: asked.callback)
        world.fake.troubles.append(Trouble("PATCH", "/@original$", 404, body=gone))
        store.go.set()
        await world.fake.until(lambda: asked.followups)
        assert bool(asked.followups[0]["flags"] & 64) is (label != phrases.SHARE)


async def test_an_announced_answer_whose_connection_is_lost_is_sent_again(start: Start) -> None:
    store = Held()
    store.go.set()
    async with start(store=store, answer_within_s=0.05) as world:
        await world.ready()
        asked = await ask(world)
        store.go.clear()
        world.fake.troubles.append(Trouble("PATCH", "/@original$"))
        pressed = await press(world, asked, button(asked, phrases.WHY), waits=True)
        store.go.set()
        await world.fake.until(lambda: pressed.original)
        assert "[S1:" in plain_text(pressed.original or {})


async def test_a_mention_is_told_that_the_store_is_broken(start: Start) -> None:
    class Broken(MemoryStore):
        async def first_time(self, *args: Any, **more: Any) -> bool:
            raise OSError("disk full")

    async with start(store=Broken()) as world:
        await world.ready()
        await world.fake.mention("governance")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert plain_text(post) == phrases.TROUBLE


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Retry-After": "0.1"}, "error code: 1015"),
        ({"Via": "1.1 google"}, {"retry_after": 0.1, "message": "slow", "global": False}),
    ],
)
async def test_an_answer_waits_as_long_as_discord_asks(
    start: Start, headers: dict[str, str], body: Any
) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(
            Trouble("POST", f"/channels/{CHANNEL}/messages$", 429, headers=headers, body=body)
        )
        await world.fake.mention("governance")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert "Rules, standards" in plain_text(post)


async def test_a_first_answer_waits_where_there_is_time(start: Start) -> None:
    async with start() as world:
        await world.ready()
        limited = Trouble("POST", "/callback$", 429, headers={"Retry-After": "0.1"}, body="slow")
        world.fake.troubles.append(limited)
        assert "Rules, standards" in said(await ask(world))


async def test_a_ban_is_not_answered_with_more_requests(start: Start) -> None:
    async with start() as world:
        await world.ready()
        path = f"/channels/{CHANNEL}/messages"
        world.fake.troubles.append(Trouble("POST", f"{path}$", 429))
        for _ in range(2):
            await world.fake.mention("governance")
        await world.fake.until(lambda: world.fake.posts)
        assert world.fake.requests.count(("POST", path)) == 2


async def test_a_refused_answer_comes_in_plain_text_with_its_buttons(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "CONTENT", TextBudget(500, 2000))
    bad = {"code": 50035, "message": "Invalid Form Body"}
    async with start() as world:
        await world.ready()
        whole = await ask(world, "compare china and us")
        lines = [line.strip("-# ") for line in said(whole).splitlines()]
        world.fake.troubles.append(Trouble("POST", "/callback$", 400, body=bad))
        asked = await ask(world, "compare china and us")
        assert asked.shown
        assert asked.shown["flags"] & 64
        assert await all_pages(world, asked.shown, lines)
        world.fake.troubles.append(Trouble("POST", "/messages$", 400, body=bad))
        await world.fake.mention("compare china and us")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert await all_pages(world, post, lines)


async def all_pages(world: World, first: dict[str, Any], lines: list[str]) -> bool:
    """Whether all lines are on the pages that "Next" leads to, one after the other."""
    shown, page = [first], first
    while forward := [b for b in buttons(page) if b["label"].startswith(phrases.NEXT)]:
        message = world.fake.message("", author=world.fake.me) | page
        pressed = await world.fake.press(message | {"flags": 64}, forward[0]["custom_id"])
        await world.fake.until(lambda: pressed.answered)  # noqa: B023 - awaited here
        assert pressed.shown
        page = pressed.shown
        shown.append(page)
    assert len(shown) > 1
    text = "\n".join(map(plain_text, shown))
    return all(line in text for line in lines)
