"""The promise as a function: which sentences of an answer did nobody write?"""

from __future__ import annotations

from itertools import chain, permutations
from typing import TYPE_CHECKING, assert_never

from bot.answering import phrases
from bot.answering.about import asked_in
from bot.answering.answer import Answer, Closest, Entry, Note, Statement, Table, facts_of
from bot.language.pack import load_pack
from bot.library.vocabulary import Group
from bot.platforms.plain import render_text
from bot.schedules import texts as schedule_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.answering.answer import Block
    from bot.answering.catalog import Catalog
    from bot.library.model import Brief, Source


def known_texts(catalog: Catalog) -> frozenset[str]:
    """Every sentence that may be said: snippets, gists, titles, labels, fixed phrases."""
    library = catalog.library
    snippets = [*library.snippets.values(), *(b.gist for b in library.briefs.values())]
    texts = {s.text for s in snippets} | {s.outcome.text for s in snippets if s.outcome}
    texts |= {part for s in snippets for fact in facts_of(s) for part in fact}
    texts |= {part for b in library.briefs.values() for part in (b.slug, b.title)}
    texts |= {c.label for c in catalog.vocabulary.concepts.values()}
    texts |= set(phrases.NOTES.values()) | set(phrases.VERDICTS.values())
    texts |= {language.news.reviewed for language in catalog.vocabulary.languages.values()}
    texts |= {phrases.NOTES["withheld-more"].format(count=n) for n in range(2, 150)}
    texts |= {f"{phrases.REVIEW_DUE} {s.review_by}" for s in snippets}
    for module in (phrases, schedule_texts):
        texts |= {
            v
            for k, v in vars(module).items()
            if isinstance(v, str) and k.isupper() and k[0] != "_"
        }
    texts |= {
        *phrases.CLOSEST.values(),
        *(reply.title for reply in phrases.REPLIES.values()),
    } | set(_facts(catalog))
    return frozenset(texts)


def _facts(catalog: Catalog) -> Iterator[str]:
    """The fixed phrases with the facts of this library in their places."""
    briefs = list(catalog.library.briefs.values())
    example = next(iter(catalog.library.briefs), "")
    yield phrases.NOTES["help-ask"].format(example=example)
    for reply in phrases.REPLIES.values():
        for note in reply.notes:
            yield note.format(example=example, languages=asked_in(catalog))
    for language in catalog.vocabulary.languages.values():
        yield language.answer_in_english
        yield from _replies(language.replies, catalog)
    for brief in briefs:
        yield from _facts_of(brief)
    owners = list(dict.fromkeys(b.owner for b in briefs))
    yield phrases.NOTES["owner-all"].format(owners=", ".join(owners[:5]))
    days = [b.reviewed for b in briefs]
    yield phrases.NOTES["reviewed-all"].format(first=min(days), last=max(days))
    yield from map(_document, catalog.library.sources.values())
    label = catalog.vocabulary.label
    actors = [c.id for c in catalog.vocabulary.concepts.values() if c.group is Group.ACTOR]
    for one, other in permutations(actors, 2):
        sides = f"{label(one)} {phrases.AND} {label(other)}"
        yield phrases.NOTES["help-compare"].format(sides=sides)


def _replies(said: Mapping[str, str], catalog: Catalog) -> Iterator[str]:
    """What is said in another language, with the facts of this library in their places."""
    example = next(iter(catalog.library.briefs), "")
    label = catalog.vocabulary.label
    actors = [c.id for c in catalog.vocabulary.concepts.values() if c.group is Group.ACTOR]
    pairs = [
        f"{label(one)} {phrases.AND} {label(other)}" for one, other in permutations(actors, 2)
    ]
    for text in said.values():
        if "{sides}" in text:
            yield from (text.format(sides=sides) for sides in pairs)
        elif "{words}" not in text:
            yield text.format(example=example)
            yield f"{text} {said['closest']}"


def _naming_words() -> Iterator[str]:
    """What names words of the question, in the other languages."""
    for language in load_pack().languages.values():
        if said := language.replies:
            yield from (f"{said['nothing-on']} {said['closest']}", said["nothing-on-at-all"])


def _facts_of(brief: Brief) -> Iterator[str]:
    yield phrases.NOTES["owner-one"].format(title=brief.title, owner=brief.owner)
    yield phrases.NOTES["feedback-owner"].format(owner=brief.owner)
    yield phrases.NOTES["reviewed-one"].format(
        title=brief.title, reviewed=brief.reviewed, due=brief.review_by
    )
    yield f"{phrases.REVIEWED} {brief.reviewed}"


def _dated(source: Source) -> str:
    if source.published:
        return str(source.published)
    spoken = f", {phrases.SPEAKS_OF} {source.dates_itself}"
    return phrases.UNDATED + (spoken if source.dates_itself != "undated" else "")


def _document(source: Source) -> str:
    return phrases.NOTES["source"].format(
        id=source.id,
        title=source.title,
        publisher=source.publisher or phrases.PUBLISHER_UNKNOWN,
        dated=_dated(source),
    )


def said(answer: Answer) -> Iterator[str]:
    """Every piece of text in an answer."""
    for block in answer.blocks:
        yield from _said_in(block)


def _said_in(block: Block) -> Iterator[str]:
    match block:
        case Note(text):
            yield text
        case Entry():
            yield from (block.ask, block.title, block.detail)
        case Statement():
            yield from _said(block)
        case Closest(statement):
            yield from _said(statement)
        case Table():
            yield from block.columns
            for row in block.rows:
                yield row.label
                yield from (text for cell in row.cells for s in cell for text in _said(s))
        case _:
            assert_never(block)


def _said(statement: Statement) -> Iterator[str]:
    facts = chain.from_iterable(statement.facts)
    parts = (statement.text, statement.label, statement.attribution, *facts)
    due = f"{phrases.REVIEW_DUE} {statement.review_due}" if statement.review_due else None
    yield from (p for p in (*parts, statement.verdict, statement.outcome, due) if p)


def invented(answer: Answer, known: frozenset[str]) -> list[str]:
    """What an answer says that nobody wrote, its plain text included.

    The words that the briefs do not say are quoted from the question: `answer.missing`.
    """
    missing = ", ".join(f'"{word}"' for word in answer.missing)
    known = known | {
        phrases.NOTHING_ON.format(words=missing),
        phrases.NOTHING_ON_AT_ALL.format(words=missing),
        *(text.format(words=missing) for text in _naming_words()),
    }
    wrong = [text for text in said(answer) if text not in known]
    left = render_text(answer)
    for text in sorted({*said(answer), phrases.NO_CLAIM}, key=len, reverse=True):
        left = left.replace(text, "")
    for citation in sorted(map(str, answer.citations), key=len, reverse=True):
        left = left.replace(citation, "")
    left = left.replace(f"> {phrases.CLOSEST_LABEL}:", "")
    return wrong + [piece for piece in left.split() if piece.strip("[](),.:/;")]
