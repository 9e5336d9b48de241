"""Short notices: what the bot says of its own doings, in Slack's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.answering import phrases
from bot.platforms.slack.render import blocks as make
from bot.platforms.slack.render.slack_text import escape, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def render_notice(key: str) -> dict[str, Any]:
    """A notice as a message."""
    text = notice_text(key)
    return {
        "text": escape(text),
        "blocks": list(make.sections(text)),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def render_form_notice(key: str) -> dict[str, Any]:
    """A notice in the place of a form."""
    return _form(notice_text(key))


def render_form_problem(errors: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong with a form that was told to wait, so that its fields are there no more."""
    return _form(" ".join(errors.values()) or notice_text("failed"))


def render_form_message(view: Mapping[str, Any]) -> dict[str, Any]:
    """The same as `view` shows, as a message."""
    blocks = view["blocks"]
    return {
        "text": blocks[0]["text"]["text"],
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
        "parse": "none",
        "link_names": False,
    }


def _form(text: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain("AI Brief"),
        "close": plain("Close"),
        "blocks": list(make.sections(text)),
    }
