"""The guard before every page: who may see it, what a page may load, and pages for errors."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.web.access import (
    SESSION,
    Access,
    Guesses,
    is_loopback_host,
    is_same_origin,
    is_token,
    new_session,
    parse_session,
)
from bot.web.forms import field_of, read_form
from bot.web.site import redirect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.web.site import Site

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

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

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access
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
        if self._access.token is None and not is_loopback_host(request.host):
            return self.error_page(request, 403)
        sends = request.method not in {"GET", "HEAD"}
        if sends and not is_same_origin(request.headers, request.host, _scheme(request)):
            return self.error_page(request, 403)
        if self._access.token is None or request.path.startswith(OPEN_TO_ALL):
            return None
        return await self._unknown(request, self._access.token)

    async def _unknown(self, request: web.Request, token: str) -> web.Response | None:
        """The page to sign in; None for whoever is signed in or sends the token."""
        now = self._site.clock()
        session = parse_session(request.cookies.get(COOKIE, ""), token, now)
        if session and not await self._site.sessions.is_ended(session.id, now):
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
        if self._access.token is None:
            return redirect("/")
        return self._sign_in_page(request, 200, None)

    async def _sign_in(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        token = self._access.token
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
        session = parse_session(request.cookies.get(COOKIE, ""), self._access.token or "", now)
        if session:
            await self._site.sessions.end(session.id, session.ends, now)
        response = redirect(SIGN_IN)
        response.del_cookie(COOKIE, path="/")
        return response


def _scheme(request: web.Request) -> str:
    """How the browser reached us: a proxy in between says it in a header."""
    told = request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    return told or request.scheme
