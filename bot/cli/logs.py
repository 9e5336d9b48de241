"""Logging: one JSON object a line where output is read by machines, readable on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

from bot.platforms.base import dump_json
from bot.platforms.registry import PLATFORMS
from bot.setting_values import hide_secrets

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

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
        else structlog.processors.JSONRenderer(serializer=dump_json)
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
