"""Every platform, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.platforms.discord.discord_platform import DISCORD
from bot.platforms.slack.slack_platform import SLACK

if TYPE_CHECKING:
    from bot.platforms.base import Platform

PLATFORMS: Final[tuple[Platform, ...]] = (SLACK, DISCORD)
