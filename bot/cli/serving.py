"""`serve`: everything that is configured, in one process, until a signal ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from bot.cli.command_line import Commands
    from bot.settings import Settings


LINGER_S = 0.8
"""From the end of the work to the end of the process: last notes are written, threads end."""


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
    stop = asyncio.Event()
    done = end_on_signals(stop)
    from bot.app import running  # noqa: PLC0415 - SQLAlchemy and aiohttp, too

    on_pages = _say_pages if sys.stdout.isatty() else None
    async with running(settings, stop, on_pages) as supervisor:
        await supervisor.run(stop)
        done()


def _say_pages(address: str) -> None:
    print(f"\nPlayground: {address}  (Ctrl+C ends it)\n", flush=True)


def end_on_signals(stop: asyncio.Event) -> Callable[[], None]:
    """Set `stop` on the first SIGTERM or SIGINT; end the process at once on the second.

    Python's own handlers, since those of the loop are gone while the process still ends. Calling
    what is returned says that all is done: whatever comes then, the exit code is 0, and a thread
    that a library has not ended by `LINGER_S` seconds later does not hold the process.
    """
    loop = asyncio.get_running_loop()
    clean = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        del frame
        if clean.is_set():
            os._exit(0)
        if stop.is_set():
            os._exit(128 + number)
        loop.call_soon_threadsafe(stop.set)

    def finish() -> None:
        clean.set()
        end = threading.Timer(LINGER_S, os._exit, (0,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return finish
