"""Slack's payloads -> values; pure, so that what is answered can be tested without Slack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.platforms.slack.render.text import parse_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json: TypeAlias = Mapping[str, Any]

_ANSWERED_SUBTYPES = (None, "file_share", "thread_broadcast")
"""Messages that a person writes; all other subtypes are edits, joins and the like.
https://docs.slack.dev/reference/events/message#subtypes"""

_PLACEHOLDER = "This content can't be displayed."
_SHOWN = ("pretext", "title", "text")
"""Of an attachment."""
_HOLDS_TEXT = ("title", "text", "description", "fields", "elements", "rows")
_ACTS = ("actions", "context_actions", "input", "button")
"""Blocks and elements; what stands on a button is not what a message is about."""
_DEEP = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said or pressed, and where the reply goes."""

    team: str
    channel: str
    user: str
    thread_ts: str | None = None
    """The thread to answer in."""
    response_url: str | None = None
    trigger: str = ""
    """What opens a form, for three seconds."""
    ephemeral: bool = False
    """Whether only the person who acts is to see the reply, also in a direct message."""
    after_ts: str | None = None
    """The message that was written or acted on: replies come after it."""

    @property
    def direct(self) -> bool:
        """Whether it is a direct message with the bot."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Message:
    """A message to answer."""

    place: Place
    ts: str
    text: str
    conversation: str
    """The thread, or in a direct message the channel, whose follow-ups share their context."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed, its value not yet understood."""

    place: Place
    value: object
    trigger: str


def parse_message(event: Json, team: str, *, mention: bool) -> Message | None:
    """The message of an event; None where it is not for the bot to answer.

    Not answered are its own and other bots' messages, Slack's own, edits, joins and other
    subtypes, and messages outside direct ones that do not mention the bot.
    """
    if event.get("subtype") not in _ANSWERED_SUBTYPES or event.get("bot_id"):
        return None
    if event.get("edited") or event.get("hidden") or event.get("user") in (None, "USLACKBOT"):
        return None
    channel, ts = event.get("channel"), event.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        return None
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    if not (mention or direct):
        return None
    thread = event.get("thread_ts") or ts
    return Message(
        place=Place(team, channel, str(event["user"]), thread, after_ts=ts),
        ts=ts,
        text=parse_text(str(event.get("text") or "")),
        conversation=channel if direct else str(thread),
    )


def parse_command(body: Json) -> tuple[Place, str]:
    """Where a slash command was typed, and what follows it."""
    place = Place(
        team=str(body.get("team_id") or ""),
        channel=str(body.get("channel_id") or ""),
        user=str(body.get("user_id") or ""),
        response_url=body.get("response_url"),
        trigger=str(body.get("trigger_id") or ""),
        ephemeral=True,
    )
    return place, parse_text(str(body.get("text") or ""))


def parse_shortcut(body: Json) -> tuple[Place, str]:
    """Where the message stands that a shortcut was used on, and its text."""
    message = _dict(body.get("message"))
    place = Place(
        team=_id(body, "team"),
        channel=_id(body, "channel"),
        user=_id(body, "user"),
        thread_ts=message.get("thread_ts"),
        response_url=body.get("response_url"),
        ephemeral=True,
    )
    return place, " ".join(_texts_of(message))


def _texts_of(message: Json) -> list[str]:
    """What a message shows: its text, its attachments and, where they say more, its blocks.

    Of a message that an app made of blocks alone the text is empty or a placeholder.
    """
    attachments = message.get("attachments")
    shown = [message, *map(_dict, attachments if isinstance(attachments, list) else ())]
    given = [message.get("text"), *(each.get(key) for each in shown[1:] for key in _SHOWN)]
    said = [parse_text(text) for text in given if isinstance(text, str) and text != _PLACEHOLDER]
    for each in shown:
        for text in map(parse_text, _block_texts(each.get("blocks"), _DEEP)):
            if not any(text in known for known in said):
                said.append(text)
    return [text for text in said if text]


def _block_texts(value: object, deep: int) -> Iterator[str]:
    """Every `text` in blocks, as deep as Slack nests them."""
    if isinstance(value, list) and deep:
        for each in value:
            yield from _block_texts(each, deep - 1)
    elif isinstance(value, dict) and deep and value.get("type") not in _ACTS:
        for key in _HOLDS_TEXT:
            inner = value.get(key)
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _block_texts(inner, deep - 1)


def parse_press(body: Json, action: Json) -> Press:
    """A button, in a message or on the App Home (then there is no channel)."""
    container, message = _dict(body.get("container")), _dict(body.get("message"))
    place = Place(
        team=_id(body, "team"),
        channel=_id(body, "channel") or str(container.get("channel_id") or ""),
        user=_id(body, "user"),
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        response_url=body.get("response_url"),
        trigger=str(body.get("trigger_id") or ""),
        ephemeral=bool(container.get("is_ephemeral")),
        after_ts=message.get("ts"),
    )
    return Press(place, action.get("value"), str(body.get("trigger_id") or ""))


def is_bot_revoked(event: Json) -> bool:
    """Whether `tokens_revoked` names a bot's token, not only a person's.

    https://docs.slack.dev/reference/events/tokens_revoked
    """
    return bool(_dict(event.get("tokens")).get("bot"))


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _id(body: Json, key: str) -> str:
    return str(_dict(body.get(key)).get("id") or "")
