"""What the parts of the running bot are built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.bootstrap import clock
from bot.platforms.registry import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.gaps.gap_ports import GapStore
    from bot.platforms.base import Platform
    from bot.schedules.posting_ports import Poster
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant
    from bot.service.library import LiveLibrary
    from bot.service.ports import DecisionStore, Store
    from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """What a platform is built from; it implements `platforms.base.PlatformContext`."""

    settings: Settings
    assistant: Assistant
    store: Store
    engine: AsyncEngine
    schedules: Schedules | None = None
    """The use cases of schedules; None where scheduling is off."""
    posters: dict[str, Poster] = field(default_factory=dict)
    """Each platform that is set up puts in here how deliveries reach it."""
    gaps: GapStore | None = None
    """Questions that were not answered well, for the pages."""
    clock: Callable[[], datetime] = clock
    library: LiveLibrary | None = None
    """What keeps the assistant's catalog like the files; None where nothing is watched."""
    decisions: DecisionStore | None = None
    """What the reader chose; None where none is set up."""
    platforms: Sequence[Platform] = PLATFORMS
