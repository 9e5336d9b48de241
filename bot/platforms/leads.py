"""What a message about the bot leads to: the same buttons on every platform, each in its form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping


class Lead(Enum):
    """One thing that helps there."""

    SCHEDULE = "schedule"
    """The form of a new schedule."""
    SCHEDULES = "schedules"
    """What is scheduled in this channel."""
    SHARE = "share"
    """Post the answer before to the channel."""
    WHY = "why"
    """What the answer before rests on."""
    REPORT = "report"
    """The answer before did not help."""


LEADS: Final[Mapping[Intent, tuple[Lead, ...]]] = {
    Intent.HELLO: (Lead.SCHEDULE,),
    Intent.HELP: (Lead.SCHEDULE,),
    Intent.SCHEDULE: (Lead.SCHEDULE, Lead.SCHEDULES),
    Intent.STOP: (Lead.SCHEDULES,),
    Intent.SHARE: (Lead.SHARE,),
    Intent.SOURCES: (Lead.WHY,),
    Intent.WHY: (Lead.WHY,),
    Intent.FEEDBACK: (Lead.WHY, Lead.REPORT),
}
"""Beside the briefs to try, which every reply about the bot offers."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What can be done where a reply is shown, beside what it says."""

    about: str | None = None
    """The answer before, where the message is about that."""
    schedules: bool = False
    """Whether briefings can be scheduled there."""
    share_as: str | None = None
    """Who may share the answer before; None where nobody else would see it."""

    def leads(self, intent: Intent) -> tuple[Lead, ...]:
        """What a reply of this intent leads to."""
        return tuple(lead for lead in LEADS.get(intent, ()) if self._possible(lead))

    def _possible(self, lead: Lead) -> bool:
        if lead in {Lead.SCHEDULE, Lead.SCHEDULES}:
            return self.schedules
        return self.about is not None and (lead is not Lead.SHARE or self.share_as is not None)
