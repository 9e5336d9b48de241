"""What a channel is told when a text that it was sent has been corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec import structs

from bot.answering.answer import MAX_TEXT_CHARS, Note, Statement
from bot.answering.catalog import Catalog
from bot.platforms.plain import render_text
from bot.schedules import texts as words
from bot.schedules.content import (
    compose_corrections,
    correcting_texts,
    text_digest,
    told_texts,
)
from bot.schedules.subscription import Correction
from tests.days import TODAY
from tests.never_invents import invented, known_texts

NEW = "US policymakers think about rules, and about money."


def corrected(catalog: Catalog, name: str = "reaction-us", **changes: Any) -> Catalog:
    """The library after a curator has changed a text."""
    library = catalog.library
    given: dict[str, Any] = {"text": NEW, "corrects": True} | changes
    fresh = structs.replace(library.snippets[name], **given)
    snippets = {**library.snippets, name: fresh}
    changed = replace(library, snippets=snippets, version=text_digest(str(fresh)))
    return Catalog(changed, catalog.vocabulary)


def test_it_says_which_briefing_and_cites_the_new_text(catalog: Catalog) -> None:
    after = corrected(catalog)
    one = Correction("reaction-us", text_digest(NEW), date(2026, 11, 20))
    (post,) = compose_corrections([one], after, TODAY)
    note, said = post.answer.blocks
    assert post.answer.title == words.CORRECTION_TITLE
    assert isinstance(note, Note)
    assert note.text == "The briefing of 2026-11-20 had this wrong. It should read:"
    assert isinstance(said, Statement)
    assert (said.text, [str(c) for c in said.citations]) == (NEW, ["S2:22"])
    assert [source.id for source in post.answer.sources] == ["S2"]
    assert told_texts(post.answer) == {"reaction-us": text_digest(NEW)}
    assert invented(post.answer, known_texts(after) | {note.text}) == []
    old = catalog.library.snippets["reaction-us"].text
    assert old not in render_text(post.answer)


@pytest.mark.parametrize(
    ("changes", "digest"),
    [
        ({"expires": TODAY - timedelta(days=1)}, text_digest(NEW)),
        ({}, text_digest("a text of another release")),
    ],
    ids=["expired", "another text"],
)
def test_what_does_not_hold_is_not_told(
    catalog: Catalog, changes: dict[str, Any], digest: str
) -> None:
    one = Correction("reaction-us", digest, TODAY)
    assert compose_corrections([one], corrected(catalog, **changes), TODAY) == ()
    assert compose_corrections([replace(one, snippet="gone")], catalog, TODAY) == ()


def test_only_what_corrects_and_holds_is_looked_for(catalog: Catalog) -> None:
    assert correcting_texts(catalog.library, TODAY) == {}
    after = corrected(catalog)
    assert correcting_texts(after.library, TODAY) == {"reaction-us": text_digest(NEW)}
    expired = corrected(catalog, expires=TODAY - timedelta(days=1))
    assert correcting_texts(expired.library, TODAY) == {}


def test_many_go_into_few_posts(catalog: Catalog) -> None:
    snippets = catalog.library.snippets
    days = (date(2026, 11, 20), date(2026, 11, 21))
    many = [
        Correction(name, text_digest(s.text), days[number % 2])
        for number, (name, s) in enumerate(snippets.items())
    ]
    posts = compose_corrections(many, catalog, TODAY)
    told = [name for post in posts for name in post.answer.snippets]
    assert sorted(told) == sorted(snippets)
    assert all(len(render_text(post.answer)) <= MAX_TEXT_CHARS for post in posts)
    first = posts[0].answer.blocks
    assert sum(isinstance(block, Note) for block in first) == 1
