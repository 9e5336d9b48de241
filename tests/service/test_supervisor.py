"""Each component lives on its own; the end is orderly and bounded."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import RateLimited
from bot.service.supervisor import Backoff, Supervisor, readiness


class Part:
    """A component that does as it is told."""

    def __init__(
        self, name: str, errors: list[Exception] | None = None, drain_s: float = 0.0
    ) -> None:
        self.name = name
        self.errors = errors or []
        self.drain_s = drain_s
        self.starts = 0
        self.working = False
        self.drained = False

    async def run(self) -> None:
        self.starts += 1
        if self.errors:
            raise self.errors.pop(0)
        self.working = True
        try:
            await asyncio.Event().wait()
        finally:
            self.working = False

    def ready(self) -> bool:
        return self.working

    async def drain(self) -> None:
        await asyncio.sleep(self.drain_s)
        self.drained = True


class Sleeper:
    """Counts the waits instead of waiting."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


async def until(condition: object) -> None:
    async with asyncio.timeout(2):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0)


async def test_one_fails_and_the_other_goes_on() -> None:
    good, bad = Part("good"), Part("bad", [RuntimeError("x"), RuntimeError("y"), OSError("z")])
    sleeper, stop = Sleeper(), asyncio.Event()
    running = asyncio.create_task(Supervisor([good, bad], sleep=sleeper).run(stop))
    await until(lambda: good.working and bad.working)
    assert (good.starts, bad.starts) == (1, 4)
    assert sleeper.waits == [1.0, 2.0, 4.0]
    assert readiness([good, bad]) == {"good": True, "bad": True}
    stop.set()
    await running
    assert good.drained
    assert readiness([good, bad]) == {"good": False, "bad": False}


async def test_a_platform_that_asks_to_wait_is_obeyed() -> None:
    part, sleeper, stop = Part("p", [RateLimited("429", 45.0)]), Sleeper(), asyncio.Event()
    running = asyncio.create_task(Supervisor([part], sleep=sleeper).run(stop))
    await until(lambda: part.working)
    stop.set()
    await running
    assert sleeper.waits == [45.0]


async def test_draining_is_cut_short() -> None:
    slow, quick = Part("slow", drain_s=60), Part("quick")
    stop = asyncio.Event()
    running = asyncio.create_task(Supervisor([slow, quick], drain_s=0.05).run(stop))
    await until(lambda: slow.working)
    stop.set()
    async with asyncio.timeout(2):
        await running
    assert (slow.drained, quick.drained) == (False, True)
    assert not slow.working


class EndsWhenDrained(Part):
    """Its work ends by itself once it drains, as a closed connection does."""

    def __init__(self) -> None:
        super().__init__("closing")
        self.closed = asyncio.Event()

    async def run(self) -> None:
        self.starts += 1
        self.working = True
        await self.closed.wait()

    async def drain(self) -> None:
        self.closed.set()
        await asyncio.sleep(0.01)
        self.drained = True


async def test_what_ends_while_draining_is_not_begun_anew() -> None:
    part, stop = EndsWhenDrained(), asyncio.Event()
    running = asyncio.create_task(Supervisor([part], sleep=Sleeper()).run(stop))
    await until(lambda: part.working)
    stop.set()
    await running
    assert (part.starts, part.drained) == (1, True)


async def test_nothing_to_run_ends_too() -> None:
    stop = asyncio.Event()
    stop.set()
    await Supervisor([]).run(stop)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(1, 1.0), (2, 2.0), (6, 32.0), (7, 60.0), (9999, 60.0)]
)
def test_backoff_doubles_up_to_a_minute(failures: int, wait_s: float) -> None:
    assert Backoff().wait_s(failures) == wait_s
