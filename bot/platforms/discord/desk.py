"""What to send back for a question or a pressed button; knows no SDK and no socket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

from bot.answering import phrases
from bot.language.pack import ENGLISH
from bot.platforms.base import Press, Verb
from bot.platforms.discord.render.components import Payload, render_choices, render_note
from bot.platforms.discord.render.payload import render_answer, render_explanation, render_text
from bot.platforms.plain import Beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.service.assistant import Assistant, Incoming, Reply
    from bot.service.ports import Metrics, Store

KEEP_SEEN: Final = timedelta(days=1)
"""Discord replays events for minutes; people edit messages all day."""
KEEP_SHARED: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes back: the first payload at once, those in `more` after it."""

    payload: Payload
    more: tuple[Payload, ...] = ()
    reply: Reply | None = None
    """None for a fixed phrase."""
    language: str = ENGLISH

    def as_text(self) -> Payload | None:
        """The same in plain text, for when Discord refuses the payload; None for a phrase."""
        if self.reply is None:
            return None
        return render_text(self.reply.answer, self.reply.id, language=self.language)[0]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads an answer."""

    language: str = ENGLISH
    alone: bool = False
    """Whether only they see it, so that it can be shared."""
    among_others: bool = False
    """Whether others are there to share with."""
    schedules: bool = False
    """Whether the bot can post there by itself."""


def note(text: str, language: str = ENGLISH) -> Outgoing:
    """A fixed phrase."""
    return Outgoing(render_note(text, language=language))


class DiscordService:
    """Between the assistant and what Discord sends and shows."""

    def __init__(self, assistant: Assistant, store: Store, clock: Callable[[], datetime]) -> None:
        self._assistant = assistant
        self._store = store
        self._clock = clock

    async def first_time(self, event: str) -> bool:
        """Whether this message or interaction was not handled yet, by any instance."""
        return await self._store.first_time(f"discord:{event}", now=self._clock(), keep=KEEP_SEEN)

    async def ask(self, incoming: Incoming, reader: Viewer) -> Outgoing:
        """Answer a question that a person put by a command, a button or a menu."""
        return _answer(await self._assistant.answer(incoming, self._clock()), reader)

    async def converse(
        self,
        incoming: Incoming,
        reader: Viewer,
        *,
        goes_on_as: str | None,
        after: str | None,
    ) -> Outgoing:
        """Answer a message.

        Args:
            incoming: What was written, and where.
            reader: Who reads it.
            goes_on_as: The thread under which a follow-up will come, None for the same.
            after: The answer of ours that it is a reply to.
        """
        reply = await self._assistant.answer(incoming, self._clock(), after=after)
        if goes_on_as and goes_on_as != incoming.thread:
            thread = replace(incoming, thread=goes_on_as).conversation
            await self._store.save_plan(reply.id, reply.plan, thread=thread, now=self._clock())
        return _answer(reply, reader)

    async def brief_on(self, incoming: Incoming, reader: Viewer) -> Outgoing:
        """The briefs that somebody's message is about."""
        if not incoming.text:
            return note(phrases.NOTICES["no-text"], reader.language)
        return _answer(await self._assistant.brief_on(incoming, self._clock()), reader)

    @property
    def metrics(self) -> Metrics:
        """What is counted."""
        return self._assistant.metrics

    def complete(self, partial: str) -> list[Payload]:
        """What a person may be typing, as choices."""
        return render_choices((s.label, s.ask) for s in self._assistant.complete(partial))

    async def act(self, action: Press, person: Incoming, reader: Viewer) -> Outgoing:
        """Do what a button or menu says; `person.text` is what was chosen in a menu."""
        match action.verb:
            case Verb.ASK | Verb.NTH | Verb.PICK:
                text = await self._asked(action, person)
                if text is None:
                    return note(phrases.EXPIRED, reader.language)
                return await self.ask(replace(person, text=text), reader)
            case Verb.SHARE | Verb.PAGE | Verb.PLAIN:
                return await self._show(action, person, reader)
            case Verb.WHY:
                why = await self._assistant.explain(action.target, self._clock())
                if why is None:
                    return note(phrases.EXPIRED, reader.language)
                first, *rest = render_explanation(why)
                return Outgoing(first, tuple(rest))
            case Verb.UP | Verb.DOWN | Verb.TELL:
                return note(await self._counted(action, person), reader.language)
            case _:
                assert_never(action.verb)

    async def not_shared(self, action: Press, person: Incoming) -> None:
        """What was to be shared did not arrive, so it may be shared again."""
        await self._store.forget(_share_key(action, person))

    async def _asked(self, action: Press, person: Incoming) -> str | None:
        """The question that a button or a menu stands for, None where it is not known now."""
        if action.verb is not Verb.NTH:
            return action.target if action.verb is Verb.ASK else person.text
        reply = await self._assistant.recall(action.target, self._clock())
        offers = reply.answer.suggestions if reply else ()
        return offers[action.number].ask if action.number < len(offers) else None

    async def _show(self, action: Press, person: Incoming, reader: Viewer) -> Outgoing:
        """A page of an answer, or all of it for the channel: once, for people click twice."""
        reply = await self._assistant.recall(action.target, self._clock())
        if reply is None:
            return note(phrases.EXPIRED, reader.language)
        if action.verb is Verb.SHARE:
            share = _share_key(action, person)
            if not await self._store.first_time(share, now=self._clock(), keep=KEEP_SHARED):
                return note(phrases.NOTICES["already-shared"], reader.language)
        return _answer(reply, reader, page=action.number, plain=action.verb is Verb.PLAIN)

    async def _counted(self, action: Press, person: Incoming) -> str:
        """What is said to a vote on an answer, or to the wish to be told."""
        now, target = self._clock(), action.target
        if action.verb is Verb.TELL:
            return phrases.NOTICES[await self._assistant.watch(target, person, now)]
        user, helpful = f"discord:{person.user}", action.verb is Verb.UP
        known = await self._assistant.rate(target, user=user, helpful=helpful, now=now)
        return phrases.NOTED if known else phrases.EXPIRED


def _share_key(action: Press, person: Incoming) -> str:
    return f"discord:{person.workspace}:share:{person.channel}:{action.target}"


def _answer(reply: Reply, reader: Viewer, *, page: int = 0, plain: bool = False) -> Outgoing:
    if plain:
        pages = render_text(reply.answer, reply.id, language=reader.language)
    else:
        pages = render_answer(
            reply.answer,
            reply.id,
            shareable=reader.alone,
            can_tell=reply.can_tell,
            beside=Beside(
                reply.about, reader.schedules, share_as="anybody" if reader.among_others else None
            ),
            language=reader.language,
        )
    if page >= len(pages):
        return note(phrases.EXPIRED, reader.language)
    return Outgoing(pages[page], reply=reply, language=reader.language)
