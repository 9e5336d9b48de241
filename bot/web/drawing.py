"""A turn of a conversation -> what stands on the page: each platform's messages, drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.answering import phrases
from bot.platforms.discord.render import payload as discord
from bot.platforms.meters import Meter, discord_meters, slack_meters
from bot.platforms.plain import render_text
from bot.platforms.preview.preview_discord import preview_discord
from bot.platforms.preview.preview_slack import preview_slack
from bot.platforms.slack import render as slack
from bot.web.conversation import Deed, Extra, Turn, Way
from bot.web.pressing import DISCORD, SLACK, WILL_TELL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from bot.service.assistant import Assistant, Explanation, Reply

ASKER = "you"
ONLY_YOU = "Only visible to you"
SHARED = "Posted to the channel for everybody"
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


async def draw_turn(turn: Turn, assistant: Assistant, now: datetime) -> Drawn:
    """Draw a turn from today's library; what the store no longer has is said to have expired."""
    reply = await assistant.recall(turn.answer_id, now) if turn.answer_id else None
    if not turn.answer_id:
        return Drawn(turn, "", "", ())
    why = await assistant.explain(turn.answer_id, now)
    if reply is None or why is None:
        expired = Extra(SLACK, Deed.NOTICE, "expired")
        told = _slack(expired, None, None), _discord(expired, None, None)
        return _drawn(turn, phrases.NOTICES["expired"], told[0], told[1])
    slack_shown = [*_slack_answer(turn, reply)]
    discord_shown = [_discord_page(reply, turn.page, turn.way, can_tell=turn.can_tell)]
    for extra in turn.extras:
        if extra.platform == SLACK:
            slack_shown += _slack(extra, reply, why)
        else:
            discord_shown += _discord(extra, reply, why)
    return _drawn(turn, reply.answer.title or phrases.MORE, slack_shown, discord_shown, reply)


def _drawn(
    turn: Turn,
    title: str,
    slack_shown: Sequence[Message],
    discord_shown: Sequence[Message],
    reply: Reply | None = None,
) -> Drawn:
    summary = f"{title}. {render_text(reply.answer)}" if reply else title
    platforms = ((SLACK, "Slack", slack_shown), (DISCORD, "Discord", discord_shown))
    return Drawn(turn, title, summary, platforms)


def _seen_by(way: Way) -> str:
    return {Way.COMMAND: ONLY_YOU, Way.MENTION: IN_THREAD}.get(way, "")


def _slack_answer(turn: Turn, reply: Reply) -> Iterable[Message]:
    asker = ASKER if turn.way is Way.COMMAND else None
    payloads = slack.render_answer(reply.answer, reply.id, share_as=asker, can_tell=turn.can_tell)
    return (_slack_message(payload, _seen_by(turn.way)) for payload in payloads)


def _slack(extra: Extra, reply: Reply | None, why: Explanation | None) -> list[Message]:
    if extra.deed is Deed.WHY and why:
        return [_slack_message(p, ONLY_YOU) for p in slack.render_explanation(why)]
    if extra.deed is Deed.SHARE and reply:
        shared = [_slack_message(p, SHARED) for p in slack.render_answer(reply.answer, reply.id)]
        return [*shared, _slack_message(slack.render_notice("shared"), ONLY_YOU)]
    return [_slack_message(slack.render_notice(extra.notice), _told_to(extra))]


def _discord(extra: Extra, reply: Reply | None, why: Explanation | None) -> list[Message]:
    if extra.deed is Deed.WHY and why:
        facts = discord.explanation_facts(why)
        payloads = discord.render_explanation(why.statements, why.sources, facts)
        return [_discord_message(payload, ONLY_YOU) for payload in payloads]
    if extra.deed is Deed.SHARE and reply:
        return [_discord_page(reply, 0, Way.DIRECT, SHARED)]
    if extra.deed is Deed.PAGE and reply:
        return [_discord_page(reply, extra.page, Way.COMMAND)]
    note = discord.render_note(phrases.NOTICES[extra.notice])
    return [_discord_message(note, _told_to(extra))]


def _told_to(extra: Extra) -> str:
    return f"{ONLY_YOU}; {NO_MESSAGE}" if extra.notice == WILL_TELL else ONLY_YOU


def _discord_page(
    reply: Reply, page: int, way: Way, seen_by: str | None = None, *, can_tell: bool = False
) -> Message:
    shareable = way is Way.COMMAND
    pages = discord.render_answer(reply.answer, reply.id, shareable=shareable, can_tell=can_tell)
    payload = pages[page] if page < len(pages) else discord.render_note(phrases.EXPIRED)
    return _discord_message(payload, _seen_by(way) if seen_by is None else seen_by)


def _slack_message(payload: Any, seen_by: str) -> Message:
    return Message(preview_slack(payload), _json(payload), slack_meters(payload), seen_by)


def _discord_message(payload: Any, seen_by: str) -> Message:
    return Message(preview_discord(payload), _json(payload), discord_meters(payload), seen_by)


def _json(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2)
