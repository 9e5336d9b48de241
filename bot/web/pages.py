"""Every page of the site, and the routes that the web server mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.web.guard import AccessGuard
from bot.web.library_pages import build_library, build_search
from bot.web.playground import build_playground, build_schedule
from bot.web.site import THEME_COOKIE, THEMES, Page, field_of, local, read_form, redirect
from bot.web.surveys import build_compare, build_coverage, build_forecasts, build_gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.web.site import Site

YEAR_S = 365 * 24 * 3600


def build_shell(site: Site) -> Page:
    """What every page needs: static files and the theme."""

    async def static(request: web.Request) -> web.Response:
        found = site.static.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        kept = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
        return web.Response(body=found[0], content_type=found[1], charset="utf-8", headers=kept)

    async def theme(request: web.Request) -> web.Response:
        chosen = request.match_info["theme"]
        if chosen not in THEMES:
            raise web.HTTPNotFound
        response = redirect(local(field_of(await read_form(request), "back")))
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR_S, path="/", samesite="Strict")
        return response

    return Page([web.get("/static/{name}", static), web.post("/theme/{theme}", theme)])


PAGES: Sequence[Callable[[Site], Page]] = (
    build_shell,
    build_playground,
    build_library,
    build_search,
    build_compare,
    build_schedule,
    build_forecasts,
    build_gaps,
    build_coverage,
)
"""Each gives its routes and its place in the navigation; another module adds its own here."""


def build_pages(site: Site) -> tuple[Sequence[web.AbstractRouteDef], AccessGuard]:
    """The routes of every page and their guard."""
    site.pages.extend(build(site) for build in PAGES)
    guard = AccessGuard(site)
    return [*guard.routes, *(route for page in site.pages for route in page.routes)], guard
