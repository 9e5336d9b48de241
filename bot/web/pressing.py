"""What a button of a preview does, read from the very value that the platform would send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.platforms.base import Press, Verb
from bot.web.conversation import Deed, Extra

if TYPE_CHECKING:
    from datetime import datetime

    from bot.answering.answer import Answer
    from bot.platforms.base import Platform
    from bot.service.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Asked:
    """A button that asks the next question."""

    text: str
    label: str


Pressed: TypeAlias = Asked | Extra
WILL_TELL = "will-tell"
"""What a platform says to "Tell me when this is covered"; here there is nobody to write to."""
DEEDS = {
    Verb.WHY: Deed.WHY,
    Verb.SHARE: Deed.SHARE,
    Verb.PAGE: Deed.PAGE,
    Verb.PLAIN: Deed.PAGE,
    Verb.TELL: Deed.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Presses:
    """Answers to buttons of one answer; `user` is who votes."""

    assistant: Assistant
    answer_id: str
    """The buttons of any other answer are of no use here."""
    user: str
    now: datetime

    async def press(self, platform: Platform, value: str, choice: str) -> Pressed:
        """Use a platform's button of this value; `choice` is what was chosen in a menu."""
        press = platform.drawing.press(value, choice)
        if press is not None and press.verb is Verb.ASK:
            return Asked(press.target, press.target)
        if press is None or press.target != self.answer_id:
            return Extra(platform.name, Deed.NOTICE, "expired" if press else "old-button")
        match press.verb:
            case Verb.PICK:
                return Asked(choice, choice)
            case Verb.NTH:
                return await self._nth(platform.name, press)
            case Verb.UP | Verb.DOWN:
                return await self._rate(platform.name, helpful=press.verb is Verb.UP)
        notice = WILL_TELL if press.verb is Verb.TELL else ""
        return Extra(platform.name, DEEDS[press.verb], notice, page=press.number)

    async def _nth(self, platform: str, press: Press) -> Pressed:
        reply = await self.assistant.recall(press.target, self.now)
        offers = reply.answer.suggestions if reply else ()
        if press.number >= len(offers):
            return Extra(platform, Deed.NOTICE, "expired")
        return Asked(offers[press.number].ask, offers[press.number].label)

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
