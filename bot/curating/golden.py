"""Golden asks: each must be answered by what it stands with, or by nothing; and why it is.

They run through the matcher itself, so a change of content that takes an answer away, or that
answers what the documents do not, is found before it ships.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.answering.answer import Status
from bot.answering.candidate import CandidateKind
from bot.answering.judge import gives, judge
from bot.answering.matching import MAX_COMPARED, rank, score_candidate, weigh
from bot.answering.message import answer_plan
from bot.answering.query import parse
from bot.library.schema import SnippetFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from bot.answering.answer import Plan
    from bot.answering.candidate import Candidate
    from bot.answering.catalog import Catalog
    from bot.answering.judge import Judgement
    from bot.answering.matching import Match, WeightedTerm
    from bot.errors import Finding
    from bot.library.loader import BriefDocument, LoadedLibrary


MISPLACED_SHARE: Final = 0.55
"""An ask whose statement has less than this share of another's score is misplaced, if that one
has `RIVAL_SUM`. With `ALONE_SUM` and `RARE` it was chosen on three libraries: of 95 asks put
to random statements 81 to 90 are shown, of 200 questions that must be declined, each put to the
nearest statement, 142, and of asks where they belong 8 to 13 %."""
PLAINLY_SHARE: Final = 0.5
"""Below this share it is plain: about 82 % of asks put to a random statement, 3 to 7 % of those
where they belong."""
RIVAL_SUM: Final = 0.36
"""From this sum of `judge` on something else is taken to answer an ask."""
ALONE_SUM: Final = 0.3
RARE_SUM: Final = 0.5
"""Below this sum of `judge` nothing supports an ask; the second is for asks with a rare word."""
RARE: Final = 6
"""From this level on a word that nothing else in the library says is rare."""


@dataclass(frozen=True, slots=True)
class AskRank:
    """An ask without itself: how well what it was written for answers it, and what else does."""

    own: float
    """0 to 100."""
    total: float
    """The sum that `judge` compares, for what it was written for."""
    other: Match | None
    """The best statement or question to be declined beside it."""
    on: tuple[str, ...]
    """The words that speak for the other."""
    missing: tuple[str, ...]
    """Words that what it was written for does not say."""
    answered: bool
    """Whether what it was written for would answer it."""
    rarest: int = 0
    """How rare the rarest word is that nothing else in the library says; see `query.Term`."""
    lacks: tuple[str, ...] = ()
    """The kinds of detail that it asks for and that its statement does not give."""

    @property
    def misplaced(self) -> bool:
        """Whether something else answers it much better."""
        return self._share < MISPLACED_SHARE

    @property
    def plainly_misplaced(self) -> bool:
        """Whether there is hardly a doubt about it."""
        return self._share < PLAINLY_SHARE

    @property
    def alone(self) -> bool:
        """Whether neither the text nor another ask supports it, or not what it asks for."""
        rare = self.rarest >= RARE and self.total < RARE_SUM
        return rare or bool(self.lacks) or self.total < ALONE_SUM

    @property
    def _share(self) -> float:
        """Its score as a share of what answers it better; 1 where nothing else does at all."""
        return self.own / self.other.score if self.other and self.other.score else 1.0


def stand(ask: str, name: str, catalog: Catalog, *, written: bool = True) -> AskRank:
    """Ask the library without an ask.

    Args:
        ask: The question.
        name: The statement or the brief that it is to be answered with.
        catalog: The library.
        written: Whether it is one of its asks; False for one that is only proposed.
    """
    without = catalog.without_ask(name, ask) if written else catalog
    query = parse(ask, without.lexicon)
    terms = weigh(query, without)
    index = without.index
    candidate = index.statements.get(name) or index.briefs[name]
    own_ids = {name, *(catalog.library.briefs[name].snippets if candidate.brief else ())}
    owns = [candidate, *(index.statements[each] for each in own_ids if each in index.statements)]
    best = max((score_candidate(terms, each, without) for each in owns), key=lambda m: m.score)
    ranked = rank(terms, without, MAX_COMPARED)
    other = next(
        (m for m in ranked if m.candidate.id not in own_ids and not m.candidate.brief), None
    )
    if other is not None and _total(judge(terms, other, without)) < RIVAL_SUM:
        other = None
    judgement = judge(terms, best, without)
    unknown = (term.level for term in terms if term.is_content and not term.known)
    snippet = catalog.library.snippets.get(name)
    return AskRank(
        own=best.score,
        total=_total(judgement),
        other=other,
        on=shared_words(terms, other.candidate) if other else (),
        missing=judgement.missing,
        answered=judgement.outcome.value == "answered",
        rarest=max(unknown, default=0),
        lacks=tuple(d for d in sorted(query.details) if snippet and not gives(snippet, d)),
    )


def _total(judgement: Judgement) -> float:
    return sum(value for _, value in judgement.parts[:-1])


def shared_words(terms: Sequence[WeightedTerm], candidate: Candidate) -> tuple[str, ...]:
    """The words of a question that a candidate has, the most telling first."""
    said = {*candidate.own, *candidate.around}
    held = sorted((t for t in terms if t.id in said), key=lambda t: -t.weight)
    return tuple(dict.fromkeys(_word(term) for term in held))[:5]


def _word(term: WeightedTerm) -> str:
    return term.word or term.key.lstrip("@+")


def explain(ask: str, plan: Plan, catalog: Catalog) -> str:
    """What a question is answered with, and on which words or by which rule."""
    if plan.about:
        return f"a reply about the bot ({plan.intent.value})"
    if plan.status is not Status.ANSWERED:
        missing = ", ".join(f"'{word}'" for word in plan.missing)
        return f"{plan.status.value}" + (f": nothing says {missing}" if missing else "")
    if plan.actors:
        sides = " and ".join(map(catalog.vocabulary.label, plan.actors))
        return f"the comparison of {sides}"
    named = ", ".join(plan.snippets) or plan.brief or "the list of briefs"
    words = ", ".join(_on(ask, (*plan.snippets, plan.brief or ""), catalog))
    return f"{named} (on: {words})" if words else named


def _on(ask: str, names: Iterable[str], catalog: Catalog) -> tuple[str, ...]:
    terms = weigh(parse(ask, catalog.lexicon), catalog)
    index = catalog.index
    candidate = next((index.statements.get(n) or index.briefs.get(n) for n in names if n), None)
    return shared_words(terms, candidate) if candidate else ()


def other_name(standing: AskRank) -> str:
    """What else answers an ask: a statement's id, or a question that must be declined."""
    if standing.other is None:
        return "nothing"
    candidate = standing.other.candidate
    if candidate.kind is CandidateKind.NEGATIVE:
        return f"the question to be declined '{candidate.id}'"
    return candidate.id


