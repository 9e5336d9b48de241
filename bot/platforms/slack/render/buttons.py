"""What a button carries: a version, what it does, and ids; never text that somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.answering import phrases
from bot.platforms.slack.render import limits
from bot.platforms.slack.render.slack_text import escape, one_line, plain, shorten

VERSION = "1"
ACTION_PREFIX = "aibrief:"

ASK, WHY, SHARE, RATE, SCHEDULE = "ask", "why", "share", "rate", "schedule"
"""The kinds, with their ids: what to ask; answer; answer and asker; answer and "up" or "down";
what to do and the schedule."""
NEW, LIST = "new", "list"
"""With `SCHEDULE`, twice: for one that is not there yet, and for all of a channel."""
TELL = "tell"
"""With the id of the answer that did not cover it."""

HOME, FIND = "home", "find"
"""On the App Home: with a page; what is typed comes beside it."""

_COUNTS = {HOME: 1, FIND: 0, ASK: 1, WHY: 1, SHARE: 2, RATE: 2, SCHEDULE: 2, TELL: 1}


@dataclass(frozen=True, slots=True)
class Button:
    """A button that was pressed."""

    kind: str
    ids: tuple[str, ...]


def button_value(kind: str, *ids: str) -> str:
    """The value of a button of this version."""
    return "|".join((VERSION, kind, *ids))


def parse_button(value: object) -> Button | None:
    """The button of a value; None for one of another version or of nobody's making."""
    if not isinstance(value, str):
        return None
    version, _, rest = value.partition("|")
    kind, *ids = rest.split("|")
    if version != VERSION or len(ids) != _COUNTS.get(kind) or not all(ids):
        return None
    return Button(kind, tuple(ids))


def button(label: str, action: str, value: str, *, about: str = "") -> dict[str, Any] | None:
    """A button element; None where there is nothing to show or the value does not fit."""
    text = shorten(label, limits.BUTTON_CHARS)
    if not text or limits.count_chars(value) > limits.BUTTON_VALUE_CHARS:
        return None
    element: dict[str, Any] = {
        "type": "button",
        "text": plain(text),
        "action_id": f"{ACTION_PREFIX}{action}",
        "value": value,
    }
    if about:
        element["accessibility_label"] = escape(shorten(one_line(about), limits.BUTTON_CHARS))
    return element


def plain_feedback(answer_id: str) -> list[dict[str, Any] | None]:
    """The same as two ordinary buttons, for where Slack does not take the block."""
    return [
        button(phrases.HELPFUL, f"{RATE}:up", button_value(RATE, answer_id, "up")),
        button(phrases.NOT_HELPFUL, f"{RATE}:down", button_value(RATE, answer_id, "down")),
    ]


def feedback(answer_id: str) -> dict[str, Any]:
    """Thumbs up and down.

    https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
    """

    def side(label: str, vote: str) -> dict[str, Any]:
        return {"text": plain(label), "value": button_value(RATE, answer_id, vote)}

    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": f"{ACTION_PREFIX}{RATE}",
                "positive_button": side(phrases.HELPFUL, "up"),
                "negative_button": side(phrases.NOT_HELPFUL, "down"),
            }
        ],
    }
