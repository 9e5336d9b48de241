"""The skeleton of a new brief: everything that a curator has to write, and how."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.library.model import MARK
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bot.answering.catalog import Catalog

_TEXT = """\
# A new brief. It is refused until nothing begins with {mark}; docs/curating.md explains each key.
slug: {slug} # the file's name
title: {title} # up to 70 characters
aliases: [] # other names that open it word for word
asks: # questions that the whole brief answers
  - {mark} the plainest question
owner: {owner}
reviewed: {today} # when somebody last read it against its sources
review_every_days: 180
gist: # one sentence on top
  text: {mark} one sentence in your own words
  citations: [{mark}] # the lines it rests on: S1:8 or S1:8-9
snippets:
  - id: {slug}-first # its name, taken by no other snippet
    text: {mark} one or two sentences in your own words, up to 300 characters
    kind: claim # fact, claim, impact, reaction, outlook or open-question
    actors: [{actors}] # whom it is about: config/vocabulary/actors.yaml
    aspects: [{aspects}] # what it is about: config/vocabulary/aspects.yaml
    citations: [{mark}]
    asks: # five to eight, as different as people ask them
      - {mark} a question that this statement answers
# A forecast or an open question also needs:
#   attribution: who holds it, as the document says
#   look_again: 2027-01-31
# A statement of another brief:
# - ref: its-id
"""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is known of a brief before it is written."""

    slug: str
    title: str | None = None
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    owner: str = "curators"

    def render(self, today: date) -> str:
        """The file's text."""
        return _TEXT.format(
            mark=MARK,
            slug=self.slug,
            title=_quoted(self.title) if self.title else f"{MARK} what people read on top",
            owner=_quoted(self.owner),
            today=today,
            actors=", ".join(self.actors),
            aspects=", ".join(self.aspects),
        )


def find_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> list[str]:
    """Why this brief cannot be begun, each with what to do."""
    return [
        *_name_problems(skeleton, catalog, taken),
        *_unknown(skeleton.actors, Group.ACTOR, "actors.yaml", catalog),
        *_unknown(skeleton.aspects, Group.ASPECT, "aspects.yaml", catalog),
    ]


def _name_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> Iterator[str]:
    names = {skeleton.slug, f"{skeleton.slug}-first"} & set(taken)
    if names:
        yield f"{', '.join(sorted(names))}: the name is taken. Choose another slug."
        return
    for text in filter(None, (skeleton.slug, skeleton.title)):
        opened = catalog.shortcut(" ".join(text.lower().replace("-", " ").split()))
        if opened and opened.brief:
            yield f"'{text}' also opens the brief {opened.id}. Choose another one."


def _unknown(names: Iterable[str], group: Group, file: str, catalog: Catalog) -> Iterator[str]:
    known = [c.id for c in catalog.vocabulary.concepts.values() if c.group is group]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3)
            advice = f"Did you mean {', '.join(near)}?" if near else f"Add it to {file} first."
            yield f"'{name}' is not in config/vocabulary/{file}. {advice}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
