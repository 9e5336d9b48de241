"""A brief -> one self-contained request for example asks, for a colleague or any assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.catalog import Catalog
    from bot.library.model import Brief, Snippet

NEGATIVES_SHARE: Final = 5
"""One question to be declined for so many that are to be answered."""
_HEAD: Final = """\
# Questions wanted: {title}

A chat bot answers people's questions with the statements below, word for word, and with nothing
else. It finds them by example questions. Please write some, from these statements alone: add no
fact, name or figure of your own.
"""
_GOOD: Final = """\
## What makes a good example
- Somebody who has not read the statement would ask just this, and the statement answers all of it.
- It is not answered as well by another statement of this list.
- All differ: a plain question, a few keywords, a colleague in a hurry, everyday words in place of
  the statement's own, a question about one detail of it.
- 3 to 15 words, no greeting, in English, at most 200 characters.
- Never one that is listed under "there is".
"""
_DECLINED: Final = """\
## Questions that must be declined
Write {count} that sound as if they belonged here and that no statement answers: a figure, a name,
a reason or a place that none of them gives, or a neighbouring subject. Their id is null.
"""
_FORM: Final = """\
## The form of the reply
One JSON object a line and nothing else:

{{"id": {example}, "ask": "the question"}}
{{"id": null, "ask": "a question that must be declined"}}
"""


def write_request(
    brief: Brief,
    catalog: Catalog,
    *,
    statement: str | None = None,
    count: int = 25,
    not_covered: bool = False,
) -> str:
    """The text of the request, in Markdown.

    Args:
        brief: What questions are wanted for.
        catalog: The library.
        statement: The id of the one statement that they are for; None for each of the brief.
        count: How many for each statement, or in all where they are to be declined.
        not_covered: Whether only questions that must be declined are wanted.
    """
    snippets = catalog.library.snippets
    own = [snippets[name] for name in brief.snippets if name in brief.own]
    wanted = [s for s in own if statement in {None, s.id}]
    parts = [_HEAD.format(title=brief.title)]
    if not not_covered:
        parts += [f"Write {count} questions for each statement.\n\n", _GOOD]
    parts += ["\n## The statements\n", *_statements(wanted)]
    parts += _neighbours(brief, [s for s in own if s not in wanted], catalog)
    declined = count if not_covered else max(1, count * len(wanted) // NEGATIVES_SHARE)
    parts += [_DECLINED.format(count=declined)]
    if catalog.library.must_not_cover:
        parts += ["\nThere is:\n", *(f"- {ask}\n" for ask in catalog.library.must_not_cover)]
    example = "null" if not_covered else f'"{wanted[0].id}"'
    parts += ["\n", _FORM.format(example=example)]
    return "".join(parts)


def _statements(wanted: Sequence[Snippet]) -> Iterator[str]:
    for snippet in wanted:
        yield f"\n### id: {snippet.id}\n{snippet.text}\n"
        if snippet.attribution:
            yield f"Held by: {snippet.attribution}\n"
        if snippet.asks:
            yield "\nThere is:\n"
            yield from (f"- {ask}\n" for ask in snippet.asks)


def _neighbours(brief: Brief, beside: Sequence[Snippet], catalog: Catalog) -> Iterator[str]:
    """Statements not to be confused with these: those beside, then those of near briefs."""
    snippets = catalog.library.snippets
    others = (s for s in snippets.values() if s.id not in brief.own)
    near = [*beside, *sorted(others, key=lambda s: not _related(s, brief, catalog))]
    if near:
        yield "\n## Other statements, for which no question is wanted\n"
        yield from (f"- {s.text}\n" for s in near[:12])
    yield "\n"


def _related(snippet: Snippet, brief: Brief, catalog: Catalog) -> bool:
    """Whether a statement takes up what the brief does."""
    taken = {each for name in brief.snippets for each in catalog.takes_up[name]}
    return snippet.id in brief.snippets or not taken.isdisjoint(catalog.takes_up[snippet.id])
