"""Which statement comes first."""

from __future__ import annotations

from bot.answering.matching import closest, rank, weigh
from bot.answering.query import parse
from tests.answering.made_up import Told, made_up

CLOCK = (
    Told(
        "pendulum",
        "The pendulum is of invar.",
        (
            "what is the pendulum made of, which metal",
            "does the metal of the pendulum stretch in summer",
            "is the pendulum of a metal that rusts",
        ),
    ),
    Told("case", "The case is of oak.", ("is there metal at the pendulum",)),
)


def test_the_closest_statement_is_the_one_that_speaks_most_often_of_what_is_asked() -> None:
    catalog = made_up(CLOCK)
    terms = weigh(parse("metal of the pendulum", catalog.lexicon), catalog)
    ranked = [m for m in rank(terms, catalog) if m.candidate.statement]
    assert [m.candidate.id for m in ranked] == ["case", "pendulum"]
    found = closest(terms, ranked)
    assert found is not None
    assert found.candidate.id == "pendulum"
    assert closest(terms, []) is None
