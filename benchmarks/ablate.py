"""What each weight and each part of a library is worth, on questions that were not fitted on.

One thing at a time is left out: a weight gets the value at which it changes nothing, or a part of
the libraries is taken away. The table has figures over all libraries together and no question.
What is to be changed is decided with `--half fit`; the unread half then says whether it holds.
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from msgspec import structs

from benchmarks import report
from benchmarks.engine import aibrief
from benchmarks.rounds import Half, Material, scores_of
from benchmarks.scoring import add_up
from benchmarks.worth import COSTS
from bot.answering.weights import WEIGHTS, Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.libraries import Place
    from benchmarks.rounds import Round
    from benchmarks.scoring import Score
    from bot.library.model import Brief, Snippet

NEUTRAL = {
    "intent": 0.0,
    "literal": 0.0,
    "plain": 1.0,
    "common": 1.0,
    "common_form": 1.0,
    "context": 0.0,
    "missed_plain": 1.0,
    "missed_literal": 0.0,
    "unknown_common": 0.0,
    "unknown_rare": 0.0,
    "unknown_curve": 1.0,
    "unknown_name": 0.0,
    "coverage": 1.0,
    "faint_clause": 1.0,
    "brief": 1.0,
    "explained": 0.0,
    "telling": 0.0,
    "answered": 0.0,
    "nearest": 9.0,
}
"""For each weight the value at which it changes nothing: no bonus, no cost, no such outcome."""
LIBRARIES = "libraries"
HEADS = ("Left out", "Right", "Shown", "Found", *(f"{name}: shown" for name in COSTS))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure with everything, then without each thing, and print a row for each."""
    parser = ArgumentParser(prog="python -m benchmarks.ablate", description=__doc__)
    parser.add_argument("--half", choices=(Half.UNREAD.value, Half.FIT.value), default="unread")
    args = parser.parse_args(argv)
    rounds = Material().rounds(Half(args.half))
    rows = [("nothing", *figures(scores_of(rounds, aibrief())))]
    for name, weights in neutral_weights(WEIGHTS):
        rows.append((name, *figures(scores_of(rounds, aibrief(weights)))))
    for name, without in PARTS.items():
        lesser = [_without(each, without) for each in rounds]
        rows.append((name, *figures(scores_of(lesser, aibrief()))))
    print(report.table(HEADS, rows))


def neutral_weights(weights: Weights) -> Iterator[tuple[str, Weights]]:
    """The weights with each of them neutral in turn; those that are so already are left out."""
    for name, value in asdict(weights).items():
        if value != NEUTRAL[name]:
            yield f"{name} ({value})", replace(weights, **{name: NEUTRAL[name]})


def figures(scores: Mapping[str, Score]) -> tuple[str, ...]:
    """A row: right, shown and found over the libraries, and what is shown of each made round."""
    of = {title.rpartition(",")[0]: counted for title, counted in scores.items()}
    whole = add_up(counted for name, counted in of.items() if name not in COSTS)
    shares = (whole.share, whole.shown, whole.found, *(of[name].shown for name in COSTS))
    return tuple("-" if share is None else f"{100 * share:.1f}" for share in shares)


def without_negatives(place: Place) -> Place:
    """The library without the questions that it must not cover."""
    return replace(place, library=replace(place.library, must_not_cover=()))


def without_vocabulary(place: Place) -> Place:
    """The library with the words of the language pack alone, and no tags."""
    concepts = {
        name: concept
        for name, concept in place.vocabulary.concepts.items()
        if concept.group.value in {"intent", "detail", "library"}
    }
    vocabulary = replace(place.vocabulary, concepts=concepts)
    return replace(
        _changed(place, lambda s: structs.replace(s, actors=(), aspects=())), vocabulary=vocabulary
    )


def without_asks(place: Place) -> Place:
    """The library without the example asks of its statements and briefs."""
    return _changed(place, lambda s: structs.replace(s, asks=()), lambda b: replace(b, asks=()))


PARTS: Mapping[str, Callable[[Place], Place]] = {
    "must_not_cover.yaml": without_negatives,
    "the library's vocabulary": without_vocabulary,
    "example asks": without_asks,
}


def _changed(
    place: Place,
    statement: Callable[[Snippet], Snippet],
    brief: Callable[[Brief], Brief] = lambda brief: brief,
) -> Place:
    library = place.library
    changed = replace(
        library,
        snippets={name: statement(snippet) for name, snippet in library.snippets.items()},
        briefs={slug: brief(each) for slug, each in library.briefs.items()},
    )
    return replace(place, library=changed)


def _without(each: Round, without: Callable[[Place], Place]) -> Round:
    """The round with lesser libraries."""
    return replace(each, parts=tuple((without(place), asked) for place, asked in each.parts))


if __name__ == "__main__":
    main()
