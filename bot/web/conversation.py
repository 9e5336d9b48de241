"""The conversations of the playground: what was asked and pressed; answers are kept as ids.

They stay in memory, are bounded and end with the process: what people write is stored nowhere.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
