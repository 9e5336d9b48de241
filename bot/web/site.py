"""What pages are made of: the site, a page's entry, templates, and forms read with limits."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.answering.catalog import Catalog
    from bot.library.watch import LibraryState
    from bot.platforms.base import Platform
    from bot.schedules.schedule_ports import SubscriptionStore
    from bot.service.assistant import Assistant
    from bot.service.ports import SeenStore
    from bot.web.surveys import GapDesk


HERE = Path(__file__).parent
_LOCAL = re.compile(r"/(?:[\w~.%-][\w~.%/-]*)?(?:\?[\w~.%&=+-]*)?", re.ASCII)
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the site; `label` and `href` stand in the navigation, where there is a label."""

    routes: Sequence[web.AbstractRouteDef]
    href: str = ""
    label: str = ""
    beside: tuple[str, ...] = ()
    """Beginnings of other addresses that belong to it."""

    def holds(self, path: str) -> bool:
        """Whether an address belongs to this part."""
        inside = self.href != "/" and path.startswith(self.href)
        return path == self.href or inside or path.startswith(self.beside)


@dataclass(frozen=True)
class Site:
    """What the pages know of the bot; `assistant.catalog` may be replaced while running."""

    assistant: Assistant
    clock: Callable[[], datetime]
    seen: SeenStore
    """Remembers which sessions were signed out of."""
    platforms: Sequence[Platform] = ()
    """Those whose messages the playground shows."""
    subscriptions: SubscriptionStore | None = None
    """None where scheduling is off."""
    token: str | None = field(default=None, repr=False)
    """With it people sign in; without one the pages are there on loopback only."""
    gaps: GapDesk | None = None
    """None where there is no database to collect in."""
    library: Callable[[], LibraryState] | None = None
    """What the library's files are like; None where nobody looks at them."""
    pages: list[Page] = field(default_factory=list)

    @property
    def catalog(self) -> Catalog:
        """Today's library; ask once in a request."""
        return self.assistant.catalog

    @cached_property
    def static(self) -> dict[str, tuple[bytes, str]]:
        """The static files: name -> content and type; nothing else can be asked for."""
        files = sorted((HERE / "static").iterdir())
        return {f.name: (f.read_bytes(), TYPES[f.suffix]) for f in files if f.suffix in TYPES}

    def part(self, template: str, **values: Any) -> Markup:
        """A part of a page as HTML; values are escaped by the template."""
        return Markup(self._templates.get_template(template).render(values))  # noqa: S704

    def page(
        self, request: web.Request, template: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """A whole page."""
        theme = request.cookies.get(THEME_COOKIE, "")
        text = self.part(
            template,
            theme=theme if theme in THEMES else "auto",
            themes=THEMES,
            here=request.path_qs,
            navigation=[(p, p.holds(request.path)) for p in self.pages if p.label],
            signed=self.token is not None,
            library=self.library() if self.library else None,
            **values,
        )
        return web.Response(text=text, status=status, content_type="text/html")

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["static"] = self._static_url
        return environment

    def _static_url(self, name: str) -> str:
        """With the content's hash, so that browsers may keep it for ever."""
        return f"/static/{name}?v={hashlib.sha256(self.static[name][0]).hexdigest()[:12]}"


def local(path: str) -> str:
    """The path, if it leads to this site; else the first page."""
    return path if _LOCAL.fullmatch(path) else "/"


def redirect(to: str) -> web.Response:
    """Go on with a GET elsewhere on this site."""
    return web.Response(status=303, headers={"Location": to})


MAX_BODY_BYTES = 64 * 1024
"""A question may be 2000 characters; what is a little longer still gets a kind answer."""


async def read_form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form; of a field that comes twice, the last.

    Raises:
        web.HTTPRequestEntityTooLarge: It is larger than `MAX_BODY_BYTES`.
        web.HTTPBadRequest: It is not a form in UTF-8.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPBadRequest
    body = await _read_body(request)
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(body),
                errors="strict",
                max_num_fields=64,
            )
        )
    except ValueError:
        raise web.HTTPBadRequest from None


async def _read_body(request: web.Request) -> bytearray:
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, len(body))
    except (web.RequestPayloadError, ConnectionError):  # wrongly encoded, or cut off
        raise web.HTTPBadRequest from None
    return body


def field_of(form: Mapping[str, str], name: str) -> str:
    """A field that must be there.

    Raises:
        web.HTTPBadRequest: It is not.
    """
    if name not in form:
        raise web.HTTPBadRequest
    return form[name]