DETAILS = {
    "amount": "an amount",
    "date": "a date",
    "names": "a name",
    "number": "a number",
    "place": "a place",
}
NOT_HERE = "Word what answers it more narrowly, or remove the question from the list."


def check_asks(loaded: LoadedLibrary, catalog: Catalog, today: date) -> Iterator[Finding]:
    """Every ask that is answered otherwise than the library promises.

    The asks of a statement that has expired by `today` are not looked at: it is withheld.
    """
    for each in loaded.briefs:
        yield from _own_asks(each, catalog, today)
        for number, ask in enumerate(each.brief.must_not_cover):
            yield from _not_by_brief(each, number, ask, catalog)
    yield from _not_at_all(loaded, catalog)


def _own_asks(each: BriefDocument, catalog: Catalog, today: date) -> Iterator[Finding]:
    """An ask of a snippet must be answered with it, that of a brief from the brief."""
    for index, entry in enumerate(each.entries):
        if isinstance(entry, SnippetFile) and not (entry.expires and entry.expires < today):
            for number, ask in enumerate(entry.asks):
                yield from _ask(
                    each, ("snippets", index, "asks", number), ask, {entry.id}, catalog
                )
    own = {each.brief.slug, *catalog.library.briefs[each.brief.slug].snippets}
    for number, ask in enumerate(each.brief.asks):
        yield from _ask(each, ("asks", number), ask, own, catalog)


