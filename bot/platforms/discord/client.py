"""The bot as discord.py runs it: what it listens to and how it opens sessions."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import discord
import structlog
from discord.http import Route

from bot.errors import RateLimited
from bot.platforms.discord.render.components import FORM, SCHEDULE_BUTTON, parse_action
from bot.platforms.discord.sending import ANSWER_WITHIN_S
from bot.platforms.discord.slash_commands import Tree, sync_commands
from bot.platforms.wire import FarClock

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, MutableMapping
    from datetime import datetime
    from types import SimpleNamespace

    from aiohttp import ClientResponse, ClientSession, TraceRequestEndParams

    from bot.platforms.discord.discord_component import Identifies
    from bot.platforms.discord.discord_scheduling import DiscordScheduling
    from bot.platforms.discord.handling import Handler
    from bot.platforms.discord.slash_commands import CommandTexts
    from bot.service.ports import Store

    Parse = Callable[[Any], None]

log = structlog.get_logger(__name__)


_PRESSED: Final = {discord.InteractionType.component, discord.InteractionType.modal_submit}


def needed_intents() -> discord.Intents:
    """A part of the default ones; none of them needs an approval by Discord."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


def use_api(url: str | None) -> None:
    """Point discord.py, which has one address for a whole process, to a REST API."""
    if url:
        Route.BASE = url.rstrip("/")


@dataclass(frozen=True, slots=True)
class DiscordOptions:
    """What the wiring passes in; the rest is for tests."""

    token: str = field(repr=False)
    api_url: str | None = None
    """The REST API, None for Discord's. It names the gateway."""
    answer_within_s: float = ANSWER_WITHIN_S
    identify_gap_s: float = 5.0
    """https://docs.discord.com/developers/events/gateway#rate-limiting."""
    ready_after_s: float = 1.0
    """Quiet time after which the list of servers is taken as complete."""
    sync_again_s: float = 60.0
    welcome: bool = True
    """Whether a server that is joined is told what to type."""
    questions_at_once: int = 12
    seconds_a_question: float = 1.0


@dataclass(frozen=True, slots=True)
class DiscordParts:
    """What a session is made of, and hands its events to."""

    options: DiscordOptions
    handler: Handler
    scheduling: DiscordScheduling
    store: Store
    texts: CommandTexts
    identifies: Identifies
    clock: Callable[[], datetime]


class Bot(discord.AutoShardedClient):
    """One session with Discord; after it has ended a new one is made."""

    def __init__(self, parts: DiscordParts) -> None:
        self.far_clock = FarClock()
        """Discord's time."""
        self._sockets: WeakSet[ClientResponse] = WeakSet()
        trace = self.far_clock.trace()
        trace.on_request_end.append(self._note_socket)
        super().__init__(
            http_trace=trace,
            intents=needed_intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            # Waiting for longer inside discord.py would hold everything up.
            max_ratelimit_timeout=30.0,
            guild_ready_timeout=parts.options.ready_after_s,
        )
        self.handler = parts.handler
        self.tree = Tree(self)
        self._parts = parts
        self._scheduling = parts.scheduling
        self.sync_at_start = True
        guard_parsers(self._connection.parsers, parts.handler.event_lost)
        self._syncing: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Before the first session: the commands and their registration."""
        await self.tree.fill(self.handler, self._scheduling, self._parts.texts)
        if self.sync_at_start and not await self._sync():
            self._syncing = asyncio.create_task(self._sync_later())

    async def close(self) -> None:
        """Leave the gateway.

        discord.py forgets sockets on which identifying failed; their threads end with the next
        beat once they are closed.
        """
        if self._syncing is not None:
            self._syncing.cancel()
        await super().close()
        for socket in list(self._sockets):
            socket.close()

    async def _note_socket(
        self, session: ClientSession, context: SimpleNamespace, params: TraceRequestEndParams
    ) -> None:
        """Remember what became a websocket."""
        del session, context
        if params.response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._sockets.add(params.response)

    async def _sync_later(self) -> None:
        """A new bot whose first registration met a bad moment would have no commands at all."""
        wait_s = self._parts.options.sync_again_s
        while True:
            await asyncio.sleep(wait_s)
            if await self._sync():
                return
            # After how long commands are registered anew that could not be: doubling.
            wait_s = min(2 * wait_s, 3600.0)

    async def _sync(self) -> bool:
        """Register the commands if they changed; False where it may work later."""
        try:
            await sync_commands(self.tree, self._parts.store)
        except Exception as error:  # noqa: BLE001 - whatever it is, people can ask
            log.warning("discord.commands_not_registered", error=repr(error))
            status = error.status if isinstance(error, discord.HTTPException) else 0
            return 400 <= status < 500 and status != 429  # noqa: PLR2004
        return True

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Space out new sessions, so that a storm of them never uses up what Discord allows.

        Raises:
            RateLimited: There were too many; whoever runs us waits.
        """
        wait_s = self._parts.identifies.take(self._parts.clock())
        if wait_s:
            log.warning("discord.too_many_sessions", shard=shard_id, wait_s=round(wait_s))
            raise RateLimited("identify", wait_s)
        if not initial:
            await asyncio.sleep(self._parts.options.identify_gap_s)

    async def on_ready(self) -> None:
        """Said again after each new session, which has no presence yet.

        Not in the IDENTIFY: discord.py names it there as an older gateway did.
        https://docs.discord.com/developers/events/gateway-events#update-presence
        """
        log.info("discord.listening", shards=self.shard_count, servers=len(self.guilds))
        # What stands below our name: how to ask.
        await self.change_presence(activity=discord.CustomActivity(name="/aibrief"))

    async def on_message(self, message: discord.Message) -> None:
        """Mentions, replies to us and direct messages; all others we do not see the text of."""
        if self.user is not None:
            await self.handler.on_message(message, self.user)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """An edit may add the mention. Raw, because we keep no messages to compare with."""
        if self.user is not None:
            await self.handler.on_edit(payload.message, self.user)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """What was scheduled there before runs on; say once what to type."""
        await self._scheduling.came_back(guild.id)
        if self._parts.options.welcome:
            await self.handler.on_join(guild)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Forms, buttons and menus, also of messages sent before a restart."""
        data: Any = interaction.data or {}
        pressed = str(data.get("custom_id", ""))
        if interaction.type is discord.InteractionType.modal_submit and pressed == FORM:
            await self.handler.on_schedule(
                interaction, partial(self._scheduling.send, interaction)
            )
        elif found := SCHEDULE_BUTTON.fullmatch(pressed):
            await self._on_schedule_button(interaction, found)
        elif interaction.type in _PRESSED:
            await self.handler.on_action(interaction, parse_action(pressed))

    async def _on_schedule_button(
        self, interaction: discord.Interaction[Any], found: re.Match[str]
    ) -> None:
        scheduling = self._scheduling
        work = partial(scheduling.press, interaction, found["verb"], found["name"])
        if found["whole"] == "new":
            if form := scheduling.form(interaction):
                await self.handler.on_form(interaction, form)
                return
            work = partial(scheduling.refused, interaction)
        elif found["whole"] == "list":
            work = partial(scheduling.listed, interaction)
        await self.handler.on_schedule(interaction, work)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget the conversations of a server that removed us."""
        await self._parts.store.forget(f"discord:{guild.id}:")
        await self._scheduling.left(guild.id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """An error in one event is logged without its content; the next event is handled."""
        del args, kwargs
        error = sys.exc_info()[1]
        log.error("discord.event_failed", event_name=event_method, exc_info=error)


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
