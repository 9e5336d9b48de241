"""The guard before every page: who may see it, what a page may load, and pages for errors."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.web.site import field_of, read_form, redirect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.web.site import Site

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)


SESSION = timedelta(days=30)
MOST_DIGITS = 12
FREE_GUESSES = 5
"""Wrong tokens that one address may send before it has to wait."""
MOST_WAIT_S = 60.0
MOST_ADDRESSES = 1000
"""Addresses that guessed wrong and are remembered; the oldest is dropped first."""
_WEB_PORTS = {"http": 80, "https": 443}


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


COOKIE = "aibrief_session"
SIGN_IN = "/sign-in"
OPEN_TO_ALL = ("/static/", SIGN_IN)
"""What can be seen without signing in."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Nothing from elsewhere, no inline script:
https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP ."""
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("That was not understood", "The form did not arrive as it was sent. Go back and retry."),
    403: ("Not from here", "Open this site by its own address and send the form from there."),
    404: ("Nothing here", "The address may be mistyped, or what was there is gone."),
    405: ("Not like this", "This address does not take that kind of request."),
    413: ("Too much at once", "Please ask in a sentence or two."),
    429: ("Too many tries", "Please wait a moment and try again."),
    500: ("Something went wrong", "It is in the log. Please try again in a moment."),
}
"""For each status its heading and what to do."""


class AccessGuard:
    """Decides on each request for a page, and gives errors a page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._guesses = Guesses()
        self.routes = (
            web.get(SIGN_IN, self._show_sign_in),
            web.post(SIGN_IN, self._sign_in),
            web.post("/sign-out", self._sign_out),
        )

    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request through, or answer it with a page that says why not."""
        try:
            response = await self._stopped(request) or await handler(request)
        except web.HTTPException as error:
            response = self.error_page(request, error.status)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
        except Exception as error:
            # The route's pattern, not the address: that may hold what a person wrote.
            resource = request.match_info.route.resource
            log.exception(
                "web.failed", route=resource and resource.canonical, error=type(error).__name__
            )
            response = self.error_page(request, 500)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def error_page(self, request: web.Request, status: int) -> web.Response:
        """The page of an error."""
        heading, advice = ERRORS.get(status, ERRORS[400])
        return self._site.page(
            request, "error.html", status=status, heading=heading, advice=advice
        )

    async def _stopped(self, request: web.Request) -> web.Response | None:
        """A page that says why a request goes no further; None where it may go on."""
        if self._site.token is None and not is_loopback_host(request.host):
            return self.error_page(request, 403)
        sends = request.method not in {"GET", "HEAD"}
        if sends and not is_same_origin(request.headers, request.host, _scheme(request)):
            return self.error_page(request, 403)
        if self._site.token is None or request.path.startswith(OPEN_TO_ALL):
            return None
        return await self._unknown(request, self._site.token)

    async def _unknown(self, request: web.Request, token: str) -> web.Response | None:
        """The page to sign in; None for whoever is signed in or sends the token."""
        now = self._site.clock()
        session = parse_session(request.cookies.get(COOKIE, ""), token, now)
        if session and not await self._site.seen.is_seen(_ended(session), now=now):
            return None
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return self._sign_in_page(request, 401, None)
        return self._guessed(request, given.strip(), token)

    def _guessed(self, request: web.Request, given: str, token: str) -> web.Response | None:
        """None for the right token; each wrong one makes the next take longer."""
        now, address = self._site.clock(), request.remote or ""
        wait_s = self._guesses.wait_s(address, now)
        if wait_s:
            page = self.error_page(request, 429)
            page.headers["Retry-After"] = str(math.ceil(wait_s))
            return page
        right = is_token(given, token)
        self._guesses.note(address, now, right=right)
        if right:
            return None
        log.warning("web.wrong_token")
        return self._sign_in_page(request, 401, "wrong")

    def _sign_in_page(
        self, request: web.Request, status: int, problem: str | None
    ) -> web.Response:
        page = self._site.page(request, "sign_in.html", status=status, problem=problem)
        if status == 401:  # noqa: PLR2004 - Unauthorized
            page.headers["WWW-Authenticate"] = 'Bearer realm="aibrief"'
        return page

    async def _show_sign_in(self, request: web.Request) -> web.Response:
        if self._site.token is None:
            return redirect("/")
        return self._sign_in_page(request, 200, None)

    async def _sign_in(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        token = self._site.token
        if token is None:
            return redirect("/")
        if stopped := self._guessed(request, field_of(form, "token").strip(), token):
            return stopped
        response = redirect("/")
        response.set_cookie(
            COOKIE,
            new_session(token, self._site.clock(), secrets.token_hex(16)).cookie,
            max_age=int(SESSION.total_seconds()),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=_scheme(request) == "https",
        )
        return response

    async def _sign_out(self, request: web.Request) -> web.Response:
        now = self._site.clock()
        session = parse_session(request.cookies.get(COOKIE, ""), self._site.token or "", now)
        if session:
            # Kept until the cookie has ended anyway: in every process and after a restart.
            keep = session.ends - now
            await self._site.seen.first_time(_ended(session), now=now, keep=keep)
        response = redirect(SIGN_IN)
        response.del_cookie(COOKIE, path="/")
        return response


def _ended(session: Session) -> str:
    return f"web:signed-out:{session.id}"


def _scheme(request: web.Request) -> str:
    """How the browser reached us: a proxy in between says it in a header."""
    told = request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    return told or request.scheme
