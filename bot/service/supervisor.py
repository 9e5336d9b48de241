"""Runs components side by side, each started anew on its own; one removes what has expired."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.errors import AibriefError, RateLimited, SettingsError
from bot.service.ports import Metrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.service.ports import Component, Prunable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a failed component waits: doubling from `first_s` to `most_s` seconds.

    One that had worked for `steady_s` seconds starts again at `first_s`.
    """

    first_s: float = 1.0
    most_s: float = 60.0
    steady_s: float = 60.0

    def wait_s(self, failures: int) -> float:
        """The wait after so many failures in a row, counted from 1."""
        return min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 30))


def readiness(components: Sequence[Component]) -> Mapping[str, bool]:
    """Each component's name and whether it can take work now."""
    return {component.name: component.ready() for component in components}


class Supervisor:
    """Owns the components of one process."""

    def __init__(
        self,
        components: Sequence[Component],
        backoff: Backoff | None = None,
        *,
        drain_s: float = 3.2,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._components = tuple(components)
        self._backoff = backoff or Backoff()
        self._drain_s = drain_s
        self._sleep = sleep
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Keep everything running until `stop` is set, then drain and end.

        Draining and ending take at most `drain_s` and half a second more.
        """
        tasks = [asyncio.create_task(self._keep(c), name=c.name) for c in self._components]
        try:
            await stop.wait()
            self._stopping = True
            await self._drain()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.5) if tasks else None

    async def _drain(self) -> None:
        draining = [asyncio.create_task(self._drain_one(c)) for c in self._components]
        if not draining:
            return
        _, late = await asyncio.wait(draining, timeout=self._drain_s)
        for task in late:
            task.cancel()
        if late:
            log.warning("drain.cut_short", components=len(late))
            await asyncio.wait(late, timeout=0.2)

    async def _drain_one(self, component: Component) -> None:
        try:
            await component.drain()
        except Exception as error:  # noqa: BLE001 - one part must not keep the others from ending
            log.warning("component.drain_failed", component=component.name, error=repr(error))

    async def _keep(self, component: Component) -> None:
        """Run one component for ever, waiting longer after each failure in a row.

        What only a person can put right, a setting, is not tried again.
        """
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            begun = loop.time()
            log.info("component.starting", component=component.name)
            at_least_s = 0.0
            try:
                await component.run()
                reason = "it ended"
            except SettingsError as error:
                self._metrics.component_failed(component.name)
                log.error("component.stopped", component=component.name, reason=str(error))  # noqa: TRY400 - its text says it all
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                reason = str(error) if isinstance(error, AibriefError) else repr(error)
                at_least_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
            if self._stopping:
                return
            failures = 1 if loop.time() - begun >= self._backoff.steady_s else failures + 1
            wait_s = max(self._backoff.wait_s(failures), at_least_s)
            self._metrics.component_failed(component.name)
            log.error(
                "component.failed", component=component.name, reason=reason, again_in_s=wait_s
            )
            await self._sleep(wait_s)


class Housekeeping:
    """A `ports.Component`; what it says of itself is said of the storage."""

    name = "storage"

    def __init__(self, store: Prunable, clock: Callable[[], datetime], *also: Prunable) -> None:
        self._stores = (store, *also)
        self._clock = clock
        self._ready = False

    async def run(self) -> None:
        """Prune now and every hour."""
        self._ready = False
        while True:
            for store in self._stores:
                await store.prune(now=self._clock())
            self._ready = True
            await asyncio.sleep(3600.0)

    def ready(self) -> bool:
        """Whether the last pruning succeeded: the database answers."""
        return self._ready

    async def drain(self) -> None:
        """Nothing to finish."""
