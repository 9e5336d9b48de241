"""Real discord.py over loopback sockets: what is posted is there once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import RateLimited, Refused
from bot.platforms.discord.render.components import render_note
from bot.platforms.discord.render.discord_text import CANNOT_POST, translate
from bot.platforms.discord.sending import deliver_payload
from tests.fakes.discord import ANN, CHANNEL, FakeDiscord, Trouble
from tests.payloads import plain_text
from tests.platforms.discord_world import Start, World


async def post(world: World, key: str) -> int:
    assert world.component._bot
    channel = world.component._bot.get_partial_messageable(int(CHANNEL))
    return await deliver_payload(channel, render_note("hello"), nonce=key)


async def test_a_post_whose_reply_was_lost_is_there_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(Trouble("POST", "/messages$", after_effect=True))
        await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.requests.count(_POST) == 2)
        assert len(world.fake.posts) == 1


async def test_a_post_survives_errors_of_the_server(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(Trouble("POST", "/messages$", 503))
        await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.posts)
        assert world.fake.requests.count(_POST) == 2


async def test_a_rate_limit_of_discord_itself_is_waited_out(start: Start) -> None:
    async with start() as world:
        await world.ready()
        limited = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
        world.fake.troubles.append(
            Trouble("POST", "/messages$", 429, {"Via": "1.1 google"}, limited)
        )
        posted = await post(world, "key-1")
        assert [post["id"] for post in world.fake.posts] == [str(posted)]


async def test_a_rate_limit_of_the_edge_is_told_to_the_caller(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(Trouble("POST", "/messages$", 429, {"Retry-After": "7"}))
        with pytest.raises(RateLimited) as limited:
            await post(world, "key-1")
        assert limited.value.retry_after_s == 7.0
        assert world.fake.posts == []


async def test_a_delivery_with_the_same_key_is_posted_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        ids = {await post(world, "2026-11-24.china") for _ in range(3)}
        assert len(ids) == len(world.fake.posts) == 1


async def test_a_delivery_that_may_not_be_is_refused(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(
            Trouble("POST", "/messages$", 403, body={"code": 50013, "message": "Missing"})
        )
        with pytest.raises(Refused) as refused:
            await post(world, "key-1")
        assert refused.value.code == "50013"


async def test_components_that_are_refused_become_text(start: Start) -> None:
    async with start() as world:
        await world.ready()
        bad = {"code": 50035, "message": "Invalid Form Body"}
        world.fake.troubles.append(Trouble("POST", "/messages$", 400, body=bad))
        world.fake.troubles.append(Trouble("POST", "/callback$", 400, body=bad))
        await world.fake.mention("china vs us")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        asked = await world.fake.slash("aibrief", question="china vs us")
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        assert "[S1:" in post["content"]
        assert asked.shown["content"] == post["content"]


async def test_a_reply_without_the_right_to_read_is_a_plain_post(start: Start) -> None:
    async with start() as world:
        await world.ready()
        refused = {"code": 160002, "message": "Cannot reply without permission to read history"}
        world.fake.troubles.append(Trouble("POST", "/messages$", 400, body=refused))
        await world.fake.mention("china vs us")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert "message_reference" not in post


@pytest.mark.parametrize(
    ("status", "code"), [(403, 50001), (403, 50013), (404, 10003), (400, 50083), (403, 200000)]
)
async def test_a_mention_that_discord_takes_no_answer_to_is_told_directly(
    start: Start, status: int, code: int
) -> None:
    no = {"code": code, "message": "no"}
    async with start() as world:
        await world.ready()
        world.fake.locale = "de"
        await world.fake.dispatch("GUILD_UPDATE", world.fake.guild())
        for _ in range(2):
            path = f"/channels/{CHANNEL}/messages$"
            world.fake.troubles.append(Trouble("POST", path, status, body=no))
            await world.fake.mention("list")
            await world.fake.until(lambda: not world.fake.troubles)
        (told,) = await world.fake.until(lambda: world.fake.posts)
        assert told["channel_id"] != CHANNEL
        assert plain_text(told) == translate(CANNOT_POST, "de")
        # The person stands where `aibrief forget` looks for them.
        key = f"discord:aside:{ANN}:{CHANNEL}"
        assert await world.component.parts.store.is_seen(key, now=datetime.now(UTC))


async def test_a_callback_whose_reply_was_lost_is_sent_again_and_shown_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        for after_effect in (True, False):
            world.fake.requests.clear()
            world.fake.troubles.append(Trouble("POST", "/callback$", after_effect=after_effect))
            asked = await world.fake.slash("aibrief", question="governance")
            await world.fake.until(lambda: _callbacks(world.fake) == 2)
            await world.fake.until(lambda: asked.callback)  # noqa: B023 - awaited here
            assert asked.followups == []


_POST = ("POST", f"/channels/{CHANNEL}/messages")


def _callbacks(fake: FakeDiscord) -> int:
    return sum(path.endswith("/callback") for _, path in fake.requests)
