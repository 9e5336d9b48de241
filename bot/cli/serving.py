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
    ending = Ending()
    from bot.bootstrap.running import running  # noqa: PLC0415 - SQLAlchemy and aiohttp, too

    async with running(settings, ending.stop) as supervisor:
        await supervisor.run(ending.stop)
    ending.clean = True


class Ending:
    """Sets `stop` on the first SIGTERM or SIGINT; the second ends the process at once.

    Python's own handlers, since those of the loop are gone while the process still ends.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.clean = False
        """Nothing is left to do: whatever comes now, the exit code is 0."""
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        del frame
        if self.clean:
            os._exit(0)
        if self.stop.is_set():
            os._exit(128 + number)
        self._loop.call_soon_threadsafe(self.stop.set)
