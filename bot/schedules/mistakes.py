"""What is wrong with what somebody typed or chose, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.schedules import texts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Mistake:
    """A person's mistake, to be told in their language."""

    key: str
    """Of `texts`, group `mistakes`."""
    given: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """What to do, with an example."""
        return texts.say(f"mistakes.{self.key}", language, **self.given).strip()


def mistake(key: str, **given: str) -> Mistake:
    """With what was given, cut to what fits on a line and free of code marks."""
    safe = {name: " ".join(text.replace("`", "'").split()) for name, text in given.items()}
    return Mistake(key, {name: text[:200] for name, text in safe.items()})
