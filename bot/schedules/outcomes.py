"""Ways in which a post fails, one table a platform: what becomes of the schedule, what is told.

A code that is not listed is a refusal for a reason of its own: after a few in a row the schedule
pauses. Whatever passes by itself (limits, timeouts, errors of the platform) is no refusal and
never comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_COVERED: Final = "not-covered"
"""Our own: the briefs have nothing any more of what a schedule sends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refusal means."""

    notice: str
    """What the owner is told: `notice.*` of the texts."""
    after: int = 1
    """The schedule pauses after so many refusals in a row; 0 goes on for ever."""


_GONE = Outcome("channel-gone")
_NOT_MEMBER = Outcome("not-member")
_NOT_PERMITTED = Outcome("not-permitted")
_UNINSTALLED = Outcome("uninstalled")
_OTHER = Outcome("refused", after=3)

SLACK: Final[Mapping[str, Outcome]] = {
    "channel_not_found": _GONE,
    "is_archived": Outcome("archived"),
    "not_in_channel": _NOT_MEMBER,
    "restricted_action": _NOT_PERMITTED,
    "restricted_action_read_only_channel": _NOT_PERMITTED,
    "restricted_action_thread_only_channel": _NOT_PERMITTED,
    "restricted_action_non_threadable_channel": _NOT_PERMITTED,
    "missing_scope": _NOT_PERMITTED,
    "no_permission": _NOT_PERMITTED,
    "access_denied": _NOT_PERMITTED,
    "team_access_not_granted": _UNINSTALLED,
    "account_inactive": _UNINSTALLED,
    "token_revoked": _UNINSTALLED,
    "invalid_auth": _UNINSTALLED,
    "app_uninstalled": _UNINSTALLED,
    "no_installation": _UNINSTALLED,
    "messages_tab_disabled": Outcome("closed"),
    "cannot_dm_bot": Outcome("closed"),
    "user_disabled": Outcome("closed"),
    "method_not_supported_for_channel_type": _NOT_PERMITTED,
    "org_login_required": Outcome("refused", after=0),
    "fatal_error": Outcome("refused", after=0),
    NOT_COVERED: Outcome("not-covered"),
}
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

DISCORD: Final[Mapping[str, Outcome]] = {
    "10003": _GONE,
    "10004": _UNINSTALLED,
    "10013": Outcome("closed"),
    "50001": _NOT_MEMBER,
    "50007": Outcome("closed"),
    "50008": _NOT_PERMITTED,
    "50013": _NOT_PERMITTED,
    "50024": _NOT_PERMITTED,
    "50083": Outcome("thread-archived"),
    "50278": Outcome("closed"),
    "160005": Outcome("thread-archived"),
    "40067": _NOT_PERMITTED,
    "200000": Outcome("blocked", after=2),
    "200001": Outcome("blocked", after=2),
    "240000": Outcome("blocked", after=2),
    "20028": Outcome("refused", after=0),
    NOT_COVERED: Outcome("not-covered"),
}
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json"""

_TABLES: Final = {"slack": SLACK, "discord": DISCORD}


def outcome_of(platform: str, code: str) -> Outcome:
    """What a refusal with this code means there."""
    return _TABLES.get(platform, {}).get(code, _OTHER)
