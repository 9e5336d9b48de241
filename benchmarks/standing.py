"""How many asks that stand where they do not belong `aibrief check` shows, and how many that do.

Three kinds: asks put to a random statement (of each seed so many), questions that must be declined
put to the statement that the matcher finds nearest, and every ask where it belongs.
"""

from __future__ import annotations

import random
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from benchmarks.libraries import load_places
from benchmarks.report import ROOT
from benchmarks.scoring import load_questions
from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.matching import MAX_COMPARED, rank, weigh
from bot.answering.query import parse
from bot.curating.golden import stand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.curating.golden import AskRank

PLANTED, DECLINED = 95, 200
SETS = {
    "shipped": ("final*.jsonl", "heldout.jsonl", "tune.jsonl", "shipped-*.jsonl"),
    "handbook": ("handbook-*.jsonl",),
    "migration": ("migration-*.jsonl",),
}
"""The labelled questions of each library."""


def main() -> None:
    """Print a line for each library and kind."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="so many draws of random statements")
    args = parser.parse_args()
    for name, place in load_places().items():
        catalog = Catalog(place.library, place.vocabulary)
        asks = [(s.id, ask) for s in place.library.snippets.values() for ask in s.asks]
        for seed in range(1, args.seeds + 1):
            tell(f"{name}, random statements, seed {seed}", list(moved(asks, catalog, seed)))
        tell(f"{name}, must be declined", list(declined(name, catalog)))
        tell(f"{name}, where they belong", [stand(ask, at, catalog) for at, ask in asks])


def moved(asks: Sequence[tuple[str, str]], catalog: Catalog, seed: int) -> Iterator[AskRank]:
    """Asks, each taken from its statement and put to another."""
    chance = random.Random(seed)
    for old, ask in chance.sample(asks, min(PLANTED, len(asks))):
        new = chance.choice([name for name in catalog.library.snippets if name != old])
        yield stand(ask, new, catalog.without_ask(old, ask), written=False)


def declined(name: str, catalog: Catalog) -> Iterator[AskRank]:
    """Questions that the library must decline, each put to the statement that is nearest."""
    files = [f for each in SETS[name] for f in sorted((ROOT / "benchmarks/questions").glob(each))]
    found = [
        question.turns[0]
        for file in files
        for question in load_questions(file)
        if question.expect is Status.NOT_COVERED and len(question.turns) == 1
    ]
    random.Random(1).shuffle(found)
    for ask in [ask for ask in found if ask.isascii()][:DECLINED]:
        matches = rank(weigh(parse(ask, catalog.lexicon), catalog), catalog, MAX_COMPARED)
        first = next((m.candidate.id for m in matches if m.candidate.statement), None)
        yield stand(ask, first or next(iter(catalog.library.snippets)), catalog, written=False)


def tell(title: str, found: Sequence[AskRank]) -> None:
    """How many are shown, and how many of these as warnings."""
    shown = sum(each.misplaced or each.alone for each in found)
    plain = sum(each.plainly_misplaced for each in found)
    print(f"{title}: {shown} of {len(found)} shown, {plain} as warnings")


if __name__ == "__main__":
    main()
