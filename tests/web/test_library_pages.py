"""The library pages, the search and the comparison explorer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import structs

from bot.answering.answer import facts_of
from bot.answering.catalog import Catalog
from bot.schedules.subscription import (
    Content,
    ContentKind,
    Subscription,
    SubscriptionStatus,
    Target,
)
from bot.web.library_pages import use_of_sources
from bot.web.surveys import build_matrix
from tests.schedules.triggers import cron_trigger
from tests.web.site import NOW, Reader, visiting

if TYPE_CHECKING:
    from collections.abc import Sequence


SCRIPT = "<script>alert(1)</script>"


class Subscriptions:
    """As much of a store as the pages need."""

    def __init__(self, *kept: Subscription) -> None:
        self.kept = kept

    async def asking_for(self, ask: str, limit: int) -> Sequence[Subscription]:
        return [s for s in self.kept if ask in s.content.asks][:limit]


async def test_every_brief_is_listed_and_has_a_page(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        library = await visitor.get("/library")
        links = {a["href"] for a in Reader.read(library.text).all("a")}
        for slug, brief in catalog.library.briefs.items():
            assert f"/library/{slug}" in links
            page = await visitor.get(f"/library/{slug}")
            assert page.status == 200
            for name in brief.snippets:
                snippet = catalog.library.snippets[name]
                assert " ".join(snippet.text.split()) in page.words
                assert Reader.read(page.text).all("article", id=name)
                assert all(str(c) in page.words for c in snippet.citations)
                assert all(value in page.words for _, value in facts_of(snippet))
            assert "up to date" in page.words
            ids = [a["id"] for _, a in Reader.read(page.text).tags if "id" in a]
            assert len(ids) == len(set(ids))


async def test_links_of_the_library_lead_somewhere(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        seen: dict[str, set[str]] = {}
        todo = {"/library", "/sources", "/compare?a=china&a=us"}
        while todo:
            path = todo.pop()
            page = await visitor.get(path)
            assert page.status == 200, path
            tags = Reader.read(page.text).tags
            seen[path] = {str(a["id"]) for _, a in tags if "id" in a}
            hrefs = [a["href"] or "" for t, a in tags if t == "a"]
            todo |= {h.partition("#")[0] for h in hrefs if h.startswith("/library")} - seen.keys()
            for href in hrefs:
                there, _, anchor = href.partition("#")
                if anchor and there in seen:
                    assert anchor in seen[there], href


async def test_a_review_that_is_due_is_marked(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        visitor.clock.now = datetime(2028, 1, 1, tzinfo=UTC)
        assert "review was due" in (await visitor.get("/library")).words
        page = await visitor.get("/library/china-vs-us")
        assert "review was due" in page.words
        assert "Was due 2027-05-23" in page.words


async def test_where_a_brief_is_scheduled(catalog: Catalog) -> None:
    kept = Subscription(
        "abcde",
        Target("slack", "T1", "C<1>"),
        Content(ContentKind.ASKS, ("china-vs-us",)),
        cron_trigger("0 9 * * 1-5", "Europe/Berlin"),
        owner="U1-private",
        created_at=NOW,
        next_at=NOW,
    )
    paused = replace(kept, standing=SubscriptionStatus.PAUSED, next_at=None)
    async with visiting(catalog, subscriptions=Subscriptions(kept, paused)) as visitor:
        page = await visitor.get("/library/china-vs-us")
        assert "Slack, channel C<1>: every Monday to Friday at 09:00" in page.words
        assert "next 2026-11-24 09:00 UTC" in page.words
        assert "paused" in page.words
        assert "U1-private" not in page.text
        assert "No channel is sent this" in (await visitor.get("/library/key-players")).words
    async with visiting(catalog) as visitor:
        assert "Scheduling is off" in (await visitor.get("/library/china-vs-us")).words


async def test_markup_in_the_library_stays_text(catalog: Catalog) -> None:
    library = catalog.library
    brief = library.briefs["overview"]
    gist = structs.replace(brief.gist, text=f"{SCRIPT} gist")
    changed = replace(brief, title=f"{SCRIPT} title", gist=gist, aliases=(SCRIPT,), asks=(SCRIPT,))
    snippets = {
        name: structs.replace(s, text=f"{SCRIPT} {s.text}", attribution=SCRIPT, as_of=SCRIPT)
        for name, s in library.snippets.items()
    }
    sources = {name: replace(s, title=SCRIPT, file=SCRIPT) for name, s in library.sources.items()}
    briefs = dict(library.briefs) | {"overview": changed}
    nasty = replace(library, briefs=briefs, snippets=snippets, sources=sources)
    async with visiting(Catalog(nasty, catalog.vocabulary)) as visitor:
        for path in ("/", "/library", "/library/overview", "/sources", "/compare?a=china&a=us"):
            page = await visitor.get(path)
            assert page.status == 200
            assert SCRIPT not in page.text
        page, _ = await visitor.ask("/aibrief overview")
        assert SCRIPT in page.words
        assert SCRIPT not in page.text


def test_how_much_of_a_document_is_cited(catalog: Catalog) -> None:
    snippets = list(catalog.library.snippets.values())
    used = use_of_sources(catalog, snippets)
    assert [each.source.id for each in used] == ["S1", "S2"]
    assert all(each.cited <= each.stating for each in used)
    one = next(s for s in snippets if s.id == "china-open-source")
    (alone,) = use_of_sources(catalog, [one])
    assert (alone.lines, alone.cited, alone.snippets) == (("8",), 1, 1)


async def test_the_search_says_what_chat_would(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        assert "Nearest" not in (await visitor.get("/search")).words
        page = await visitor.post("/search", {"text": "who calls it a public good"})
        assert "Chat would say: answered" in page.words
        assert re.search(r"Score \d+\.\d of 100", page.words)
        links = [a["href"] for a in Reader.read(page.text).all("a")]
        assert "/library/reactions#reaction-china" in links
        page = await visitor.post("/search", {"text": "best pizza in town"})
        assert "Chat would say: not covered" in page.words
        assert "Chat would say: clarify" in (await visitor.post("/search", {"text": " "})).words


async def test_the_explorer_shows_claims_and_holes(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        page = await visitor.get("/compare?a=china&a=us&b=adoption&b=openness")
        assert "2 sides by 2 aspects. 1 of 4 cells are holes" in page.words
        assert "Adoption Chinese models are described as quickly adopted. S1:8" in page.words
        assert page.words.count("no sourced claim") == 2  # the cell and the sentence above
        links = [a["href"] for a in Reader.read(page.text).all("a")]
        assert "/library/china-vs-us#china-open-source" in links
        asked = Reader.read(page.text).all("button", name="text")
        assert [b["value"] for b in asked] == ["compare china us"]
        whole = await visitor.get("/compare")
        assert "24 sides by 35 aspects" in whole.words
        assert (await visitor.get("/compare?a=nobody&b=<script>")).status == 200


def test_the_explorer_agrees_with_the_catalog(catalog: Catalog) -> None:
    matrix = build_matrix(catalog, (), ())
    assert matrix.cells == len(matrix.actors) * len(catalog.aspects)
    columns = list(matrix.actors)
    told = {actor: {s.id for s in catalog.statements_about(actor, columns)} for actor in columns}
    shown = {s.id for _, cells in matrix.rows for c in cells for s in c}
    assert shown == {s for own in told.values() for s in own if catalog.takes_up[s]}
    empty = sum(
        not any(aspect in catalog.takes_up[s] for s in told[actor])
        for aspect in catalog.aspects
        for actor in columns
    )
    assert matrix.holes == empty
