"""One event that discord.py cannot read costs that event, not the session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    Parse = Callable[[Any], None]

log = structlog.get_logger(__name__)

VITAL: Final = frozenset({"READY", "RESUMED"})
"""Without these there is no session, so a new one is begun."""


def guard_parsers(parsers: MutableMapping[str, Parse], event_lost: Callable[[str], None]) -> None:
    """Keep what a parser raises from leaving it; `event_lost` is told the event's name.

    discord.py has no public place for this: an exception in a parser leaves `Client.connect`.
    """
    for name, parse in parsers.items():
        if name not in VITAL:
            parsers[name] = partial(_guarded, name, parse, event_lost)


def _guarded(name: str, parse: Parse, event_lost: Callable[[str], None], data: Any) -> None:
    try:
        parse(data)
    except Exception as error:
        event_lost(name)
        log.exception("discord.event_lost", event_name=name, error=type(error).__name__)
