"""What the owner of a schedule is told when it stops: once, with a way to let it go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.language.pack import ENGLISH
from bot.schedules.subscription import short_key
from bot.schedules.texts import Where, line, say, texts_of

if TYPE_CHECKING:
    from bot.schedules.subscription import Delivery, Subscription
    from bot.schedules.texts import Line


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person."""

    id: str
    """Letters and digits that mark the message, so that it can be found again."""
    lines: tuple[Line, ...]
    schedule: str
    language: str
    buttons: tuple[str, ...] = ("resume", "remove")
    """`button.*` of the texts."""


LOOK = "look:"
"""What a notice begins with where a post may have been lost and cannot be looked for; after it
stands what is missing for that. Such a schedule goes on."""


def notice_of(delivery: Delivery, subscription: Subscription) -> Notice:
    """Which schedule has stopped, where, and what to do."""
    language, notice = subscription.language, delivery.notice or ""
    name, where = f"`{subscription.id}`", Where(subscription.target.channel)
    if notice.startswith(LOOK):
        needed = notice.removeprefix(LOOK) or say("look.history", language)
        told = line("look", language, id=name, where=where, needed=needed)
        return Notice(short_key(delivery.key), (told,), subscription.id, language, ("test",))
    known = f"notice.{notice}" in texts_of(ENGLISH)
    key = notice if known else "refused"  # one that an earlier version wrote down
    what = say(f"notice.{key}", language, code=subscription.paused_for or "")
    told = line("notice", language, id=name, where=where, what=what)
    return Notice(short_key(delivery.key), (told,), subscription.id, language)
