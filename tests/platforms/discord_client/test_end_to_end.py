"""Real discord.py over loopback sockets against our wire-level Discord."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from bot import bootstrap
from bot.core import phrases
from bot.errors import RateLimited, Refused, SettingsError
from bot.render.discord import render_note
from bot.service.memory import MemoryStore
from bot.service.supervisor import Backoff, Supervisor
from tests.fakes.discord import ANN, CHANNEL, GUILD, ROLE, THREAD, FakeDiscord, Trouble, running
from tests.payloads import buttons, plain_text
from tests.platforms.discord_client.conftest import TOKEN

if TYPE_CHECKING:
    from bot.platforms.discord_client.component import DiscordComponent
    from tests.platforms.discord_client.conftest import BuildComponent


def heartbeats() -> list[threading.Thread]:
    """The threads of open sockets; those that were told to stop do so at their next look."""
    threads = (t for t in threading.enumerate() if isinstance(t, KeepAliveHandler))
    return [thread for thread in threads if not thread._stop_ev.is_set()]


class Waits:
    """Stands in for the supervisor's sleep: records how long it was to be, then goes on."""

    def __init__(self) -> None:
        self.asked_s: list[float] = []
        self.hold_from_s = 1e9

    async def __call__(self, seconds: float) -> None:
        self.asked_s.append(seconds)
        await asyncio.sleep(3600 if seconds >= self.hold_from_s else 0.01)


class World:
    """A fake Discord and our component, kept up by the real supervisor."""

    def __init__(self, fake: FakeDiscord, component: DiscordComponent, waits: Waits) -> None:
        self.fake = fake
        self.component = component
        self.waits = waits

    async def ready(self) -> None:
        await self.fake.until(self.component.ready)


Start: TypeAlias = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def start(build_component: BuildComponent, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)

    @asynccontextmanager
    async def begin(
        *, fake: FakeDiscord | None = None, prepare: Any = None, beside: Any = (), **options: Any
    ) -> AsyncIterator[World]:
        shards = options.pop("shards", 1)
        before = heartbeats()
        async with running(TOKEN, shards) as fresh:
            component = build_component(api_url=fresh.base, **options)
            world = World(fresh, component, Waits())
            if prepare:
                prepare(world)
            supervisor = Supervisor(
                [component, *beside], Backoff(first_s=0.01, most_s=0.02), sleep=world.waits
            )
            stop = asyncio.Event()
            task = asyncio.create_task(supervisor.run(stop))
            try:
                yield world
            finally:
                stop.set()
                await asyncio.wait_for(task, 5)
            assert fresh.faults == []
            assert [t for t in heartbeats() if t not in before] == []

    return begin


async def test_logs_in_and_registers_commands_in_every_language(start: Start) -> None:
    async with start() as world:
        await world.ready()
        by_name = {c["name"]: c for c in world.fake.commands}
        assert by_name.keys() == {"aibrief", "briefs", "Brief me on this", "briefing"}
        assert by_name["briefs"]["name_localizations"] == {
            "de": "briefings",
            "es-ES": "fichas",
            "es-419": "fichas",
            "ja": "ブリーフ",
            "zh-CN": "简报",
        }
        briefing = by_name.pop("briefing")
        assert (briefing["integration_types"], sorted(briefing["contexts"])) == ([0], [0, 1])
        for command in by_name.values():
            assert command["integration_types"] == [0, 1]
            assert sorted(command["contexts"]) == [0, 1, 2]
        assert by_name["aibrief"]["options"][0]["autocomplete"]


async def test_registers_again_only_after_a_change(start: Start) -> None:
    counted = []
    for _ in range(2):
        async with start() as world:
            await world.ready()
            gateway = world.fake.gateway
            await gateway.invalidate()
            await world.fake.until(lambda: gateway.identifies == 2)  # noqa: B023 - awaited here
            await world.ready()
            counted.append(world.fake.syncs)
    assert counted == [1, 0]


async def test_commands_that_discord_refuses_keep_nobody_from_asking(start: Start) -> None:
    def refuse(world: World) -> None:
        world.fake.troubles.append(Trouble("PUT", "/commands$", 403))

    async with start(prepare=refuse) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.callback)


async def test_slash_is_answered_to_the_asker_only(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="china-vs-us")
        await world.fake.until(lambda: asked.callback)
        assert asked.callback
        assert asked.callback["type"] == 4
        assert asked.callback["data"]["flags"] == 1 << 15 | 64
        assert "[S1:" in plain_text(asked.callback["data"])
        assert world.fake.posts == []


