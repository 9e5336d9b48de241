"""The conversations of the playground: what was asked and pressed, and how platforms show it.

They stay in memory, are bounded and end with the process: what people write is stored nowhere.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, assert_never

from bot.answering import phrases
from bot.platforms.base import Press, Verb
from bot.platforms.plain import render_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from bot.answering.answer import Answer
    from bot.platforms.base import Drawing, Meter, Payload, Platform
    from bot.service.assistant import Assistant, Explanation, Reply


MAX_CONVERSATIONS = 200
MAX_TURNS = 30
MAX_EXTRAS = 12
SHOWN_CHARS = 500
"""Of a question so much is shown again; whoever is told to shorten it knows the rest."""
_COMMAND = re.compile(r"/(?:aibrief|brief)\b\s*", re.IGNORECASE)
_LIST = re.compile(r"/briefs\b\s*", re.IGNORECASE)
_MENTION = re.compile(r"@\w")
_SCHEDULE = re.compile(r"/(?:aibrief\s+schedules?|briefing)\b", re.IGNORECASE)


class Way(StrEnum):
    """How a question was asked; it decides who would see the answer."""

    COMMAND = "command"
    """Only whoever asked sees it, and may share it."""
    MENTION = "mention"
    """Everybody in the channel sees it."""
    DIRECT = "direct"
    """In a conversation with the bot alone."""
    SCHEDULE = "schedule"
    """A command that needs a channel; there is no answer to draw."""


class Deed(StrEnum):
    """What a button showed below an answer."""

    WHY = "why"
    SHARE = "share"
    PAGE = "page"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Extra:
    """What a button made appear below an answer on one platform."""

    platform: str
    """The name of the platform on which it was pressed."""
    deed: Deed
    notice: str = ""
    """A key of `phrases.NOTICES`, for a notice."""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what became of it."""

    number: int
    question: str
    way: Way
    answer_id: str
    """Empty where there is no answer to draw."""
    can_tell: bool = False
    """Whether "Tell me when this is covered" is offered."""
    page: int = 0
    """Which page of the answer Discord shows, from 0."""
    extras: tuple[Extra, ...] = ()

    def with_extra(self, extra: Extra) -> Turn:
        """With one thing more below the answer; what is there already moves to the end."""
        kept = [each for each in self.extras if each != extra]
        return replace(self, extras=(*kept, extra)[-MAX_EXTRAS:])


@dataclass(slots=True)
class Conversation:
    """The turns of one page, oldest first."""

    thread: str
    turns: OrderedDict[int, Turn] = field(default_factory=OrderedDict)
    _count: int = 0

    def add(self, question: str, way: Way, answer_id: str, *, can_tell: bool = False) -> Turn:
        """Append a turn; the oldest is dropped where there are too many."""
        self._count += 1
        shown = " ".join(question.split())
        if len(shown) > SHOWN_CHARS:
            shown = shown[: SHOWN_CHARS - 1].rstrip() + "…"
        turn = Turn(self._count, shown, way, answer_id, can_tell=can_tell)
        self.turns[turn.number] = turn
        while len(self.turns) > MAX_TURNS:
            self.turns.popitem(last=False)
        return turn

    def put(self, turn: Turn) -> None:
        """Replace a turn that is there."""
        if turn.number in self.turns:
            self.turns[turn.number] = turn


class Conversations:
    """Every conversation that is kept; the one used longest ago is dropped first."""

    def __init__(self, new_thread: Callable[[], str]) -> None:
        self._new_thread = new_thread
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def find(self, thread: str) -> Conversation | None:
        """The conversation of this id, None where it is not kept."""
        if thread in self._kept:
            self._kept.move_to_end(thread)
        return self._kept.get(thread)

    def find_or_start(self, thread: str) -> Conversation:
        """The conversation of this id, or a new one with an id of its own."""
        found = self.find(thread)
        if found is None:
            found = Conversation(self._new_thread())
            self._kept[found.thread] = found
            while len(self._kept) > MAX_CONVERSATIONS:
                self._kept.popitem(last=False)
        return found


def parse_typed(text: str) -> tuple[str, Way]:
    """What is asked in a line of chat, and how: `/aibrief ...`, `@aibrief ...` or plain words."""
    text = text.strip()
    if _SCHEDULE.match(text):
        return text, Way.SCHEDULE
    if found := _LIST.match(text):
        return text[found.end() :] or "list", Way.COMMAND
    if found := _COMMAND.match(text):
        return text[found.end() :], Way.COMMAND
    return text, Way.MENTION if _MENTION.match(text) else Way.DIRECT


@dataclass(frozen=True, slots=True)
class Asked:
    """A button that asks the next question."""

    text: str
    label: str


