"""Texts of the environment -> values of settings: what each may be, and how that is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bot.service.hiding import learn_secret

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_TOKEN_CHARS = 16
MAX_TIMEOUT_S = 30
"""Discord's and Slack's people should not look at "thinking" for longer."""
MAX_MODEL_CHARS = 100


class Secret:
    """A token or key; it shows itself only to `reveal`, and `hide_secrets` knows it."""

    def __init__(self, value: str) -> None:
        self._value = value
        learn_secret(value)

    def reveal(self) -> str:
        """The text itself, for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        """`Secret(...)`."""
        return "Secret(...)"


def secret(prefix: str = "") -> Callable[[str], Secret]:
    """A secret that begins with this."""

    def parse(text: str) -> Secret:
        if not text.startswith(prefix):
            raise ValueError(f"it must start with {prefix}")
        return Secret(text)

    return parse


def strong_secret(text: str) -> Secret:
    """A secret that is too long to be guessed.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if len(text) < MIN_TOKEN_CHARS:
        raise ValueError(
            f"it must have at least {MIN_TOKEN_CHARS} characters; make one with: "
            "openssl rand -hex 24"
        )
    return Secret(text)


def count(most: int) -> Callable[[str], int]:
    """A whole number from 1 to this one."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not 0 < int(text[:9]) <= most:
            raise ValueError(f"it must be a whole number from 1 to {most}")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """A time that people wait.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not 0 < float(text) <= MAX_TIMEOUT_S:
        raise ValueError(f"it must be a number of seconds, at most {MAX_TIMEOUT_S}")
    return float(text)


def model_name(text: str) -> str:
    """The name of a language model.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if len(text) > MAX_MODEL_CHARS or not text.isprintable():
        raise ValueError(f"it must be one line of at most {MAX_MODEL_CHARS} characters")
    return text


def folder(text: str) -> Path:
    """A folder that is there.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if not Path(text).is_dir():
        raise ValueError("there is no such folder")
    return Path(text)


def database_url(text: str) -> Secret:
    """The address of a database.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if not text.startswith(("postgres://", "postgresql://", "postgresql+psycopg://", "sqlite")):
        raise ValueError(
            "it must look like postgresql://user:password@host/name or sqlite:///aibrief.sqlite"
        )
    return Secret(text)


def names(text: str) -> frozenset[str]:
    """What stands between commas."""
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def web_address(text: str) -> str:
    """The base of an API, with a slash at its end.

    Raises:
        ValueError: It is none; the text says what it must be.
    """
    if not text.startswith(("https://", "http://")):
        raise ValueError("it must start with https://")
    return text.rstrip("/") + "/"


def one_of(*values: str) -> Callable[[str], str]:
    """One of these words, in small letters."""

    def parse(text: str) -> str:
        if text.lower() not in values:
            raise ValueError(f"it must be one of {', '.join(values)}")
        return text.lower()

    return parse
