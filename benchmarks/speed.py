"""Time per question on libraries of growing size, beside other methods; and what a start costs.

Usage: python -m benchmarks.speed [--sizes N ...] [--questions N]
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from benchmarks import report, startup
from benchmarks.timing import OURS, SLOW, measure_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.startup import Startup
    from benchmarks.timing import Run, Times

SIZES = (1_000, 10_000, 100_000)
MAX_P99_MS, MIN_RATIO, MAX_GROWTH = 3.0, 20.0, 10.0
MAX_START_S, MAX_START_MB = 0.5, 80.0
QUESTION = "how do china and the us differ on safety"
TEXT = """\
## Speed

Processor time from the text to the finished answer, on one core and synthetic libraries (words by
Zipf's and Heaps' laws), {count} questions in the kinds and shares of people's. The other methods
search the same texts: that finds passages and decides nothing. `rapidfuzz WRatio` is
`process.extract`.

Measured with {machine}; {versions}.
"""
TIMES = """\
Median/99th percentile in ms; in brackets how many were asked, where not all. *The catalog*:
seconds
to build it/peak of the process in MB.
"""
STARTING = """\
A new process loads the shipped library, answers once and ends; its byte code is compiled.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print and write the section."""
    args = _parser().parse_args(argv)
    runs = []
    for size in sorted(args.sizes):
        print(f"{size} snippets ...", flush=True)
        runs.append(measure_apart(size, args.questions, args.seed))
        for ms, question in runs[-1].slowest:
            print(f"  slow: {ms:8.2f} ms  {question}")
    starts = [startup.measure(("ask", "--json", QUESTION)), startup.measure(("ask", QUESTION))]
    body = _body(runs, starts, args.questions)
    print(body)
    if not args.dry_run:
        # Imported only here: each measuring process imports this module first.
        from benchmarks import plots  # noqa: PLC0415

        plots.draw_speed(
            [run.size for run in runs],
            {name: [run.times[name].p50 for run in runs] for name in runs[0].times},
            "Median time per question",
            report.PAGE.with_name("benchmarks-speed.png"),
        )
        report.write_section("speed", body)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--questions", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    return parser


def _body(runs: Sequence[Run], starts: Sequence[Startup], count: int) -> str:
    packages = report.versions("rapidfuzz", "bm25s", "tantivy")
    return "\n".join(
        (
            TEXT.format(count=count, machine=report.machine(), versions=packages),
            "### What was to be reached\n",
            *(
                f"- {name}: {what}, {reached}"
                for name, what, reached in _requirements(runs, starts)
            ),
            "\n### Per question\n",
            TIMES,
            _times_table(runs, count),
            "\n![Median time per question over the size of the library](benchmarks-speed.png)\n",
            "### Starting\n",
            STARTING,
            *map(_start, starts),
        )
    )


def _requirements(
    runs: Sequence[Run], starts: Sequence[Startup]
) -> Iterator[tuple[str, str, str]]:
    by_size = {run.size: run for run in runs}
    if run := by_size.get(10_000):
        p99 = run.times[OURS].p99
        yield _met(f"10,000 snippets: p99 at most {MAX_P99_MS:g} ms", p99, "ms", p99 <= MAX_P99_MS)
        ratio = run.times[SLOW].p50 / run.times[OURS].p50
        name = f"10,000 snippets: {MIN_RATIO:g} times as fast as WRatio, median"
        yield _met(name, ratio, "times", ratio >= MIN_RATIO)
    small, large = by_size.get(1_000), by_size.get(100_000)
    if small and large:
        growth = large.times[OURS].p50 / small.times[OURS].p50
        name = f"1,000 to 100,000 snippets: median grows at most {MAX_GROWTH:g} times"
        yield _met(name, growth, "times", growth <= MAX_GROWTH)
    seconds = max(start.process_time_s for start in starts)
    name = f"Start and first answer: under {MAX_START_S:g} s of process time"
    yield _met(name, seconds, "s", seconds < MAX_START_S)
    peak = max(start.peak_mb for start in starts)
    name = f"Start and first answer: under {MAX_START_MB:g} MB"
    yield _met(name, peak, "MB", peak < MAX_START_MB)


def _met(name: str, value: float, unit: str, reached: bool) -> tuple[str, str, str]:
    return name, f"{value:.2f} {unit}", _yes(reached)


def _yes(reached: bool) -> str:
    return "reached" if reached else "**not reached**"


def _times_table(runs: Sequence[Run], count: int) -> str:
    """A row for each method, a column for each size."""
    rows = [
        *((name, *(_times(run.times[name], count) for run in runs)) for name in runs[0].times),
        ("the catalog", *(f"{run.build_s:.1f}/{run.memory_mb:.0f}" for run in runs)),
    ]
    return report.table(("Method", *(f"{run.size:,} snippets" for run in runs)), rows)


def _times(times: Times, count: int) -> str:
    asked = "" if times.questions == count else f" ({times.questions})"
    return f"{times.p50:.3f}/{times.p99:.3f}{asked}"


def _start(start: Startup) -> str:
    return (
        f"- `{start.command}`: {start.process_time_s:.2f} s of processor time, "
        f"{start.worst_process_time_s:.2f} s at worst, {start.peak_mb:.0f} MB."
    )


if __name__ == "__main__":
    main()
