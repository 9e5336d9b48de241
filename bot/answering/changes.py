"""Two states of a library -> which statements were added, changed and withdrawn between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.answering import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog
    from bot.library.model import Snippet

NEWS_DAYS: Final = 14
"""How far "what is new" looks back."""


class Known(NamedTuple):
    """What is remembered of one statement: enough to tell a change, no word of its text."""

    digest: str
    brief: str
    """The slug of the brief it is written in."""
    title: str
    """Of that brief; the statement may be gone when it is told."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The statements there were before anything that happened since a day."""

    since: date
    """The day asked for, or a later one: the first from which on changes are known."""
    known: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Differences:
    """Ids; what was added and changed in the library's order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    """What was added or changed."""


@lru_cache(maxsize=2)
def digests(catalog: Catalog) -> Mapping[str, str]:
    """Each snippet's id with a short hash of what it says; two libraries differ where these do."""
    return {name: _digest(snippet) for name, snippet in catalog.library.snippets.items()}


def _digest(snippet: Snippet) -> str:
    facts = [getattr(snippet, name) for name in phrases.FACTS]
    # A third fact, that came later, changes nothing where it is not given.
    while len(facts) > 2 and facts[-1] is None:  # noqa: PLR2004
        facts.pop()
    told = repr((snippet.text, *facts, snippet.citations, snippet.outcome))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def known_statements(catalog: Catalog) -> Mapping[str, Known]:
    """What is remembered of each statement of a library."""
    homes = {name: catalog.home(name) for name in catalog.library.snippets}
    return {
        name: Known(digest, homes[name].slug, homes[name].title)
        for name, digest in digests(catalog).items()
    }


def unread_briefs(catalog: Catalog) -> frozenset[str]:
    """The slugs of files that could not be read: their statements are not withdrawn."""
    return frozenset(problem.file.rpartition(".")[0] for problem in catalog.skipped)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> Differences:
    """Compare the digests of two states, by id."""
    new = tuple(name for name, digest in after.items() if before.get(name) != digest)
    return Differences(
        added=tuple(name for name in new if name not in before),
        changed=tuple(name for name in new if name in before),
        withdrawn=tuple(name for name in before if name not in after),
        new=new,
    )


def known_differences(
    before: Mapping[str, Known], after: Mapping[str, Known], unread: frozenset[str]
) -> Differences:
    """The same; a statement of a brief that cannot be read now is not withdrawn."""
    kept = {name: k for name, k in before.items() if name in after or k.brief not in unread}
    return differences(
        {name: known.digest for name, known in kept.items()},
        {name: known.digest for name, known in after.items()},
    )


def is_another(before: Mapping[str, Known], after: Mapping[str, Known]) -> bool:
    """Whether these are two libraries and not two states of one: they share no id."""
    return bool(before and after) and before.keys().isdisjoint(after)


def since_day(today: date) -> date:
    """The first day that "what is new" tells of."""
    return today - timedelta(days=NEWS_DAYS)


def news_plan(plan: Plan, snapshot: Snapshot, catalog: Catalog, today: date) -> Plan:
    """The plan for "what is new" with what was added or changed; expired statements are none."""
    after = known_statements(catalog)
    found = known_differences(snapshot.known, after, unread_briefs(catalog))
    known = catalog.library.snippets
    return replace(
        plan,
        snippets=tuple(name for name in found.new if not known[name].is_expired(today)),
        since=snapshot.since.isoformat(),
        withdrawn=len(found.withdrawn),
    )
