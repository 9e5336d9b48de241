"""Slack's payloads -> values; pure, so that what is answered can be tested without Slack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.platforms.slack.blocks import IDS, VERSION, ButtonKind, button_value, parse_text
from bot.service.assistant import Incoming

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json: TypeAlias = Mapping[str, Any]

_ANSWERED_SUBTYPES = (None, "file_share", "thread_broadcast")
"""Messages that a person writes; all other subtypes are edits, joins and the like.
https://docs.slack.dev/reference/events/message#subtypes"""

_SHOWN = ("pretext", "title", "text")
"""Of an attachment."""
_ACTS = ("actions", "context_actions", "input", "button")
"""Blocks and elements; what stands on a button is not what a message is about."""
_RICH = ("rich_text_section", "rich_text_quote", "rich_text_preformatted")
"""Of these a word may go over several elements."""
_DEEP = 16


@dataclass(frozen=True, slots=True)
class Home:
    """The installation that a request is for; who is of none of its ids is a stranger."""

    team: str
    """The workspace that the request names."""
    installed_in: str | None = None
    """The workspace that the token is of, where that is known: a request may name another."""
    enterprise: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """What a person's team may be called, if it is ours."""
        if self.enterprise:
            return frozenset({self.team, self.installed_in or self.team, self.enterprise})
        return frozenset({self.installed_in or self.team})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said or pressed, by whom, and where the reply goes."""

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
    stranger: bool = False
    """Whether the person is of another organisation, in a channel that is shared with it."""

    @property
    def written_at_s(self) -> float | None:
        """When the message was written or shown, that was acted on; Slack's ids are times."""
        try:
            return float(self.after_ts or "")
        except ValueError:
            return None

    @property
    def thread(self) -> Json:
        """The thread, as methods and response URLs take it."""
        return {"thread_ts": self.thread_ts} if self.thread_ts else {}

    @property
    def direct(self) -> bool:
        """Whether it is a direct message with the bot."""
        return self.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Event:
    """What a person did: typed a command, wrote a message, used a shortcut or a button."""

    place: Place
    text: str = ""
    keys: tuple[str, ...] = ()
    """Ids under which Slack may send the same again."""
    conversation: str | None = None
    """The thread, or in a direct message the channel, whose follow-ups share their context."""
    value: object = None
    """Of a button, not yet understood."""
    edited: bool = False
    """Whether it is a message that was changed after it was written."""
    has_files: bool = False
    """Whether something comes with it that is not read: a picture, a voice clip."""
    waits: bool = True
    """Whether the person sees a failure where it is not acknowledged in time."""

    def incoming(self, text: str | None = None, *, alone: bool = False) -> Incoming:
        """The question as the assistant takes it; `alone` without what was said before."""
        at = self.place
        thread = None if alone else self.conversation
        said = self.text if text is None else text
        return Incoming("slack", at.team, at.channel, at.user, said, thread)


def parse_message(body: Json, home: Home, *, mention: bool) -> Event | None:
    """The message of an event; None where it is not for the bot to answer.

    Not answered are its own and other bots' messages, Slack's own, joins and other subtypes, and
    messages outside direct ones that do not mention the bot. A mention that an edit added is
    answered like any other, under the key of the message.
    """
    event = _dict(body.get("event"))
    if event.get("subtype") not in _ANSWERED_SUBTYPES or event.get("bot_id"):
        return None
    if event.get("hidden") or event.get("user") in (None, "USLACKBOT"):
        return None
    channel, ts = event.get("channel"), event.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        return None
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    if not mention and (not direct or event.get("edited")):
        return None
    thread = str(event.get("thread_ts") or ts)
    place = Place(
        home.team,
        channel,
        str(event["user"]),
        thread,
        after_ts=ts,
        stranger=_is_stranger(body, home),
    )
    return Event(
        place,
        text=_said(event),
        # One message has come under several event ids, and as two types of event.
        keys=_keys(event=body.get("event_id"), ts=f"{channel}:{ts}"),
        conversation=channel if direct else thread,
        edited=bool(event.get("edited")),
        has_files=bool(event.get("files")),
        waits=False,
    )


def parse_command(body: Json) -> Event:
    """A slash command, with what follows it."""
    place = Place(
        team=str(body.get("team_id") or ""),
        channel=str(body.get("channel_id") or ""),
        user=str(body.get("user_id") or ""),
        response_url=body.get("response_url"),
        trigger=str(body.get("trigger_id") or ""),
        ephemeral=True,
    )
    text = parse_text(str(body.get("text") or ""))
    return Event(place, text, _keys(trigger=body.get("trigger_id")))


def parse_shortcut(body: Json, home: Home) -> Event:
    """A shortcut on a message, with all that the message shows."""
    message = _dict(body.get("message"))
    place = replace(_acted(body, home), thread_ts=message.get("thread_ts"), ephemeral=True)
    text = " ".join(_texts_of(message))
    return Event(place, text, _keys(trigger=body.get("trigger_id")))


def parse_press(body: Json, home: Home, action: Json) -> Event:
    """A button, in a message or on the App Home (then there is no channel)."""
    container, message = _dict(body.get("container")), _dict(body.get("message"))
    acted = _acted(body, home)
    place = replace(
        acted,
        channel=acted.channel or str(container.get("channel_id") or ""),
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        ephemeral=bool(container.get("is_ephemeral")),
        after_ts=message.get("ts"),
    )
    typed = action.get("type") == "plain_text_input"
    return Event(
        place,
        text=parse_text(str(action.get("value") or "")) if typed else "",
        keys=_keys(trigger=body.get("trigger_id")),
        conversation=place.channel if place.direct else None,
        value=button_value(ButtonKind.FIND) if typed else action.get("value"),
    )


