"""Schedules in Slack, over the wire: words, the form, the home, and the posts themselves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.catalog import Catalog
from bot.app import rules_of
from bot.errors import CannotLook, Refused, Uncertain
from bot.platforms.slack import slack_scheduling as scheduling_of_slack
from bot.platforms.slack.render import notice_text
from bot.schedules.subscription import Target
from bot.schedules.subscriptions import Schedules
from bot.schedules.texts import Notice, Where, line, say
from bot.storage.deliveries import SqlDeliveries
from bot.storage.subscription_rows import SqlSubscriptions
from tests.fakes.attempts import attempt
from tests.fakes.slack import Fault, Posted, settle
from tests.fakes.slack_schedules import SchedulingSlack
from tests.platforms.slack_world import World, slack_world
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.service.assistant import Reply

HERE = Target("slack", "T1", "C1")


def use_cases(engine: AsyncEngine, catalog: Catalog) -> Schedules:
    names = iter(f"id{number}" for number in range(100))
    return Schedules(
        SqlSubscriptions(engine),
        SqlDeliveries(engine),
        lambda: catalog,
        lambda: next(names),
        rules_of(),
    )


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog
) -> AsyncIterator[World]:
    async with (
        SchedulingSlack() as slack,
        slack_world(
            request.param,
            tmp_path,
            catalog,
            slack=slack,
            schedules=lambda engine: use_cases(engine, catalog),
        ) as running,
    ):
        yield running


async def told(world: World, count: int = 1, user: str = "U1") -> Posted:
    await settle(lambda: len(world.slack.whispered(user)) >= count)
    assert len(world.slack.whispered(user)) == count
    return world.slack.whispered(user)[-1]


async def added(world: World, words: str = "weekdays 9:00 china-vs-us", posts: int = 1) -> Posted:
    """Make a schedule; what is told of it, before the first post it would send today."""
    await world.slack.slash(f"schedule {words}")
    await told(world, 1 + posts)
    return world.slack.whispered()[0]


async def test_words_make_a_schedule(world: World) -> None:
    confirmed = await added(world)
    assert say("added") in confirmed.text
    assert "Europe/Berlin" in confirmed.text
    marks = json.dumps(confirmed.payload["blocks"])
    assert marks.count("<!date^") == 5
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert made.owner == "U1"
    assert made.trigger == replace(
        cron_trigger("0 9 * * 1-5", "Europe/Berlin"),
        recurrence=replace(
            cron_trigger("0 9 * * 1-5", "Europe/Berlin").recurrence,
            start=made.trigger.recurrence.start,
        ),
    )
    await world.slack.slash("schedule list")
    assert "id0" in (await told(world, 3)).text
    await world.slack.slash("schedule history id0")
    await told(world, 4)
    assert "<@U1>" in json.dumps(world.slack.whispered()[-1].payload["blocks"])


async def test_a_message_orders_what_a_command_would(world: World) -> None:
    """In a channel only the person is told, as of a command."""
    slack = world.slack
    await slack.say("<@UBOT> schedule weekdays 9:00 china-vs-us")
    await told(world, 2)
    assert say("added") in slack.whispered()[0].text
    await slack.say("<@UBOT> schedule list")
    assert "id0" in (await told(world, 3)).text
    assert slack.visible() == []
    await slack.say("<@UBOT> schedule weekdays 9:00 china-vs-us", user="U2")
    assert "Only people who may manage" in (await told(world, user="U2")).text
    await slack.say("schedule mondays 9:00 what comes next", channel="D1")
    await settle(lambda: slack.visible("D1"))
    assert say("added") in slack.visible("D1")[0].text
    assert len(await SqlSubscriptions(world.engine).all_subscriptions()) == 2


@pytest.mark.parametrize("text", ["schedule weekdays 9:00 best pizza", "schedule it weekly"])
async def test_what_a_message_does_not_say_of_a_schedule_is_shown(world: World, text: str) -> None:
    await world.slack.say(f"<@UBOT> {text}")
    await settle(world.slack.visible)
    (answer,) = world.slack.visible()
    assert answer.button("schedule|new")


async def test_who_does_not_manage_the_channel_may_not(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us", user="U2")
    assert "Only people who may manage" in (await told(world, user="U2")).text
    assert await SqlSubscriptions(world.engine).all_subscriptions() == []


@pytest.mark.parametrize("text", ["stop", "schedule?", "please stop posting"])
async def test_who_wants_it_to_stop_sees_what_is_scheduled_here(world: World, text: str) -> None:
    await added(world)
    await world.slack.say(f"<@UBOT> {text}")
    await settle(world.slack.visible)
    (answer,) = world.slack.visible()
    button = answer.button("schedule|list")
    assert button["text"]["text"] == say("button.list")
    await world.slack.press(answer, button)
    listed = await told(world, 3)
    assert say("list-title") in listed.text
    assert "id0" in listed.text


async def test_in_a_channel_without_the_bot_it_asks_to_be_invited(world: World) -> None:
    """Slack tells nothing of a private channel that the bot is not in, so nobody is refused."""
    await world.slack.slash("schedule weekdays 9:00 china-vs-us", channel="G9")
    assert "Invite me here" in (await told(world)).text
    await world.slack.slash("schedule", channel="G9")
    assert "Invite me here" in (await told(world, 2)).text
    assert await SqlSubscriptions(world.engine).all_subscriptions() == []


async def test_a_mistake_is_told_with_an_example(world: World) -> None:
    await world.slack.slash("schedule weekdays 25:00 china-vs-us <!channel>")
    answer = await told(world)
    assert "no time of day" in answer.text
    assert "<!" not in json.dumps(answer.payload)


async def test_the_test_is_the_post_byte_for_byte(world: World) -> None:
    await added(world)
    await world.slack.slash("schedule test id0")
    await settle(lambda: len(world.slack.whispered()) == 4)
    preview = world.slack.whispered()[-1]
    reply = await reply_of_next_run(world)
    await world.component.poster.post(HERE, reply, attempt("id0:1/0"))
    posted = world.slack.visible()[-1]
    for part in ("text", "blocks"):
        assert json.dumps(posted.payload[part]) == json.dumps(preview.payload[part])
    assert posted.payload["metadata"]["event_payload"] == {"key": "id0:1/0.0"}


async def test_the_test_shows_every_post(world: World) -> None:
    briefs = ("china-vs-us", "key-players", "overview", "governance", "reactions", "geopolitics")
    await added(world, f"weekdays 9:00 {', '.join(briefs)}")
    await world.slack.slash("schedule test id0")
    await settle(lambda: len(world.slack.whispered()) == 3 + len(briefs))


async def test_a_message_refused_after_the_first_repeats_none(world: World) -> None:
    await added(world, "weekdays 9:00 overview")
    reply = await reply_of_next_run(world)
    many = replace(reply, answer=replace(reply.answer, blocks=reply.answer.blocks * 12))
    poster = world.component.poster
    world.slack.fail("chat.postMessage", Fault(), Fault(status=429))
    with pytest.raises(Uncertain):
        await poster.post(HERE, many, attempt("k/0"))
    await poster.post(HERE, many, attempt("k/0", again=True))
    posted = [p.payload["metadata"]["event_payload"]["key"] for p in world.slack.visible()]
    assert len(posted) == len(set(posted)) > 1


async def reply_of_next_run(world: World) -> Reply:
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert world.schedules
    (reply,) = await world.schedules.preview(made, datetime.now(UTC))
    return reply


async def test_the_form(world: World) -> None:
    slack = world.slack
    assert isinstance(slack, SchedulingSlack)
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    assert "Europe/Berlin" in json.dumps(slack.forms[-1])
    wrong = await slack.submit(when="weekdays", what="key-players")
    assert wrong.payload
    assert wrong.payload["response_action"] == "errors"
    assert "At what time" in wrong.payload["errors"]["when"]
    nowhere = await slack.submit(when="weekdays 9:00", what="key-players", zone="Gotham")
    assert nowhere.payload
    assert "`" not in nowhere.payload["errors"]["zone"]
    unknown = await slack.submit(when="weekdays 9:00", question="the best pizza in town")
    assert unknown.payload
    assert "no answer" in unknown.payload["errors"]["question"]
    done = await slack.submit(when="weekdays 9:00 Tokyo", what="key-players", zone="Europe/Berlin")
    assert done.payload
    assert done.payload["response_action"] == "update"
    assert say("added") in json.dumps(done.payload)
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert made.trigger.zone == "Asia/Tokyo"
    assert made.content.asks == ("key-players",)
    asked = await slack.submit(when="mondays 8am", question="what comes next")
    assert asked.payload
    assert asked.payload["response_action"] == "update"


@pytest.mark.parametrize("count", [98, 99, 148, 700])
async def test_the_form_offers_every_brief_of_a_large_library(
    tmp_path: Path, catalog: Catalog, count: int
) -> None:
    some = list(catalog.library.briefs.values())
    briefs = {
        f"brief-{n}": replace(some[n % len(some)], slug=f"brief-{n}", title=f"Title {n:03}")
        for n in range(count)
    }
    large = Catalog(replace(catalog.library, briefs=briefs), catalog.vocabulary)
    slack = SchedulingSlack()

    def cases(engine: AsyncEngine) -> Schedules:
        return use_cases(engine, large)

    async with slack, slack_world("socket", tmp_path, large, slack=slack, schedules=cases):
        await slack.slash("schedule")
        await settle(lambda: slack.forms)
        (what,) = [b["element"] for b in slack.forms[-1]["blocks"] if b["block_id"] == "what"]
        if count > 98:
            offered = await slack.suggest("", what["action_id"])
            assert len(offered) == 100
            last = f"brief-{count - 1}"
            assert last in await slack.suggest(f"title {count - 1:03}", what["action_id"])
            assert (await slack.suggest("chan", what["action_id"]))[0] == "changes"
            assert await slack.suggest("qqqqq", what["action_id"]) == []
            offered += [last]
        else:
            offered = [option["value"] for option in what["options"]]
        assert offered[:2] == ["changes", "rotation"]
        assert offered[2:100] == list(briefs)[:98]
        done = await slack.submit(when="weekdays 9:00", what=offered[-1])
        assert done.payload
        assert done.payload["response_action"] == "update"


@pytest.mark.parametrize("code", ["expired_trigger_id", "invalid_trigger_id"])
async def test_a_form_that_cannot_be_opened_any_more_is_said(world: World, code: str) -> None:
    world.slack.fail("views.open", Fault(error=code))
    await world.slack.slash("schedule")
    assert "too slow for Slack to open the form" in (await told(world)).text
    assert scheduling(world).forms == []
    await world.slack.slash("schedule")
    await settle(lambda: scheduling(world).forms)


@pytest.mark.parametrize(
    "question",
    [
        ":flag-cn: vs :us: on cost",
        "\u201cchina vs us on cost\u201d <@U2|ann> <!subteam^S1|@desk>",
        "china vs us on cost &amp; safety <#C2|> :wave:",
    ],
)
async def test_what_to_send_is_read_as_slack_sends_it(world: World, question: str) -> None:
    slack = scheduling(world)
    await slack.slash(f"schedule weekdays 9:00 {question}")
    await settle(slack.whispered)
    assert say("added") in slack.whispered()[0].text, slack.whispered()[0].text
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    done = await slack.submit(when="mondays 8:00", question=question)
    assert done.payload
    assert done.payload["response_action"] == "update", done.payload
    made = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert len(made) == 2


async def test_the_home_shows_and_changes_ones_own(world: World) -> None:
    slack = world.slack
    await added(world)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await slack.event(opened)
    await settle(lambda: "id0" in json.dumps(slack.homes.get("U1", {})))
    view = Posted("T1", "", "1", slack.homes["U1"])
    await slack.press_home(view.button("schedule|pause|id0"))
    await settle(lambda: "schedule|resume|id0" in json.dumps(slack.homes["U1"]))
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert made.standing == "paused"
    await slack.event(opened | {"user": "U2", "channel": "D2"})
    await settle(lambda: "U2" in slack.homes)
    assert "id0" not in json.dumps(slack.homes["U2"])


async def test_the_home_says_what_it_has_no_room_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling_of_slack, "HOME_SCHEDULES", 1)
    await added(world)
    await world.slack.slash("schedule fridays 10:00 overview")
    await settle(lambda: len(world.slack.whispered()) > 2)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await world.slack.event(opened)
    await settle(lambda: world.slack.homes)
    shown = json.dumps(world.slack.homes["U1"], ensure_ascii=False)
    assert "And 1 more" in shown
    assert ("id0" in shown) is not ("id1" in shown)


async def test_the_home_edits_by_a_form(world: World) -> None:
    slack = world.slack
    assert isinstance(slack, SchedulingSlack)
    await added(world, "weekdays 9:00 china-vs-us except 2026-12-25")
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await slack.event(opened)
    await settle(lambda: "id0" in json.dumps(slack.homes.get("U1", {})))
    view = Posted("T1", "", "1", slack.homes["U1"])
    await slack.press_home(view.button("schedule|edit|id0"))
    await settle(lambda: slack.forms)
    assert "Monday to Friday" in json.dumps(slack.forms[-1])
    refused = await slack.submit(user="U2", when="10:00")
    assert refused.payload
    assert "Only people who may manage" in refused.payload["errors"]["when"]
    skipped = await slack.submit(skip="excpt 2026-12-26")
    assert skipped.payload
    assert "as a date" in skipped.payload["errors"]["skip"]
    done = await slack.submit(when="10:30", zone="Tokyo")
    assert done.payload
    assert say("changed") in json.dumps(done.payload)
    (edited,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert edited.trigger.recurrence.rules == (
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=10;BYMINUTE=30",
    )
    assert edited.trigger.zone == "Asia/Tokyo"
    assert (edited.content.asks, len(edited.trigger.recurrence.skips)) == (("china-vs-us",), 1)
    await slack.slash("schedule edit id0")
    await settle(lambda: len(slack.forms) == 2)


async def test_a_lost_reply_is_looked_for_and_not_repeated(world: World) -> None:
    await added(world)
    reply = await reply_of_next_run(world)
    poster = world.component.poster
    world.slack.fail("chat.postMessage", Fault(drop=True))
    with pytest.raises(Uncertain):
        await poster.post(HERE, reply, attempt("k/0"))
    assert len(world.slack.visible()) == 1
    found = await poster.post(HERE, reply, attempt("k/0", again=True))
    assert found == world.slack.visible()[0].ts
    assert len(world.slack.visible()) == 1
    await poster.post(HERE, reply, attempt("other/0", again=True))
    assert len(world.slack.visible()) == 2


async def test_it_is_found_among_any_chatter_page_by_page(world: World) -> None:
    """Slack lets some apps look once a minute: a look goes on where it was."""
    await added(world)
    reply = await reply_of_next_run(world)
    poster, slack = world.component.poster, world.slack
    slack.fail("chat.postMessage", Fault(drop=True))
    with pytest.raises(Uncertain):
        await poster.post(HERE, reply, attempt("k/0"))
    slack.posted += [
        Posted("T1", "C1", slack.ts(), {"text": "hm"}, said_by="U2") for _ in range(40)
    ]
    again = attempt("k/0", again=True)
    for _ in range(2):
        slack.fail("conversations.history", Fault(), Fault(status=429, retry_after="0"))
        with pytest.raises(CannotLook) as caught:
            await poster.post(HERE, reply, again)
        assert caught.value.retry_after_s == 0
    assert await poster.post(HERE, reply, again) == slack.visible()[0].ts
    assert len(slack.visible()) == 1
    asked = [params for method, params in slack.calls if method == "conversations.history"]
    assert all({"oldest", "latest"} <= params.keys() for params in asked)
    assert [params.get("cursor") for params in asked] == [None, "15", "15", "30", "30"]


async def test_where_looking_is_refused_nothing_is_posted(world: World) -> None:
    await added(world)
    reply = await reply_of_next_run(world)
    team = world.slack.teams["T1"]
    team.scopes = tuple(s for s in team.scopes if s != "channels:history")
    with pytest.raises(CannotLook) as caught:
        await world.component.poster.post(HERE, reply, attempt("k/0", again=True))
    assert (caught.value.code, caught.value.needed) == ("missing_scope", "channels:history")
    assert caught.value.retry_after_s is None
    assert world.slack.visible() == []


async def test_refusals_come_through(world: World) -> None:
    await added(world)
    reply = await reply_of_next_run(world)
    world.slack.teams["T1"].archived.add("C1")
    with pytest.raises(Refused) as caught:
        await world.component.poster.post(HERE, reply, attempt("k/0"))
    assert caught.value.code == "is_archived"
    to_owner = Target("slack", "T1", "C1", user="U1")
    await world.component.poster.post(to_owner, reply, attempt("k/1", again=True))
    assert len(world.slack.visible("DU1")) == 1


def scheduling(world: World) -> SchedulingSlack:
    assert isinstance(world.slack, SchedulingSlack)
    return world.slack


@pytest.mark.parametrize(
    ("about", "trouble"),
    [
        ({"is_member": False}, "member"),
        ({"is_archived": True}, "archived"),
        ({"is_read_only": True}, "restricted"),
        ({"properties": {"posting_restricted_to": {"type": ["admin"]}}}, "restricted"),
    ],
)
async def test_it_is_asked_before_it_is_promised(
    world: World, about: dict[str, object], trouble: str
) -> None:
    scheduling(world).about_channels["C1"] = about
    kept = await added(world, posts=0)
    assert say(f"room.{trouble}") in kept.text
    assert say("added") not in kept.text
    (waiting,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert waiting.next_at is None
    # The button tries again; now the bot may.
    scheduling(world).about_channels.clear()
    await world.slack.press(kept, kept.button("schedule|again|id0"))
    await told(world, 3)
    assert say("added") in world.slack.whispered()[1].text
    (running,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert running.next_at


async def test_a_conversation_with_a_colleague_takes_no_schedule(world: World) -> None:
    await world.slack.slash("schedule weekdays 9:00 china-vs-us", channel="D9")
    assert say("room.other-dm") in (await told(world)).text


@pytest.mark.parametrize(
    "about",
    [{"team_id": "T9"}, {"is_restricted": True}, {"is_stranger": True, "is_admin": True}],
)
async def test_guests_and_people_of_other_organisations_may_not(
    world: World, about: dict[str, object]
) -> None:
    scheduling(world).about_users["U1"] = about
    await world.slack.slash("schedule weekdays 9:00 china-vs-us")
    assert say("mistakes.stranger") in (await told(world)).text
    await world.slack.slash("schedule")
    await told(world, 2)
    assert scheduling(world).forms == []
    assert await SqlSubscriptions(world.engine).all_subscriptions() == []


async def test_who_may_not_learns_it_before_filling_in_the_form(world: World) -> None:
    await world.slack.slash("schedule", user="U2")
    assert "Only people who may manage" in (await told(world, user="U2")).text
    assert scheduling(world).forms == []


async def test_the_form_opens_and_closes_in_time_whatever_slack_takes(world: World) -> None:
    slack = scheduling(world)
    slack.slow_s = 2.6
    before = asyncio.get_running_loop().time()
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    assert asyncio.get_running_loop().time() - before < 2.5
    closed = await slack.submit(when="weekdays 9:00", what="key-players", zone="Berlin")
    assert closed.seconds < 2.6
    assert closed.payload
    assert closed.payload["response_action"] == "update"
    await settle(lambda: slack.updated)
    assert say("added") in json.dumps(slack.updated[0], ensure_ascii=False)


async def test_a_form_that_is_sent_twice_makes_one(world: World) -> None:
    slack = scheduling(world)
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    for _ in range(2):
        done = await slack.submit(when="weekdays 9:00", what="key-players", zone="Berlin")
        assert done.payload
        assert done.payload["response_action"] == "update"
    (made,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert [c.what for c in await SqlSubscriptions(world.engine).history(made.id)] == ["added"]


async def test_the_notice_and_its_button(world: World) -> None:
    await added(world)
    store = SqlSubscriptions(world.engine)
    log = SqlDeliveries(world.engine)
    await log.pause("id0", "is_archived", datetime.now(UTC), None)
    text = line("notice", id="`id0`", where=Where("C1"), what=say("notice.archived"))
    notice = Notice("n1", (text,), "id0", "en")
    owner = replace(HERE, user="U1")
    poster = world.component.poster
    world.slack.fail("chat.postMessage", Fault(drop=True))
    with pytest.raises(Uncertain):
        await poster.tell(owner, notice, attempt("id0:1:notice/0"))
    await poster.tell(owner, notice, attempt("id0:1:notice/0", again=True))
    (posted,) = world.slack.visible("DU1")
    assert "<#C1>" in json.dumps(posted.payload["blocks"])
    assert "schedule" not in posted.text.lower().replace("your schedule", "")
    await world.slack.press(posted, posted.button("schedule|resume|id0"))
    await settle(lambda: len(world.slack.visible("DU1")) > 1 or len(world.slack.whispered()) > 2)
    (running,) = await store.of_channel(HERE)
    assert running.standing == "active"


async def test_a_notice_that_slack_limits_in_the_channel_comes_directly(world: World) -> None:
    world.slack.fail("chat.postEphemeral", Fault(status=429, retry_after="60"))
    await world.slack.say("<@UBOT> schedule list")
    await settle(lambda: world.slack.visible("DU1"))
    assert world.slack.visible("DU1")[0].text == notice_text("busy")


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
@pytest.mark.parametrize(
    "fault", [Fault(status=429, retry_after="60"), Fault(status=500), Fault(drop=True)]
)
async def test_who_slack_tells_nothing_of_is_not_said_to_lack_a_right(
    world: World, method: str, fault: Fault
) -> None:
    slack = scheduling(world)
    slack.fail(method, fault)
    await slack.slash("schedule weekdays 9:00 china-vs-us")
    assert (await told(world)).text == notice_text("busy")
    api = world.component._connected
    assert api
    api.api._closed_until_s.clear()
    slack.fail(method, fault)
    await slack.slash("schedule")
    await settle(lambda: slack.forms)
    api.api._closed_until_s.clear()
    slack.fail(method, fault)
    sent = await slack.submit(when="weekdays 9:00", what="key-players", zone="Berlin")
    assert sent.payload
    assert sent.payload["errors"] == {"when": notice_text("busy")}


async def test_a_deed_whose_word_is_lost_shows_in_the_home(world: World) -> None:
    await added(world)
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await world.slack.event(opened)
    await settle(lambda: world.slack.homes)
    view = Posted("T1", "", "1", world.slack.homes["U1"])
    world.slack.fail("chat.postMessage", Fault(status=429, retry_after="60"))
    await world.slack.press_home(view.button("schedule|pause|id0"))
    await settle(lambda: "schedule|resume|id0" in json.dumps(world.slack.homes["U1"]))


async def test_a_button_for_what_schedules_do_no_more_gets_a_kind_answer(world: World) -> None:
    confirmed = await added(world)
    button = {"type": "button", "action_id": "x", "value": "1|schedule|snooze|id0"}
    await world.slack.press(confirmed, button)
    assert (await told(world, 3)).text == notice_text("old-button")


async def test_a_token_that_slack_refuses_is_told_where_none_is_needed(world: World) -> None:
    world.slack.teams["T1"].revoked = True
    await world.slack.slash("schedule")
    assert (await told(world)).text == notice_text("not-installed")


async def test_replies_are_in_the_persons_language(world: World) -> None:
    scheduling(world).about_users["U1"] = {"locale": "de-DE"}
    confirmed = await added(world)
    assert say("added", "de") in confirmed.text
    await world.slack.slash("schedule")
    await settle(lambda: scheduling(world).forms)
    assert scheduling(world).forms[-1]["title"]["text"] == say("form.new", "de")


async def test_a_workspace_that_removed_the_bot_keeps_its_schedules_for_a_while(
    world: World,
) -> None:
    await added(world)
    await world.slack.event({"type": "app_uninstalled"})
    store = SqlSubscriptions(world.engine)

    async def left() -> bool:
        (found,) = await store.of_channel(HERE)
        return found.left_at is not None and found.standing == "paused"

    for _ in range(100):
        if await left():
            break
        await asyncio.sleep(0.02)
    assert await left()
    # Installed anew, the first who uses it sets them going again.
    await world.slack.slash("schedule list")
    await settle(lambda: len(world.slack.whispered()) == 3)
    (back,) = await store.of_channel(HERE)
    assert (back.standing, back.left_at) == ("active", None)


async def test_what_could_not_be_set_going_again_is_when_somebody_comes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(world)
    assert world.schedules
    await world.slack.event({"type": "app_uninstalled"})
    await world.component._in_flight.idle()

    async def broken(*args: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as failing:
        failing.setattr(world.schedules, "came_back", broken)
        await world.slack.slash("schedule list")
        assert (await told(world, 3)).text == notice_text("failed")
        await world.component._in_flight.idle()
    await world.slack.slash("schedule list")
    await told(world, 4)
    (back,) = await SqlSubscriptions(world.engine).of_channel(HERE)
    assert back.standing == "active"


async def test_each_act_by_words_and_by_button(world: World) -> None:
    await added(world)
    count = 2
    for words, said in (
        ("pause id0", "paused"),
        ("resume id0", "resumed"),
        ("test id0", "tested"),
        ("history id0", "history-title"),
    ):
        before = len(world.slack.whispered())
        await world.slack.slash(f"schedule {words}")
        count += 2 if said in {"resumed", "tested"} else 1
        await told(world, count)
        assert say(said) in world.slack.whispered()[before].text
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    await world.slack.event(opened)
    await settle(lambda: "id0" in json.dumps(world.slack.homes.get("U1", {})))
    view = Posted("T1", "", "1", world.slack.homes["U1"])
    for verb in ("test", "remove", "remove"):
        await world.slack.press_home(view.button(f"schedule|{verb}|id0"))
    await settle(lambda: say("home.none") in json.dumps(world.slack.homes["U1"]))
    history = await SqlSubscriptions(world.engine).history("id0")
    assert [c.what for c in history] == ["removed", "resumed", "paused", "added"]
