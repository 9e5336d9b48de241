"""What a button of a preview does, read from the very value that the platform would send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.platforms.discord.render.discord_ids import Action, Verb, parse_action
from bot.platforms.slack.render.buttons import (
    ASK,
    RATE,
    SCHEDULE,
    SHARE,
    TELL,
    WHY,
    Button,
    parse_button,
)
from bot.web.conversation import Deed, Extra

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.answer import Answer
    from bot.service.assistant import Assistant

SLACK, DISCORD = "slack", "discord"


@dataclass(frozen=True, slots=True)
class Asked:
    """A button that asks the next question."""

    text: str
    label: str


Pressed: TypeAlias = Asked | Extra
WILL_TELL = "will-tell"
"""What a platform says to "Tell me when this is covered"; here there is nobody to write to."""
SHOWN = {WHY: Deed.WHY, SHARE: Deed.SHARE}
DEEDS = {
    Verb.WHY: Deed.WHY,
    Verb.SHARE: Deed.SHARE,
    Verb.PAGE: Deed.PAGE,
    Verb.TELL: Deed.NOTICE,
}
VOTES = {"up": True, "down": False}


@dataclass(frozen=True, slots=True)
class Presses:
    """Answers to buttons of one answer; `user` is who votes."""

    assistant: Assistant
    answer_id: str
    """The buttons of any other answer are of no use here."""
    user: str
    now: datetime

    async def slack(self, value: str) -> Pressed:
        """Slack's button of this value."""
        match parse_button(value):
            case Button(kind, (ask,)) if kind == ASK:
                return Asked(ask, ask)
            case Button(kind, (answer_id, *_)) if kind != SCHEDULE and answer_id != self.answer_id:
                return Extra(SLACK, Deed.NOTICE, "expired")
            case Button(kind, _) if kind == TELL:
                return Extra(SLACK, Deed.NOTICE, WILL_TELL)
            case Button(kind, _) if kind in SHOWN:
                return Extra(SLACK, SHOWN[kind])
            case Button(kind, (_, vote)) if kind == RATE and vote in VOTES:
                return await self._rate(SLACK, helpful=VOTES[vote])
        return Extra(SLACK, Deed.NOTICE, "old-button")

    async def discord(self, custom_id: str, choice: str) -> Pressed:
        """Discord's component of this id; `choice` is what was chosen in a menu."""
        action = parse_action(custom_id)
        if action is not None and action.verb is Verb.ASK:
            return Asked(action.target, action.target)
        if action is None or action.target != self.answer_id:
            return Extra(DISCORD, Deed.NOTICE, "expired" if action else "old-button")
        match action.verb:
            case Verb.PICK:
                return Asked(choice, choice)
            case Verb.NTH:
                return await self._nth(action)
            case Verb.UP | Verb.DOWN:
                return await self._rate(DISCORD, helpful=action.verb is Verb.UP)
        notice = WILL_TELL if action.verb is Verb.TELL else ""
        return Extra(DISCORD, DEEDS[action.verb], notice, page=action.number)

    async def _nth(self, action: Action) -> Pressed:
        reply = await self.assistant.recall(action.target, self.now)
        offers = reply.answer.suggestions if reply else ()
        if action.number >= len(offers):
            return Extra(DISCORD, Deed.NOTICE, "expired")
        return Asked(offers[action.number].ask, offers[action.number].label)

    async def _rate(self, platform: str, *, helpful: bool) -> Extra:
        known = await self.assistant.rate(
            self.answer_id, user=self.user, helpful=helpful, now=self.now
        )
        return Extra(platform, Deed.NOTICE, "thanks" if known else "expired")


def label_of(ask: str, answer: Answer) -> str:
    """What the answer calls a question that it offers; the question itself where it does not."""
    offers = {offer.ask: offer.label for offer in answer.suggestions}
    entries = {entry.ask: entry.title for entry in answer.entries()}
    return (entries | offers).get(ask, ask)
