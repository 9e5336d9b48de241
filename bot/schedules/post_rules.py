"""What each platform says of posts: how many it takes, and what its refusals mean.

The values stand in the platforms' own folders; wiring hands them in by the platform's name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, assert_never

from bot.schedules.schedule_ports import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.schedules.subscription import Target

NOT_COVERED: Final = "not-covered"
"""Our own: the briefs have nothing any more of what a schedule sends."""
PATIENCE_S: Final = 6.0
"""Whoever would have to wait longer comes again later, and of one budget no more is in hand than
it takes in this time, so that it keeps no other from being taken up."""


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """What a refusal means."""

    notice: str
    """What the owner is told: `notice.*` of the texts."""
    after: int = 1
    """The schedule pauses after so many refusals in a row; 0 goes on for ever."""


OTHER: Final = RefusalRule("refused", after=3)
"""A code that is not listed is a refusal for a reason of its own."""
_OWN: Final[Mapping[str, RefusalRule]] = {NOT_COVERED: RefusalRule("not-covered")}


class Per(Enum):
    """Whose budget it is."""

    PLACE = "place"
    """A channel's, or a person's for what is written to them."""
    WORKSPACE = "workspace"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many posts a second are taken."""

    per: Per
    per_s: float


@dataclass(frozen=True, slots=True)
class PostRules:
    """What one platform says of posts."""

    budgets: tuple[RateLimit, ...]
    """What one post takes from, the narrowest first; at least one."""
    outcomes: Mapping[str, RefusalRule]
    """By the code of a refusal: what becomes of the schedule, and what its owner is told.

    Whatever passes by itself (limits, timeouts, errors of the platform) is no refusal and never
    comes here.
    """


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of every platform, by its name."""

    of: Mapping[str, PostRules]

    def outcome_of(self, platform: str, code: str) -> RefusalRule:
        """What a refusal with this code means there."""
        known = self.of[platform].outcomes if platform in self.of else {}
        return known.get(code) or _OWN.get(code, OTHER)

    def scope_of(self, target: Target) -> str:
        """The name of the widest budget that a post takes from: a workspace's, or the bot's."""
        rules = self.of.get(target.platform)
        return _scope(rules.budgets[-1].per, target) if rules else target.platform

    def rates_of(self, target: Target) -> Sequence[Rate]:
        """The budgets that one post takes from, the narrowest first.

        Raises:
            LookupError: Nobody has said what this platform takes; another's would be wrong.
        """
        if target.platform not in self.of:
            raise LookupError(f"No budget is known for posts to {target.platform}.")
        budgets = self.of[target.platform].budgets
        return [Rate(_scope(each.per, target), each.per_s) for each in budgets]

    def at_once(self, scope: str) -> int:
        """How many posts of a widest budget are in hand at most: what it takes in the patience.

        None of a platform that is not known here. An empty scope, which a release before revision
        0007 has written, may be of any, so it gets the least.
        """
        name = scope.partition(":")[0]
        known = [each for key, each in self.of.items() if key == name or not scope]
        per_s = min((each.budgets[-1].per_s for each in known), default=0.0)
        return math.floor(per_s * PATIENCE_S)


def _scope(per: Per, target: Target) -> str:
    match per:
        case Per.BOT:
            return target.platform
        case Per.WORKSPACE:
            return f"{target.platform}:{target.workspace}"
        case Per.PLACE:
            return f"{target.platform}:{target.workspace}:{target.user or target.channel}"
        case _:
            assert_never(per)
