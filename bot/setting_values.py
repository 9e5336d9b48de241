"""Texts of the environment -> values of settings: what each may be, and how that is told.

Where a text is no such value, a `ValueError` says what it must be.

Secrets are shown nowhere: each that was read is known by its value, others by their form.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIN_TOKEN_CHARS = 16
MAX_TIMEOUT_S = 30
"""Discord's and Slack's people should not look at "thinking" for longer."""
MAX_MODEL_CHARS = 100


SHORTEST = 4
"""Shorter values stand in ordinary words; in URLs they are known by their place."""
_FORMS = re.compile(
    r"""(?xi)
    (?P<before>
        authorization["']?[:=]\s*["']?\w+\ +             # a header
      | \b(?:bearer|basic|bot)\ +(?=[\w.~+/=-]{16})      # the like, wherever it stands
      | [?&;,\s"'](?:password|passwd|sslpassword|ticket|token|access_token|refresh_token
                   |client_secret|code|state)=           # a part of a query
      | ://[^/\s:@]*:(?=[^@/\s]+@)                       # user:password@host
      | hooks\.slack\.com/(?:\w+/)?                      # a response URL
      | /(?:api/)?(?:v\d+/)?webhooks/\d+/                # a webhook of Discord
      | /interactions/\d+/
    )
    [^\s&"'<>@,;]+
    """
)
_TOKENS = re.compile(
    r"\bx(?:ox[a-z]|app|oxe\.xox[a-z])-[\w-][\w.-]*"  # Slack's
    r"|\b[\w-]{23,30}\.[\w-]{6}\.[\w-]{27,}"  # Discord's
)
_MARKS = (
    "=",
    "://",
    "authorization",
    "bearer ",
    "basic ",
    "bot ",
    "hooks.",
    "hooks/",
    "interactions/",
)
"""One of these stands in whatever `_FORMS` finds: looking for them costs a tenth of that."""
_DOTS = re.compile(r"\.[\w-]{6}\.")


class Hider:
    """Knows secrets by their value and hides them in any text."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: str) -> None:
        """Hide this from now on: a token, keys with commas between, or a URL with a password."""
        found = set(_passwords(secret)) if "://" in secret else {secret, *secret.split(",")}
        fresh = {each.strip() for each in found} - self._known
        fresh = {each for each in fresh if len(each) >= SHORTEST}
        if fresh:
            self._known |= fresh
            spelled = {form for each in self._known for form in _spellings(each)}
            longest_first = sorted(spelled, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def hide(self, text: str) -> str:
        """The text with every secret replaced by `***`."""
        spans = list(self._spans(text))
        if not spans:
            return text
        shown, at = [], 0
        for begin, end in sorted(spans):
            if begin >= at:
                shown += [text[at:begin], "***"]
            at = max(at, end)
        return "".join([*shown, text[at:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand; a line of a log seldom has one, so what is cheap is asked first."""
        if "xox" in text or "xapp-" in text or _DOTS.search(text):
            yield from (found.span() for found in _TOKENS.finditer(text))
        folded = text.casefold()
        if any(mark in folded for mark in _MARKS):
            yield from ((each.end("before"), each.end()) for each in _FORMS.finditer(text))
        if self._pattern is not None:
            yield from (found.span() for found in self._pattern.finditer(text))


def _spellings(secret: str) -> Iterator[str]:
    """As it is, in a URL, in JSON, and in a Python literal."""
    yield secret
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    for literal in (repr(secret), ascii(secret), repr(secret.encode())[1:]):
        yield literal[1:-1]
        yield json.dumps(literal[1:-1])[1:-1]


def _passwords(url: str) -> Iterator[str]:
    """The passwords in a URL, as they stand there and as they are meant."""
    try:
        parts = urlsplit(url)
    except ValueError:
        yield url
        return
    userinfo = parts.netloc.rpartition("@")[0]
    given = [userinfo.partition(":")[2]]
    for query in parts.query.split("&"):
        name, _, value = query.partition("=")
        if "pass" in name.lower():
            given.append(value)
    given += [value for name, value in parse_qsl(parts.query) if "pass" in name.lower()]
    for each in filter(None, given):
        yield each
        yield unquote(each)


_hider = Hider()
learn_secret = _hider.learn
hide_secrets = _hider.hide


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
    """A secret that is too long to be guessed."""
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
    """A time that people wait."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not 0 < float(text) <= MAX_TIMEOUT_S:
        raise ValueError(f"it must be a number of seconds, at most {MAX_TIMEOUT_S}")
    return float(text)


def model_name(text: str) -> str:
    """The name of a language model."""
    if len(text) > MAX_MODEL_CHARS or not text.isprintable():
        raise ValueError(f"it must be one line of at most {MAX_MODEL_CHARS} characters")
    return text


def folder(text: str) -> Path:
    """A folder that is there."""
    if not Path(text).is_dir():
        raise ValueError("there is no such folder")
    return Path(text)


def database_url(text: str) -> Secret:
    """The address of a database."""
    if not text.startswith(("postgres://", "postgresql://", "postgresql+psycopg://", "sqlite")):
        raise ValueError(
            "it must look like postgresql://user:password@host/name or sqlite:///aibrief.sqlite"
        )
    return Secret(text)


def names(text: str) -> frozenset[str]:
    """What stands between commas."""
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def web_address(text: str) -> str:
    """The base of an API, with a slash at its end."""
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
