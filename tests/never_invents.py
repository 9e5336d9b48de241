"""The promise as a function: which sentences of an answer did nobody write?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering import phrases
from bot.answering.answer import Answer, Entry, Note, Statement, Table
from bot.platforms.plain import render_text
from bot.schedules import schedule_phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answering.catalog import Catalog


def known_texts(catalog: Catalog) -> frozenset[str]:
    """Every sentence that may be said: snippets, gists, titles, labels, fixed phrases."""
    library = catalog.library
    snippets = [*library.snippets.values(), *(b.gist for b in library.briefs.values())]
    texts = {s.text for s in snippets} | {s.outcome.text for s in snippets if s.outcome}
    texts |= {s.attribution for s in snippets if s.attribution}
    texts |= {s.as_of for s in snippets if s.as_of}
    texts |= {part for b in library.briefs.values() for part in (b.slug, b.title)}
    texts |= {c.label for c in catalog.vocabulary.concepts.values()}
    texts |= set(phrases.NOTES.values()) | set(phrases.VERDICTS.values())
    texts |= {phrases.NOTES["withheld-more"].format(count=n) for n in range(2, 150)}
    texts |= {f"{phrases.REVIEW_DUE} {s.review_by}" for s in snippets}
    texts |= {v for v in vars(phrases).values() if isinstance(v, str)}
    texts |= {v for v in vars(schedule_phrases).values() if isinstance(v, str)}
    return frozenset(texts)


def said(answer: Answer) -> Iterator[str]:
    """Every piece of text in an answer."""
    for block in answer.blocks:
        match block:
            case Note():
                yield block.text
            case Entry():
                yield from (block.ask, block.title, block.detail)
            case Statement():
                yield from _said(block)
            case Table():
                yield from block.columns
                for row in block.rows:
                    yield row.label
                    yield from (text for cell in row.cells for s in cell for text in _said(s))


def _said(statement: Statement) -> Iterator[str]:
    parts = (statement.text, statement.label, statement.attribution, statement.as_of)
    due = f"{phrases.REVIEW_DUE} {statement.review_due}" if statement.review_due else None
    yield from (p for p in (*parts, statement.verdict, statement.outcome, due) if p)


def invented(answer: Answer, known: frozenset[str]) -> list[str]:
    """What an answer says that nobody wrote, its plain text included."""
    wrong = [text for text in said(answer) if text not in known]
    left = render_text(answer)
    for text in sorted({*said(answer), phrases.NO_CLAIM}, key=len, reverse=True):
        left = left.replace(text, "")
    for citation in sorted(map(str, answer.citations), key=len, reverse=True):
        left = left.replace(citation, "")
    return wrong + [piece for piece in left.split() if piece.strip("[](),.:/;")]
