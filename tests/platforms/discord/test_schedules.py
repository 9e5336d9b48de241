"""Schedules in Discord: what people do with `/briefing`, and the posts themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord
import pytest
import pytest_asyncio
import simcord

from bot import parts
from bot.answering import phrases
from bot.app import rules_of
from bot.errors import CannotLook, RateLimited, Refused, Uncertain
from bot.platforms.discord.render.discord_text import translate
from bot.schedules.calls import Call, Requester
from bot.schedules.schedule_ports import Window
from bot.schedules.subscription import Target
from bot.schedules.subscriptions import Schedules
from bot.schedules.texts import Notice, Where, line, say
from bot.storage.database import build_engine, upgrade
from bot.storage.deliveries import SqlDeliveries
from bot.storage.subscription_rows import SqlSubscriptions
from tests.fakes.attempts import attempt
from tests.fakes.discord import (
    ANN,
    APP,
    CHANNEL,
    GUILD,
    ROLE,
    THREAD,
    FakeDiscord,
    Trouble,
    running,
)
from tests.fakes.discord_schedules import FORUM, NEWS, SchedulingDiscord
from tests.payloads import buttons
from tests.platforms.discord.test_behaviour import answer, payload_of, shown
from tests.platforms.discord_world import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.answering.catalog import Catalog
    from bot.platforms.discord.discord_poster import DiscordPoster
    from bot.service.assistant import Reply
    from tests.platforms.discord.conftest import BuildComponent
    from tests.platforms.discord_world import Start


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
        SqlSubscriptions(engine),
        SqlDeliveries(engine),
        lambda: catalog,
        lambda: next(names),
        rules_of(),
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
    assert say("added") in shown(added)
    assert shown(added).count("<t:") == 5
    assert "id0" in shown(await ann.slash(channel, "briefing list"))
    edited = await ann.slash(channel, "briefing edit", schedule="id0", zone="Tokyo")
    assert "Asia/Tokyo" in shown(edited)
    assert say("paused") in shown(await ann.slash(channel, "briefing pause", schedule="id0"))
    assert say("resumed") in shown(await ann.slash(channel, "briefing resume", schedule="id0"))
    assert "paused" in shown(await ann.slash(channel, "briefing history", schedule="id0"))
    assert say("removed") in shown(await ann.slash(channel, "briefing remove", schedule="id0"))
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
    assert say("tested") in shown(tried)
    assert payload_of(answer(tried))["content"]
    assert len(tried.followups) == 1


async def test_without_schedules_it_says_so(build_component: BuildComponent) -> None:
    simulated = simcord.Env(build_component().new_bot(), shard_count=1)
    await simulated.start()
    server = Server(simulated)
    answered = await server.ann.slash(server.channel, "briefing list")
    assert "Schedules are off" in shown(answered)
    await simulated.shutdown()


@pytest.fixture
async def reply(schedules: Schedules, catalog: Catalog) -> Reply:
    from bot import parts  # noqa: PLC0415 - only for this

    now = parts.clock()
    call = Call(HERE, Requester(ANN, "UTC", may_manage=True), now)
    shown = await schedules.command("daily 9:00 china-vs-us", call)
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
    now = parts.clock()
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


async def test_a_label_is_no_sentence(server: Server, engine: AsyncEngine) -> None:
    """What a completion shows, sent back as it is, never makes another schedule."""
    ann, channel = server.ann, server.channel
    await ann.slash(channel, "briefing add", when="daily 9:00", what="overview", zone="UTC")
    (label,) = await ann.autocomplete(channel, "briefing remove", "schedule", "")
    assert label["value"] == "id0"
    for verb in ("history", "test", "pause", "resume", "remove"):
        await ann.slash(channel, f"briefing {verb}", schedule=label["name"])
    assert await SqlSubscriptions(engine).all_subscriptions() == []
    told = [c.what for c in await SqlSubscriptions(engine).history("id0")]
    assert told == ["removed", "resumed", "paused", "added"]


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("when", "weekdays 9:00 @everyone"),
        ("what", "the best pizza in town"),
        ("zone", "Gotham"),
        ("skip", "excpt 2026-12-25"),
        ("skip", "@everyone"),
        ("until", "the end of time"),
    ],
)
async def test_an_option_that_is_not_understood_is_refused_there(
    server: Server, engine: AsyncEngine, option: str, given: str
) -> None:
    options = {"when": "weekdays 9:00", "what": "overview", "zone": "UTC"} | {option: given}
    refused = await server.ann.slash(server.channel, "briefing add", **options)
    assert shown(refused).startswith(f"{say(f'form.{option}')}: ")
    assert await SqlSubscriptions(engine).all_subscriptions() == []


async def test_options_say_what_words_could(server: Server, engine: AsyncEngine) -> None:
    await server.ann.slash(
        server.channel,
        "briefing add",
        when="every other monday 9:00 and 17:00",
        what="changes",
        zone="Berlin",
        skip="2026-12-24 to 2027-01-02",
        until="2027-06-30",
        missed="late",
        news=False,
    )
    (made,) = await SqlSubscriptions(engine).all_subscriptions()
    (rule,) = made.trigger.recurrence.rules
    assert rule.startswith("FREQ=WEEKLY;INTERVAL=2;UNTIL=20270630")
    assert (len(made.trigger.recurrence.skips), made.trigger.misfire) == (10, "late")
    assert made.content.say_nothing_new


HERE = Target("discord", GUILD, CHANNEL)


def asked_add(**more: object) -> dict[str, object]:
    """`/briefing add when:daily 9:00 what:overview zone:UTC` as Discord sends it."""
    given = {"when": "daily 9:00", "what": "overview", "zone": "UTC"}
    options = [{"name": k, "type": 3, "value": v} for k, v in given.items()]
    sub = {"name": "add", "type": 1, "options": options}
    return {"id": "1", "name": "briefing", "type": 1, "options": [sub], **more}


MANAGES = str(1 << 4 | 1 << 10 | 1 << 11)
VIEW, SEND, THREADS = 1 << 10, 1 << 11, 1 << 38
UNKNOWN = "100000000000000031"
"""Not among the channels that the server told of: an archived thread is none."""
ARCHIVED = {
    "archived": True,
    "locked": False,
    "auto_archive_duration": 1440,
    "archive_timestamp": "2026-11-24T09:00:00+00:00",
}
IN_THREAD = {"id": THREAD, "type": 11, "name": "a thread", "parent_id": CHANNEL}


@pytest.mark.parametrize(
    ("mine", "channel", "trouble"),
    [
        (VIEW, {}, "send"),
        (SEND, {}, "view"),
        (VIEW | SEND, IN_THREAD, "threads"),
        (
            VIEW | SEND | THREADS,
            {**IN_THREAD, "id": UNKNOWN, "thread_metadata": ARCHIVED},
            "thread-archived",
        ),
        (VIEW | SEND, {"type": 4, "id": UNKNOWN}, "kind"),
    ],
)
async def test_it_is_asked_before_it_is_promised(
    start: Start, schedules: Schedules, mine: int, channel: dict[str, object], trouble: str
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        member = fake.member() | {"user": fake.ann, "permissions": MANAGES}
        text = {"id": CHANNEL, "type": 0, "name": "general", "position": 0}
        place = (fake.thread() if channel.get("type") == 11 else text) | channel
        more = {"member": member, "app_permissions": str(mine), "channel": place}
        asked = await fake.interact(2, asked_add(), channel_id=place["id"], **more)
        await fake.until(lambda: asked.answered)
        assert say(f"room.{trouble}") in str(asked.shown)
        (kept,) = await schedules.of_workspace("discord", GUILD)
        assert kept.next_at is None
        # Its button tries again; now the bot may.
        assert asked.shown
        sent = {"components": asked.shown["components"], "flags": 1 << 15}
        message = fake.message("", author=fake.me, **sent)
        place = {"id": place["id"], "type": 0, "name": "general", "position": 0}
        press = {"custom_id": "as1:again:id0", "component_type": 2}
        more |= {"app_permissions": str(VIEW | SEND | THREADS), "channel": place}
        again = await fake.interact(3, press, channel_id=place["id"], message=message, **more)
        await fake.until(lambda: again.answered)
        assert say("added") in str(again.shown)
        (running,) = await schedules.of_workspace("discord", GUILD)
        assert running.next_at


async def test_a_repeated_interaction_makes_one(start: Start, schedules: Schedules) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        fake = world.fake
        member = fake.member() | {"user": fake.ann, "permissions": MANAGES}
        first = await fake.interact(2, asked_add(), member=member)
        await fake.until(lambda: first.answered)
        again = await fake.interact(2, asked_add(), member=member, id=first.id, token=first.token)
        late = await fake.interact(2, asked_add(), member=member, locale="de")
        await fake.until(lambda: late.answered)
        assert say("added", "de") in str(late.shown)
        assert not again.answered
        (made,) = await schedules.of_workspace("discord", GUILD)
        assert made.language == "en"


async def test_forums_announcements_and_a_role(
    start: Start, schedules: Schedules, reply: Reply
) -> None:
    async with start(schedules=schedules, fake=SchedulingDiscord(TOKEN)) as world:
        await world.ready()
        fake = world.fake
        assert isinstance(fake, SchedulingDiscord)
        poster = world.component.poster
        news = Target("discord", GUILD, NEWS, role=ROLE, publish=True)
        posted = await poster.post(news, reply, attempt("k/0"))
        assert fake.published == [posted]
        assert fake.posts[-1]["components"][0]["content"] == f"<@&{ROLE}>"
        forum = Target("discord", GUILD, FORUM)
        first = await poster.post(forum, reply, attempt("k/1"))
        assert [thread["name"] for thread in fake.threads] == [reply.answer.title]
        # The reply was lost: the post is found, and made only once.
        assert await poster.post(forum, reply, attempt("k/1", again=True)) == first
        assert len(fake.threads) == 1


async def test_a_briefing_that_is_refused_comes_in_plain_text_with_its_buttons(
    start: Start, reply: Reply
) -> None:
    async with start(fake=SchedulingDiscord(TOKEN)) as world:
        await world.ready()
        bad = {"code": 50035, "message": "Invalid Form Body"}
        world.fake.troubles.append(Trouble("POST", "/messages$", 400, body=bad))
        await world.component.poster.post(HERE, reply, attempt("k/0"))
        (post,) = world.fake.posts
        assert "[S" in post["content"]
        ids = {button["custom_id"] for button in buttons(post)}
        assert f"ab1:why:{reply.id}" in ids


async def test_a_briefing_has_its_buttons_in_the_language_of_the_server(
    start: Start, schedules: Schedules, reply: Reply
) -> None:
    bad = {"code": 50035, "message": "Invalid Form Body"}
    fake = SchedulingDiscord(TOKEN)
    fake.locale = "ja"
    async with start(schedules=schedules, fake=fake) as world:
        await world.ready()
        for place in (CHANNEL, FORUM):
            target = Target("discord", GUILD, place)
            await world.component.poster.post(target, reply, attempt(f"k/{place}"))
            fake.troubles.append(Trouble("POST", "/(messages|threads)$", 400, body=bad))
            await world.component.poster.post(target, reply, attempt(f"k/{place}/1"))
        assert len(fake.posts) == 4
        for post in fake.posts:
            assert translate(phrases.WHY, "ja") in {b["label"] for b in buttons(post)}


async def test_the_notice_and_its_button(
    start: Start, schedules: Schedules, engine: AsyncEngine, reply: Reply
) -> None:
    async with start(schedules=schedules, fake=SchedulingDiscord(TOKEN)) as world:
        await world.ready()
        fake = world.fake
        now = datetime.now(UTC)
        await SqlDeliveries(engine).pause("id0", "50083", now, None)
        where = Where(CHANNEL)
        text = line("notice", id="`id0`", where=where, what=say("notice.thread-archived"))
        notice = Notice("n1", (text,), "id0", "en")
        owner = Target("discord", GUILD, CHANNEL, user=ANN)
        for unsure in (False, True):
            await world.component.poster.tell(owner, notice, attempt("id0:1/0", again=unsure))
        (posted,) = fake.posts
        assert f"<#{CHANNEL}>" in posted["components"][0]["content"]
        press = {"custom_id": "as1:resume:id0", "component_type": 2}
        without = ["guild_id", "member", "guild_locale"]
        direct = {"id": "400000000000000001", "type": 1}
        fake.troubles.append(Trouble("GET", "/members/", 503))
        for said in (phrases.TROUBLE, say("resumed")):
            pressed = await fake.interact(
                3,
                press,
                without,
                message=posted,
                user=fake.ann,
                channel_id=direct["id"],
                channel=direct,
                context=1,
            )
            await fake.until(lambda: pressed.answered)  # noqa: B023
            assert said in str(pressed.shown)
        (running,) = await schedules.of_workspace("discord", GUILD)
        assert running.standing == "active"


async def test_a_server_that_removed_the_bot_keeps_its_schedules_for_a_while(
    start: Start, schedules: Schedules, reply: Reply
) -> None:
    async with start(schedules=schedules) as world:
        await world.ready()
        await world.fake.dispatch("GUILD_DELETE", {"id": GUILD})

        async def left() -> bool:
            (found,) = await schedules.of_workspace("discord", GUILD)
            return found.left_at is not None

        for _ in range(200):
            if await left():
                break
            await asyncio.sleep(0.02)
        assert await left()
        await world.fake.dispatch("GUILD_CREATE", world.fake.guild())
        for _ in range(200):
            if not await left():
                break
            await asyncio.sleep(0.02)
        (back,) = await schedules.of_workspace("discord", GUILD)
        assert (back.standing, back.left_at) == ("active", None)


async def test_what_could_not_be_set_going_again_is_when_somebody_comes_back(
    server: Server, schedules: Schedules, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.ann.slash(
        server.channel, "briefing add", when="weekdays 9:00", what="overview", zone="UTC"
    )
    store = SqlSubscriptions(engine)
    (made,) = await store.all_subscriptions()
    await schedules.left("discord", made.target.workspace, parts.clock())

    async def broken(*args: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as failing:
        failing.setattr(SqlSubscriptions, "of_workspace", broken)
        failed = await server.ann.slash(server.channel, "briefing list")
        assert phrases.TROUBLE in shown(failed)
    await server.ann.slash(server.channel, "briefing list")
    (back,) = await store.all_subscriptions()
    assert back.standing == "active"