async def test_autocomplete_over_the_wire(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.type_in("aibrief", "question", "multipol")
        await world.fake.until(lambda: asked.callback)
        assert asked.callback
        assert asked.callback["data"]["choices"][0]["value"] == "multipolar-world"


async def test_slow_work_is_announced_and_then_shown(start: Start) -> None:
    class Slow(MemoryStore):
        async def save_plan(self, *args: Any, **more: Any) -> None:
            await asyncio.sleep(0.2)
            await super().save_plan(*args, **more)

    async with start(store=Slow(), answer_within_s=0.05) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.original)
        assert asked.callback == {"type": 5, "data": {"flags": 64}}
        assert asked.original
        assert "Rules, standards" in plain_text(asked.original)


async def test_a_broken_store_is_said_kindly(start: Start) -> None:
    class Broken(MemoryStore):
        async def save_plan(self, *args: Any, **more: Any) -> None:
            raise OSError("disk full")

    async with start(store=Broken()) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        assert plain_text(asked.shown) == phrases.TROUBLE
        await world.fake.mention("governance")
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert plain_text(post) == phrases.TROUBLE


async def test_a_command_that_is_no_more_gets_a_kind_answer(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("oldcommand", question="governance")
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        assert plain_text(asked.shown) == phrases.EXPIRED


async def test_mention_is_answered_once_though_it_arrives_twice(start: Start) -> None:
    async with start() as world:
        await world.ready()
        message = await world.fake.mention("china vs us")
        await world.fake.dispatch("MESSAGE_CREATE", message)
        await world.fake.mention("governance")
        await world.fake.until(lambda: len(world.fake.posts) >= 2)
        replied = [str(post["message_reference"]["message_id"]) for post in world.fake.posts]
        assert replied.count(message["id"]) == 1
        assert len(replied) == world.fake.requests.count(_POST) == 2


async def test_a_mention_of_our_role_is_one_of_us(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.mention(
            "governance", content=f"<@&{ROLE}> governance", mentions=[], mention_roles=[ROLE]
        )
        (post,) = await world.fake.until(lambda: world.fake.posts)
        assert "Rules, standards" in plain_text(post)


async def test_a_person_who_installed_us_can_ask_anywhere(start: Start) -> None:
    """In a server and in a group chat that we are not in: privately, and by interaction only."""
    group = {"id": "500000000000000001", "type": 3, "recipients": []}
    owner = {"authorizing_integration_owners": {"1": ANN}}
    places = (
        owner | {"guild_id": "600000000000000001", "guild": {"id": "600000000000000001"}},
        owner | {"guild_id": None, "member": None, "channel": group, "context": 2},
    )
    async with start() as world:
        await world.ready()
        for place in places:
            more = {k: v for k, v in place.items() if v is not None}
            gone = [k for k, v in place.items() if v is None]
            asked = await world.fake.slash_at(more, gone, "aibrief", question="governance")
            await world.fake.until(lambda: asked.callback)  # noqa: B023 - awaited here
            assert asked.shown
            assert asked.shown["flags"] & 64
            assert "Rules, standards" in plain_text(asked.shown)
        assert world.fake.posts == []


async def test_a_server_that_removes_us_is_forgotten(start: Start, store: MemoryStore) -> None:
    async with start() as world:
        await world.ready()
        message = await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.posts)
        thread = f"discord:{GUILD}:{CHANNEL}:{message['id']}"
        assert await store.latest_plan(thread, now=bootstrap.clock())
        await world.fake.dispatch("GUILD_DELETE", {"id": GUILD, "guild_id": GUILD})
        await world.fake.until(lambda: thread not in store._threads)


async def test_a_thread_keeps_its_context(start: Start) -> None:
    async with start() as world:
        await world.ready()
        for number, text in enumerate(("compare china and us", "more"), 1):
            await world.fake.mention(text, channel_id=THREAD)
            await world.fake.until(lambda: len(world.fake.posts) == number)  # noqa: B023
        first, second = map(plain_text, world.fake.posts)
        assert "China and United States compared" in second
        assert first != second


async def test_a_follow_up_by_reply_survives_a_restart(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.mention("compare china and us")
        (first,) = await world.fake.until(lambda: world.fake.posts)
    async with start() as world:
        await world.ready()
        reference = {"message_id": first["id"], "channel_id": CHANNEL}
        await world.fake.mention(
            "more", type=19, message_reference=reference, referenced_message=first
        )
        (second,) = await world.fake.until(lambda: world.fake.posts)
        assert "China and United States compared" in plain_text(second)


async def test_resume_after_abort_answers_what_was_asked_meanwhile(start: Start) -> None:
    async with start() as world:
        await world.ready()
        gateway = world.fake.gateway
        (session,) = gateway.sessions.values()
        gateway.abort()
        session.socket = None
        await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.posts)
        assert (gateway.identifies, gateway.resumes) == (1, 1)
        assert len(world.fake.posts) == 1


async def test_invalid_session_opens_a_new_one(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.gateway.invalidate()
        await world.fake.until(lambda: world.fake.gateway.sessions)
        await world.fake.mention("china vs us")
        await world.fake.until(lambda: world.fake.posts)
        assert world.fake.gateway.identifies == 2


async def test_a_storm_of_invalid_sessions_never_uses_up_the_day(start: Start) -> None:
    def storm(world: World) -> None:
        world.fake.gateway.invalidate_identifies = 10_000
        world.waits.hold_from_s = 100

    async with start(prepare=storm) as world:
        await world.fake.until(lambda: any(s >= 100 for s in world.waits.asked_s))
        assert world.fake.gateway.identifies == 12
        assert not world.component.ready()


async def test_a_first_connect_that_fails_is_tried_again(start: Start) -> None:
    def refuse(world: World) -> None:
        world.fake.gateway.refuse_connects = 1
        world.fake.troubles.append(Trouble("GET", "^/gateway/bot", 503, times=2))

    async with start(prepare=refuse) as world:
        await world.ready()
        assert len(world.waits.asked_s) == 2
        assert world.fake.gateway.refused == 1
        assert world.fake.gateway.identifies == 1


async def test_an_edge_that_bans_us_is_left_alone_for_a_minute_and_more(start: Start) -> None:
    def ban(world: World) -> None:
        world.fake.troubles.append(Trouble("GET", "^/users/@me", 429, times=3))

    async with start(prepare=ban) as world:
        await world.ready()
        assert world.waits.asked_s == [60.0, 120.0, 240.0]


async def test_few_sessions_left_are_kept_for_people(start: Start) -> None:
    def few(world: World) -> None:
        world.fake.sessions_left = 3
        world.waits.hold_from_s = 3600

    async with start(prepare=few) as world:
        await world.fake.until(lambda: world.waits.asked_s)
        assert world.waits.asked_s == [3600.0]
        assert world.fake.gateway.identifies == 0


async def test_a_failing_discord_leaves_the_rest_running(start: Start) -> None:
    class Other:
        name = "other"
        starts = 0

        async def run(self) -> None:
            self.starts += 1
            await asyncio.Event().wait()

        def ready(self) -> bool:
            return self.starts == 1

        async def drain(self) -> None:
            return

    def storm(world: World) -> None:
        world.fake.troubles.append(Trouble("GET", "^/users/@me", 503, times=20))

    other = Other()
    async with start(prepare=storm, beside=[other]) as world:
        await world.ready()
        assert len(world.waits.asked_s) == 20
        assert other.ready()


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_session_that_can_never_be_says_what_to_do(
    build_component: BuildComponent, start: Start, code: int
) -> None:
    async with running(TOKEN) as fake:
        fake.gateway.close_with = code
        with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
            await build_component(api_url=fake.base).run()


async def test_a_wrong_token_says_what_to_do(
    build_component: BuildComponent, start: Start
) -> None:
    async with running("another token") as fake:
        with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
            await build_component(api_url=fake.base).run()


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
        posted = await world.component.deliver(int(CHANNEL), render_note("hello"), "key-1")
        assert [post["id"] for post in world.fake.posts] == [str(posted)]


async def test_a_rate_limit_of_the_edge_is_told_to_the_caller(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(Trouble("POST", "/messages$", 429, {"Retry-After": "7"}))
        with pytest.raises(RateLimited) as limited:
            await world.component.deliver(int(CHANNEL), render_note("hello"), "key-1")
        assert limited.value.retry_after_s == 7.0
        assert world.fake.posts == []


async def test_a_delivery_with_the_same_key_is_posted_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        ids = {
            await world.component.deliver(int(CHANNEL), render_note("hello"), "2026-11-24.china")
            for _ in range(3)
        }
        assert len(ids) == len(world.fake.posts) == 1


async def test_a_delivery_that_may_not_be_is_refused(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.troubles.append(
            Trouble("POST", "/messages$", 403, body={"code": 50013, "message": "Missing"})
        )
        with pytest.raises(Refused) as refused:
            await world.component.deliver(int(CHANNEL), render_note("hello"), "key-1")
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


async def test_long_explanations_follow_up_privately(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="overview")
        await world.fake.until(lambda: asked.callback)
        assert asked.shown
        message = world.fake.message("", author=world.fake.me) | (asked.shown or {})
        message |= {"flags": 1 << 15 | 64}
        why = next(b for b in buttons(asked.shown) if b["label"] == phrases.WHY)
        pressed = await world.fake.press(message, why["custom_id"])
        await world.fake.until(lambda: pressed.callback)
        assert pressed.shown
        assert pressed.shown["flags"] & 64


@pytest.mark.parametrize("place", [0, 99])
async def test_a_suggestion_by_its_place(start: Start, place: int) -> None:
    async with start() as world:
        await world.ready()
        asked, message = await _asked_and_shown(world, "china-vs-us")
        answer_id = _button(asked, phrases.WHY).rsplit(":", 1)[1]
        custom_id = f"ab1:nth:{answer_id}:{place}"
        message["components"][-1]["components"][0]["custom_id"] = custom_id
        pressed = await world.fake.press(message, custom_id)
        await world.fake.until(lambda: pressed.callback)
        assert pressed.shown
        assert (plain_text(pressed.shown) == phrases.EXPIRED) is (place == 99)


@pytest.mark.parametrize(
    ("verb", "announced"), [("share", {"type": 5, "data": {}}), ("page", {"type": 6})]
)
async def test_slow_buttons_are_announced_as_what_they_will_be(
    start: Start, verb: str, announced: dict[str, Any]
) -> None:
    class Slow(MemoryStore):
        async def load_plan(self, answer_id: str) -> Any:
            await asyncio.sleep(0.2)
            return await super().load_plan(answer_id)

    async with start(store=Slow(), answer_within_s=0.05) as world:
        await world.ready()
        asked, message = await _asked_and_shown(world, "china-vs-us")
        answer_id = _button(asked, phrases.WHY).rsplit(":", 1)[1]
        custom_id = f"ab1:{verb}:{answer_id}" + (":0" if verb == "page" else "")
        message["components"][-1]["components"][0]["custom_id"] = custom_id
        pressed = await world.fake.press(message, custom_id)
        await world.fake.until(lambda: pressed.original)
        assert pressed.callback
        assert pressed.callback["type"] == announced["type"]
        assert not (pressed.callback.get("data") or {}).get("flags")
        assert pressed.original
        assert "[S1:" in plain_text(pressed.original)


async def test_a_slow_page_that_is_gone_is_said_privately(start: Start) -> None:
    class Slow(MemoryStore):
        async def load_plan(self, answer_id: str) -> Any:
            await asyncio.sleep(0.2)
            return None

    async with start(store=Slow(), answer_within_s=0.05) as world:
        await world.ready()
        _, message = await _asked_and_shown(world, "china-vs-us")
        message["components"][-1]["components"][0]["custom_id"] = "ab1:page:gone:1"
        pressed = await world.fake.press(message, "ab1:page:gone:1")
        (said,) = await world.fake.until(lambda: pressed.followups)
        assert plain_text(said) == phrases.EXPIRED
        assert said["flags"] & 64


async def test_a_flood_of_mentions_is_told_once(start: Start) -> None:
    fixed = bootstrap.clock()
    async with start(clock=lambda: fixed) as world:
        await world.ready()
        for _ in range(12):
            await world.fake.mention("governance")
        await world.fake.until(lambda: len(world.fake.posts) >= 9)
        await asyncio.sleep(0.1)
        said = [plain_text(post) for post in world.fake.posts]
        assert len(said) == 9
        assert said.count(phrases.SLOWER) == 1


async def test_draining_finishes_what_was_asked(start: Start) -> None:
    class Slow(MemoryStore):
        async def save_plan(self, *args: Any, **more: Any) -> None:
            await asyncio.sleep(0.3)
            await super().save_plan(*args, **more)

    async with start(store=Slow()) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await asyncio.sleep(0.1)
        await world.component.drain()
        assert asked.callback
        assert not world.component.ready()
        sessions = world.fake.gateway.sessions.values()
        await world.fake.until(lambda: not any(s.socket for s in sessions))
        await asyncio.sleep(0.05)
        assert world.fake.gateway.identifies == 1


async def test_two_shards_need_no_other_code(start: Start) -> None:
    async with start(shards=2) as world:
        await world.ready()
        assert sorted(s.shard for s in world.fake.gateway.sessions.values()) == [0, 1]
        await world.fake.mention("china vs us")
        await world.fake.direct("what comes next")
        await world.fake.until(lambda: len(world.fake.posts) == 2)


_POST = ("POST", f"/channels/{CHANNEL}/messages")


async def _asked_and_shown(world: World, question: str) -> tuple[Any, dict[str, Any]]:
    """An answer that only the asker sees, and the message as Discord hands it back."""
    asked = await world.fake.slash("aibrief", question=question)
    await world.fake.until(lambda: asked.callback)
    message = world.fake.message("", author=world.fake.me) | (asked.shown or {})
    return asked.shown, message | {"flags": 1 << 15 | 64}


def _button(payload: dict[str, Any], label: str) -> str:
    return str(next(b["custom_id"] for b in buttons(payload) if b["label"] == label))


def _callbacks(fake: FakeDiscord) -> int:
    return sum(path.endswith("/callback") for _, path in fake.requests)
