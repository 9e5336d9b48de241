"""Schedules as people make them: who may do what, what is told, what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.answering.catalog import Catalog
from bot.errors import SettingsError
from bot.platforms.discord.render.payload import render_answer as render_discord
from bot.platforms.slack.render import render_answer as render_slack
from bot.schedules import schedule_phrases as words
from bot.schedules.schedule_values import dump_file, parse_file
from bot.schedules.subscription import Content, Kind, Standing, Target
from bot.schedules.subscriptions import MOST_IN_A_CHANNEL, Person, Schedules
from bot.storage.database import build_engine
from bot.storage.migrate import upgrade
from tests.schedules.scheduling import NOW, Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.schedules.subscriptions import Shown

HERE = Target("discord", "G1", "C1")
ANN = Person("ann", "Europe/Berlin", may_manage=True)
BOB = Person("bob", "Europe/Berlin", groups=frozenset({"editors"}))


class Room(Desk):
    """A channel in which people manage schedules."""

    def open(self, **options: object) -> Schedules:
        names = iter(f"id{number}" for number in range(100))
        self.pokes = 0

        def poke() -> None:
            self.pokes += 1

        self.schedules = Schedules(
            self.store,
            self.log,
            lambda: self.catalog,
            lambda: next(names),
            changed=poke,
            **options,  # type: ignore[arg-type]
        )
        return self.schedules

    async def say(self, text: str, person: Person = ANN, target: Target = HERE) -> Shown:
        return await self.schedules.command(text, target, person, self.clock())


@pytest.fixture
async def room(tmp_path: Path, catalog: Catalog) -> AsyncIterator[Room]:
    engine = build_engine(f"sqlite:///{tmp_path}/room.sqlite")
    await upgrade(engine)
    made = Room(engine, catalog)
    made.open()
    yield made
    await engine.dispose()


async def test_the_confirmation_shows_the_next_five_runs(room: Room) -> None:
    shown = await room.say("weekdays 9:00 china-vs-us")
    assert shown.ok
    assert [line for line in shown.lines if line.startswith("• ")] == [
        "• Wed 2026-11-25 09:00",
        "• Thu 2026-11-26 09:00",
        "• Fri 2026-11-27 09:00",
        "• Mon 2026-11-30 09:00",
        "• Tue 2026-12-01 09:00",
    ]
    assert "Europe/Berlin" in shown.lines[-1]
    assert room.pokes == 1


async def test_a_preview_of_what_the_briefs_have_no_more_says_so(room: Room) -> None:
    await room.add(content=Content(Kind.ASKS, ("who shot the sheriff",)))
    shown = await room.say("test abcde")
    assert shown.lines == (words.NOTHING_LEFT,)
    assert not shown.preview


async def test_who_may_and_who_did_what(room: Room) -> None:
    refused = await room.say("weekdays 9:00 china-vs-us", BOB)
    assert not refused.ok
    await room.say("weekdays 9:00 china-vs-us")
    for text in ("edit id0 10:00", "pause id0", "resume id0", "remove id0"):
        assert not (await room.say(text, BOB)).ok
    assert (await room.say("list", BOB)).ok
    assert (await room.say("test id0", BOB)).preview
    room.open(managers=frozenset({"editors"}))
    assert (await room.say("pause id0", BOB)).ok
    history = await room.store.history("id0")
    assert [(c.who, c.what) for c in history] == [("bob", "paused"), ("ann", "added")]


async def test_other_channels_neither_see_nor_change_it(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    there = Target("discord", "G1", "C2")
    assert not (await room.say("pause id0", target=there)).ok
    assert "no schedules yet" in (await room.say("list", target=there)).lines[0]


async def test_pause_and_resume_never_send_the_past(room: Room) -> None:
    await room.say("every hour china-vs-us")
    await room.say("pause id0")
    room.clock.move(days=2)
    await room.say("resume id0")
    await room.tick_and_run()
    assert room.poster.taken == []
    room.clock.move(hours=1)
    await room.tick_and_run()
    assert len(room.poster.taken) == 1


@pytest.mark.parametrize("spread", ["", "spread over 10 minutes"])
@pytest.mark.parametrize("text", ["china-vs-us", "compare china and us on cost", "rotation"])
async def test_the_preview_is_the_post_byte_for_byte(room: Room, text: str, spread: str) -> None:
    await room.say(f"every hour {text} {spread}")
    preview = (await room.say("test id0", BOB)).preview
    room.clock.move(hours=1, minutes=10)
    await room.tick_and_run()
    posted = [p.reply for p in room.poster.taken]
    assert len(posted) == len(preview) == 1
    for mine, sent in zip(preview, posted, strict=True):
        slack = render_slack(mine.answer, mine.id), render_slack(sent.answer, sent.id)
        discord = [render_discord(r.answer, r.id, shareable=False) for r in (mine, sent)]
        assert slack[0] == slack[1]
        assert discord[0] == discord[1]


@pytest.mark.parametrize(
    ("text", "zone", "asks"),
    [
        ("send me china-vs-us every weekday at 9", "Europe/Berlin", ("china-vs-us",)),
        ("weekdays 9:00 china-vs-us key-players", "Europe/Berlin", ("china-vs-us", "key-players")),
        ("weekdays 9:00 the brief on china-vs-us", "Europe/Berlin", ("china-vs-us",)),
        ("weekdays 9:00 china-vs-us in Tokyo", "Asia/Tokyo", ("china-vs-us",)),
        ("mondays 9:00 where do we go from here", "Europe/Berlin", ("what-comes-next",)),
        (
            "mondays 9:00 what do experts see ahead",
            "Europe/Berlin",
            ("what do experts see ahead",),
        ),
        ("every monday send what comes next here at 9", "Europe/Berlin", ("what-comes-next",)),
        ("weekdays 9:00 what comes next in New York", "America/New_York", ("what-comes-next",)),
        ('weekdays 9:00 "what comes next"', "Europe/Berlin", ("what-comes-next",)),
    ],
)
async def test_what_and_where(room: Room, text: str, zone: str, asks: tuple[str, ...]) -> None:
    made = (await room.say(text)).subscription
    assert made
    assert (made.rhythm.zone, made.content.asks) == (zone, asks)
    await room.say("edit id0 Lisbon")
    (edited,) = await room.store.of_channel(HERE)
    assert (edited.rhythm.zone, edited.content.asks) == ("Europe/Lisbon", asks)


async def test_the_preview_is_as_of_the_day_of_the_run(room: Room) -> None:
    library = room.catalog.library
    day = NOW.date()
    dated = replace(library.snippets["reaction-us"], expires=day, review_by=day)
    room.catalog = Catalog(
        replace(library, snippets={**library.snippets, "reaction-us": dated}, version="dated"),
        room.catalog.vocabulary,
    )
    await room.say("daily 9:00 UTC reactions")
    (preview,) = (await room.say("test id0")).preview
    room.clock.move(days=1)
    await room.tick_and_run()
    (posted,) = room.poster.taken
    assert "reaction-us" not in posted.reply.answer.snippets
    assert preview == posted.reply


async def test_changes_count_from_the_day_it_was_made(room: Room) -> None:
    await room.say("every hour changes even if nothing new")
    (made,) = await room.store.of_channel(HERE)
    assert made.content == Content(Kind.CHANGES, say_nothing_new=True)
    assert made.last_library == room.catalog.library.version
    (preview,) = (await room.say("test id0")).preview
    assert preview.answer.snippets == ()
    assert words.NOTHING_NEW in str(preview.answer.blocks)


async def test_changes_after_a_rotation_count_from_the_edit(room: Room) -> None:
    await room.say("every hour rotation")
    room.clock.move(hours=1)
    await room.tick_and_run()
    await room.say("edit id0 changes")
    (edited,) = await room.store.of_channel(HERE)
    assert edited.last_library
    assert await room.log.digests(edited.last_library) is not None


async def test_there_is_room_for_so_many(room: Room) -> None:
    for _ in range(MOST_IN_A_CHANNEL):
        assert (await room.say("weekdays 9:00 overview")).ok
    full = await room.say("weekdays 9:00 overview")
    assert not full.ok
    assert "remove one first" in full.lines[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "in words"),
        ("help", "in words"),
        ("pause nothing", "no schedule `nothing`"),
        ("edit", "Which one? Say `schedule edit ID`"),
        ("pause", "no schedules yet"),
        ("weekdays 9:00 Gotham china-vs-us", "not what `Gotham` means"),
        ("m-f 9:00 china-vs-us", "not what `m-f` means"),
        ("weekdays 9:00 Tokyo", "What shall I send?"),
        ("weekdays 9:00", "What shall I send?"),
        ("weekdays 9:00 the best pizza in town", "no brief"),
        ("weekdays 9:00 ```<@U1>", "no brief"),
    ],
)
async def test_what_is_not_understood(room: Room, text: str, told: str) -> None:
    assert told in "\n".join((await room.say(text)).lines)


async def test_a_backup_brings_everything_back(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us, key-players except 2026-12-25 if missed late")
    await room.say("monthly on the 1st at noon Tokyo changes spread over 5 minutes")
    await room.say("pause id1")
    kept = await room.store.all_subscriptions()
    restored = parse_file(dump_file(kept), NOW, ("slack", "discord"))
    assert [replace(s, next_at=None) for s in kept] == list(restored)
    assert restored[1].standing is Standing.PAUSED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "not YAML"),
        ("a: 1", "list"),
        ("schedules: [{}]", "schedule 1: rhythm is missing"),
        ("schedules: [1]", "schedule 1: it is not as `schedules export` writes it"),
        ("schedules: [{rhythm: 9}]", "schedule 1: it is not as"),
        ("schedules:\n  - [x\n", "The file:3 is not YAML"),
    ],
)
def test_a_wrong_backup_is_told(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        parse_file(text, NOW, ("slack", "discord"))


async def test_every_fault_of_a_backup_is_named(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    text = dump_file(await room.store.all_subscriptions())
    for before, after, told in (
        ("Europe/Berlin", "Mars/Olympus", "no IANA time zone"),
        ("0 9 * * 1-5", "0 99 * * *", "cannot be used"),
        ("kind: asks", "kind: songs", "songs"),
        ("standing: active", "standing: lying", "lying"),
        ("platform: discord", "platform: telegram", "none of slack, discord"),
        ("grace_s: 7200", "grace_s: -5", "grace_s must be from 0 to 604800"),
        ("jitter_s: 0", "jitter_s: 99999999", "jitter_s must be from 0 to 3600"),
    ):
        with pytest.raises(SettingsError, match=told):
            parse_file(text.replace(before, after), NOW, ("slack", "discord"))
