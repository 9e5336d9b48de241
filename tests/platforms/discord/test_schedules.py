"""Schedules in Discord: what people do with `/briefing`, and the posts themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import pytest
import pytest_asyncio
import simcord

from bot import bootstrap
from bot.errors import CannotLook, RateLimited, Refused, Uncertain
from bot.schedules import schedule_phrases as words
from bot.schedules.schedule_ports import Window
from bot.schedules.subscription import Target
from bot.schedules.subscriptions import Schedules
from bot.storage.database import build_engine
from bot.storage.deliveries import SqlDeliveries
from bot.storage.migrate import upgrade
from bot.storage.subscriptions import SqlSubscriptions
from tests.fakes.attempts import attempt
from tests.fakes.discord import ANN, APP, CHANNEL, GUILD, FakeDiscord, Trouble, running
from tests.platforms.discord.test_behaviour import answer, payload_of, shown
from tests.platforms.discord_world import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.platforms.discord.poster import DiscordPoster
    from bot.service.assistant import Reply
    from tests.platforms.discord.conftest import BuildComponent


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = build_engine(f"sqlite:///{tmp_path}/schedules.sqlite")
    await upgrade(made)
    yield made
    await made.dispose()


@pytest.fixture
def schedules(engine: AsyncEngine, catalog: Catalog) -> Schedules:
    names = iter(f"id{number}" for number in range(100))
    return Schedules(
        SqlSubscriptions(engine), SqlDeliveries(engine), lambda: catalog, lambda: next(names)
    )


class Server:
    """A server where ann may manage channels and bob may not."""

    def __init__(self, env: simcord.Env) -> None:
        self.env = env
        guild = env.create_guild()
        self.channel = guild.create_text_channel("general")
        manages = discord.Permissions(manage_channels=True)
        role = guild.create_role("editors", permissions=manages)
        self.ann = guild.add_member(env.create_user("ann"), roles=[role])
        self.bob = guild.add_member(env.create_user("bob"))


@pytest_asyncio.fixture
async def env(build_component: BuildComponent, schedules: Schedules) -> AsyncIterator[simcord.Env]:
    simulated = simcord.Env(build_component(schedules=schedules).new_bot(), shard_count=1)
    await simulated.start()
    yield simulated
    await simulated.shutdown()
    simulated.raise_errors()


@pytest.fixture
def server(env: simcord.Env) -> Server:
    return Server(env)


async def test_a_life_of_a_schedule(server: Server) -> None:
    ann, channel = server.ann, server.channel
    added = await ann.slash(
        channel, "briefing add", when="weekdays 9:00", what="china-vs-us", zone="Europe/Berlin"
    )
    assert added.ephemeral
    assert words.ADDED in shown(added)
    assert shown(added).count("09:00") == 6
    assert "id0" in shown(await ann.slash(channel, "briefing list"))
    edited = await ann.slash(channel, "briefing edit", schedule="id0", zone="Tokyo")
    assert "Asia/Tokyo" in shown(edited)
    assert words.PAUSED in shown(await ann.slash(channel, "briefing pause", schedule="id0"))
    assert words.RESUMED in shown(await ann.slash(channel, "briefing resume", schedule="id0"))
    assert "paused" in shown(await ann.slash(channel, "briefing history", schedule="id0"))
    assert words.REMOVED in shown(await ann.slash(channel, "briefing remove", schedule="id0"))
    none = await ann.slash(channel, "briefing list")
    assert "no schedules yet" in shown(none)


async def test_the_zone_is_a_zone(server: Server) -> None:
    refused = await server.ann.slash(
        server.channel, "briefing add", when="weekdays 9:00", what="overview", zone="Gotham"
    )
    assert "do not know the time zone `Gotham`" in shown(refused)


async def test_who_does_not_manage_the_channel_may_not(server: Server) -> None:
    refused = await server.bob.slash(
        server.channel, "briefing add", when="weekdays 9:00", what="china-vs-us", zone="UTC"
    )
    assert "Only people who may manage" in shown(refused)


async def test_the_zone_is_asked_for_once(server: Server) -> None:
    first = await server.ann.slash(
        server.channel, "briefing add", when="weekdays 9:00", what="overview"
    )
    assert "In which time zone?" in shown(first)
    await server.ann.slash(
        server.channel, "briefing add", when="weekdays 9:00", what="overview", zone="Tokyo"
    )
    again = await server.ann.slash(
        server.channel, "briefing add", when="mondays 10:00", what="changes"
    )
    assert "Asia/Tokyo" in shown(again)


async def test_autocomplete(server: Server) -> None:
    ann, channel = server.ann, server.channel
    zones = await ann.autocomplete(channel, "briefing add", "zone", "berl")
    assert zones[0]["value"] == "Europe/Berlin"
    topics = await ann.autocomplete(channel, "briefing add", "what", "")
    assert {t["value"] for t in topics} >= {"changes", "rotation", "china-vs-us"}
    assert len(topics) <= 25
    await ann.slash(channel, "briefing add", when="daily 9:00", what="overview", zone="UTC")
    names = await ann.autocomplete(channel, "briefing pause", "schedule", "")
    assert [name["value"] for name in names] == ["id0"]
    assert await ann.autocomplete(channel, "briefing pause", "schedule", "nothing") == []


async def test_the_test_is_the_post(server: Server, schedules: Schedules) -> None:
    await server.ann.slash(
        server.channel, "briefing add", when="daily 9:00", what="overview", zone="UTC"
    )
    tried = await server.ann.slash(server.channel, "briefing test", schedule="id0")
    assert tried.ephemeral
    assert words.TESTED in shown(tried)
    assert payload_of(answer(tried))["content"]
    assert len(tried.followups) == 1


async def test_without_schedules_it_says_so(build_component: BuildComponent) -> None:
    simulated = simcord.Env(build_component().new_bot(), shard_count=1)
    await simulated.start()
    server = Server(simulated)
    answered = await server.ann.slash(server.channel, "briefing list")
    assert "Schedules are off" in shown(answered)
    await simulated.shutdown()


HERE = Target("discord", GUILD, CHANNEL)


@pytest.fixture
async def reply(schedules: Schedules, catalog: Catalog) -> Reply:
    from bot import bootstrap  # noqa: PLC0415 - see below
    from bot.schedules.subscriptions import Person  # noqa: PLC0415 - only for this

    now = bootstrap.clock()
    person = Person(ANN, "UTC", may_manage=True)
    shown = await schedules.add("daily 9:00 china-vs-us", HERE, person, now)
    assert shown.subscription
    (made,) = await schedules.preview(shown.subscription, now)
    return made


async def look_back(fake: FakeDiscord, poster: DiscordPoster, reply: Reply, posted: str) -> None:
    """Whatever was said since, a post is found by its time.

    Where it may not be looked for, nothing is posted once the nonce may be forgotten.
    """
    fake.posts += [fake.message("hm") for _ in range(150)]
    assert await poster.post(HERE, reply, attempt("k", again=True)) == posted
    refused = {"code": 50013, "message": "no"}
    fake.troubles.append(Trouble("GET", "/messages$", 403, body=refused))
    now = bootstrap.clock()
    long_ago = Window(now - timedelta(minutes=9), now - timedelta(minutes=8))
    with pytest.raises(CannotLook) as cannot:
        await poster.post(HERE, reply, replace(attempt("z"), earlier=long_ago))
    assert cannot.value.needed == "Read Message History"
    fake.troubles.append(Trouble("GET", "/messages$", 403, body=refused))
    await poster.post(HERE, reply, attempt("z", again=True))
    assert len([post for post in fake.posts if post["author"]["id"] == APP]) == 2
    del fake.posts[1:]


async def test_posts_over_the_wire(
    build_component: BuildComponent, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio  # noqa: PLC0415

    from discord.gateway import DiscordWebSocket  # noqa: PLC0415
    from discord.http import Route  # noqa: PLC0415

    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with running(TOKEN) as fake:
        component = build_component(api_url=fake.base)
        poster = component.poster
        with pytest.raises(RateLimited):
            await poster.post(HERE, reply, attempt("k"))
        task = asyncio.create_task(component.run())
        await fake.until(component.ready)
        # The reply is lost: the same key is posted once.
        fake.troubles.append(Trouble("POST", "/messages$", 0, after_effect=True))
        with pytest.raises(Uncertain):
            await poster.post(HERE, reply, attempt("k"))
        again = await poster.post(HERE, reply, attempt("k"))
        assert [post["id"] for post in fake.posts] == [again]
        # After minutes Discord has forgotten the nonce, so it is looked for.
        fake.forget_nonces()
        assert await poster.post(HERE, reply, attempt("k", again=True)) == again
        assert len(fake.posts) == 1
        await look_back(fake, poster, reply, again)
        await poster.post(replace(HERE, user=ANN), reply, attempt("notice"))
        assert len({post["channel_id"] for post in fake.posts}) == 2
        fake.troubles.append(
            Trouble("POST", "/messages$", 403, body={"code": 50013, "message": "no"})
        )
        with pytest.raises(Refused) as caught:
            await poster.post(HERE, reply, attempt("other"))
        assert caught.value.code == "50013"
        await component.drain()
        await asyncio.wait([task], timeout=5)
    assert fake.faults == []
