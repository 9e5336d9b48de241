"""Why a question is answered as it is, and how an ask stands without itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.answering.answer import Status
from bot.answering.index import UnitKind
from bot.answering.judge import gives, judge
from bot.answering.matching import MAX_COMPARED, rank, score_unit, weigh
from bot.answering.query import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.catalog import Catalog
    from bot.answering.index import Unit
    from bot.answering.judge import Judgement
    from bot.answering.matching import Match, WeightedTerm
    from bot.answering.plan import Plan

MISPLACED_SHARE: Final = 0.55
"""An ask whose statement has less than this share of another's score is misplaced, if that one
would be shown at all. With `ALONE_SUM` and `RARE` it was chosen on three libraries: of 95 asks put
to random statements 81 to 90 are shown, of 200 questions that must be declined, each put to the
nearest statement, 119, and of asks where they belong 8 to 13 %."""
PLAINLY_SHARE: Final = 0.5
"""Below this share it is plain: about 82 % of asks put to a random statement, 3 to 7 % of those
where they belong."""
ALONE_SUM: Final = 0.3
RARE_SUM: Final = 0.5
"""Below this sum of `judge` nothing supports an ask; the second is for asks with a rare word."""
RARE: Final = 6
"""From this level on a word that nothing else in the library says is rare."""
MAX_WORDS: Final = 5


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
    unit = index.statements.get(name) or index.briefs[name]
    own_ids = {name, *(catalog.library.briefs[name].snippets if unit.brief else ())}
    owns = [unit, *(index.statements[each] for each in own_ids if each in index.statements)]
    best = max((score_unit(terms, each, without) for each in owns), key=lambda m: m.score)
    ranked = rank(terms, without, MAX_COMPARED)
    other = next((m for m in ranked if m.unit.id not in own_ids and not m.unit.brief), None)
    if other is not None and _total(judge(terms, other, without)) < without.w.nearest:
        other = None
    judgement = judge(terms, best, without)
    unknown = (term.level for term in terms if term.is_content and not term.known)
    snippet = catalog.library.snippets.get(name)
    return AskRank(
        own=best.score,
        total=_total(judgement),
        other=other,
        on=shared_words(terms, other.unit) if other else (),
        missing=judgement.missing,
        answered=judgement.outcome.value == "answered",
        rarest=max(unknown, default=0),
        lacks=tuple(d for d in sorted(query.details) if snippet and not gives(snippet, d)),
    )


def _total(judgement: Judgement) -> float:
    return sum(value for _, value in judgement.parts[:-1])


def shared_words(terms: Sequence[WeightedTerm], unit: Unit) -> tuple[str, ...]:
    """The words of a question that a unit has, the most telling first."""
    said = {*unit.own, *unit.around}
    held = sorted((t for t in terms if t.id in said), key=lambda t: -t.weight)
    return tuple(dict.fromkeys(_word(term) for term in held))[:MAX_WORDS]


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
    unit = next((index.statements.get(n) or index.briefs.get(n) for n in names if n), None)
    return shared_words(terms, unit) if unit else ()


def other_name(standing: AskRank) -> str:
    """What else answers an ask: a statement's id, or a question that must be declined."""
    if standing.other is None:
        return "nothing"
    unit = standing.other.unit
    if unit.kind is UnitKind.NEGATIVE:
        return f"the question to be declined '{unit.id}'"
    return unit.id
