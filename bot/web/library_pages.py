"""The library for curators: briefs with all that is known of them, documents, what is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.answering.answer import facts_of
from bot.answering.compose import compose
from bot.answering.matching import rank, weigh
from bot.answering.message import answer_plan
from bot.answering.overview import library_topics, source_balance
from bot.answering.phrases import UNDATED
from bot.answering.query import parse
from bot.answering.text import MAX_QUESTION_CHARS
from bot.platforms.plain import render_text
from bot.schedules.texts import describe_trigger
from bot.web.site import Page, field_of, read_form
from bot.web.surveys import asked_about

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.answering.catalog import Catalog
    from bot.answering.matching import Match
    from bot.library.model import Snippet, Source
    from bot.web.site import Site


@dataclass(frozen=True, slots=True)
class Used:
    """A document as far as somebody cites it."""

    source: Source
    lines: tuple[str, ...]
    """What is cited, in order: `8` or `8-9`."""
    cited: int
    """How many lines that state something are cited."""
    stating: int
    """How many there are: those that are no headings."""
    snippets: int


@dataclass(frozen=True, slots=True)
class ListedSnippet:
    """A snippet on a brief's page."""

    snippet: Snippet
    home: str
    """The slug of the brief it is written in."""
    others: tuple[str, ...]
    """Slugs of the other briefs that show it."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A line of a document, with the brief and the id of each statement that cites it."""

    number: int
    text: str
    cited_by: tuple[tuple[str, str], ...]
    heading: bool


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


def build_library(site: Site) -> Page:
    """The pages of the library."""

    async def library(request: web.Request) -> web.Response:
        catalog = site.catalog
        briefs = catalog.library.briefs
        return site.page(
            request,
            "library.html",
            topics=library_topics(catalog, site.clock().date()),
            counts={slug: len(brief.snippets) for slug, brief in briefs.items()},
            totals=(len(briefs), len(catalog.library.snippets), len(catalog.library.sources)),
        )

    async def brief(request: web.Request) -> web.Response:
        catalog = site.catalog
        found = catalog.library.briefs.get(request.match_info["slug"])
        if found is None:
            raise web.HTTPNotFound
        snippets = [_shown(catalog, name, found.slug) for name in found.snippets]
        statements = [found.gist, *(each.snippet for each in snippets)]
        due, today = found.review_by, site.clock().date()
        return site.page(
            request,
            "brief.html",
            brief=found,
            snippets=snippets,
            used=use_of_sources(catalog, statements),
            label=catalog.vocabulary.label,
            facts_of=facts_of,
            at_hand=_at_hand(site),
            due=due,
            overdue=today > due,
            today=today,
            asked=await asked_about(site, found),
            balance=source_balance(found, catalog.library, today),
            undated=UNDATED,
            scheduled=await site.subscriptions.asking_for(found.slug, 50)
            if site.subscriptions
            else None,
            describe_trigger=describe_trigger,
        )

    async def sources(request: web.Request) -> web.Response:
        catalog = site.catalog
        gists = (brief.gist for brief in catalog.library.briefs.values())
        used = use_of_sources(catalog, [*catalog.library.snippets.values(), *gists])
        cited = {each.source.id for each in used}
        unused = [s for s in catalog.library.sources.values() if s.id not in cited]
        return site.page(request, "sources.html", used=used, unused=unused, at_hand=_at_hand(site))

    async def document(request: web.Request) -> web.Response:
        catalog = site.catalog
        source = catalog.library.sources.get(request.match_info["source"])
        lines = site.assistant.documents.lines(source) if source else None
        if source is None or lines is None:
            raise web.HTTPNotFound
        shown = marked_lines(catalog, source, lines)
        return site.page(request, "document.html", source=source, lines=shown)

    routes = [
        web.get("/sources/{source}", document),
        web.get("/library", library),
        web.get("/library/{slug}", brief),
        web.get("/sources", sources),
    ]
    return Page(routes, "/library", "Library", ("/sources", "/search"))


def marked_lines(catalog: Catalog, source: Source, lines: Sequence[str]) -> list[Marked]:
    """The lines of a document, each with what cites it."""
    citing: dict[int, dict[tuple[str, str], None]] = {}
    for snippet in catalog.library.snippets.values():
        for citation in snippet.rests_on:
            if citation.source == source.id:
                for number in range(citation.first, citation.last + 1):
                    place = (catalog.homes[snippet.id], snippet.id)
                    citing.setdefault(number, {})[place] = None
    return [
        Marked(number, text, tuple(citing.get(number, ())), heading=number in source.headings)
        for number, text in enumerate(lines, 1)
    ]


def use_of_sources(catalog: Catalog, statements: Sequence[Snippet]) -> tuple[Used, ...]:
    """Which documents these statements rest on, and on how much of each."""
    citations = [
        (citation, statement.id) for statement in statements for citation in statement.rests_on
    ]
    used = []
    for source in catalog.library.sources.values():
        own = [(c, name) for c, name in citations if c.source == source.id]
        cited = {line for c, _ in own for line in range(c.first, c.last + 1)}
        stating = set(range(1, source.lines + 1)) - source.headings
        by = len({name for _, name in own})
        if own:
            used.append(Used(source, _ranges(cited), len(cited & stating), len(stating), by))
    return tuple(used)


def _ranges(lines: set[int]) -> tuple[str, ...]:
    """`3`, `5-7`: neighbouring lines together."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return tuple(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _shown(catalog: Catalog, name: str, slug: str) -> ListedSnippet:
    home = catalog.homes[name]
    others = tuple(other for other in catalog.members[name] if other not in {slug, home})
    return ListedSnippet(catalog.library.snippets[name], home, others)


def _at_hand(site: Site) -> frozenset[str]:
    """The sources whose document can be shown."""
    sources = site.catalog.library.sources.values()
    return frozenset(s.id for s in sources if site.assistant.documents.lines(s) is not None)


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
        hits = [_hit(m, catalog) for m in matches if m.candidate.brief or m.candidate.statement]
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
    name, share = match.candidate.id, round(100 * match.coverage)
    if match.candidate.brief:
        title = catalog.library.briefs[name].title
        return SearchHit("brief", name, f"/library/{name}", title, match.score, share)
    if not match.candidate.statement:
        return SearchHit("must not cover", name, "", "", match.score, share)
    snippet = catalog.library.snippets[name]
    href = f"/library/{catalog.homes[name]}#{name}"
    return SearchHit("snippet", name, href, snippet.text, match.score, share)