Pressed: TypeAlias = Asked | Extra
WILL_TELL = "will-tell"
"""What a platform says to "Tell me when this is covered"; here there is nobody to write to."""
DEEDS = {
    Verb.WHY: Deed.WHY,
    Verb.SHARE: Deed.SHARE,
    Verb.PAGE: Deed.PAGE,
    Verb.PLAIN: Deed.PAGE,
    Verb.TELL: Deed.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Presses:
    """Answers to buttons of one answer; `user` is who votes."""

    assistant: Assistant
    answer_id: str
    """The buttons of any other answer are of no use here."""
    user: str
    now: datetime

    async def press(self, platform: Platform, value: str, choice: str) -> Pressed:
        """Use a platform's button of this value; `choice` is what was chosen in a menu."""
        press = platform.drawing.press(value, choice)
        if press is not None and press.verb is Verb.ASK:
            return Asked(press.target, press.target)
        if press is None or press.target != self.answer_id:
            return Extra(platform.name, Deed.NOTICE, "expired" if press else "old-button")
        match press.verb:
            case Verb.PICK:
                return Asked(choice, choice)
            case Verb.NTH:
                return await self._nth(platform.name, press)
            case Verb.UP | Verb.DOWN:
                known = await self.assistant.rate(
                    self.answer_id, user=self.user, helpful=press.verb is Verb.UP, now=self.now
                )
                return Extra(platform.name, Deed.NOTICE, "thanks" if known else "expired")
        notice = WILL_TELL if press.verb is Verb.TELL else ""
        return Extra(platform.name, DEEDS[press.verb], notice, page=press.number)

    async def _nth(self, platform: str, press: Press) -> Pressed:
        reply = await self.assistant.recall(press.target, self.now)
        offers = reply.answer.suggestions if reply else ()
        if press.number >= len(offers):
            return Extra(platform, Deed.NOTICE, "expired")
        return Asked(offers[press.number].ask, offers[press.number].label)


def label_of(ask: str, answer: Answer) -> str:
    """What the answer calls a question that it offers; the question itself where it does not."""
    offers = {offer.ask: offer.label for offer in answer.suggestions}
    entries = {entry.ask: entry.title for entry in answer.entries()}
    return (entries | offers).get(ask, ask)


ONLY_YOU = "Only visible to you"
IN_THREAD = "In the channel's thread, for everybody"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a platform shows it."""

    html: Markup
    payload: str
    """The JSON that would be sent."""
    meters: Sequence[Meter]
    seen_by: str
    """Who sees it, where that is worth a word."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A turn on the page."""

    turn: Turn
    summary: str
    """What is read out when it appears."""
    platforms: Sequence[tuple[str, str, Sequence[Message]]]
    """For each platform its id, its name and its messages."""
    schedules: Sequence[tuple[str, str]] = ()
    """Where there is no answer to draw: each platform's name, and how one schedules there."""


async def draw_turn(
    turn: Turn, assistant: Assistant, platforms: Sequence[Platform], now: datetime
) -> Drawn:
    """Draw a turn from today's library; what the store no longer has is said to have expired."""
    if not turn.answer_id:
        return Drawn(turn, "", (), [(p.label, p.schedule) for p in platforms])
    reply = await assistant.recall(turn.answer_id, now)
    why = await assistant.explain(turn.answer_id, now)
    if reply is None or why is None:
        summary = phrases.NOTICES["expired"]
        shown = [(p, [(p.drawing.notice("expired"), ONLY_YOU)]) for p in platforms]
    else:
        summary = f"{reply.answer.title or phrases.MORE}. {render_text(reply.answer)}"
        shown = [(p, [*_shown(p, turn, reply, why)]) for p in platforms]
    messages = [
        (p.name, p.label, [_message(p.drawing, *payload) for payload in payloads])
        for p, payloads in shown
    ]
    return Drawn(turn, summary, messages)


def _shown(
    platform: Platform, turn: Turn, reply: Reply, why: Explanation
) -> Iterator[tuple[Payload, str]]:
    """The answer and what its buttons made appear below it, each with who sees it."""
    private = turn.way is Way.COMMAND
    seen_by = {Way.COMMAND: ONLY_YOU, Way.MENTION: IN_THREAD}.get(turn.way, "")
    for payload in platform.drawing.answer(
        reply, private=private, can_tell=turn.can_tell, page=turn.page
    ):
        yield payload, seen_by
    for extra in turn.extras:
        if extra.platform == platform.name:
            yield from _extra(platform.drawing, extra, reply, why)


def _extra(
    drawing: Drawing, extra: Extra, reply: Reply, why: Explanation
) -> Iterator[tuple[Payload, str]]:
    match extra.deed:
        case Deed.WHY:
            yield from ((payload, ONLY_YOU) for payload in drawing.explanation(why))
        case Deed.SHARE:
            for payload in drawing.answer(reply, private=False, can_tell=False, page=0):
                yield payload, "Posted to the channel for everybody"
            yield drawing.notice("shared"), ONLY_YOU
        case Deed.PAGE:
            pages = drawing.answer(reply, private=True, can_tell=False, page=extra.page)
            yield from ((payload, ONLY_YOU) for payload in pages)
        case Deed.NOTICE:
            later = "; in the playground no message follows" if extra.notice == WILL_TELL else ""
            yield drawing.notice(extra.notice), f"{ONLY_YOU}{later}"
        case _:
            assert_never(extra.deed)


def _message(drawing: Drawing, payload: Payload, seen_by: str) -> Message:
    told = json.dumps(payload, ensure_ascii=False, indent=2)
    return Message(drawing.draw(payload), told, drawing.meters(payload), seen_by)
