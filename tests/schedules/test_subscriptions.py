"""Schedules as people make them: who may do what, what is told, what is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from bot.answering.catalog import Catalog
from bot.errors import Refused, SettingsError
from bot.platforms.discord.render.payload import render_answer as render_discord
from bot.platforms.slack.render import render_answer as render_slack
from bot.schedules.calls import Call, Requester
from bot.schedules.orders import Fields, Order, order_of_fields
from bot.schedules.schedule_values import dump_file, parse_file
from bot.schedules.subscription import (
    KEEP_LEFT,
    LEFT,
    Content,
    ContentKind,
    SubscriptionStatus,
    Target,
)
from bot.schedules.subscriptions import MOST_IN_A_CHANNEL, REPEATED, Schedules
from bot.schedules.texts import NOTHING_NEW, Moment, plain, say
from bot.storage.database import build_engine, upgrade
from tests.schedules.scheduling import NOW, RULES, Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.schedules.calls import SubscriptionReply

HERE = Target("discord", "G1", "C1")
ANN = Requester("ann", "Europe/Berlin", may_manage=True)
BOB = Requester("bob", "Europe/Berlin", groups=frozenset({"editors"}))


def plain_lines(shown: SubscriptionReply) -> str:
    return "\n".join(map(plain, shown.lines))


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
            RULES,
            **options,  # type: ignore[arg-type]
        )
        self.schedules.on_change = poke
        return self.schedules

    def call(self, person: Requester = ANN, target: Target = HERE, trouble: str = "") -> Call:
        return Call(target, person, self.clock(), trouble)

    async def say(
        self, text: str, person: Requester = ANN, target: Target = HERE
    ) -> SubscriptionReply:
        return await self.schedules.command(text, self.call(person, target))


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
    marks = [piece for line in shown.lines for piece in line if isinstance(piece, Moment)]
    assert [f"{mark.at:%a %m-%d %H:%M}" for mark in marks] == [
        "Wed 11-25 09:00",
        "Thu 11-26 09:00",
        "Fri 11-27 09:00",
        "Mon 11-30 09:00",
        "Tue 12-01 09:00",
    ]
    assert {mark.zone for mark in marks} == {"Europe/Berlin"}
    assert say("zone-guessed", zone="Europe/Berlin") in shown.lines
    assert [reply.answer.brief for reply in shown.preview] == ["china-vs-us"]
    assert room.pokes == 1


async def test_a_preview_of_what_the_briefs_have_no_more_says_so(room: Room) -> None:
    await room.add(content=Content(ContentKind.ASKS, ("who shot the sheriff",)))
    shown = await room.say("test abcde")
    assert shown.lines == (say("nothing-left"),)
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
    assert "no schedules yet" in plain_lines(await room.say("list", target=there))


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
    assert (made.trigger.zone, made.content.asks) == (zone, asks)
    await room.say("edit id0 Lisbon")
    (edited,) = await room.store.of_channel(HERE)
    assert (edited.trigger.zone, edited.content.asks) == ("Europe/Lisbon", asks)


async def test_the_preview_is_as_of_the_day_of_the_run(room: Room) -> None:
    library = room.catalog.library
    day = NOW.date()
    dated = structs.replace(library.snippets["reaction-us"], expires=day, review_by=day)
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
    assert made.content == Content(ContentKind.CHANGES, say_nothing_new=True)
    assert made.last_library == room.catalog.library.version
    (preview,) = (await room.say("test id0")).preview
    assert preview.answer.snippets == ()
    assert NOTHING_NEW in str(preview.answer.blocks)


async def test_changes_after_a_rotation_count_from_the_edit(room: Room) -> None:
    await room.say("every hour rotation")
    room.clock.move(hours=1)
    await room.tick_and_run()
    await room.say("edit id0 changes")
    (edited,) = await room.store.of_channel(HERE)
    assert edited.last_library
    assert await room.log.digests(edited.last_library) is not None


async def test_there_is_room_for_so_many(room: Room) -> None:
    for minute in range(MOST_IN_A_CHANNEL):
        assert (await room.say(f"weekdays 9:{minute:02} overview")).ok
    full = await room.say("weekdays 10:00 overview")
    assert not full.ok
    assert "remove one first" in plain_lines(full)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "in words"),
        ("help", "in words"),
        ("pause nothing", "no schedule `nothing`"),
        ("edit", "Which one? Say `edit ID`"),
        ("pause", "no schedules yet"),
        ("weekdays 9:00 Gotham china-vs-us", "not what `Gotham` means"),
        ("mtwrf 9:00 china-vs-us", "what `mtwrf` means"),
        ("weekdays 9:00 Tokyo", "What shall I send?"),
        ("weekdays 9:00", "What shall I send?"),
        ("weekdays 9:00 the best pizza in town", "no answer"),
        ("weekdays 9:00 ```<@U1>", "no answer"),
        ("weekdays 9:00 unless it rains what comes next", "no answer"),
        ("weekdays 9:00 latest china vs us", "no answer"),
        ("weekdays 9:00 next china prices", "what `next` means"),
    ],
)
async def test_what_is_not_understood(room: Room, text: str, told: str) -> None:
    assert told in plain_lines(await room.say(text))


async def test_a_backup_brings_everything_back(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us, key-players except 2026-12-25 if missed late")
    await room.say("monthly on the 1st at noon Tokyo changes spread over 5 minutes")
    await room.say("pause id1")
    kept = await room.store.all_subscriptions()
    restored = parse_file(dump_file(kept), NOW, ("slack", "discord"))
    assert [replace(s, next_at=None) for s in kept] == list(restored)
    assert restored[1].standing is SubscriptionStatus.PAUSED


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
        ("BYHOUR=9", "BYHOUR=99", "export"),
        ("kind: asks", "kind: songs", "songs"),
        ("standing: active", "standing: lying", "lying"),
        ("platform: discord", "platform: telegram", "none of slack, discord"),
        ("grace_s: 7200", "grace_s: -5", "grace_s must be from 0 to 604800"),
        ("jitter_s: 0", "jitter_s: 99999999", "jitter_s must be from 0 to 3600"),
    ):
        with pytest.raises(SettingsError, match=told):
            parse_file(text.replace(before, after), NOW, ("slack", "discord"))


# --- each act by its values, once, whoever repeats it


async def order(room: Room, **fields: str) -> Order:
    found = order_of_fields(Fields(**fields), room.catalog)  # type: ignore[arg-type]
    assert isinstance(found, Order)
    return found


async def test_a_label_never_makes_a_schedule(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    (there,) = await room.store.of_channel(HERE)
    label = plain_lines(await room.say("list")).splitlines()[1].removeprefix("• ")
    for act in room.schedules.acts.values():
        await act(label, room.call())
    assert await room.store.of_channel(HERE) == [there]


async def test_a_repeated_a_late_and_a_double_clicked_act_do_it_once(room: Room) -> None:
    made = await order(room, when="weekdays 9:00", what="china-vs-us", zone="Europe/Berlin")
    both = await asyncio.gather(*(room.schedules.add(made, room.call()) for _ in range(2)))
    assert [shown.ok for shown in both] == [True, True]
    room.clock.move(minutes=5)
    later = await room.schedules.add(made, room.call())
    assert later.ok
    assert later.subscription == both[0].subscription
    for act, said in (
        ("pause", "already-paused"),
        ("resume", "already-running"),
    ):
        done = room.schedules.acts[act]
        _, again = await asyncio.gather(done("id0", room.call()), done("id0", room.call()))
        assert say(said) in plain_lines(again)
    remove = room.schedules.remove
    first, second = await asyncio.gather(remove("id0", room.call()), remove("id0", room.call()))
    assert [first.ok, second.wrong] == [True, "was-removed"]
    history = await room.store.history(None)
    assert [c.what for c in history] == ["removed", "resumed", "paused", "added"]


async def test_one_like_it_is_told_of_and_not_made_again(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    room.clock.move(seconds=REPEATED.total_seconds() + 1)
    like = await room.say("mon-fri at 9am china-vs-us")
    assert (like.ok, like.wrong) == (False, "like-it")
    assert "id0" in plain_lines(like)
    other = (await room.say("weekdays 10:00 china-vs-us")).subscription
    assert other
    edited = await room.say(f"edit {other.id} 9:00")
    assert (edited.ok, edited.wrong) == (False, "like-it")
    there = Target("discord", "G1", "C2")
    assert (await room.say("weekdays 9:00 china-vs-us", target=there)).ok


async def test_it_is_asked_before_it_is_promised(room: Room) -> None:
    made = await order(room, when="every hour", what="china-vs-us", zone="UTC")
    kept = await room.schedules.add(made, room.call(trouble="send"))
    assert (kept.ok, kept.buttons) == (False, ("again", "remove"))
    assert say("room.send") in kept.lines
    (waiting,) = await room.store.of_channel(HERE)
    assert (waiting.standing, waiting.next_at) == (SubscriptionStatus.PAUSED, None)
    assert say("room.send") in plain_lines(await room.say("list"))
    still = await room.schedules.resume("id0", room.call(trouble="send"))
    assert (still.ok, still.buttons[0]) == (False, "again")
    # The same again, now that the bot may, is what was meant.
    done = await room.schedules.add(made, room.call())
    assert done.ok
    assert plain_lines(done).startswith(say("added"))
    room.clock.move(hours=1)
    await room.tick_and_run()
    assert len(room.poster.taken) == 1


async def test_guests_and_people_of_others_never_manage(room: Room) -> None:
    room.open(managers=frozenset({"eve"}))
    eve = Requester("eve", "UTC", may_manage=True, stranger=True)
    assert (await room.say("weekdays 9:00 china-vs-us", eve)).wrong == "stranger"
    assert await room.store.of_channel(HERE) == []
    assert room.schedules.refusal(eve) == say("mistakes.stranger")


async def test_lists_tell_the_state_the_last_result_and_the_next_run(room: Room) -> None:
    await room.say("every hour china-vs-us")
    room.clock.move(hours=1)
    await room.tick_and_run()
    listed = plain_lines(await room.say("list"))
    assert "next 2026-11-24 12:00 (Europe/Berlin)" in listed
    assert "last sent 2026-11-24 11:00 (Europe/Berlin)" in listed
    room.clock.move(hours=1)
    room.poster.next = [Refused("50013")]
    await room.tick_and_run()
    listed = plain_lines(await room.say("list"))
    assert "paused: I may not post in the channel any more" in listed
    assert "failed" in listed
    german = replace(ANN, locale="de-DE")
    assert "Zeitpläne dieses Kanals" in plain_lines(await room.say("list", german))


@pytest.mark.parametrize("locale", ["de", "es-419", "zh-CN", "ja"])
async def test_replies_are_in_the_persons_language(room: Room, locale: str) -> None:
    person = replace(ANN, locale=locale)
    made = await room.say("first and third monday 9:00 and 17:00 until 2027-03-01 changes", person)
    english = {plain_lines(await room.say("list")), *map(str, made.lines)}
    assert not any("every" in text or "Monday" in text for text in map(str, made.lines))
    assert english
    for text in ("weekdays 25:00 x", "help", "list", "history id0", "pause id0", "remove id0"):
        mine, theirs = await room.say(text, person), await room.say(text)
        assert plain_lines(mine) != plain_lines(theirs)


async def test_leaving_is_not_losing(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    await room.say("weekdays 10:00 china-vs-us")
    await room.say("pause id1")
    await room.say("weekdays 9:00 china-vs-us", target=Target("discord", "G2", "C9"))
    assert await room.schedules.left("discord", "G1", room.clock()) == 2
    left = await room.store.find("id0")
    assert left
    assert (left.standing, left.paused_for, left.next_at) == (
        SubscriptionStatus.PAUSED,
        LEFT,
        None,
    )
    room.clock.move(days=29)
    await room.store.prune(now=room.clock())
    assert await room.schedules.came_back("discord", "G1", room.clock()) == 1
    back, paused = await room.store.of_channel(HERE)
    assert (back.standing, paused.standing) == (
        SubscriptionStatus.ACTIVE,
        SubscriptionStatus.PAUSED,
    )
    assert back.next_at
    assert back.next_at > room.clock()
    room.clock.move(days=60)
    await room.store.prune(now=room.clock())
    assert len(await room.store.of_channel(HERE)) == 2
    await room.schedules.left("discord", "G1", room.clock())
    room.clock.move(seconds=KEEP_LEFT.total_seconds() + 1)
    await room.store.prune(now=room.clock())
    assert await room.store.of_channel(HERE) == []
    assert await room.store.history("id0") == []
    assert await room.store.find("id2")
    assert await room.store.forget_workspace("discord", "G2") == 1


async def test_a_backup_of_an_earlier_version_is_taken(room: Room) -> None:
    await room.say("weekdays 9:00 china-vs-us")
    text = dump_file(await room.store.all_subscriptions())
    lines = text.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "recurrence:" in line)
    end = next(i for i, line in enumerate(lines) if "zone:" in line)
    old = ["    cron: 0 9 * * 1-5\n", "    skip_dates: ['2026-12-25']\n"]
    (found,) = parse_file("".join([*lines[:at], *old, *lines[end:]]), NOW, ("slack", "discord"))
    assert found.trigger.recurrence.rules == (
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0",
    )
    assert [day.isoformat() for day in found.trigger.recurrence.skips] == ["2026-12-25"]
