"""A document with its cited lines marked; citations lead there, and "Why this?" quotes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.catalog import Catalog
from bot.library.documents import Documents
from bot.library.loader import load_library, load_vocabulary
from bot.platforms.discord.render.payload import explanation_facts
from bot.platforms.slack.render import render_explanation
from bot.service.assistant import Assistant, Incoming
from bot.settings import ROOT
from tests.memory_store import MemoryStore
from tests.web.site import NOW, visiting

if TYPE_CHECKING:
    from bot.service.assistant import Explanation

HANDBOOK = ROOT / "examples" / "handbook"


@pytest.fixture(scope="module")
def handbook() -> Catalog:
    library = load_library(HANDBOOK / "briefs").library
    return Catalog(library, load_vocabulary(HANDBOOK / "config"))


async def test_a_document_with_its_cited_lines(handbook: Catalog) -> None:
    source = next(iter(handbook.library.sources.values()))
    snippet = next(
        s for s in handbook.library.snippets.values() if s.citations[0].source == source.id
    )
    line = snippet.citations[0].first
    async with visiting(handbook, documents=HANDBOOK / "documents") as visitor:
        page = await visitor.get(f"/sources/{source.id}")
        assert page.status == 200
        assert f'id="L{line}"' in page.text
        assert f'href="/library/{handbook.homes[snippet.id]}#{snippet.id}"' in page.text
        assert page.text.count("<mark>") > 5
        brief = await visitor.get(f"/library/{handbook.homes[snippet.id]}")
        assert f'href="/sources/{source.id}#L{line}"' in brief.text
        assert f'href="/sources/{source.id}"' in (await visitor.get("/sources")).text


async def test_without_documents_there_is_no_such_page(handbook: Catalog) -> None:
    async with visiting(handbook) as visitor:
        for source in handbook.library.sources:
            assert (await visitor.get(f"/sources/{source}")).status == 404
        assert "/sources/" not in (await visitor.get("/sources")).text


async def explained(catalog: Catalog, documents: Documents) -> Explanation:
    assistant = Assistant(catalog, MemoryStore(), lambda: "a1")
    assistant.documents = documents
    asked = next(s for s in catalog.library.snippets.values() if s.asks)
    reply = await assistant.answer(Incoming("slack", "w", "c", "u", asked.asks[0]), NOW)
    why = await assistant.explain(reply.id, NOW)
    assert why is not None
    return why


async def test_why_this_quotes_the_cited_lines(handbook: Catalog) -> None:
    why = await explained(handbook, Documents(HANDBOOK / "documents"))
    quote = why.quotes[0]
    text = (
        HANDBOOK / "documents" / handbook.library.sources[quote.citation.source].file
    ).read_text()
    assert text.splitlines()[quote.citation.first - 1].strip() in quote.text
    told = f"{quote.citation} says: “{quote.text}”"
    assert told in explanation_facts(why)
    assert quote.text[:40] in str(render_explanation(why))
    assert not (await explained(handbook, Documents(None))).quotes
