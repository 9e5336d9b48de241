"""What Discord is to the rest of the bot."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.answering import phrases
from bot.platforms.base import Platform, Press
from bot.platforms.discord import setup
from bot.platforms.discord.meters import discord_meters
from bot.platforms.discord.post_rules import POST_RULES
from bot.platforms.discord.preview import preview_discord
from bot.platforms.discord.render.discord_ids import parse_action
from bot.platforms.discord.render.payload import (
    explanation_facts,
    render_answer,
    render_explanation,
    render_note,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from bot.platforms.base import Meter, Payload
    from bot.service.assistant import Explanation, Reply


class _Drawing:
    """Implements `base.Drawing`."""

    def answer(
        self, reply: Reply, *, private: bool, can_tell: bool, page: int
    ) -> Sequence[Payload]:
        """The page; the others are behind its buttons."""
        pages = render_answer(reply.answer, reply.id, shareable=private, can_tell=can_tell)
        return [pages[page] if page < len(pages) else render_note(phrases.EXPIRED)]

    def explanation(self, why: Explanation) -> Sequence[Payload]:
        """See `base.Drawing`."""
        return render_explanation(why.statements, why.sources, explanation_facts(why))

    def notice(self, key: str) -> Payload:
        """See `base.Drawing`."""
        return render_note(phrases.NOTICES[key])

    def draw(self, payload: Payload) -> Markup:
        """See `base.Drawing`."""
        return preview_discord(payload)

    def meters(self, payload: Payload) -> Sequence[Meter]:
        """See `base.Drawing`."""
        return discord_meters(payload)

    def press(self, value: str, choice: str) -> Press | None:
        """See `base.Drawing`."""
        found = parse_action(value)
        return replace(found, choice=choice) if found else None


DISCORD: Final = Platform(
    name="discord",
    label="Discord",
    schedule="/briefing add",
    set_up="set DISCORD_TOKEN, see docs/discord.md",
    workspace="server",
    channel_example="123456789012345678",
    person_example="123456789012345678",
    person_id=re.compile(r"[0-9]{15,20}"),
    person_help=(
        "in Discord turn on the developer mode, then right-click the person, Copy User ID"
    ),
    votes_prefix="discord:",
    post_rules=POST_RULES,
    # `discord.client` misses voice, which we do not use.
    log_levels={"discord": "WARNING", "discord.client": "ERROR"},
    drawing=_Drawing(),
    build=setup.build,
    check=setup.check,
    date_url=setup.date_url,
)
