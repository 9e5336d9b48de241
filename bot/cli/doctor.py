"""`doctor`: is everything set up, and what to do where it is not."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentTypeError
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.service.hiding import hide_secrets

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands
    from bot.service.health import Check


def register(commands: Commands) -> None:
    """Add the command of this file."""
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    forms = " or ".join(f"{p.name}:{p.channel_example}" for p in PLATFORMS)
    doctor = commands.add_parser("doctor", help="Check the set-up; exit code 1 on a fault.")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument(
        "--channel",
        type=_channel,
        action="append",
        default=[],
        metavar="PLATFORM:ID",
        help=f"also check what the bot may do there: {forms}",
    )
    doctor.set_defaults(run=run_doctor)


def _channel(text: str) -> tuple[str, str]:
    from bot.platforms.registry import PLATFORMS  # noqa: PLC0415 - only here

    platform, colon, channel = text.partition(":")
    names = [known.name for known in PLATFORMS]
    if platform not in names or not colon or not channel:
        forms = " or ".join(f"{name}:ID" for name in names)
        raise ArgumentTypeError(f"give the platform and the id of a channel there: {forms}")
    return platform, channel


def run_doctor(args: Namespace) -> int:
    """Print what was found; 1 where something is not well."""
    from bot.bootstrap.doctor import diagnose  # noqa: PLC0415 - only here

    found = [
        replace(check, message=hide_secrets(check.message), fix=hide_secrets(check.fix))
        for check in asyncio.run(diagnose(dict(args.channel)))
    ]
    well = all(check.ok for check in found)
    if args.json:
        print(json.dumps({"ok": well, "checks": [asdict(c) for c in found]}, ensure_ascii=False))
    else:
        _print(found)
    return 0 if well else 1


def _print(found: list[Check]) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only to print
    from rich.text import Text  # noqa: PLC0415 - rich is loaded only to print

    out = Console()
    for check in found:
        mark = Text("ok   ", "green") if check.ok else Text("FAULT", "bold red")
        out.print(mark, Text(f"{check.name}: {check.message}"))
        if not check.ok and check.fix:
            out.print(Text(f"      {check.fix}"))
