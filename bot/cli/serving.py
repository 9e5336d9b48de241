"""`serve`: everything that is configured, in one process, until a signal ends it."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands
    from bot.settings import Settings


def register(commands: Commands) -> None:
    """Add the command of this file."""
    serve = commands.add_parser("serve", help="Run the bot: whatever is configured.")
    serve.set_defaults(run=run_serve)


def run_serve(args: Namespace) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end."""
    from bot.cli.logs import set_up_logging  # noqa: PLC0415 - structlog is loaded only here

    del args
    settings = load_settings()
    set_up_logging()
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    from bot.bootstrap.running import running  # noqa: PLC0415 - SQLAlchemy and aiohttp, too

    stop = asyncio.Event()
    end_on_signals(stop)
    async with running(settings) as supervisor:
        await supervisor.run(stop)


def end_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on the first SIGTERM or SIGINT; end the process at once on the second."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)
