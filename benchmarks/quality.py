"""How good the answers are: aibrief, TF-IDF and BM25 on questions that were fitted on or not.

Without an option it prints the table, keeps aibrief's figures in benchmarks/quality.json and
writes docs/benchmarks.md.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.about import load_messages, right_replies
from benchmarks.baselines import fitted_baseline
from benchmarks.engine import aibrief
from benchmarks.figures import (
    RIGHT,
    fallen,
    figures_of,
    moved,
    percent,
    read_kept,
    worst_of,
    write_kept,
)
from benchmarks.libraries import FOLDERS
from benchmarks.made import EMOJI_CODES
from benchmarks.rounds import PLAIN, QUESTIONS, Half, Material, scores_of
from benchmarks.scoring import add_up
from bot.answering.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.engine import Method
    from benchmarks.figures import Figures
    from benchmarks.libraries import Place
    from benchmarks.rounds import Round
    from benchmarks.scoring import Question, Score

ALL = "the three libraries"
EMOJI = "with emoji codes"
ABOUT = "about the bot"
HEADS = ("Questions", "Put", "aibrief", "Nearest", "TF-IDF", "BM25")
TEXT = """\
## Answer quality

`make quality` keeps aibrief's figures in `benchmarks/quality.json`; a test fails where one is more
than a point worse. Questions are labelled with lines to cite, or as not
covered. In percent, *right/shown/found*:

- **Right**: cites what it must and mostly what it may; where nothing is covered, no answer.
- **Shown**: not covered, and got an answer.
- **Found**: covered, and right, or right as the closest statement.
- **Nearest**: of closest statements to covered questions, those that were right.

Weights are fitted on the *fit* halves. Nobody reads an *unread* half or the outcome of a single
question. The authors saw the documents only.

*checkout* is by a curator who knew the guide alone, its questions by another; it can answer 91 of
105.

By rule: *near misses* exchange a name or figure; *others' questions* are another library's; *a
brief left out* lacks what covers them; *merged* is all libraries in one; *with emoji codes* puts
{codes} codes after {plain} questions; *joined words* writes two as one; *about the bot*: "who are
you". The last four are never fitted on.

TF-IDF (n-grams of characters) and BM25 search the same texts, tuned on each fit half, for
*checkout* on another's. Measured with {versions}.
"""


@dataclass(frozen=True)
class Measured:
    """What one method reaches in every round."""

    material: Material
    method: Method

    @cached_property
    def scores(self) -> Mapping[str, Score]:
        """For each row of the table; all libraries, and all emoji codes, are a row too."""
        found = scores_of(all_rounds(self.material), self.method)
        together = {
            f"{ALL}, {half.value}": add_up(found[f"{name}, {half.value}"] for name in FOLDERS)
            for half in (Half.FIT, Half.UNREAD)
        }
        return together | found | {EMOJI: add_up(self.by_code.values())}

    @cached_property
    def by_code(self) -> Mapping[str, Score]:
        """For each emoji code."""
        return scores_of(self.material.emoji_rounds(), self.method)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print; then check the figures, or keep and write them."""
    parser = ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument(
        "--check",
        action="store_true",
        help="ask aibrief alone and fail where a figure is more than a point worse than kept",
    )
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    args = parser.parse_args(argv)
    material = Material()
    ours = Measured(material, aibrief())
    about = about_the_bot(material)
    figures = all_figures(ours, about)
    if args.check:
        _check(figures)
        return
    body = _section(ours, about)
    print(body)
    if not args.dry_run:
        write_kept(figures)
        report.write_section("quality", body)


def all_rounds(material: Material) -> list[Round]:
    """Every round of the table but for the emoji codes, in its order."""
    pairs = zip(material.rounds(Half.FIT), material.rounds(Half.UNREAD), strict=True)
    new = (each for half in (Half.FIT, Half.UNREAD) for each in material.new_rounds(half))
    return [*(each for pair in pairs for each in pair), *new, *material.more_rounds()]


def about_the_bot(material: Material) -> dict[str, float]:
    """For each library the share of messages about the bot that are understood, 0 to 1."""
    messages = load_messages(QUESTIONS / "about.tsv")
    shares = {}
    for name, place in material.places.items():
        right = right_replies(messages, Catalog(place.library, place.vocabulary))
        shares[name] = sum(right) / len(right)
    return shares


def all_figures(ours: Measured, about: Mapping[str, float]) -> Figures:
    """Aibrief's figures in every round."""
    by_code = (figures_of(each) for each in ours.by_code.values())
    return {
        **{title: figures_of(each) for title, each in ours.scores.items()},
        f"{EMOJI}, the worst": worst_of(by_code),
        **{f"{ABOUT}, {name}": {RIGHT: percent(share)} for name, share in about.items()},
    }


def _check(figures: Figures) -> None:
    """Print what moved, and exit where something fell."""
    kept = read_kept()
    for line in moved(figures, kept):
        print(line)
    if falls := list(fallen(figures, kept)):
        sys.exit("\n".join(("Fell by more than a point:", *falls)))
    print("No figure fell by more than a point.")


def _section(ours: Measured, about: Mapping[str, float]) -> str:
    # Imported only now: what checks aibrief alone needs none of the packages it is compared with.
    from benchmarks.rankers import RANKERS  # noqa: PLC0415

    material = ours.material
    fit = material.questions(Half.FIT)
    asked: list[tuple[Place, Sequence[Question]]] = [
        (place, fit[name]) for name, place in material.places.items()
    ]
    asked.append((material.merged, [question for some in fit.values() for question in some]))
    asked += [part for each in material.new_rounds(Half.FIT) for part in each.parts]
    others = [Measured(material, fitted_baseline(ranker, asked)) for ranker in RANKERS.values()]
    introduction = TEXT.format(
        codes=len(EMOJI_CODES),
        plain=next(iter(ours.by_code.values())).total,
        versions=report.versions("scikit-learn", "bm25s"),
    )
    return "\n".join(
        (
            introduction,
            report.table(HEADS, _rows(ours, others)),
            "",
            *_remarks(ours, about),
        )
    )


def _rows(ours: Measured, others: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    for title, counted in ours.scores.items():
        if title.endswith((", seen", ", fit")) and not title.startswith(ALL):
            continue
        yield (
            title,
            str(counted.total),
            _triple(counted),
            f"{counted.nearest}/{counted.offered}" if counted.covered else "-",
            *(_triple(other.scores[title]) for other in others),
        )


def _triple(counted: Score) -> str:
    return "/".join(map(_percent, (counted.share, counted.shown, counted.found)))


def _remarks(ours: Measured, about: Mapping[str, float]) -> Iterator[str]:
    """What needs another form than a row: differences, and messages about the bot."""
    merged = ", ".join(
        f"{each.name} {_points(ours.scores[each.title], ours.scores[each.beside])}"
        for each in ours.material.rounds(Half.UNREAD)
        if each.beside
    )
    yield f"- Points right beside the library alone: {merged}."
    title, worst = min(ours.by_code.items(), key=lambda entry: entry[1].share)
    points = _points(worst, ours.scores[PLAIN])
    yield f"- *{EMOJI}*, the worst: *{title}*, {points} points beside none."
    understood = ", ".join(f"{name} {100 * share:.1f} %" for name, share in about.items())
    yield f"- *{ABOUT}*, understood: {understood}."


def _points(one: Score, other: Score) -> str:
    return f"{100 * (one.share - other.share):+.1f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
