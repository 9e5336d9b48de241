"""Discord as a component of the running bot: one session after the other, never too fast."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import discord
from discord.gateway import DiscordWebSocket
from yarl import URL

from bot.errors import RateLimited, SettingsError
from bot.platforms.discord.client import Bot, DiscordOptions, DiscordParts, use_api
from bot.platforms.discord.desk import DiscordService
from bot.platforms.discord.discord_poster import DiscordPoster
from bot.platforms.discord.discord_scheduling import DiscordScheduling
from bot.platforms.discord.handling import Handler
from bot.platforms.discord.sending import asked_wait_s

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.platforms.discord.slash_commands import CommandTexts
    from bot.schedules.subscriptions import Schedules
    from bot.service.assistant import Assistant
    from bot.service.ports import Store

IDENTIFIES_AT_ONCE: Final = 10
"""Identifies that may follow each other before they are spaced out, beside two for each shard."""
IDENTIFIES_A_DAY: Final = 1000
"""Discord resets the token of a bot that needs more:
https://docs.discord.com/developers/events/gateway#session-start-limit-object."""
SHARE: Final = 0.5
"""We use at most this share of what a day allows."""
DAY_S: Final = 86_400.0
MAX_PEOPLE: Final = 10_000


@dataclass(slots=True)
class Identifies:
    """A bucket of permissions to open a new gateway session; resuming one costs nothing."""

    capacity: float = IDENTIFIES_AT_ONCE
    refill_s: float = DAY_S / (SHARE * IDENTIFIES_A_DAY)
    _spent: float = 0.0
    _at: datetime | None = None

    def allow(self, shards: int, a_day: int) -> None:
        """Fit it to a bot of so many shards that Discord allows so many identifies a day."""
        self.capacity = IDENTIFIES_AT_ONCE + 2 * shards
        self.refill_s = DAY_S / (SHARE * a_day)

    def wait_s(self, now: datetime, needed: int = 1) -> float:
        """Seconds until so many may be taken, 0 where they may be now."""
        if self._at is not None:
            passed_s = max(0.0, (now - self._at).total_seconds())
            self._spent = max(0.0, self._spent - passed_s / self.refill_s)
        self._at = now
        return max(0.0, self._spent + needed - self.capacity) * self.refill_s

    def take(self, now: datetime) -> float:
        """Take one and return 0, or take none and return the seconds until there is one."""
        wait_s = self.wait_s(now)
        if not wait_s:
            self._spent += 1
        return wait_s


def throttled_s(times: int, asked_s: float) -> float:
    """How long to stay away after so many refusals in a row, at least what was asked for.

    A ban by Discord's edge names no time and grows with each request made during it.
    """
    return max(asked_s, min(3600.0, 60.0 * 2.0 ** min(times - 1, 10)))


@dataclass(slots=True)
class Cooldown:
    """Lets each person ask `burst` times at once and then once every `every_s` seconds."""

    burst: int
    every_s: float
    _free_at: dict[int, float] = field(default_factory=dict)

    def wait_s(self, person: int, now: datetime) -> float:
        """Count one question; 0 where it is allowed, else seconds until the next one is."""
        at = now.timestamp()
        start = max(at, self._free_at.get(person, at))
        wait = start + self.every_s - at - self.burst * self.every_s
        if wait > 0:
            return wait
        self._free_at[person] = start + self.every_s
        if len(self._free_at) > MAX_PEOPLE:
            self._free_at = {p: t for p, t in self._free_at.items() if t > at}
        return 0.0


SESSIONS_KEPT: Final = 25
"""New sessions of the day that we leave unused, so that a person can still start the bot."""
NO_NEW_START: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway."""


class DiscordComponent:
    """Implements `ports.Component`."""

    name = "discord"

    def __init__(
        self,
        options: DiscordOptions,
        assistant: Assistant,
        store: Store,
        texts: CommandTexts,
        clock: Callable[[], datetime],
        schedules: Schedules | None = None,
    ) -> None:
        cooldown = Cooldown(options.questions_at_once, options.seconds_a_question)
        desk = DiscordService(assistant, store, clock)
        self.parts = DiscordParts(
            options,
            Handler(desk, cooldown, clock, options.answer_within_s),
            DiscordScheduling(schedules, assistant, clock),
            store,
            texts,
            Identifies(),
            clock,
        )
        self.poster = DiscordPoster(lambda: self._bot)
        self._throttled = 0
        self._bot: Bot | None = None
        self._draining = False

    async def run(self) -> None:
        """Hold one session until it ends; whoever runs this starts it anew, but after `drain`.

        Raises:
            SettingsError: The token or the application's settings have to be put right.
            RateLimited: Discord wants us to stay away for some time.
            HTTPException: A request failed; a new session may work.
            ConnectionClosed: The session ended; a new one may work.
        """
        bot = self._bot = self.new_bot()
        try:
            async with bot:
                await bot.login(self.parts.options.token)
                self._throttled = 0
                await self._spare_sessions(bot)
                await bot.connect()
        except discord.HTTPException as error:
            if error.status == 429:  # noqa: PLR2004
                self._throttled += 1
                wait_s = throttled_s(self._throttled, asked_wait_s(error))
                raise RateLimited("429", wait_s) from error
            raise
        except discord.RateLimited as error:
            raise RateLimited("429", error.retry_after) from error
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
            raise SettingsError(f"DISCORD_TOKEN: {_FIX}") from error
        except discord.ConnectionClosed as error:
            if error.code in NO_NEW_START:
                text = f"DISCORD_TOKEN: Discord ended the session ({error.code}). {_FIX}"
                raise SettingsError(text) from error
            raise
        finally:
            self._bot = None
        if self._draining:
            await asyncio.Event().wait()

    def ready(self) -> bool:
        """Whether every shard is connected."""
        bot = self._bot
        if bot is None or self._draining or not bot.is_ready():
            return False
        return bool(bot.shards) and not any(s.is_closed() for s in bot.shards.values())

    async def drain(self) -> None:
        """Answer what was asked, then leave the gateway."""
        self._draining = True
        if bot := self._bot:
            await bot.handler.finish()
            await self.poster.posting.end()
            await bot.close()

    def new_bot(self) -> Bot:
        """A bot that has not logged in yet."""
        use_api(self.parts.options.api_url)
        return Bot(self.parts)

    async def _spare_sessions(self, bot: Bot) -> None:
        """Read what is left of today's sessions and keep some.

        discord.py's `fetch_session_start_limits` tells neither how many shards there are nor the
        address, which is another for an API of one's own.

        Raises:
            RateLimited: Too few are left, or too many were begun.
        """
        shards, gateway, limits = await bot.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)
        self.parts.identifies.allow(shards, limits["total"])
        if limits["remaining"] < min(SESSIONS_KEPT + shards, limits["total"]):
            raise RateLimited("identify", limits["reset_after"] / 1000)
        if wait_s := self.parts.identifies.wait_s(self.parts.clock(), shards):
            raise RateLimited("identify", wait_s)


_FIX: Final = (
    "Discord did not accept it. Copy the bot's token anew from the application's page at "
    "discord.com/developers, and see docs/discord.md."
)
