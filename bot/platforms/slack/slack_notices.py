"""What Slack's refusals mean for schedules, people and operators, and what tells them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.errors import RateLimited, Refused, Uncertain
from bot.schedules.posting import Per, PostRules, RateLimit, RefusalRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.errors import DeliveryError

SLACK_NOTICES: Final = {
    "late": "Slack has told you that this failed: I was too slow. Nothing was done; please try "
    "again.",
    "stranger": "I only answer people of the organization that installed me. Please ask one of "
    "them, or have me installed in your own workspace.",
    "stranger-manages": "Schedules are made by people of the organization that installed me.",
    "form-late": "I was too slow for Slack to open the form. Please try again, or put it in "
    "words: /aibrief schedule help shows how.",
    "unsure": "Slack failed while I answered, so I cannot tell whether my answer arrived. If you "
    "do not see it, please ask again.",
    "working": "I am at it. This window shows what has come of it.",
    "archived": "This channel is archived, so nobody can post in it. Ask me in another one, or "
    "with /aibrief.",
    "threads-only": "This channel only takes replies in threads, and my answer would not be one. "
    "Ask me in a thread, or with /aibrief.",
    "no-threads": "I answer in a thread, and this channel has none. Ask me with /aibrief.",
    "read-only": "Only some people may post in this channel, and I am not one of them. Ask me "
    "with /aibrief, or have an admin of the channel let me post.",
    "no-reply": "That message cannot be replied to. Ask me anew in the channel, or with /aibrief.",
    "not-permitted": "This workspace does not let me post there. Ask me with /aibrief, or ask an "
    "admin of the workspace.",
}
"""By key, beside `phrases.NOTICES`."""


def notice_text(key: str) -> str:
    """The sentence of a key."""
    return SLACK_NOTICES.get(key) or phrases.NOTICES[key]


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

POST_RULES: Final = PostRules(
    budgets=(RateLimit(Per.PLACE, 1.0), RateLimit(Per.WORKSPACE, 5.0)),
    outcomes={code: rule for code, (rule, _) in _REFUSALS.items() if rule},
)
"""One message a second in a channel, "several hundred messages per minute" in a workspace:
https://docs.slack.dev/apis/web-api/rate-limits"""


def notice_for(error: DeliveryError) -> str | None:
    """The key of what to tell; None where Slack may still post the answer."""
    match error:
        case RateLimited():
            return "busy"
        case Refused(code=code):
            return _REFUSALS[code][1] if code in _REFUSALS else _UNTOLD
        case Uncertain(answered=True):
            return "unsure"
    return None


APPS: Final = "https://api.slack.com/apps"
_FIXES: Final = {
    "invalid_auth": f"Copy the token again from {APPS}.",
    "not_authed": f"Copy the token again from {APPS}.",
    "account_inactive": "The app was removed from the workspace: install it again.",
    "token_revoked": "The token was revoked: install the app again and copy the new token.",
    "token_expired": "Token rotation is on: switch it off, or install by OAuth.",
    "not_allowed_token_type": "This is another kind of token: see docs/slack.md, step 3.",
    "missing_scope": "Add the scope connections:write to the app-level token.",
    "unreachable": "Check the network and SLACK_API_URL.",
}


def fix_of(code: str) -> str:
    """What to do where Slack refuses a token with this word."""
    return _FIXES.get(code, f"Look the word up in Slack's documentation; the app is at {APPS}.")
