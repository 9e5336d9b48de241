"""`slack`: what is needed to connect a workspace."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import TYPE_CHECKING, Any

import yaml

from bot.answering.complete import completions
from bot.parts import load_catalog
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.command_line import Commands
    from bot.settings import Settings


_HOST = re.compile(r"https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?/?")


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    slack: ArgumentParser = commands.add_parser(
        "slack", help="Connect Slack: slack manifest, slack new-key."
    )
    actions = slack.add_subparsers(dest="action", required=True, metavar="ACTION")
    manifest = actions.add_parser("manifest", help="Print the app manifest to paste into Slack.")
    manifest.add_argument(
        "--url",
        type=_public_url,
        metavar="https://HOST",
        help="for HTTP mode: where Slack reaches the bot; without it the manifest is for "
        "Socket Mode",
    )
    manifest.set_defaults(run=run_manifest)
    key = actions.add_parser("new-key", help="Print a fresh SLACK_ENCRYPTION_KEY.")
    key.set_defaults(run=run_new_key)


def run_manifest(args: Namespace) -> int:
    """Print the manifest as YAML."""
    manifest = slack_manifest(load_settings(), args.url)
    print(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100), end="")
    return 0


def slack_manifest(settings: Settings, url: str | None) -> dict[str, Any]:
    """The manifest of a Slack app for this library.

    Raises:
        ContentError: The library is wrong.
    """
    from bot.platforms.slack.manifest import build_manifest  # noqa: PLC0415 - only here

    catalog = load_catalog(settings.briefs_dir, settings.config_dir)
    return build_manifest(completions("", catalog, 4), url, schedules=settings.schedules != "off")


def run_new_key(args: Namespace) -> int:
    """Print a key; keep it as secret as the tokens that it protects."""
    del args
    from bot.platforms.slack.installations import new_key  # noqa: PLC0415 - only here

    print(new_key())
    return 0


def _public_url(text: str) -> str:
    if not text.startswith("https://"):
        raise ArgumentTypeError("Slack only calls addresses that start with https://")
    if not _HOST.fullmatch(text):
        raise ArgumentTypeError(
            "give the scheme and the host only, like https://bot.example.com, without a path "
            "or blanks; the manifest adds the paths"
        )
    return text.rstrip("/")
