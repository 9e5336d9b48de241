"""Whom to forget: the name that an operator gives -> the person as each table knows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.errors import SettingsError

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


class Platform(Protocol):
    """How one platform names people."""

    @property
    def name(self) -> str:
        """Of the platform: "slack"."""

    @property
    def person_id(self) -> re.Pattern[str]:
        """The form of a person's id."""

    @property
    def person_help(self) -> str:
        """Where one finds it."""

    @property
    def votes_prefix(self) -> str:
        """Stands before the id in the hash of a vote."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on one platform."""

    platform: str
    id: str
    votes_prefix: str = ""

    @property
    def votes_as(self) -> str:
        """The name that goes into the hash of their votes."""
        return f"{self.votes_prefix}{self.id}"


def parse_person(text: str, platforms: Sequence[Platform]) -> Person:
    """`slack:U012AB3CD`, `discord:123456789012345678`, or the id alone.

    Raises:
        SettingsError: It is no such id.
    """
    name, colon, user = text.strip().rpartition(":")
    for platform in platforms:
        if platform.person_id.fullmatch(user) and (platform.name == name or not colon):
            return Person(platform.name, user, platform.votes_prefix)
    forms = " or ".join(f"{platform.name}:ID" for platform in platforms)
    where = "; ".join(platform.person_help for platform in platforms)
    raise SettingsError(f"--user takes the id of a person, {forms}: {where}.")


def rater_of(answer_id: str, votes_as: str) -> str:
    """The hash under which a person's vote on one answer is kept."""
    return hashlib.sha256(f"{answer_id}:{votes_as}".encode()).hexdigest()[:16]
