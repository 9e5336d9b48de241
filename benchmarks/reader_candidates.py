"""Are the right statements among those that a reader may choose from, in a large library?

Usage: python -m benchmarks.reader_candidates FILE ... [--size 10000] [--budget 150]

The shipped library and the two examples are merged and filled up with synthetic statements of
English words, actors and topics (`benchmarks.synthetic`). A covered question counts as found where
the candidates cite a line of every label that its answer must cite. Of 350 covered questions of
the three libraries 340 were, with 10,000 statements and 150 candidates (97.1 %).
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report, synthetic
from benchmarks.reader import EXAMPLES, library_of
from benchmarks.scoring import cited_lines, load_questions
from bot import parts
from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.answering.reader_request import BUDGET, build_reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.scoring import Question
    from bot.answering.answer import Plan
    from bot.library.model import Brief, Library


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = ArgumentParser(prog="python -m benchmarks.reader_candidates", description=__doc__)
    parser.add_argument("questions", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--budget", type=int, default=BUDGET)
    args = parser.parse_args(argv)
    merged, real = merge(args.size)
    rows = []
    for file in args.questions:
        covered = [q for q in load_questions(file) if q.expect is Status.ANSWERED]
        began = time.perf_counter()
        found = sum(is_found(q, merged, real[library_of(file)], args.budget) for q in covered)
        each_ms = 1000 * (time.perf_counter() - began) / len(covered)
        rows.append(
            (
                file.stem,
                f"{found} of {len(covered)}",
                f"{found / len(covered):.1%}",
                f"{each_ms:.0f}",
            )
        )
    print(f"{len(merged.library.snippets)} statements, {args.budget} candidates\n")
    print(report.table(("Questions", "Found", "Share", "ms a question"), rows))


def merge(size: int) -> tuple[Catalog, dict[str, frozenset[str]]]:
    """One library of so many statements, and the ids that each real one brings along."""
    homes = {home.name: home for home in sorted(EXAMPLES.iterdir()) if (home / "briefs").is_dir()}
    homes["shipped"] = report.ROOT
    real = {n: parts.load_catalog(h / "briefs", h / "config") for n, h in homes.items()}
    count = sum(len(each.library.snippets) for each in real.values())
    made = synthetic.build(size - count, real["shipped"].vocabulary)
    catalogs = list(real.values())
    concepts = {k: c for each in catalogs for k, c in each.vocabulary.concepts.items()}
    vocabulary = replace(made.vocabulary, concepts={**concepts, **made.vocabulary.concepts})
    libraries = [made.library, *(each.library for each in catalogs)]
    library = replace(
        made.library,
        sources={k: v for each in libraries for k, v in each.sources.items()},
        snippets={k: v for each in libraries for k, v in each.snippets.items()},
        briefs={b.slug: b for each in libraries for b in _renamed(each, libraries)},
    )
    ids = {name: frozenset(each.library.snippets) for name, each in real.items()}
    return Catalog(library, vocabulary), ids


def _renamed(library: Library, libraries: Sequence[Library]) -> Iterator[Brief]:
    """Its briefs, with slugs that no library before it has."""
    number = libraries.index(library)
    taken = {slug for other in libraries[:number] for slug in other.briefs}
    for slug, brief in library.briefs.items():
        yield replace(brief, slug=f"{slug}-{number}") if slug in taken else brief


def is_found(question: Question, catalog: Catalog, own: Iterable[str], budget: int) -> bool:
    """Whether the candidates of the last turn have a line of every label."""
    plan: Plan | None = None
    before: Plan | None = None
    for turn in question.turns:
        before = plan
        plan = answer_plan(turn, catalog, before)
    assert plan is not None
    reading = build_reading(question.turns[-1], plan, before, catalog, budget)
    names = {option.id for option in reading.options}.intersection(own)
    snippets = catalog.library.snippets
    lines = cited_lines(c for name in names for c in snippets[name].citations)
    any_of = not question.must_any or any(lines & each for each in question.must_any)
    return any_of and all(lines & each for each in question.must)


if __name__ == "__main__":
    main()
