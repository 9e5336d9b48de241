"""`slack`: what is needed to connect a workspace."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import TYPE_CHECKING

import yaml

from bot.bootstrap import slack as wiring
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands


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
    manifest = wiring.slack_manifest(load_settings(), args.url)
    print(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100), end="")
    return 0


def run_new_key(args: Namespace) -> int:
    """Print a key; keep it as secret as the tokens that it protects."""
    del args
    print(wiring.new_slack_key())
    return 0


def _public_url(text: str) -> str:
    if not text.startswith("https://") or len(text) <= len("https://"):
        raise ArgumentTypeError("Slack only calls addresses that start with https://")
    return text