@dataclass(frozen=True, slots=True)
class Button:
    """A button that was pressed."""

    kind: ButtonKind
    ids: tuple[str, ...]


def parse_button(value: object) -> Button | None:
    """The button of a value; None for one of another version or of nobody's making."""
    parts = value.split("|") if isinstance(value, str) else []
    kind = next((kind for kind in IDS if parts[:2] == [VERSION, kind]), None)
    ids = tuple(parts[2:])
    return Button(kind, ids) if kind and len(ids) == len(IDS[kind]) and all(ids) else None


def parse_form(body: Json, home: Home) -> Event:
    """A form that was sent."""
    return Event(_acted(body, home), keys=_keys(trigger=body.get("trigger_id")))


def _acted(body: Json, home: Home) -> Place:
    """Where a person pressed or chose something."""
    return Place(
        team=home.team or _id(body, "team"),
        channel=_id(body, "channel"),
        user=_id(body, "user"),
        response_url=body.get("response_url"),
        trigger=str(body.get("trigger_id") or ""),
        stranger=_is_visitor(body, home),
    )


def parse_opened(body: Json, home: Home) -> Event:
    """A person opened the app: its home, or (`text` is "messages") the conversation with it."""
    event = _dict(body.get("event"))
    place = Place(home.team, str(event.get("channel") or ""), str(event.get("user") or ""))
    tab, key = str(event.get("tab") or ""), _keys(event=body.get("event_id"))
    return Event(place, text=tab, keys=key, waits=False)


def is_bot_revoked(event: Json) -> bool:
    """Whether `tokens_revoked` names a bot's token, not only a person's.

    https://docs.slack.dev/reference/events/tokens_revoked
    """
    return bool(_dict(event.get("tokens")).get("bot"))


def _is_stranger(body: Json, home: Home) -> bool:
    """Whether a message was written by somebody of another organisation.

    `user_team` is of the author; in a channel that only workspaces of one organisation share
    nobody is a stranger.
    https://docs.slack.dev/apis/slack-connect/#events
    """
    event = _dict(body.get("event"))
    theirs = event.get("user_team") or event.get("team")
    outside = body.get("is_ext_shared_channel") is not False
    return outside and isinstance(theirs, str) and bool(home.team) and theirs not in home.ids


def _is_visitor(body: Json, home: Home) -> bool:
    """Whether whoever pressed or chose something is of another organisation.

    In an organisation of many workspaces a colleague's may be another one, which the payload does
    not tell apart; there nobody is taken for a stranger who comes by our organisation.
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    theirs = _dict(body.get("user")).get("team_id")
    by = _id(body, "enterprise") or _dict(body.get("team")).get("enterprise_id")
    ours = home.enterprise is not None and by in {None, "", home.enterprise}
    return isinstance(theirs, str) and bool(home.team) and not ours and theirs not in home.ids


def _said(event: Json) -> str:
    """What a person wrote: the text, or its blocks or attachments where these say more."""
    text = parse_text(str(event.get("text") or ""))
    rich = " ".join(" ".join(_block_texts(event.get("blocks"), _DEEP)).split())
    rich = parse_text(rich)
    if len(rich.split()) > len(text.split()):
        return rich
    return text or " ".join(_texts_of(event))


def _texts_of(message: Json) -> list[str]:
    """What a message shows: its text, its attachments and, where they say more, its blocks.

    Of a message that an app made of blocks alone the text is empty or a placeholder.
    """
    shown = [message, *map(_dict, _list(message.get("attachments")))]
    given = [message.get("text"), *(each.get(key) for each in shown[1:] for key in _SHOWN)]
    said = [
        parse_text(text)
        for text in given
        if isinstance(text, str) and text != "This content can't be displayed."
    ]
    for each in shown:
        for text in map(parse_text, _block_texts(each.get("blocks"), _DEEP)):
            if not any(text in known for known in said):
                said.append(text)
    return [text for text in said if text]


def _block_texts(value: object, deep: int) -> Iterator[str]:
    """Every `text` in blocks, as deep as Slack nests them."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not deep or kind in _ACTS:
        return
    if isinstance(value, list):
        for each in value:
            yield from _block_texts(each, deep - 1)
    elif kind in _RICH:
        yield "".join(map(_rich, _list(_dict(value).get("elements"))))
    elif isinstance(value, dict):
        for key in ("title", "text", "description", "fields", "elements", "rows"):
            inner = value.get(key)
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _block_texts(inner, deep - 1)


def _rich(element: object) -> str:
    """An element of rich text as `text` would have it; a word may go over several of them.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """
    given = _dict(element)
    match given.get("type"):
        case "emoji":
            return f":{given.get('name')}:"
        case "user" | "usergroup" | "channel" | "broadcast":
            return " "
        case "link":
            return str(given.get("text") or given.get("url") or "")
        case "date":
            return str(given.get("fallback") or "")
    text = given.get("text")
    return text if isinstance(text, str) else ""


def _keys(**ids: object) -> tuple[str, ...]:
    return tuple(f"{kind}:{given}" for kind, given in ids.items() if given)


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _id(body: Json, key: str) -> str:
    return str(_dict(body.get(key)).get("id") or "")
