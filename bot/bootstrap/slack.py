"""What the commands `aibrief slack ...` need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.bootstrap import build_assistant, load_catalog

if TYPE_CHECKING:
    from bot.settings import Settings


def slack_manifest(settings: Settings, url: str | None) -> dict[str, Any]:
    """The manifest of a Slack app for this library.

    Raises:
        ContentError: The library is wrong.
    """
    from bot.platforms.slack.manifest import build_manifest  # noqa: PLC0415 - only here

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    prompts = build_assistant(catalog).complete("", 4)
    return build_manifest(prompts, url, schedules=settings.schedules != "off")


def new_slack_key() -> str:
    """A fresh SLACK_ENCRYPTION_KEY."""
    from bot.platforms.slack.installations import new_key  # noqa: PLC0415 - only here

    return new_key()
