"""Slack's payloads as values: what is answered, where, and in which conversation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack.incoming import (
    Home,
    is_bot_revoked,
    parse_command,
    parse_form,
    parse_message,
    parse_press,
    parse_shortcut,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3)
    ),
    max_leaves=8,
)


def an_event(**more: Any) -> dict[str, Any]:
    return {"user": "U1", "channel": "C1", "ts": "1.2", "text": "<@UBOT> hi"} | more


@pytest.mark.parametrize(
    ("event", "mention", "thread", "conversation"),
    [
        (an_event(), True, "1.2", "1.2"),
        (an_event(thread_ts="0.9"), True, "0.9", "0.9"),
        (an_event(channel="D1", channel_type="im"), False, "1.2", "D1"),
        (an_event(channel="D1", thread_ts="0.9"), False, "0.9", "D1"),
        (an_event(subtype="file_share"), True, "1.2", "1.2"),
        (an_event(subtype="thread_broadcast", thread_ts="0.9"), True, "0.9", "0.9"),
    ],
)
def test_where_a_message_is_answered(
    event: dict[str, Any], mention: bool, thread: str, conversation: str
) -> None:
    message = parse_message({"event": event}, Home("T1"), mention=mention)
    assert message
    assert (message.place.thread_ts, message.conversation) == (thread, conversation)
    assert (message.text, message.place.team) == ("hi", "T1")


@pytest.mark.parametrize(
    ("event", "mention"),
    [
        (an_event(), False),
        (an_event(channel="G1", channel_type="mpim"), False),
        (an_event(bot_id="B1"), True),
        (an_event(subtype="message_changed"), True),
        (an_event(subtype="channel_join"), True),
        (an_event(channel="D1", channel_type="im", edited={"ts": "2"}), False),
        (an_event(hidden=True), True),
        (an_event(user="USLACKBOT"), True),
        (an_event(user=None), True),
        (an_event(ts=None), True),
        (an_event(channel=None), True),
        ({}, True),
    ],
)
def test_what_is_not_answered(event: dict[str, Any], mention: bool) -> None:
    assert parse_message({"event": event}, Home("T1"), mention=mention) is None


@given(
    event=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("user", "channel", "ts", "text", "subtype", "edited", "thread_ts"), JSON
        ),
    ),
    mention=st.booleans(),
)
def test_no_event_breaks_it(event: dict[str, Any], mention: bool) -> None:
    parse_message({"event": event}, Home("T1"), mention=mention)


@given(
    body=st.dictionaries(
        st.sampled_from(["team", "channel", "user", "message", "container", "trigger_id"]), JSON
    ),
    action=st.dictionaries(st.just("value"), JSON),
)
def test_no_interaction_breaks_it(body: dict[str, Any], action: dict[str, Any]) -> None:
    parse_press(body, Home("T1"), action)
    parse_command(body)
    parse_shortcut(body, Home("T1"))


def test_a_shortcut_reads_what_was_attached_too() -> None:
    message = {"text": "look", "attachments": [{"title": "China", "text": "and <b>"}, "odd"]}
    body = {"message": message, "team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U"}}
    event = parse_shortcut(body, Home("T1"))
    assert event.text == "look China and b"
    assert event.place.ephemeral


def rich(*texts: str) -> dict[str, Any]:
    elements = [{"type": "text", "text": text} for text in texts]
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "elements": [section]}


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ({"text": "a &amp; b <@U1> c", "blocks": [rich("a & b ", "c")]}, "a & b c"),
        (
            {
                "text": "This content can't be displayed.",
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": "Report"}},
                    {
                        "type": "section",
                        "fields": [{"type": "mrkdwn", "text": "on *China*"}],
                        "accessory": {"type": "button", "text": {"text": "Open"}},
                    },
                    {
                        "type": "actions",
                        "elements": [{"type": "button", "text": {"text": "Approve"}}],
                    },
                    {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]},
                ],
            },
            "Report on *China* cell",
        ),
        ({"attachments": [{"pretext": "p", "blocks": [rich("from a block")]}]}, "p from a block"),
        ({"text": 7, "blocks": [7, {"text": 7, "elements": {"text": "x"}}]}, "x"),
        ({"blocks": "odd", "attachments": "odd"}, ""),
    ],
)
def test_a_shortcut_reads_what_the_message_shows(message: dict[str, Any], read: str) -> None:
    assert parse_shortcut({"message": message}, Home("T1")).text == read


@pytest.mark.parametrize(
    ("text", "blocks", "read"),
    [
        ("<@UBOT> :robot_face: vs :flag-cn:", None, ":robot_face: vs :flag-cn:"),
        ("<@UBOT|aibrief> cost &amp; safety", None, "cost & safety"),
        ("<@UBOT> ask <#C1|> and <#C2|general> <!subteam^S1|@desk> china", None, "ask and china"),
        ("<@UBOT> what\u2019s \u201cnext\u201d?", None, "what\u2019s \u201cnext\u201d?"),
        ("<@UBOT> see <https://example.org/a|the page> <!here>", None, "see the page"),
        # The text says less than the blocks: an emoji, or what a client left out.
        (
            "<@UBOT>",
            [rich("china vs us on ", "cost")],
            "china vs us on cost",
        ),
        ("", [rich("china ", "vs us")], "china vs us"),
        (
            "",
            [
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "user", "user_id": "UBOT"},
                                {"type": "text", "text": " what is "},
                                {"type": "emoji", "name": "new"},
                                {"type": "text", "text": " "},
                                {"type": "link", "url": "https://example.org", "text": "here"},
                            ],
                        }
                    ],
                }
            ],
            "what is :new: here",
        ),
        ("china vs us", [rich("china vs us")], "china vs us"),
        ("compare *chi*na", [rich("compare ", "chi", "na")], "compare *chi*na"),
    ],
)
@pytest.mark.parametrize("direct", [False, True])
def test_a_message_is_read_as_slack_sends_it(
    text: str, blocks: list[Any] | None, read: str, direct: bool
) -> None:
    where = {"channel": "D1", "channel_type": "im"} if direct else {}
    event = an_event(text=text, blocks=blocks, **where)
    message = parse_message({"event": event}, Home("T1"), mention=not direct)
    assert message
    assert message.text == read


@pytest.mark.parametrize(
    "text",
    [":robot_face: vs :flag-cn:", "cost &amp; safety <@U2|ann>", "\u201cchina\u201d vs us"],
)
def test_a_command_is_read_as_a_message_is(text: str) -> None:
    message = parse_message({"event": an_event(text=text)}, Home("T1"), mention=True)
    assert message
    assert parse_command({"text": text}).text == message.text


def test_what_was_shared_into_the_conversation_is_read_where_nothing_else_is_said() -> None:
    event = an_event(text="", attachments=[{"text": "China and the US on cost"}])
    message = parse_message({"event": event}, Home("T1"), mention=True)
    assert message
    assert message.text == "China and the US on cost"


ALONE, ORG = Home("T1", "T1"), Home("T1", "T1", "E1")


@pytest.mark.parametrize(
    ("event", "body", "home", "stranger"),
    [
        ({"user_team": "T1"}, {}, ALONE, False),
        ({"user_team": "T2"}, {"is_ext_shared_channel": True}, ALONE, True),
        ({"team": "T2"}, {}, ALONE, True),
        ({"user_team": "T2"}, {"is_ext_shared_channel": False}, ALONE, False),
        ({"user_team": "T2"}, {}, Home("T2", "T1"), True),
        ({"user_team": "T1"}, {}, Home("T2", "T1"), False),
        ({"user_team": "E1"}, {}, ORG, False),
        ({"user_team": "T2"}, {}, Home("T2", "T1", "E1"), False),
        ({"user_team": "E2"}, {}, ORG, True),
        ({}, {"is_ext_shared_channel": True}, ALONE, False),
        ({"user_team": 7}, {"authorizations": "odd"}, ALONE, False),
    ],
)
def test_who_is_of_another_organization(
    event: dict[str, Any], body: dict[str, Any], home: Home, stranger: bool
) -> None:
    message = parse_message({"event": an_event(**event), **body}, home, mention=True)
    assert message
    assert message.place.stranger is stranger


def by(theirs: str | None, **more: Any) -> dict[str, Any]:
    return {"user": {"id": "U", "team_id": theirs}} | more


@pytest.mark.parametrize(
    ("body", "home", "stranger"),
    [
        (by("T1", team={"id": "T1"}), ALONE, False),
        (by("T2", team={"id": "T1"}), ALONE, True),
        (by("T2", team={"id": "T2"}), Home("T2", "T1"), True),
        (by("T2", team=None), Home("T2", "T1"), True),
        (by("T2", enterprise={"id": "E2"}), ALONE, True),
        (by("T2", enterprise={"id": "E2"}), ORG, True),
        (by("E1", team={"enterprise_id": "E1"}), ORG, False),
        (by("T2", enterprise={"id": "E1"}), ORG, False),
        (by("T2"), ORG, False),
        (by(None), ALONE, False),
    ],
)
def test_who_presses_from_another_organization(
    body: dict[str, Any], home: Home, stranger: bool
) -> None:
    assert parse_press(body, home, {"value": "1|why|x"}).place.stranger is stranger
    assert parse_shortcut(body, home).place.stranger is stranger
    assert parse_form(body, home).place.stranger is stranger


def test_a_press_on_what_only_one_person_sees() -> None:
    body = {
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "container": {"channel_id": "C1", "is_ephemeral": True, "thread_ts": "1.1"},
        "trigger_id": "9",
    }
    press = parse_press(body, Home("T1"), {"value": "1|why|x"})
    assert (press.place.channel, press.place.thread_ts, press.place.ephemeral) == (
        "C1",
        "1.1",
        True,
    )


@pytest.mark.parametrize(
    ("event", "bot"),
    [
        ({"tokens": {"bot": ["U"]}}, True),
        ({"tokens": {"oauth": ["U"]}}, False),
        ({"tokens": {"bot": []}}, False),
        ({}, False),
        ({"tokens": None}, False),
    ],
)
def test_whose_token_was_revoked(event: dict[str, Any], bot: bool) -> None:
    assert is_bot_revoked(event) is bot