def _ask(
    each: BriefDocument,
    path: tuple[int | str, ...],
    ask: str,
    wanted: set[str],
    catalog: Catalog,
) -> Iterator[Finding]:
    plan = answer_plan(ask, catalog)
    brief = catalog.library.briefs.get(plan.brief or "")
    shown = set(plan.snippets) if plan.snippets or not brief else set(brief.snippets)
    if plan.status is Status.ANSWERED and not wanted.isdisjoint({plan.brief, *shown}):
        return
    message = f"The ask '{ask}' is answered with {explain(ask, plan, catalog)}."
    fix = "Word it more closely, or move it to what answers it."
    yield each.document.finding(path, message, fix)


def _not_by_brief(
    each: BriefDocument, number: int, ask: str, catalog: Catalog
) -> Iterator[Finding]:
    """The question opens another brief, a statement of another brief, or nothing."""
    plan = answer_plan(ask, catalog)
    own = catalog.library.briefs[each.brief.slug].own
    opened = plan.brief == each.brief.slug or not own.isdisjoint(plan.snippets)
    if plan.status is Status.ANSWERED and opened:
        message = (
            f"'{ask}' must not be answered by this brief; it is, with "
            f"{explain(ask, plan, catalog)}."
        )
        yield each.document.finding(("must_not_cover", number), message, NOT_HERE)


def _not_at_all(loaded: LoadedLibrary, catalog: Catalog) -> Iterator[Finding]:
    document = loaded.must_not_cover_file
    for number, ask in enumerate(loaded.must_not_cover):
        plan = answer_plan(ask, catalog)
        if document is not None and plan.status is Status.ANSWERED and not plan.about:
            message = f"'{ask}' must not be covered; it is, with {explain(ask, plan, catalog)}."
            yield document.finding(("asks", number), message, NOT_HERE)


def check_standing(loaded: LoadedLibrary, catalog: Catalog, today: date) -> Iterator[Finding]:
    """Every ask that only answers itself: misplaced, or supported by nothing else.

    A warning where that is plain; else a hint, since an idiom may be right and stand alone.
    """
    for each in loaded.briefs:
        for path, name, ask in _asks_of(each, today):
            standing = stand(ask, name, catalog)
            if standing.misplaced:
                found = _misplaced(each, path, ask, standing)
                plain = standing.plainly_misplaced
                yield replace(found, level="warning") if plain else replace(found, level="hint")
            elif standing.alone:
                yield replace(_alone(each, path, ask, name, standing), level="hint")


def _asks_of(each: BriefDocument, today: date) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    for index, entry in enumerate(each.entries):
        if isinstance(entry, SnippetFile) and not (entry.expires and entry.expires < today):
            for number, ask in enumerate(entry.asks):
                yield ("snippets", index, "asks", number), entry.id, ask
    for number, ask in enumerate(each.brief.asks):
        yield ("asks", number), each.brief.slug, ask


def _misplaced(
    each: BriefDocument, path: tuple[int | str, ...], ask: str, standing: AskRank
) -> Finding:
    words = f" (on: {', '.join(standing.on)})" if standing.on else ""
    message = f"Without itself, the ask '{ask}' goes to {other_name(standing)}{words}."
    return each.document.finding(path, message, "Move it there, or word it more closely.")


def _alone(
    each: BriefDocument, path: tuple[int | str, ...], ask: str, name: str, standing: AskRank
) -> Finding:
    if standing.lacks:
        wanted = " and ".join(DETAILS[detail] for detail in standing.lacks)
        message = f"The ask '{ask}' is for {wanted}, which {name} does not give."
        fix = "Name it in `details` if it does; else move the ask, or list it to be declined."
        return each.document.finding(path, message, fix)
    words = ", ".join(f"'{word}'" for word in standing.missing)
    told = f": nothing there says {words}" if words else ""
    message = f"The ask '{ask}' stands alone in {name}{told}."
    fix = "Use the statement's words, add asks like it, or list it as one to be declined."
    return each.document.finding(path, message, fix)
