"""What Slack takes of posts, and what its refusals mean for a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_PERMITTED: Final = RefusalRule("not-permitted")
_UNINSTALLED: Final = RefusalRule("uninstalled")
_CLOSED: Final = RefusalRule("closed")

OUTCOMES: Final[Mapping[str, RefusalRule]] = {
    "channel_not_found": RefusalRule("channel-gone"),
    "is_archived": RefusalRule("archived"),
    "not_in_channel": RefusalRule("not-member"),
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
    "messages_tab_disabled": _CLOSED,
    "cannot_dm_bot": _CLOSED,
    "user_disabled": _CLOSED,
    "method_not_supported_for_channel_type": _NOT_PERMITTED,
    "org_login_required": RefusalRule("refused", after=0),
    "fatal_error": RefusalRule("refused", after=0),
}
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""

POST_RULES: Final = PostRules(
    budgets=(RateLimit(Per.PLACE, 1.0), RateLimit(Per.WORKSPACE, 5.0)), outcomes=OUTCOMES
)
"""One message a second in a channel, "several hundred messages per minute" in a workspace:
https://docs.slack.dev/apis/web-api/rate-limits"""
