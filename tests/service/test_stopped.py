"""A component whose settings are wrong is told once, and the others go on."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.errors import SettingsError
from bot.service.supervisor import Backoff, Supervisor


class Part:
    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.runs = 0
        self._error = error

    async def run(self) -> None:
        self.runs += 1
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()

    def ready(self) -> bool:
        return self._error is None

    async def drain(self) -> None:
        """Nothing to finish."""


async def test_a_wrong_setting_is_told_once_and_not_tried_for_ever() -> None:
    wrong = Part("wrong", SettingsError("DISCORD_TOKEN: Discord did not accept it."))
    broken, well = Part("broken", OSError("away")), Part("well")
    stop = asyncio.Event()
    with capture_logs() as logs:
        supervisor = Supervisor([wrong, broken, well], Backoff(first_s=0.001, most_s=0.001))
        running = asyncio.create_task(supervisor.run(stop))
        async with asyncio.timeout(10):
            while broken.runs < 5:
                await asyncio.sleep(0.001)
        stop.set()
        await running
    assert (wrong.runs, well.runs) == (1, 1)
    told = [line for line in logs if line["event"] == "component.stopped"]
    assert [line["reason"] for line in told] == ["DISCORD_TOKEN: Discord did not accept it."]
