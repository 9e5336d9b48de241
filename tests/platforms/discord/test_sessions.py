"""Real discord.py over loopback sockets: sessions that start, break and end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from bot import parts
from bot.errors import SettingsError
from bot.platforms.discord.slash_commands import load_command_texts
from tests.fakes.discord import Trouble, running
from tests.memory_store import MemoryStore
from tests.platforms.discord_world import TOKEN, Start, World, heartbeats

if TYPE_CHECKING:
    from tests.platforms.discord.conftest import BuildComponent


async def test_logs_in_and_registers_commands_in_every_language(start: Start) -> None:
    async with start() as world:
        await world.ready()
        by_name = {c["name"]: c for c in world.fake.commands}
        assert by_name.keys() == {"aibrief", "briefs", "briefing", "Brief me on this"}
        assert by_name["briefs"]["name_localizations"] == {
            "de": "briefings",
            "es-ES": "fichas",
            "es-419": "fichas",
            "ja": "ブリーフ",
            "zh-CN": "简报",
            "zh-TW": "简报",
        }
        briefing = by_name.pop("briefing")
        assert (briefing["integration_types"], sorted(briefing["contexts"])) == ([0], [0, 1])
        for command in by_name.values():
            assert command["integration_types"] == [0, 1]
            assert sorted(command["contexts"]) == [0, 1, 2]
        assert by_name["aibrief"]["options"][0]["autocomplete"]


async def test_every_command_and_option_is_named_in_every_language(start: Start) -> None:
    languages = {
        "zh-CN": "zh",
        "zh-TW": "zh",
        "es-ES": "es",
        "es-419": "es",
        "de": "de",
        "ja": "ja",
    }
    by_english = {texts["en"]: texts for texts in load_command_texts(parts.CONFIG).values()}
    async with start() as world:
        await world.ready()
        found = {}
        for part in with_options(world.fake.commands):
            for kind in ("name", "description"):
                if english := part[kind]:
                    told = part.get(f"{kind}_localizations") or {}
                    found[english] = {k: told.get(k, english) for k in languages}
        assert found == {
            english: {k: texts[v] for k, v in languages.items()}
            for english, texts in by_english.items()
        }


def with_options(commands: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for command in commands:
        yield command
        yield from with_options(command.get("options") or ())


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


async def test_commands_that_could_not_be_registered_are_later(start: Start) -> None:
    def fail(world: World) -> None:
        world.fake.troubles.append(Trouble("PUT", "/commands$", 503, times=2))

    async with start(prepare=fail, sync_again_s=0.01) as world:
        await world.ready()
        await world.fake.until(lambda: world.fake.commands)
        assert world.fake.gateway.identifies == 1


async def test_a_store_that_fails_keeps_nobody_from_asking(start: Start) -> None:
    class Broken(MemoryStore):
        async def get_value(self, name: str) -> str | None:
            raise RuntimeError("no database")

    async with start(store=Broken()) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await world.fake.until(lambda: asked.callback)


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


async def test_sockets_that_were_given_up_are_closed_and_beat_no_more(start: Start) -> None:
    """While the bot stays away it holds nothing open, and no thread goes on."""

    def storm(world: World) -> None:
        world.fake.gateway.invalidate_identifies = 10_000
        world.waits.hold_from_s = 100

    before = heartbeats()
    async with start(prepare=storm) as world:
        await world.fake.until(lambda: any(s >= 100 for s in world.waits.asked_s))
        await world.fake.until(lambda: not world.fake.gateway.open, 1)
        await world.fake.until(lambda: heartbeats() <= before, 3)


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


async def test_draining_finishes_what_was_asked(start: Start) -> None:
    begun = asyncio.Event()

    class Slow(MemoryStore):
        async def save_plan(self, *args: Any, **more: Any) -> None:
            begun.set()
            await asyncio.sleep(0.3)
            await super().save_plan(*args, **more)

    async with start(store=Slow()) as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="governance")
        await begun.wait()
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
