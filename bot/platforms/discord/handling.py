"""What happens on a command, a button, a menu and a message."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord
import structlog
from discord import app_commands

from bot.answering import phrases
from bot.errors import DeliveryError, Refused
from bot.platforms.base import Verb
from bot.platforms.discord import message_reading as reading
from bot.platforms.discord.desk import KEEP_SEEN, Outgoing, Viewer, note
from bot.platforms.discord.message_reading import incoming_of, is_direct, language_of
from bot.platforms.discord.render.components import render_note
from bot.platforms.discord.render.discord_text import CANNOT_POST, UNREADABLE, WELCOME
from bot.platforms.discord.sending import (
    Came,
    Mode,
    Served,
    at_once,
    deliver_payload,
    in_some_form,
    open_form,
    respond,
)
from bot.platforms.wire import AtWork, Lanes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from bot.platforms.base import Press
    from bot.platforms.discord.desk import DiscordService
    from bot.platforms.discord.discord_component import Cooldown
    from bot.platforms.discord.render.components import Payload
    from bot.platforms.discord.sending import Interaction

log = structlog.get_logger(__name__)

PATIENCE_S: Final = 30.0
"""As long as a person may still wait for an answer."""
SLOWER_AGAIN_S: Final = 30.0
"""So often a person is told to slow down."""
QUESTIONS: Final = frozenset({Verb.ASK, Verb.NTH, Verb.PICK})
"""The buttons that count as a question; votes, pages and the like hold nobody up."""
DEEDS: Final = frozenset({Verb.UP, Verb.DOWN, Verb.TELL})
"""Those that change something, and are not done for somebody who was told that it failed."""


class Handler:
    """Turns Discord's events into questions to the desk and sends what comes back."""

    def __init__(
        self,
        desk: DiscordService,
        cooldown: Cooldown,
        clock: Callable[[], datetime],
        answer_within_s: float,
    ) -> None:
        self._desk = desk
        self._cooldown = cooldown
        self._clock = clock
        self._answer_within_s = answer_within_s
        self._lanes = Lanes()
        self.at_work = AtWork()
        self._closing = False

    async def finish(self) -> None:
        """Take no new work and return when what has begun is done."""
        self._closing = True
        await self.at_work.end()

    def event_lost(self, name: str) -> None:
        """Count an event that could not be read."""
        self._desk.metrics.event_lost("discord", name)

    async def on_join(self, guild: discord.Guild) -> None:
        """Say once what to type: in the system channel, else to whoever invited us."""
        with self._logged():
            if not await self._desk.first_time(f"joined:{guild.id}"):
                return
            where = await reading.welcome_place(guild)
            if where is None:
                log.info("discord.not_welcomed", server=guild.id)
                return
            text = render_note(WELCOME, language=language_of(guild.preferred_locale))
            try:
                await deliver_payload(where, text, nonce=f"{guild.id}.joined"[-25:])
            except DeliveryError as error:
                log.warning("discord.not_welcomed", server=guild.id, code=error.code)

    async def on_question(self, interaction: Interaction, text: str) -> None:
        """`/aibrief`."""
        asked = incoming_of(interaction, text)
        reader = _reader(interaction)
        await self._serve(
            interaction,
            partial(self._desk.ask, asked, reader),
            Mode.PRIVATE if reader.alone else Mode.PUBLIC,
        )

    async def on_schedule(
        self, interaction: Interaction, work: Callable[[], Awaitable[Outgoing]]
    ) -> None:
        """`/briefing`; only the person sees what comes of it."""
        await self._serve(interaction, work, Mode.PRIVATE, deed=True)

    async def on_form(self, interaction: Interaction, form: Payload) -> None:
        """Show a form: the first that is done, for nothing else may come before it."""
        if not self._closing:
            with self._work():
                await open_form(interaction, form)

    async def on_message_command(self, interaction: Interaction, message: discord.Message) -> None:
        """The message command: only the person who chose it sees the answer."""
        about = incoming_of(interaction, reading.words_of(message))
        reader = _reader(interaction)
        brief_on = partial(self._desk.brief_on, about, reader)
        await self._serve(interaction, brief_on, Mode.PRIVATE)

    async def on_autocomplete(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Briefs and example questions that begin like what is typed."""
        del interaction
        return [app_commands.Choice(**choice) for choice in self._desk.complete(current)]

    async def on_action(self, interaction: Interaction, action: Press | None) -> None:
        """A button or menu of an answer; None for one of an earlier version."""
        if action is None:
            old = note(phrases.NOTICES["old-button"], language_of(interaction.locale))
            await self._serve(interaction, partial(at_once, old), Mode.PRIVATE)
            return
        data: Any = interaction.data or {}
        chosen = data.get("values") or [""]
        person = incoming_of(interaction, str(chosen[0]))
        mode = _mode_of(interaction, action)
        alone = mode is not Mode.PUBLIC and not is_direct(interaction)
        reader = replace(_reader(interaction), alone=alone)
        served = await self._serve(
            interaction,
            partial(self._desk.act, action, person, reader),
            mode,
            counts=action.verb in QUESTIONS,
            deed=action.verb in DEEDS,
        )
        if action.verb is Verb.SHARE and served.came in {Came.REFUSED, Came.BAD_FORM}:
            await self._desk.not_shared(action, person)

    async def on_edit(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Answer a message that an edit has addressed to us, if it is not answered yet."""
        if self._clock() - message.created_at < KEEP_SEEN:
            await self.on_message(message, me)

    async def on_message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Answer a mention, a reply to us or a direct message, as a reply to it."""
        if self._closing or not reading.is_for_us(message, me):
            return
        conversation, _ = reading.threads_of(message)
        with self._work(), self._logged():
            if not reading.may_answer(message):
                log.info("discord.not_permitted", channel=message.channel.id)
                await self._tell_aside(message)
                return
            try:
                async with self._lanes.turn(conversation):
                    await self._answer_message(message)
            except Refused:
                with self._logged():
                    await self._tell_aside(message)
                raise

    @contextmanager
    def _logged(self) -> Iterator[None]:
        """What fails is logged without what was written."""
        try:
            yield
        except DeliveryError as error:
            self._desk.metrics.platform_error("discord", error)
            log.warning("discord.not_delivered", error=type(error).__name__, code=error.code)
        except Exception as error:
            log.exception("discord.failed", error=type(error).__name__)

    async def _tell_aside(self, message: discord.Message) -> None:
        """Say to whoever mentioned us that no answer can come there, once a day."""
        if message.guild is None:
            return
        key = f"aside:{message.author.id}:{message.channel.id}"
        text = render_note(CANNOT_POST, language=language_of(message.guild.preferred_locale))
        if await self._desk.first_time(key):
            await deliver_payload(message.author, text, nonce=f"{message.id}.a")

    async def _answer_message(self, message: discord.Message) -> None:
        begun = time.perf_counter()
        outgoing = await self._written(message)
        if outgoing is None:
            return
        _log_answer("message", outgoing, begun)
        reply_to = message.to_reference(fail_if_not_exists=False)

        async def send(payload: Payload, mark: str) -> int:
            nonce = f"{message.id}.{'t' if mark else 0}"
            return await deliver_payload(
                message.channel, payload, nonce=nonce, reply_to=reply_to, patience_s=PATIENCE_S
            )

        await in_some_form(send, outgoing.payload, outgoing.as_text())
        log.info("discord.posted", answer=outgoing.reply.id if outgoing.reply else None)

    async def _written(self, message: discord.Message) -> Outgoing | None:
        """What to say to a message, None for nothing; what fails on our side is said."""
        language = language_of(message.guild.preferred_locale if message.guild else None)
        try:
            if not await self._desk.first_time(f"message:{message.id}"):
                return None
            now = self._clock()
            if self._cooldown.wait_s(message.author.id, now):
                window = f"slower:{message.author.id}:{int(now.timestamp() // SLOWER_AGAIN_S)}"
                told = await self._desk.first_time(window)
                return note(phrases.SLOWER, language) if told else None
            if reading.is_unreadable(message):
                return note(UNREADABLE, language)
            thread, goes_on_as = reading.threads_of(message)
            return await self._desk.converse(
                reading.incoming_of_message(message, thread),
                Viewer(language, schedules=True, among_others=message.guild is not None),
                goes_on_as=goes_on_as,
                after=reading.answer_replied_to(message),
            )
        except Exception as error:
            log.exception("discord.failed", error=type(error).__name__)
            return note(phrases.TROUBLE, language)

    async def _serve(
        self,
        interaction: Interaction,
        work: Callable[[], Awaitable[Outgoing]],
        mode: Mode,
        *,
        counts: bool = True,
        deed: bool = False,
    ) -> Served:
        async def claimed() -> Outgoing | None:
            if not await self._desk.first_time(f"interaction:{interaction.id}"):
                return None
            if counts and self._cooldown.wait_s(interaction.user.id, self._clock()):
                return note(phrases.SLOWER, language_of(interaction.locale))
            return await work()

        if self._closing:
            return Served(None, Came.REFUSED)
        begun = time.perf_counter()
        with self._work():
            served = await respond(interaction, claimed, mode, self._answer_within_s, deed=deed)
            _log_answer(interaction.type.name, served.outgoing, begun)
            return served

    @contextmanager
    def _work(self) -> Iterator[None]:
        request = secrets.token_hex(4)
        with self.at_work, structlog.contextvars.bound_contextvars(request=request):
            yield


def _mode_of(interaction: Interaction, action: Press) -> Mode:
    """Private, but for "Share", for what is private already and for direct messages."""
    if action.verb is Verb.SHARE:
        return Mode.PUBLIC
    message = interaction.message
    own = is_direct(interaction) or bool(message and message.flags.ephemeral)
    if action.verb in {Verb.PAGE, Verb.PLAIN} and own:
        return Mode.IN_PLACE
    return Mode.PUBLIC if action.verb in QUESTIONS and is_direct(interaction) else Mode.PRIVATE


def _reader(interaction: Interaction) -> Viewer:
    direct = is_direct(interaction)
    return Viewer(
        language_of(interaction.locale),
        alone=not direct,
        among_others=not direct,
        schedules=direct or interaction.is_guild_integration(),
    )


def _log_answer(kind: str, outgoing: Outgoing | None, begun: float) -> None:
    """One line for each answer; never what was written."""
    if outgoing is None or outgoing.reply is None:
        return
    answer = outgoing.reply.answer
    log.info(
        "discord.answered",
        kind=kind,
        answer=outgoing.reply.id,
        status=answer.status.value,
        intent=answer.intent.value,
        brief=answer.brief,
        score=answer.score,
        ms=round(1000 * (time.perf_counter() - begun), 1),
    )
