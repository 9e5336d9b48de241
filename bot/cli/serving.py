"""`serve`: everything that is configured, in one process, until a signal ends it; its log."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import structlog

from bot.platforms.registry import PLATFORMS
from bot.service.hiding import hide_secrets
from bot.settings import load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, MutableMapping, Sequence

    from bot.cli.command_line import Commands
    from bot.settings import Settings


def register(commands: Commands) -> None:
    """Add the command of this file."""
    serve = commands.add_parser("serve", help="Run the bot: whatever is configured.")
    serve.set_defaults(run=run_serve)


def run_serve(args: Namespace) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end."""
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
        # From the end of the work to the end of the process: last notes are written, threads
        # end.
        end = threading.Timer(0.8, os._exit, (0,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return finish


_QUIET = {
    "alembic": "WARNING",
    "watchfiles": "WARNING",  # it counts changes; `library.loaded` tells what came of them
}
"""Libraries that log each step below these levels; the platforms' own are known to them."""


class _HideRequests(logging.Filter):
    """aiohttp quotes what it cannot read of a request: an address, or a header with a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the kind of fault only."""
        error = record.exc_info[1] if record.exc_info else None
        if type(error).__module__ in {"aiohttp.http_exceptions", "aiohttp.web_protocol"}:
            record.msg, record.args = "web.request_not_understood", ()
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


_HIDE_REQUESTS = _HideRequests()


def set_up_logging(*, level: str = "INFO") -> None:
    """Send everything, the libraries' own lines included, to standard output."""
    shared: Sequence[Any] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(shared, for_people=sys.stdout.isatty()))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for levels in (_QUIET, *(platform.log_levels for platform in PLATFORMS)):
        for name, least in levels.items():
            logging.getLogger(name).setLevel(least)
    logging.getLogger("aiohttp.server").addFilter(_HIDE_REQUESTS)


def _formatter(shared: Sequence[Any], *, for_people: bool) -> logging.Formatter:
    last: Any = (
        structlog.dev.ConsoleRenderer()
        if for_people
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return _HidingFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Text before secrets are hidden; without local variables, which hold people's words.
            structlog.processors.format_exc_info,
            _hide,
            last,
        ],
    )


class _HidingFormatter(structlog.stdlib.ProcessorFormatter):
    """Hides in the whole line what its parts did not show: values that are no text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return hide_secrets(super().format(record))


def _hide(logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
    del logger, method
    return {k: hide_secrets(v) if isinstance(v, str) else v for k, v in event.items()}
