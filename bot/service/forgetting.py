"""Whom to forget: the name that an operator gives -> the person as each table knows them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from bot.errors import SettingsError

_SLACK = re.compile(r"[UW][A-Z0-9]{2,}")
_DISCORD = re.compile(r"[0-9]{15,20}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on one platform."""

    platform: str
    """"slack" or "discord"."""
    id: str

    @property
    def votes_as(self) -> str:
        """The name that goes into the hash of their votes."""
        return f"discord:{self.id}" if self.platform == "discord" else self.id


def parse_person(text: str) -> Person:
    """`slack:U012AB3CD`, `discord:123456789012345678`, or the id alone.

    Raises:
        SettingsError: It is no such id.
    """
    platform, colon, user = text.strip().rpartition(":")
    for name, form in (("slack", _SLACK), ("discord", _DISCORD)):
        if form.fullmatch(user) and (platform == name or not colon):
            return Person(name, user)
    raise SettingsError(
        "--user takes the id of a person: slack:U012AB3CD or discord:123456789012345678. In "
        "Slack it is in the profile under More, Copy member ID; in Discord turn on the developer "
        "mode, then right-click the person, Copy User ID."
    )


def rater_of(answer_id: str, votes_as: str) -> str:
    """The hash under which a person's vote on one answer is kept."""
    return hashlib.sha256(f"{answer_id}:{votes_as}".encode()).hexdigest()[:16]
