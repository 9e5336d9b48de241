"""Who may see the pages: hosts, origins, the token and its cookie; decisions on values only."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSION = timedelta(days=30)
MOST_DIGITS = 12
FREE_GUESSES = 5
"""Wrong tokens that one address may send before it has to wait."""
MOST_WAIT_S = 60.0
MOST_ADDRESSES = 1000
"""Addresses that guessed wrong and are remembered; the oldest is dropped first."""
_WEB_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Access:
    """How the pages are guarded: by this token; without one, by being on loopback."""

    token: str | None = None


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names this machine: a name from outside may be rebound to us.

    https://developer.mozilla.org/en-US/docs/Glossary/DNS_rebinding
    """
    try:
        return urlsplit(f"//{host}").hostname in {"127.0.0.1", "localhost", "::1"}
    except ValueError:
        return False


def is_same_origin(headers: Mapping[str, str], host: str, scheme: str) -> bool:
    """Whether a form was sent by one of our own pages, or by no browser at all.

    `Sec-Fetch-Site` is the browser's own word; where it does not send one, `Origin` is compared:
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site .
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("Origin")
    if origin is None:
        return True
    try:
        return _place(origin) == _place(f"{scheme}://{host}")
    except ValueError:
        return False


def _place(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or _WEB_PORTS.get(parts.scheme)


def is_token(given: str, token: str) -> bool:
    """Whether the token is right, in a time that does not tell how much of it is."""
    digests = (hashlib.sha256(t.encode("utf-8", "surrogatepass")).digest() for t in (given, token))
    return hmac.compare_digest(*digests)


@dataclass(frozen=True, slots=True)
class Session:
    """A cookie's value: an id, when it ends, and a proof that whoever made it had the token."""

    id: str
    ends: datetime
    cookie: str


def new_session(token: str, now: datetime, id_: str) -> Session:
    """A session with this id, of letters and digits; the cookie does not contain the token."""
    ends = int((now + SESSION).timestamp())
    signed = f"{ends}.{id_}"
    cookie = f"{signed}.{_proof(token, signed)}"
    return Session(id_, datetime.fromtimestamp(ends, UTC), cookie)


def parse_session(cookie: str, token: str, now: datetime) -> Session | None:
    """The session of a cookie that was made with this token and has not ended, else None.

    Whether the person has signed out of it is not in the cookie.
    """
    signed, _, proof = cookie.rpartition(".")
    ends, _, id_ = signed.partition(".")
    if not (ends.isascii() and ends.isdecimal() and cookie.isascii() and len(ends) < MOST_DIGITS):
        return None
    if not id_ or not hmac.compare_digest(proof, _proof(token, signed)):
        return None
    until = datetime.fromtimestamp(int(ends), UTC)
    return Session(id_, until, cookie) if until > now else None


def _proof(token: str, signed: str) -> str:
    text = f"aibrief session {signed}"
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()


class Guesses:
    """Slows down whoever guesses the token: after five wrong ones each costs twice the wait."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait_s(self, address: str, now: datetime) -> float:
        """How long this address has to wait before its next guess is looked at."""
        count, last = self._wrong.get(address, (0, now))
        if count < FREE_GUESSES:
            return 0.0
        wait_s = min(MOST_WAIT_S, 2.0 ** min(count - FREE_GUESSES, 10))
        return max(0.0, wait_s - (now - last).total_seconds())

    def note(self, address: str, now: datetime, *, right: bool) -> None:
        """Remember a guess; a right one clears the slate."""
        if right:
            self._wrong.pop(address, None)
            return
        count, _ = self._wrong.get(address, (0, now))
        self._wrong[address] = (count + 1, now)
        self._wrong.move_to_end(address)
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)
