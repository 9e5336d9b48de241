"""Real discord.py over loopback sockets: what Discord really sends, and what it never should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.answering import phrases
from bot.platforms.discord.render.discord_text import UNREADABLE, WELCOME, translate
from bot.service.ports import Metrics
from tests.fakes.discord import ANN, APP, CHANNEL, GUILD, ROLE, Trouble
from tests.payloads import buttons, plain_text

if TYPE_CHECKING:
    from tests.platforms.discord_world import Start, World

QUESTION = "compare china and us on cost"
PICTURE = {
    "id": "300000000000000001",
    "filename": "chart.png",
    "size": 1,
    "url": "https://cdn.example.org/chart.png",
    "proxy_url": "https://cdn.example.org/chart.png",
}


class Counted(Metrics):
    def __init__(self) -> None:
        self.lost: list[tuple[str, str]] = []

    def event_lost(self, platform: str, event: str) -> None:
        self.lost.append((platform, event))


async def posts(world: World, count: int = 1) -> list[str]:
    await world.fake.until(lambda: len(world.fake.posts) >= count)
    return [plain_text(post) for post in world.fake.posts]


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("MESSAGE_CREATE", {"id": "1", "channel_id": CHANNEL, "guild_id": GUILD, "author": None}),
        ("MESSAGE_CREATE", {}),
        ("MESSAGE_CREATE", None),
        ("MESSAGE_UPDATE", {"id": "x", "guild_id": GUILD}),
        ("INTERACTION_CREATE", {"id": "1", "type": "odd"}),
        ("GUILD_CREATE", {"id": GUILD, "roles": [{}], "members": 7}),
        ("CHANNEL_UPDATE", {"id": CHANNEL, "guild_id": GUILD, "type": [], "name": None}),
        ("THREAD_CREATE", {"guild_id": GUILD}),
        ("GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": None}),
    ],
)
async def test_an_event_that_cannot_be_read_costs_that_event_only(
    start: Start, event: str, data: Any
) -> None:
    async with start() as world:
        await world.ready()
        counted = Counted()
        world.component.parts.handler._desk._assistant.metrics = counted
        for session in world.fake.gateway.sessions.values():
            await session.dispatch(event, data)
        await world.fake.mention("list")
        assert phrases.LIST_TITLE in (await posts(world))[0]
        assert world.fake.gateway.identifies == 1
        assert counted.lost == [("discord", event)]


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ({"message_snapshots": [{"message": {"content": QUESTION}}]}, "Cost"),
        (
            {
                "poll": {
                    "question": {"text": "How do China and the US compare"},
                    "answers": [{"answer_id": 1, "poll_media": {"text": "on cost"}}],
                    "expiry": "2030-01-01T00:00:00+00:00",
                    "allow_multiselect": False,
                    "layout_type": 1,
                }
            },
            "Cost",
        ),
        ({"attachments": [PICTURE | {"description": QUESTION}]}, "Cost"),
        ({"attachments": [PICTURE]}, UNREADABLE),
        ({"sticker_items": [{"id": "1", "name": "wave", "format_type": 1}]}, UNREADABLE),
        ({"message_snapshots": [{"message": {"attachments": [PICTURE]}}]}, UNREADABLE),
    ],
)
async def test_what_is_not_typed_is_read_or_it_is_said_that_it_cannot_be(
    start: Start, message: dict[str, Any], read: str
) -> None:
    for snapshot in message.get("message_snapshots", ()):
        blank: dict[str, Any] = {
            "timestamp": "2026-11-24T09:00:00+00:00", "edited_timestamp": None, "flags": 0,
            "mentions": [], "mention_roles": [], "embeds": [], "attachments": [], "type": 0,
            "content": "", "components": [],
        }  # fmt: skip
        snapshot["message"] = blank | snapshot["message"]
    async with start() as world:
        await world.ready()
        await world.fake.mention("", **message)
        assert read in (await posts(world))[0]


async def test_the_bots_own_role_is_a_mention(start: Start) -> None:
    async with start() as world:
        await world.ready()
        written = world.fake.message(f"<@&{ROLE}> {QUESTION}", mention_roles=[ROLE])
        await world.fake.dispatch("MESSAGE_CREATE", written)
        assert "Cost" in (await posts(world))[0]


async def test_a_mention_that_an_edit_adds_is_answered_once(start: Start) -> None:
    async with start() as world:
        await world.ready()
        written = world.fake.message("list")
        await world.fake.dispatch("MESSAGE_CREATE", written)
        edited = written | {"content": f"<@{APP}> list", "mentions": [world.fake.me]}
        for _ in range(3):
            await world.fake.dispatch("MESSAGE_UPDATE", edited)
        await posts(world)
        old = edited | {"id": str(2 * 10**17)}
        await world.fake.dispatch("MESSAGE_UPDATE", old)
        await world.fake.mention("help")
        assert len(await posts(world, 2)) == 2


async def join(world: World) -> None:
    """The bot is added to the server, for the first time in this session."""
    for session in world.fake.gateway.sessions.values():
        await session.dispatch("GUILD_DELETE", {"id": GUILD})
        await session.dispatch("GUILD_CREATE", world.fake.guild())


async def test_who_invites_it_is_told_once_what_to_type(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.system_channel = CHANNEL
        world.fake.locale = "de"
        for _ in range(2):
            await join(world)
        assert await posts(world) == [translate(WELCOME, "de")]
        await world.fake.mention("list")
        assert len(await posts(world, 2)) == 2
        assert world.fake.gateway.presences[0]["activities"][0]["state"] == "/aibrief"


async def test_without_a_channel_for_it_the_inviter_is_told(start: Start) -> None:
    async with start() as world:
        await world.ready()
        world.fake.permissions |= 1 << 7
        world.fake.audit = [
            {"id": "1", "user_id": ANN, "target_id": APP, "action_type": 28, "changes": []}
        ]
        await join(world)
        assert await posts(world) == [WELCOME]
        assert world.fake.posts[0]["channel_id"] != CHANNEL


async def test_where_nobody_can_be_told_nothing_breaks_and_it_can_be_off(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await join(world)
        await world.fake.mention("list")
        assert len(await posts(world)) == 1
    async with start(welcome=False) as world:
        await world.ready()
        world.fake.system_channel = CHANNEL
        await join(world)
        await world.fake.mention("list")
        assert len(await posts(world)) == 1


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh"),
        ("zh-TW", "zh"),
        ("es-419", "es"),
        ("de", "de"),
        ("ja", "ja"),
        ("fr", "en"),
    ],
)
async def test_buttons_and_notices_are_in_the_readers_language(
    start: Start, locale: str, language: str
) -> None:
    async with start() as world:
        await world.ready()
        data = {
            "id": "1",
            "name": "aibrief",
            "type": 1,
            "options": [{"name": "question", "type": 3, "value": "what comes next"}],
        }
        asked = await world.fake.interact(2, data, locale=locale)
        await world.fake.until(lambda: asked.answered)
        assert asked.shown
        labels = {button["label"] for button in buttons(asked.shown)}
        for text in (phrases.SHARE, phrases.WHY, phrases.HELPFUL):
            assert translate(text, language) in labels
        message = world.fake.message("", author=world.fake.me) | asked.shown
        vote = next(b for b in buttons(asked.shown) if ":up:" in b["custom_id"])
        pressed = await world.fake.interact(
            3,
            {"custom_id": vote["custom_id"], "component_type": 2},
            message=message | {"flags": 1 << 15 | 64},
            locale=locale,
        )
        await world.fake.until(lambda: pressed.answered)
        assert pressed.shown
        assert plain_text(pressed.shown) == translate(phrases.NOTED, language)


async def test_who_doubts_an_answer_gets_buttons_for_that_answer(start: Start) -> None:
    async with start() as world:
        await world.ready()
        await world.fake.direct("what comes next")
        await posts(world)
        await world.fake.direct("that is wrong")
        await posts(world, 2)
        first, sorry = (
            {b["custom_id"] for b in buttons(post)} & {b["custom_id"] for b in buttons(other)}
            for post, other in [world.fake.posts, world.fake.posts[::-1]]
        )
        assert first == sorry
        assert {custom_id.split(":")[1] for custom_id in sorry} >= {"why", "down"}


GONE = {"code": 10062, "message": "Unknown interaction"}


async def test_a_deed_is_not_done_for_somebody_who_was_told_that_it_failed(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="what comes next")
        await world.fake.until(lambda: asked.answered)
        assert asked.shown
        vote = next(b for b in buttons(asked.shown) if ":up:" in b["custom_id"])
        message = world.fake.message("", author=world.fake.me) | asked.shown
        world.fake.troubles.append(Trouble("POST", "/callback$", 404, body=GONE))
        await world.fake.press(message | {"flags": 1 << 15 | 64}, vote["custom_id"])
        await world.fake.until(lambda: not world.fake.troubles)
        await world.component._bot.handler.at_work.end()  # type: ignore[union-attr]
        assert await world.component.parts.store.rating_totals() == {}


async def test_a_share_that_did_not_arrive_can_be_repeated(start: Start) -> None:
    async with start() as world:
        await world.ready()
        asked = await world.fake.slash("aibrief", question="what comes next")
        await world.fake.until(lambda: asked.answered)
        assert asked.shown
        share = next(b for b in buttons(asked.shown) if ":share:" in b["custom_id"])
        message = world.fake.message("", author=world.fake.me) | asked.shown
        shown = message | {"flags": 1 << 15 | 64}
        world.fake.troubles.append(Trouble("POST", "/callback$", 404, body=GONE))
        await world.fake.press(shown, share["custom_id"])
        await world.fake.until(lambda: not world.fake.troubles)
        await world.component._bot.handler.at_work.end()  # type: ignore[union-attr]
        again = await world.fake.press(shown, share["custom_id"])
        await world.fake.until(lambda: again.answered)
        assert len(world.fake.posts) == 1
