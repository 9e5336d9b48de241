"""Which statement comes first."""

from __future__ import annotations

from dataclasses import replace

from bot.answering.catalog import Catalog
from bot.answering.matching import rank, weigh
from bot.answering.query import parse
from bot.answering.weights import WEIGHTS
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


def first(text: str, catalog: Catalog) -> str:
    return rank(weigh(parse(text, catalog.lexicon), catalog), catalog)[0].unit.id


def test_what_texts_speak_of_often_comes_before_what_one_mentions() -> None:
    often = made_up(CLOCK)
    once = Catalog(often.library, often.vocabulary, replace(WEIGHTS, frequency=0.0))
    asked = "metal of the pendulum"
    assert (first(asked, once), first(asked, often)) == ("case", "pendulum")
