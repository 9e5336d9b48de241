"""Messages about the bot: whether each gets the reply that it wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.engine import last_plan
from bot.answering.answer import Status
from bot.library.vocabulary import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bot.answering.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Message:
    """A message about the bot and the intent of the reply that it wants."""

    text: str
    intent: Intent
    only_after: bool
    """It is about the answer before, so it is not asked without one."""


def load_messages(file: Path) -> list[Message]:
    """Read lines of message, intent and `any` or `after`, separated by tabs; # starts a comment.

    Raises:
        ValueError: A line is not of that form; it is named.
    """
    messages = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        try:
            text, intent, when = line.split("\t")
            only_after = {"any": False, "after": True}[when]
            messages.append(Message(text, Intent(intent), only_after))
        except (KeyError, ValueError):
            raise ValueError(
                f"{file.name}:{number}: not a message, an intent, any|after"
            ) from None
    return messages


def right_replies(messages: Iterable[Message], catalog: Catalog) -> list[bool]:
    """For each message, alone and after the first brief of the library, whether it is understood.

    It is where the reply is an answer of its intent.
    """
    opening = next(iter(catalog.library.briefs.values())).title
    right = []
    for message in messages:
        for before in ((opening,),) if message.only_after else ((), (opening,)):
            plan = last_plan((*before, message.text), catalog)
            right.append(plan.status is Status.ANSWERED and plan.intent is message.intent)
    return right
