"""Whom to forget: the name that an operator gives -> the person as each table knows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.errors import SettingsError

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table that a platform's own library keeps, as far as people stand in it."""

    name: str
    person: str
    """The column with a person's id."""
    cleared: tuple[str, ...] = ()
    """Columns that are about the person, too."""


class PlatformPeople(Protocol):
    """How one platform names people, and where it keeps them."""

    @property
    def name(self) -> str:
        """As it stands before the id of a person."""

    @property
    def person_id(self) -> re.Pattern[str]:
        """The form of a person's id."""

    @property
    def person_example(self) -> str:
        """An id, to show the form."""

    @property
    def person_help(self) -> str:
        """Where one finds it."""

    @property
    def votes_prefix(self) -> str:
        """Stands before the id in the hash of a vote."""

    @property
    def own_tables(self) -> tuple[OwnTable, ...]:
        """Tables of its own in which people stand."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on one platform."""

    platform: str
    id: str
    votes_prefix: str = ""
    own_tables: tuple[OwnTable, ...] = ()

    @property
    def votes_as(self) -> str:
        """The name that goes into the hash of their votes."""
        return f"{self.votes_prefix}{self.id}"


def parse_person(text: str, platforms: Sequence[PlatformPeople]) -> Person:
    """The person of `platform:ID`, or of the id alone.

    Raises:
        SettingsError: It is no such id.
    """
    name, colon, user = text.strip().rpartition(":")
    for platform in platforms:
        if platform.person_id.fullmatch(user) and (platform.name == name or not colon):
            return Person(platform.name, user, platform.votes_prefix, platform.own_tables)
    forms = person_forms(platforms)
    where = "; ".join(platform.person_help for platform in platforms)
    raise SettingsError(f"--user takes the id of a person, {forms}: {where}.")


def person_forms(platforms: Sequence[PlatformPeople]) -> str:
    """`slack:U012AB3CD or ...`: how an operator names a person."""
    return " or ".join(f"{platform.name}:{platform.person_example}" for platform in platforms)


def rater_of(answer_id: str, votes_as: str) -> str:
    """The hash under which a person's vote on one answer is kept."""
    return hashlib.sha256(f"{answer_id}:{votes_as}".encode()).hexdigest()[:16]
