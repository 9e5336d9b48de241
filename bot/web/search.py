"""What the matcher makes of a question: for curators who wonder why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.answering.compose import compose
from bot.answering.decide import answer_plan
from bot.answering.matching import rank, weigh
from bot.answering.query import parse
from bot.answering.text import MAX_QUESTION_CHARS
from bot.platforms.plain import render_text
from bot.web.forms import field_of, read_form
from bot.web.site import Page

if TYPE_CHECKING:
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match
    from bot.web.site import Site


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One match on the page."""

    kind: str
    """"brief" or "snippet"."""
    name: str
    href: str
    text: str
    score: float
    coverage_percent: int
    """How much of what was asked it speaks of."""


def build_search(site: Site) -> Page:
    """The search; a question comes by POST, so that no log of addresses has it."""

    async def show(request: web.Request) -> web.Response:
        return site.page(request, "search.html", asked="", found=None)

    async def search(request: web.Request) -> web.Response:
        text = field_of(await read_form(request), "text").strip()
        found = look_up(text, site.catalog, site.clock().date())
        return site.page(request, "search.html", asked=text[:MAX_QUESTION_CHARS], found=found)

    return Page([web.get("/search", show), web.post("/search", search)])


def look_up(text: str, catalog: Catalog, today: date) -> dict[str, object]:
    """What chat would answer to this as a first message, and every match with its score."""
    plan = answer_plan(text, catalog)
    answer = compose(plan, catalog, today)
    hits: list[SearchHit] = []
    named: list[str] = []
    if 0 < len(text) <= MAX_QUESTION_CHARS:
        query = parse(text, catalog.lexicon)
        matches = rank(weigh(query, catalog), catalog)
        hits = [_hit(m, catalog) for m in matches if m.unit.brief or m.unit.statement]
        named = [catalog.vocabulary.label(concept) for concept in dict.fromkeys(query.concepts)]
    return {
        "status": answer.status.value.replace("_", " "),
        "intent": answer.intent.value,
        "score": answer.score,
        "brief": catalog.library.briefs.get(answer.brief or ""),
        "title": answer.title,
        "text": render_text(answer),
        "named": named,
        "hits": hits,
    }


def _hit(match: Match, catalog: Catalog) -> SearchHit:
    name, share = match.unit.id, round(100 * match.coverage)
    if match.unit.brief:
        title = catalog.library.briefs[name].title
        return SearchHit("brief", name, f"/library/{name}", title, match.score, share)
    if not match.unit.statement:
        return SearchHit("must not cover", name, "", "", match.score, share)
    snippet = catalog.library.snippets[name]
    href = f"/library/{catalog.homes[name]}#{name}"
    return SearchHit("snippet", name, href, snippet.text, match.score, share)
