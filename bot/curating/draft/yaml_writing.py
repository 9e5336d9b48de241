"""Draft briefs -> YAML that a curator finishes, and the entry for `sources.yaml`."""

from __future__ import annotations

import json
import re
from textwrap import wrap
from typing import TYPE_CHECKING

from bot.curating.draft.lines import Role, clean
from bot.curating.patching import quoted
from bot.library.model import MARK, MAX_SNIPPET_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bot.curating.draft.briefs import DraftBrief
    from bot.curating.draft.documents import Document
    from bot.curating.draft.drafting import DraftStatement

MAX_SHOWN_CHARS = 3_000
_HEAD = f"""\
# A draft from {{source}}, made by aibrief draft. It is refused until no text begins with {MARK}:
# 1. Say each text in your own words, neutral, and take {MARK} away. Put together what belongs
#    together and delete what nobody will ask for; every line should stay cited by something.
# 2. Check kind, actors, aspects and attribution: they are guesses.
# 3. Write asks: five to eight questions a statement, as different as people ask them.
# 4. aibrief publish {{slug}}, and then ask it something.
"""


def write_brief(brief: DraftBrief, source: str, today: date) -> str:
    """The YAML of one brief."""
    first = brief.statements[0][1]
    gist = f"one sentence on all of this. The source begins: {first.text}"
    parts = [
        _HEAD.format(source=source, slug=brief.slug),
        f"slug: {_id(brief.slug)}\n",
        f"title: {_scalar(brief.title)}\n",
        "aliases: []\nasks: []\nowner: curators\n",
        f"reviewed: {today} # the day you finish\nreview_every_days: 180\n",
        f"gist:\n  text: {_todo(gist)}\n  citations: [{_cited(first, source)}]\n",
        "snippets:\n",
    ]
    under = ""
    for name, statement in brief.statements:
        if statement.heading != under:
            under = statement.heading
            parts.append(f"  # ---- {clean(under)[:80]}\n")
        parts.extend(_snippet(name, statement, source))
    return "".join(parts)


def _snippet(name: str, statement: DraftStatement, source: str) -> Iterator[str]:
    yield f"  - id: {_id(name)}\n"
    for note in statement.notes:
        yield f"    # {clean(note)}\n"
    todo = _todo(statement.text)
    one = statement.spans[0][0] == statement.spans[0][1]
    if todo.endswith('…"') and one:  # of a list the items follow anyway
        for line in wrap(
            f"In full: {clean(statement.text)[:MAX_SHOWN_CHARS]}", 95, break_on_hyphens=False
        ):
            yield f"    # {line}\n"
    yield f"    text: {todo}\n    kind: {statement.kind.value}\n"
    yield f"    actors: [{', '.join(statement.tags.actors)}]\n"
    yield f"    aspects: [{', '.join(statement.tags.aspects)}]\n"
    yield f"    citations: [{_cited(statement, source)}]\n"
    if statement.attribution:
        yield f"    attribution: {_scalar(statement.attribution)}\n"
    if statement.as_of:
        yield f"    as_of: {_scalar(statement.as_of)}\n"
    if statement.details:
        yield f"    details: [{', '.join(sorted(statement.details))}]\n"
    if statement.look_again:
        yield f"    look_again: {statement.look_again}\n"
    yield "    asks: []\n"


def write_source(document: Document, source: str, title: str | None, time: str | None) -> str:
    """The entry for `sources.yaml`; what is not known is null."""
    silent = [x.number for x in document.lines if x.role in {Role.HEADING, Role.RULE}]
    called = _scalar(title) if title else _todo("what this document is")
    return (
        f"{source}:\n  title: {called}\n"
        f"  publisher: {_scalar(document.author) if document.author else 'null'}\n"
        f"  published: {document.published or 'null'}\n"
        f"  dates_itself: {_scalar(time or 'undated')}\n  file: {_scalar(document.file)}\n"
        f"  sha256: {_scalar(document.sha256)}\n  lines: {len(document.lines)}\n"
        f"  headings: [{', '.join(map(str, silent))}]\n"
    )


def find_marks(text: str) -> Iterable[tuple[int, str]]:
    """Line and key of everything in a YAML text that is still to be written."""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip().removeprefix("- ")
        key, _, value = bare.partition(":")
        if not bare.startswith("#") and re.match(rf"\s*[\[\"']*{MARK}\b", value or bare):
            yield number, key if value else "entry"


def _cited(statement: DraftStatement, source: str) -> str:
    return ", ".join(
        f"{source}:{first}" if first == last else f"{source}:{first}-{last}"
        for first, last in statement.spans
    )


def _todo(text: str) -> str:
    whole = f"{MARK}: {clean(text)}"
    if len(whole) > MAX_SNIPPET_CHARS:
        cut = whole[: MAX_SNIPPET_CHARS - 1]
        whole = f"{cut.rpartition(' ')[0] or cut}…"
    return json.dumps(whole, ensure_ascii=False)


def _id(name: str) -> str:
    """In quotes where YAML would take it for a number, a date or a word of its own."""
    return name if name[0].isalpha() and "-" in name else quoted(name)


def _scalar(text: str) -> str:
    return quoted(clean(text)[:200].rstrip())
