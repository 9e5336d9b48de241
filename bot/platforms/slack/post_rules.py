"""What Slack takes of posts, and what its refusals mean for schedules and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_PERMITTED: Final = RefusalRule("not-permitted")
_UNINSTALLED: Final = RefusalRule("uninstalled")
_CLOSED: Final = RefusalRule("closed")
_UNTOLD: Final = "failed"

_REFUSALS: Final[Mapping[str, tuple[RefusalRule | None, str]]] = {
    "channel_not_found": (RefusalRule("channel-gone"), "not-in-channel"),
    "is_archived": (RefusalRule("archived"), "archived"),
    "not_in_channel": (RefusalRule("not-member"), "not-in-channel"),
    "restricted_action": (_NOT_PERMITTED, "not-permitted"),
    "restricted_action_read_only_channel": (_NOT_PERMITTED, "read-only"),
    "restricted_action_thread_only_channel": (_NOT_PERMITTED, "threads-only"),
    "restricted_action_non_threadable_channel": (_NOT_PERMITTED, "no-threads"),
    "restricted_action_thread_locked": (None, "no-reply"),
    "cannot_reply_to_message": (None, "no-reply"),
    "thread_not_found": (None, "no-reply"),
    "missing_scope": (_NOT_PERMITTED, _UNTOLD),
    "no_permission": (_NOT_PERMITTED, "not-permitted"),
    "access_denied": (_NOT_PERMITTED, "not-permitted"),
    "ekm_access_denied": (None, "not-permitted"),
    "team_access_not_granted": (_UNINSTALLED, "not-permitted"),
    "account_inactive": (_UNINSTALLED, "not-installed"),
    "token_revoked": (_UNINSTALLED, "not-installed"),
    "invalid_auth": (_UNINSTALLED, "not-installed"),
    "app_uninstalled": (_UNINSTALLED, "not-installed"),
    "no_installation": (_UNINSTALLED, "not-installed"),
    "messages_tab_disabled": (_CLOSED, _UNTOLD),
    "cannot_dm_bot": (_CLOSED, _UNTOLD),
    "user_disabled": (_CLOSED, _UNTOLD),
    "method_not_supported_for_channel_type": (_NOT_PERMITTED, _UNTOLD),
    "org_login_required": (RefusalRule("refused", after=0), _UNTOLD),
    "expired_trigger_id": (None, "form-late"),
    "invalid_trigger_id": (None, "form-late"),
}
"""Slack's word for a refusal -> what it means for a schedule, where that is none of its own, and
the notice for whoever is waiting.
https://docs.slack.dev/reference/methods/chat.postMessage#errors
https://docs.slack.dev/reference/methods/views.open#errors"""


def notice_of(code: str) -> str:
    """The key of the notice that a refusal is told as."""
    return _REFUSALS[code][1] if code in _REFUSALS else _UNTOLD


POST_RULES: Final = PostRules(
    budgets=(RateLimit(Per.PLACE, 1.0), RateLimit(Per.WORKSPACE, 5.0)),
    outcomes={code: rule for code, (rule, _) in _REFUSALS.items() if rule},
)
"""One message a second in a channel, "several hundred messages per minute" in a workspace:
https://docs.slack.dev/apis/web-api/rate-limits"""
