"""A turn of a conversation -> what stands on the page: each platform's messages, drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from bot.answering import phrases
from bot.platforms.plain import render_text
from bot.web.conversation import Deed, Extra, Turn, Way
from bot.web.pressing import WILL_TELL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from bot.platforms.base import Meter, Payload, Platform
    from bot.service.assistant import Assistant, Explanation, Reply

ONLY_YOU = "Only visible to you"
NO_MESSAGE = "in the playground no message follows"
IN_THREAD = "In the channel's thread, for everybody"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a platform shows it."""

    html: Markup
    payload: str
    """The JSON that would be sent."""
    meters: Sequence[Meter]
    seen_by: str
    """Who sees it, where that is worth a word."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A turn on the page."""

    turn: Turn
    title: str
    summary: str
    """What is read out when it appears."""
    platforms: Sequence[tuple[str, str, Sequence[Message]]]
    """For each platform its id, its name and its messages."""
    schedules: Sequence[tuple[str, str]] = ()
    """Where there is no answer to draw: each platform's name, and how one schedules there."""


async def draw_turn(
    turn: Turn, assistant: Assistant, platforms: Sequence[Platform], now: datetime
) -> Drawn:
    """Draw a turn from today's library; what the store no longer has is said to have expired."""
    if not turn.answer_id:
        return Drawn(turn, "", "", (), [(p.label, p.schedule) for p in platforms])
    reply = await assistant.recall(turn.answer_id, now)
    why = await assistant.explain(turn.answer_id, now)
    if reply is None or why is None:
        expired = [(p, [_message(p, p.drawing.notice("expired"), ONLY_YOU)]) for p in platforms]
        return _drawn(turn, phrases.NOTICES["expired"], "", expired)
    title = reply.answer.title or phrases.MORE
    shown = [(p, _shown(p, turn, reply, why)) for p in platforms]
    return _drawn(turn, title, render_text(reply.answer), shown)


def _drawn(
    turn: Turn, title: str, said: str, shown: Iterable[tuple[Platform, Sequence[Message]]]
) -> Drawn:
    summary = f"{title}. {said}" if said else title
    return Drawn(turn, title, summary, [(p.name, p.label, messages) for p, messages in shown])


def _shown(platform: Platform, turn: Turn, reply: Reply, why: Explanation) -> list[Message]:
    """The answer and what its buttons made appear below it."""
    found = [*_answer(platform, turn, reply)]
    for extra in turn.extras:
        if extra.platform == platform.name:
            found += _extra(platform, extra, reply, why)
    return found


def _answer(platform: Platform, turn: Turn, reply: Reply) -> Iterable[Message]:
    payloads = platform.drawing.answer(
        reply, private=turn.way is Way.COMMAND, can_tell=turn.can_tell, page=turn.page
    )
    return (_message(platform, payload, _seen_by(turn.way)) for payload in payloads)


def _seen_by(way: Way) -> str:
    return {Way.COMMAND: ONLY_YOU, Way.MENTION: IN_THREAD}.get(way, "")


def _extra(platform: Platform, extra: Extra, reply: Reply, why: Explanation) -> Iterable[Message]:
    drawing = platform.drawing
    match extra.deed:
        case Deed.WHY:
            return [_message(platform, p, ONLY_YOU) for p in drawing.explanation(why)]
        case Deed.SHARE:
            shared = drawing.answer(reply, private=False, can_tell=False, page=0)
            told = drawing.notice("shared")
            return [
                *(
                    _message(platform, payload, "Posted to the channel for everybody")
                    for payload in shared
                ),
                _message(platform, told, ONLY_YOU),
            ]
        case Deed.PAGE:
            pages = drawing.answer(reply, private=True, can_tell=False, page=extra.page)
            return [_message(platform, payload, ONLY_YOU) for payload in pages]
        case Deed.NOTICE:
            return [_message(platform, drawing.notice(extra.notice), _told_to(extra))]
        case _:
            assert_never(extra.deed)


def _told_to(extra: Extra) -> str:
    return f"{ONLY_YOU}; {NO_MESSAGE}" if extra.notice == WILL_TELL else ONLY_YOU


def _message(platform: Platform, payload: Payload, seen_by: str) -> Message:
    told = json.dumps(payload, ensure_ascii=False, indent=2)
    drawing = platform.drawing
    return Message(drawing.draw(payload), told, drawing.meters(payload), seen_by)
