"""What Slack is to the rest of the bot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.platforms.base import Platform, Press, Verb
from bot.platforms.slack import setup
from bot.platforms.slack.meters import slack_meters
from bot.platforms.slack.post_rules import POST_RULES
from bot.platforms.slack.preview import preview_slack
from bot.platforms.slack.render import render_answer, render_explanation, render_notice
from bot.platforms.slack.render.buttons import ASK, RATE, SHARE, TELL, WHY, Button, parse_button
from bot.service.forgetting import OwnTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from bot.platforms.base import Meter, Payload
    from bot.service.assistant import Explanation, Reply

_VERBS: Final = {WHY: Verb.WHY, SHARE: Verb.SHARE, TELL: Verb.TELL}
_VOTES: Final = {"up": Verb.UP, "down": Verb.DOWN}


class _Drawing:
    """Implements `base.Drawing`."""

    def answer(
        self, reply: Reply, *, private: bool, can_tell: bool, page: int
    ) -> Sequence[Payload]:
        """All of it at once; Slack's answers have no pages."""
        del page
        asker = "you" if private else None
        return render_answer(reply.answer, reply.id, share_as=asker, can_tell=can_tell)

    def explanation(self, why: Explanation) -> Sequence[Payload]:
        """See `base.Drawing`."""
        return render_explanation(why)

    def notice(self, key: str) -> Payload:
        """See `base.Drawing`."""
        return render_notice(key)

    def draw(self, payload: Payload) -> Markup:
        """See `base.Drawing`."""
        return preview_slack(payload)

    def meters(self, payload: Payload) -> Sequence[Meter]:
        """See `base.Drawing`."""
        return slack_meters(payload)

    def press(self, value: str, choice: str) -> Press | None:
        """See `base.Drawing`; a button of a schedule means nothing without a channel."""
        del choice
        match parse_button(value):
            case Button(kind, (ask,)) if kind == ASK:
                return Press(Verb.ASK, ask)
            case Button(kind, (answer_id, vote)) if kind == RATE and vote in _VOTES:
                return Press(_VOTES[vote], answer_id)
            case Button(kind, (answer_id, *_)) if kind in _VERBS:
                return Press(_VERBS[kind], answer_id)
        return None


SLACK: Final = Platform(
    name="slack",
    label="Slack",
    schedule="/aibrief schedule weekdays 9:00 china-vs-us",
    set_up="set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, see docs/slack.md",
    workspace="workspace",
    channel_example="C012AB3CD",
    person_example="U012AB3CD",
    person_id=re.compile(r"[UW][A-Z0-9]{2,}"),
    person_help="in Slack it is in the profile under More, Copy member ID",
    votes_prefix="",
    post_rules=POST_RULES,
    log_levels={"slack_bolt": "ERROR", "slack_sdk": "ERROR"},
    drawing=_Drawing(),
    build=setup.build,
    check=setup.check,
    date_url=setup.date_url,
    own_tables=(OwnTable("slack_installations", "user_id", ("user_token", "user_refresh_token")),),
)
