"""What was asked and not answered well, grouped, with patches to look at and to download."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import AibriefError
from bot.gaps.gap_patches import ask_patch, snippet_patch
from bot.gaps.grouping import Gap, GapCluster, Review, find_group, review
from bot.web.site import Page, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.answering.catalog import Catalog
    from bot.curating.patching import Patch
    from bot.gaps.gap_ports import GapStore
    from bot.library.model import Brief
    from bot.web.site import Site

MOST_GROUPS = 100
SPAN_DAYS = 30
"""What a brief's page tells of."""
KINDS = ("add-ask", "start-snippet")


class GapDesk:
    """The stored gaps against today's library."""

    def __init__(self, store: GapStore, briefs: Path, *, collecting: bool) -> None:
        self.store = store
        self.briefs = briefs
        self.collecting = collecting
        self._last: tuple[Sequence[Gap], Catalog, Review] | None = None
        self._one = asyncio.Lock()

    async def review(self, catalog: Catalog) -> Review:
        """The groups; worked out, in a thread, only where something has changed."""
        gaps = await self.store.gaps()
        async with self._one:
            last = self._last
            if last is None or last[0] != gaps or last[1] is not catalog:
                last = (gaps, catalog, await asyncio.to_thread(review, gaps, catalog))
                self._last = last
        return last[2]


def build_gaps(site: Site) -> Page:
    """The list of gaps and the patches; nothing here changes a file."""
    desk = site.gaps
    if desk is None:
        return Page([])

    async def show(request: web.Request) -> web.Response:
        catalog = site.catalog
        found = await desk.review(catalog)
        return site.page(
            request,
            "gaps.html",
            groups=found.groups[:MOST_GROUPS],
            more=max(0, len(found.groups) - MOST_GROUPS),
            covered=found.covered,
            collecting=desk.collecting,
            briefs=list(catalog.library.briefs.values()),
        )

    async def patch(request: web.Request) -> web.Response:
        group, kind, slug = await _asked_for(site, desk, request)
        made, problem = None, ""
        try:
            made = await asyncio.to_thread(_make, kind, group, slug, desk.briefs, site.catalog)
        except AibriefError as error:
            problem = str(error)
        return site.page(
            request, "patch.html", group=group, kind=kind, slug=slug, patch=made, problem=problem
        )

    async def download(request: web.Request) -> web.Response:
        group, kind, slug = await _asked_for(site, desk, request)
        try:
            made = await asyncio.to_thread(_make, kind, group, slug, desk.briefs, site.catalog)
        except AibriefError:
            raise web.HTTPNotFound from None
        name = f"{slug}-{kind}-{group.id}.patch"
        return web.Response(
            body=made.diff.encode(),
            content_type="text/x-diff",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    routes = [
        web.get("/gaps", show),
        web.get("/gaps/{group}", patch),
        web.get("/gaps/{group}/patch", download),
    ]
    return Page(routes, "/gaps", "Gaps")


async def _asked_for(
    site: Site, desk: GapDesk, request: web.Request
) -> tuple[GapCluster, str, str]:
    """The group, what to do with it and the brief that are named in the address.

    Raises:
        web.HTTPNotFound: There is no such thing, or not any longer.
    """
    kind, slug = request.query.get("kind", ""), request.query.get("brief", "")
    catalog = site.catalog
    groups = (await desk.review(catalog)).groups
    group = find_group(groups, request.match_info["group"])
    if group is None or kind not in KINDS or slug not in catalog.library.briefs:
        raise web.HTTPNotFound
    return group, kind, slug


def _make(kind: str, group: GapCluster, slug: str, briefs: Path, catalog: Catalog) -> Patch:
    make = ask_patch if kind == "add-ask" else snippet_patch
    return make(group.question, slug, briefs, catalog)


async def asked_about(site: Site, brief: Brief) -> Slot | None:
    """What is asked about a brief: how often it answered, and what it leaves open."""
    desk = site.gaps
    if desk is None:
        return None
    since = site.clock().date() - timedelta(days=SPAN_DAYS - 1)
    intents: Counter[str] = Counter()
    for tally in await desk.store.tallies(since):
        if tally.brief == brief.slug:
            intents[tally.intent] += tally.count
    groups = (await desk.review(site.catalog)).groups
    near = [group for group in groups if group.nearest[:1] == (brief.slug,)]
    html = site.part(
        "asked_about.html",
        days=SPAN_DAYS,
        total=intents.total(),
        intents=intents.most_common(),
        groups=near[:5],
        collecting=desk.collecting,
    )
    return Slot("Asked about it", html)
