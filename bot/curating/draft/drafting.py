"""Blocks of a document -> draft statements: what each says, of whom, and where it stands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from bot.curating.draft import signals
from bot.curating.draft.lines import (
    Block,
    Line,
    Role,
    Sentence,
    read_blocks,
    read_sentences,
    split_sentences,
)
from bot.curating.draft.signals import Context, Tags
from bot.library.model import FORWARD_LOOKING, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from bot.curating.draft.signals import SentenceClassifier, Tagger

MAX_CELLS = 4
"""A wider table gives one statement a row and not one a cell."""
SHORT_ITEM_WORDS = 12
"""Items of a list that are no longer, on average, are told together."""
_LABELLED = re.compile(r"^([^:]{2,60}):\s+(.+)$")
_NAME = re.compile(r"\b[A-Z]\w")


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """One snippet to be; `text` is the source's own, to be said in other words."""

    text: str
    kind: Kind
    spans: tuple[tuple[int, int], ...]
    """First and last line of each citation."""
    tags: Tags = Tags()
    attribution: str | None = None
    as_of: str | None = None
    look_again: date | None = None
    details: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    """What a curator should know."""
    heading: str = ""
    """What it stands under."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, empty before the first, and what is stated under it."""

    heading: str
    statements: tuple[DraftStatement, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text with the lines it stands on and what stands around it."""

    text: str
    spans: tuple[tuple[int, int], ...]
    around: Context
    notes: tuple[str, ...] = ()
    part: bool = False
    """It is an item of a list: what follows the list does not go on from it."""


@dataclass(frozen=True, slots=True)
class Drafter:
    """Turns the lines of one document into statements."""

    reader: SentenceClassifier
    tagger: Tagger
    today: date
    as_of: str | None
    """How the document dates itself."""
    itself: str = "the document itself"
    """What holds a forecast that names nobody."""

    def sections(
        self, lines: Sequence[Line], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Section]:
        """The document's sections in order; `progress` is told of each line number reached."""
        for heading, blocks in _under_headings(read_blocks(lines)):
            found: list[DraftStatement] = []
            topic = Tags()
            for piece in self._pieces(heading, blocks):
                told = list(self._statements(piece, topic))
                found += told
                if not piece.part:
                    topic = told[-1].tags
                progress(piece.spans[-1][1])
            if found or heading:
                yield Section(heading, tuple(found))

    def _pieces(self, heading: str, blocks: Sequence[Block]) -> Iterator[_Piece]:
        runs = [(role, list(run)) for role, run in groupby(blocks, lambda block: block.role)]
        lead: Sentence | None = None
        for (role, run), following in zip_longest(runs, (role for role, _ in runs[1:])):
            if role is Role.ITEM:
                yield from self._list(heading, lead, run)
                lead = None
            elif role is Role.ROW:
                yield from _table(heading, run)
            else:
                sentences = [s for block in run for s in read_sentences(block)]
                if following is Role.ITEM and sentences[-1].text.endswith((":", "：")):
                    lead = sentences.pop()
                yield from _paragraphs(sentences, run, heading)

    def _list(
        self, heading: str, lead: Sentence | None, items: Sequence[Block]
    ) -> Iterator[_Piece]:
        around = Context(heading, lead.text if lead else "")
        apart = self.reader.lists_differences(around.lead, heading)
        if not apart and sum(len(x.text.split()) for x in items) <= SHORT_ITEM_WORDS * len(items):
            listed = "; ".join(item.text.rstrip(".;, ") for item in items)
            whole = f"{lead.text} {listed}" if lead else listed
            first = lead.first if lead else items[0].first
            yield _Piece(
                whole,
                ((first, items[-1].last),),
                around,
                ("the list as a whole: divide it where single items will be asked for",),
            )
            return
        for item in items:
            match = _LABELLED.match(item.text) if apart else None
            first = lead.first if lead and item is items[0] else item.first
            span = ((first, item.last),)  # the line that leads in is cited with the first item
            if match:
                for trait in match[2].split(", "):
                    yield _Piece(f"{match[1]}: {trait.strip()}", span, around, part=True)
            else:
                yield _Piece(item.text, span, around, part=True)

    def _statements(self, piece: _Piece, topic: Tags) -> Iterator[DraftStatement]:
        """One, or one for each side of a comparison that names two; `topic` is what "it" is."""
        alone = len(split_sentences(piece.text)) == 1
        sides = self.reader.sides(piece.text) if alone else None
        if sides:
            halves = [self.tagger.tags(side) for side in sides]
            if all(h.actors for h in halves) and set(halves[0].actors).isdisjoint(
                halves[1].actors
            ):
                for side, tags in zip(sides, halves, strict=True):
                    text = side[:1].upper() + side[1:]
                    yield self._statement(replace(piece, text=text), tags)
                return
        tags = self._tags(piece, topic)
        named = sides is not None and all(map(_NAME.search, sides))
        if named or (self.reader.compares(piece.text) and len(tags.actors) > 1):
            piece = replace(
                piece,
                notes=(
                    *piece.notes,
                    "a comparison: write one statement for each side, or name both",
                ),
            )
        yield self._statement(piece, tags)

    def _kind(self, piece: _Piece) -> tuple[Kind, list[str]]:
        """The kind of most of its sentences, and the others that it holds.

        One that looks ahead decides: a forecast must not be taken for a fact.
        """
        kinds = Counter(
            self.reader.kind(sentence, piece.around) for sentence in split_sentences(piece.text)
        )
        ranked = sorted(kinds, key=lambda kind: (kind not in FORWARD_LOOKING, -kinds[kind]))
        return ranked[0], [other.value for other in ranked[1:]]

    def _tags(self, piece: _Piece, topic: Tags) -> Tags:
        """Its own; else those of the line that leads in, of what goes before, of the heading."""
        tags = self.tagger.tags(piece.text)
        if piece.around.lead:
            tags = tags.or_else(self.tagger.tags(piece.around.lead))
        tags = tags.or_else(replace(topic, aspects=()))
        heading = self.tagger.tags(piece.around.heading) if piece.around.heading else Tags()
        return tags.or_else(heading)

    def _statement(self, piece: _Piece, tags: Tags) -> DraftStatement:
        around = piece.around
        kind, others = self._kind(piece)
        ahead = kind in FORWARD_LOOKING
        holder = self.reader.holder(piece.text) or self.reader.holder(around.lead)
        notes = (
            (*piece.notes, f"after: {around.lead}") if piece.part and around.lead else piece.notes
        )
        if others:
            notes = (
                *notes,
                f"also holds: {', '.join(others)}. Divide it where that matters",
            )
        if ahead and holder is None:
            holder, notes = self.itself, (*notes, "the document names nobody")
        return DraftStatement(
            text=piece.text,
            kind=kind,
            spans=piece.spans,
            tags=tags,
            attribution=holder,
            as_of=(None if ahead else signals.find_time(piece.text)) or self.as_of,
            look_again=signals.look_again(piece.text, self.today) if ahead else None,
            details=signals.find_details(piece.text),
            notes=notes,
            heading=around.heading,
        )


def without_boilerplate(lines: Sequence[Line], reader: SentenceClassifier) -> list[Line]:
    """The lines where those about the page and not its subject state nothing."""
    silent = {
        line.number
        for block in read_blocks(lines)
        if block.role is not Role.HEADING and reader.is_boilerplate(block.text)
        for line in block.lines
    }
    return [
        replace(line, role=Role.RULE, goes_on=False) if line.number in silent else line
        for line in lines
    ]


def _paragraphs(
    sentences: Sequence[Sentence], blocks: Sequence[Block], heading: str
) -> Iterator[_Piece]:
    """One piece a paragraph: what belongs together is divided by whoever writes it."""
    for block in blocks:
        own = [s for s in sentences if block.first <= s.first <= block.last]
        if own:
            text = " ".join(sentence.text for sentence in own)
            yield _Piece(text, ((own[0].first, own[-1].last),), Context(heading))


def _under_headings(blocks: Iterator[Block]) -> Iterator[tuple[str, list[Block]]]:
    heading = ""
    under: list[Block] = []
    for block in blocks:
        if block.role is Role.HEADING:
            if under or heading:
                yield heading, under
            heading, under = block.text, []
        else:
            under.append(block)
    if under or heading:
        yield heading, under


def _table(heading: str, rows: Sequence[Block]) -> Iterator[_Piece]:
    """A statement for each cell, or for each row of a wide table; each cites the head as well."""
    head, *body = rows
    names = _cells(head.text)
    if not body:
        text = "; ".join(filter(None, names)) or head.text
        yield _Piece(text, ((head.first, head.last),), Context(heading, row=True))
    for row in body:
        label, *cells = _cells(row.text)
        told = [
            f"{name}: {cell}" if name else cell
            for name, cell in zip((*names[1:], *[""] * len(cells)), cells, strict=False)
            if cell
        ]
        spans = ((head.first, head.last), (row.first, row.last))
        if len(told) > MAX_CELLS or not told:
            told = ["; ".join(told)]
        around = Context(heading, row=True)
        texts = (f"{label}, {each}".strip(", ") or row.text for each in told)
        yield from (_Piece(text, spans, around) for text in texts)


def _cells(text: str) -> list[str]:
    parts = text.strip().strip("|").split("|" if "|" in text else "\t")
    return [" ".join(part.split()) for part in parts]
