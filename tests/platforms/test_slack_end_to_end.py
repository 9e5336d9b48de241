"""Real Bolt in both modes against Slack at the wire: what people see, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering import phrases
from bot.platforms.slack.render import SLACK_NOTICES
from tests.fakes.slack import FakeSlack, Fault, Posted, settle
from tests.platforms.slack_world import World, slack_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.answering.catalog import Catalog


@pytest.fixture(params=["socket", "http"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog
) -> AsyncIterator[World]:
    async with (
        FakeSlack() as slack,
        slack_world(
            request.param, tmp_path, catalog, slack=slack, curators=frozenset({"U1"})
        ) as running,
    ):
        yield running
        assert slack.refused == []
        assert slack.early == []


async def whisper(world: World, count: int = 1, user: str = "U1") -> Posted:
    await settle(lambda: len(world.slack.whispered(user)) >= count)
    assert len(world.slack.whispered(user)) == count
    return world.slack.whispered(user)[-1]


async def said(world: World, channel: str = "C1", count: int = 1) -> Posted:
    await settle(lambda: len(world.slack.visible(channel)) >= count)
    assert len(world.slack.visible(channel)) == count
    return world.slack.visible(channel)[-1]


def has_table(message: Posted) -> bool:
    return any(block["type"] == "table" for block in message.payload["blocks"])


async def test_a_command_is_answered_to_the_asker_only(world: World) -> None:
    acked = await world.slack.slash("china-vs-us")
    assert acked.ok
    assert not acked.payload
    assert acked.seconds < 3
    answer = await whisper(world)
    assert has_table(answer) or "[S" in answer.text
    assert world.slack.visible() == []
    for part in ("ask|", "why|", "share|", "rate|"):
        assert answer.button(part)
    assert answer.payload["unfurl_links"] is False


async def test_no_answer_comes_before_its_acknowledgement(world: World) -> None:
    """Not even one that is ready at once."""
    for count in range(1, 11):
        assert (await world.slack.slash("list")).ok
        await whisper(world, count)


async def test_emoji_and_entities_arrive_as_slack_sends_them(world: World) -> None:
    """With what the codes mean the engine is concerned, with what arrives this file."""
    asked: list[str] = []
    assistant = world.component._world.assistant
    answer = assistant.answer

    async def listening(incoming: Any, *args: Any, **more: Any) -> Any:
        asked.append(incoming.text)
        return await answer(incoming, *args, **more)

    assistant.answer = listening  # type: ignore[method-assign]
    await world.slack.slash("🇨🇳 vs 🇺🇸 on cost & safety 🤔")
    await world.slack.say("<@UBOT> 🇨🇳 vs 🇺🇸 on cost & safety 🤔")
    await world.slack.say("🇨🇳 vs 🇺🇸 on cost & safety 🤔", channel="D1")
    await settle(lambda: len(asked) == 3)
    await world.component._in_flight.idle()
    assert set(asked) == {":flag-cn: vs :us: on cost & safety :thinking_face:"}


@pytest.mark.parametrize("text", ["help", "list", "compare china and us on cost", "", "wat next"])
async def test_commands_of_every_kind(world: World, text: str) -> None:
    assert (await world.slack.slash(text)).ok
    answer = await whisper(world)
    assert answer.text


async def test_help_leads_to_what_it_speaks_of(world: World) -> None:
    await world.slack.slash("help")
    answer = await whisper(world)
    assert answer.button("ask|")
    assert answer.button("schedule|new")["text"]["text"] == "Schedule a briefing"


async def test_who_doubts_an_answer_gets_buttons_for_that_answer(world: World) -> None:
    slack = world.slack
    ts, _ = await slack.say("<@UBOT> what comes next")
    doubted = (await said(world)).button("why|")["value"].rpartition("|")[2]
    await slack.say("<@UBOT> that is wrong", thread_ts=ts)
    sorry = await said(world, count=2)
    assert sorry.button("why|")["value"].endswith(doubted)
    await slack.press(sorry, sorry.button("|down|"))
    assert (await whisper(world)).text == phrases.NOTED
    assert list((await world.store.rating_totals()).values()) == [(0, 1)]
    await slack.slash("that is wrong", channel="C1")
    alone = await whisper(world, 2)
    assert "|down" not in json.dumps(alone.payload), "a command has no answer before it"


async def test_share_in_words_shares_what_was_told_last(world: World) -> None:
    slack = world.slack
    await slack.slash("what comes next")
    told = (await whisper(world)).button("share|")["value"]
    await slack.slash("thanks")
    await whisper(world, 2)
    await slack.slash("share that")
    offer = await whisper(world, 3)
    button = offer.button("share|")
    assert (button["value"], button["text"]["text"]) == (told, phrases.SHARE_TO_CHANNEL)
    await slack.press(offer, button)
    assert "[S" in (await said(world)).text
    await settle(lambda: offer.text == phrases.NOTICES["shared"])
    await slack.slash("share that", user="U2")
    other = await whisper(world, user="U2")
    assert "|share|" not in json.dumps(other.payload), "nobody shares what another was told"


@pytest.mark.parametrize("before", ["", "best pizza in town"])
async def test_where_nothing_was_told_nothing_is_offered_to_be_shared(
    world: World, before: str
) -> None:
    if before:
        await world.slack.slash(before)
        await whisper(world)
    await world.slack.slash("share that")
    offer = await whisper(world, 2 if before else 1)
    assert "Sharing" in offer.text
    assert "|share|" not in json.dumps(offer.payload)


async def test_a_thread_is_shared_with_its_channel(world: World) -> None:
    slack = world.slack
    ts, _ = await slack.say("<@UBOT> what comes next")
    first = await said(world)
    await slack.say("<@UBOT> share this", thread_ts=ts)
    offer = await said(world, count=2)
    button = offer.button("share|")
    await slack.press(offer, button, user="U2")
    assert (await whisper(world, user="U2")).text == phrases.NOTICES["not-yours"]
    await slack.press(offer, button)
    shared = await said(world, count=3)
    assert (shared.text, shared.thread_ts) == (first.text, None)


async def test_a_direct_message_has_nobody_to_share_with(world: World) -> None:
    await world.slack.say("what comes next", channel="D1")
    await said(world, channel="D1")
    await world.slack.say("share this", channel="D1")
    offer = await said(world, count=2, channel="D1")
    assert "|share|" not in json.dumps(offer.payload)


async def test_a_comparison_is_a_table(world: World) -> None:
    await world.slack.slash("compare china and us on cost")
    assert has_table(await whisper(world))


async def test_without_tables_the_comparison_is_told_in_sections(world: World) -> None:
    world.slack.newest = False
    await world.slack.slash("compare china and us on cost")
    answer = await whisper(world)
    assert not has_table(answer)
    assert "China" in json.dumps(answer.payload["blocks"])
    await world.slack.press(answer, answer.button("|up|"))
    assert (await whisper(world, 2)).text == phrases.NOTED
    world.slack.refused.clear()


async def test_share_why_suggestion_and_feedback(world: World) -> None:
    slack = world.slack
    await slack.slash("what comes next")
    answer = await whisper(world)

    await slack.press(answer, answer.button("why|"))
    why = await whisper(world, 2)
    assert phrases.WHY in why.text
    assert all(each in why.text for each in answer.text.splitlines()[1:])
    assert "line" in json.dumps(why.payload["blocks"])

    await slack.press(answer, answer.button("ask|"))
    await whisper(world, 3)

    await slack.press(answer, answer.button("|up|"))
    assert (await whisper(world, 4)).text == phrases.NOTED
    assert sum(good for good, _ in (await world.store.rating_totals()).values()) == 1

    await slack.press(answer, answer.button("|down|"))
    await whisper(world, 5)
    assert [*(await world.store.rating_totals()).values()] == [(0, 1)]

    await slack.press(answer, answer.button("share|"))
    shared = await said(world)
    assert "[S" in shared.text
    assert "share|" not in json.dumps(shared.payload)
    await settle(lambda: answer.text == phrases.NOTICES["shared"])


async def test_sharing_twice_posts_once(world: World) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    button = answer.button("share|")
    await world.slack.press(answer, button)
    await world.slack.press(answer, button)
    notice = await whisper(world, 2)
    assert notice.text == phrases.NOTICES["already-shared"]
    await said(world)


@pytest.mark.parametrize(
    ("fault", "told", "again"),
    [
        (Fault(status=404, error="no_such_url"), phrases.NOTICES["failed"], True),
        (Fault(status=429, retry_after="60"), phrases.NOTICES["busy"], True),
        (Fault(status=503), phrases.NOTICES["share-unsure"], False),
    ],
)
async def test_a_share_that_failed_can_be_repeated_unless_it_may_be_there(
    world: World, fault: Fault, told: str, again: bool
) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    button = answer.button("share|")
    world.slack.fail("response_url", fault)
    await world.slack.press(answer, button)
    assert (await whisper(world, 2)).text == told
    await world.slack.press(answer, button)
    if again:
        await said(world)
    else:
        assert (await whisper(world, 3)).text == phrases.NOTICES["already-shared"]
        assert world.slack.visible() == []


async def test_a_share_whose_reply_is_lost_is_there_once(world: World) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    world.slack.fail("response_url", Fault(drop=True))
    await world.slack.press(answer, answer.button("share|"))
    assert (await whisper(world, 2)).text == phrases.NOTICES["share-unsure"]
    await said(world)


async def test_a_share_is_no_failure_where_only_its_button_stays(world: World) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    # The share itself goes through, then what takes the answer's place is refused.
    world.slack.fail("response_url", Fault(), Fault(status=404, error="used_url"))
    await world.slack.press(answer, answer.button("share|"))
    await said(world)
    await world.component._in_flight.idle()
    assert len(world.slack.whispered()) == 1


async def test_only_the_asker_may_share(world: World) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    forged = Posted("T1", "C1", answer.ts, answer.payload)
    await world.slack.press(forged, answer.button("share|"), user="U2")
    assert (await whisper(world, user="U2")).text == phrases.NOTICES["not-yours"]
    assert world.slack.visible() == []


@pytest.mark.parametrize("value", ["china-vs-us", "0|ask|x", "1|dance|x", "1|share|a", ""])
async def test_an_old_button_gets_a_kind_answer(world: World, value: str) -> None:
    await world.slack.slash("help")
    answer = await whisper(world)
    await world.slack.press(answer, {"type": "button", "action_id": "old", "value": value})
    assert (await whisper(world, 2)).text == phrases.NOTICES["old-button"]


async def test_a_button_of_a_forgotten_answer(world: World) -> None:
    await world.slack.slash("help")
    answer = await whisper(world)
    for value in ("1|why|gone", "1|rate|gone|up", "1|share|gone|U1"):
        await world.slack.press(answer, {"type": "button", "action_id": "x", "value": value})
    await settle(lambda: len(world.slack.whispered()) == 4)
    assert {p.text for p in world.slack.whispered()[1:]} == {phrases.NOTICES["expired"]}


async def test_a_mention_is_answered_in_its_thread_and_followed_up(world: World) -> None:
    ts, _ = await world.slack.say("<@UBOT> compare china and us on cost")
    first = await said(world)
    assert first.thread_ts == ts
    assert first.payload["metadata"]["event_type"] == "aibrief_answer"
    await world.slack.say("<@UBOT> say that again", thread_ts=ts)
    second = await said(world, count=2)
    assert second.thread_ts == ts
    assert second.text == first.text


async def test_a_direct_message_is_a_conversation(world: World) -> None:
    ts, _ = await world.slack.say("compare china and us on cost", channel="D1")
    first = await said(world, "D1")
    assert first.thread_ts == ts
    assert not world.slack.statuses, "what is answered at once needs no word that it will be"
    await world.slack.say("say that again", channel="D1")
    assert (await said(world, "D1", 2)).text == first.text
    await world.slack.press(first, first.button("|up|"))
    assert (await said(world, "D1", 3)).text == phrases.NOTED
    await world.slack.press(first, first.button("ask|"))
    await said(world, "D1", 4)


async def test_opening_the_conversation_offers_prompts(world: World) -> None:
    await world.slack.event(
        {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"}
    )
    await settle(lambda: world.slack.prompts)
    assert world.slack.prompts[0]["channel_id"] == "D1"


async def test_the_home_shows_briefs_and_totals_to_curators(world: World) -> None:
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    await world.slack.press(answer, answer.button("|up|"))
    await whisper(world, 2)
    for user in ("U1", "U2"):
        await world.slack.event(
            {"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"}
        )
    await settle(lambda: len(world.slack.homes) == 2)
    for_curator, for_others = (json.dumps(world.slack.homes[user]) for user in ("U1", "U2"))
    assert "china-vs-us" in for_others
    assert phrases.HOME_TOTALS in for_curator
    assert phrases.HOME_TOTALS not in for_others
    typed = {"type": "plain_text_input", "action_id": "aibrief:find", "value": "geopolitics"}
    await world.slack.press_home(typed)
    await settle(lambda: "Found for geopolitics" in json.dumps(world.slack.homes["U1"]))
    opens = next(b["accessory"] for b in world.slack.homes["U1"]["blocks"] if "accessory" in b)
    assert opens["value"] == "1|ask|geopolitics"
    await world.slack.press_home(opens)
    await said(world, "DU1")


async def test_brief_me_on_this(world: World) -> None:
    await world.slack.shortcut("How do China and the United States compare on cost of AI models?")
    answer = await whisper(world)
    assert "share|" in json.dumps(answer.payload)
    await world.slack.shortcut("")
    assert (await whisper(world, 2)).text == phrases.NOTICES["no-text"]
    assert world.slack.visible() == []


async def test_a_message_of_a_voice_clip_alone_is_said_not_to_be_read(world: World) -> None:
    clip = [{"id": "F1", "mimetype": "audio/mp4", "subtype": "slack_audio"}]
    await world.slack.say("", channel="D1", subtype="file_share", files=clip)
    assert (await said(world, "D1")).text == phrases.NOTICES["no-text"]


@pytest.mark.parametrize(
    "question",
    [
        "what comes next",
        "How do China and the US compare on cost?",
        ":flag-cn: vs :us:",
        "Why do the Chinese models matter?",
        "Who are the key players?",
        "best pizza in town",
        "will it rain in Paris on Tuesday",
    ],
)
async def test_brief_me_on_this_decides_as_the_command_does(world: World, question: str) -> None:
    await world.slack.slash(question)
    command = await whisper(world)
    await world.slack.shortcut(question)
    shortcut = await whisper(world, 2)
    assert shortcut.text == command.text


async def test_nothing_a_person_writes_comes_back_as_a_mention(world: World) -> None:
    for text in ("<!channel> china vs us", "<@U2> *hi* <http://evil.example|x>", "<!here>"):
        await world.slack.slash(text)
    await settle(lambda: len(world.slack.whispered()) == 3)
    seen = json.dumps([p.payload for p in world.slack.whispered()])
    assert "evil" not in seen
    assert "<!" not in seen


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("restricted_action", "not-permitted"),
        ("restricted_action_read_only_channel", "read-only"),
        ("restricted_action_thread_only_channel", "threads-only"),
        ("restricted_action_non_threadable_channel", "no-threads"),
        ("cannot_reply_to_message", "no-reply"),
        ("is_archived", "archived"),
    ],
)
async def test_where_it_may_not_post_the_person_is_told_why(
    world: World, code: str, told: str
) -> None:
    world.slack.fail("chat.postMessage", Fault(error=code))
    ts, _ = await world.slack.say("<@UBOT> list")
    notice = await whisper(world)
    assert notice.text == SLACK_NOTICES[told]
    assert notice.thread_ts == ts
    assert world.slack.visible() == []


async def test_where_no_word_arrives_in_the_channel_a_direct_message_does(world: World) -> None:
    world.slack.fail("chat.postMessage", Fault(error="not_in_channel"))
    world.slack.fail("chat.postEphemeral", Fault(error="not_in_channel"))
    await world.slack.say("<@UBOT> list")
    assert (await said(world, "DU1")).text == phrases.NOTICES["not-in-channel"]


async def test_a_command_between_two_people_can_be_shared(world: World) -> None:
    """The bot is no member there; the response URL is."""
    await world.slack.slash("what comes next", channel="D7")
    answer = await whisper(world)
    await world.slack.press(answer, answer.button("share|"))
    assert "[S" in (await said(world, "D7")).text


async def test_what_is_shared_between_two_people_can_be_asked_about(world: World) -> None:
    await world.slack.slash("what comes next", channel="D7")
    answer = await whisper(world)
    await world.slack.press(answer, answer.button("share|"))
    shared = await said(world, "D7")
    before = len(world.slack.whispered("U2"))
    for number, value in enumerate(("why|", "|up|", "ask|"), before + 1):
        await world.slack.press(shared, shared.button(value), user="U2")
        told = await whisper(world, number, user="U2")
        assert told.channel == "D7"
        assert told.text != phrases.NOTICES["not-in-channel"]
    assert len(world.slack.visible("D7")) == 1
    world.slack.refused.clear()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=400, error="invalid_blocks"),
        Fault(status=400, error='{"ok": false, "error": "invalid_blocks"}'),
        Fault(error="invalid_blocks"),
    ],
)
async def test_where_no_block_is_taken_the_text_still_arrives(world: World, fault: Fault) -> None:
    world.slack.fail("response_url", fault, fault)
    await world.slack.slash("what comes next")
    answer = await whisper(world)
    assert "blocks" not in answer.payload
    assert "[S" in answer.text
