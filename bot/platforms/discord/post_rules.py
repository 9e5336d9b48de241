"""What Discord takes of posts, and what its refusals mean for a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.schedules.post_rules import Per, PostRules, RateLimit, RefusalRule

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOSED: Final = RefusalRule("closed")
_NOT_PERMITTED: Final = RefusalRule("not-permitted")
_THREAD_ARCHIVED: Final = RefusalRule("thread-archived")
_BLOCKED: Final = RefusalRule("blocked", after=2)

OUTCOMES: Final[Mapping[str, RefusalRule]] = {
    "10003": RefusalRule("channel-gone"),
    "10004": RefusalRule("uninstalled"),
    "10013": _CLOSED,
    "50001": RefusalRule("not-member"),
    "50007": _CLOSED,
    "50008": _NOT_PERMITTED,
    "50013": _NOT_PERMITTED,
    "50024": _NOT_PERMITTED,
    "50083": _THREAD_ARCHIVED,
    "50278": _CLOSED,
    "160005": _THREAD_ARCHIVED,
    "40067": _NOT_PERMITTED,
    "200000": _BLOCKED,
    "200001": _BLOCKED,
    "240000": _BLOCKED,
    "20028": RefusalRule("refused", after=0),
}
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json"""

POST_RULES: Final = PostRules(budgets=(RateLimit(Per.BOT, 48.5),), outcomes=OUTCOMES)
"""Discord takes 50 requests a second of a bot; the rest is room for what bunches on the way:
https://docs.discord.com/developers/topics/rate-limits#global-rate-limit"""
