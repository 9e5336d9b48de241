"""Time per question on libraries of growing size, beside other methods; and what a start costs.

Usage: python -m benchmarks.speed [--sizes N ...] [--questions N]
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from benchmarks import report, startup
from benchmarks.timing import OURS, SLOW, Run, measure_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.startup import Startup

SIZES = (1_000, 10_000, 100_000)
MAX_P99_MS, MIN_RATIO, MAX_GROWTH = 3.0, 20.0, 10.0
MAX_START_S, MAX_START_MB = 0.5, 80.0
QUESTION = "how do china and the us differ on safety"
TEXT = """\
## Speed

Time per question on one core, from the text to the finished answer (parse, rank, decide and
compose), on synthetic libraries: words by Zipf's and Heaps' laws, actors and topics that grow
with the library, {count} questions in the kinds and shares of people's questions (facts, typos,
long chat, intents, comparisons, names, follow-ups, other languages, not covered). The other
methods search the snippets' texts for the same questions in the same run: that finds passages
and decides nothing. Figures are processor time of the asking thread in milliseconds, so waiting
for other work on the machine does not count; wall time, where it does, is beside it.
`rapidfuzz WRatio` is `process.extract`, asked only every n-th question where it would take
minutes.

Measured with {machine}; {versions}.
"""
STARTING = """\
A new process loads the shipped library, answers one question and ends; its byte code is compiled,
as after a first start.
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
            report.table(("Requirement", "Measured", "Reached"), _requirements(runs, starts)),
            "\n### Per question\n",
            _times_table(runs),
            "\n### Against the others\n",
            _ratio_table(runs),
            "\n![Median time per question over the size of the library](benchmarks-speed.png)\n",
            "### Building the catalog\n",
            _build_table(runs),
            "\n### Starting\n",
            STARTING,
            _start_table(starts),
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
    loaded = sorted({name for start in starts for name in start.platform_libraries})
    yield (
        "Start and first answer: no platform library imported",
        ", ".join(loaded) or "none",
        _yes(not loaded),
    )


def _met(name: str, value: float, unit: str, reached: bool) -> tuple[str, str, str]:
    return name, f"{value:.2f} {unit}", _yes(reached)


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _times_table(runs: Sequence[Run]) -> str:
    heads = (
        "Method",
        "Snippets",
        "Questions",
        "p50, ms",
        "p99, ms",
        "wall p50, ms",
        "wall p99, ms",
    )
    rows = [
        (
            name,
            f"{run.size:,}",
            str(times.questions),
            f"{times.p50:.3f}",
            f"{times.p99:.3f}",
            f"{times.wall_p50:.3f}",
            f"{times.wall_p99:.3f}",
        )
        for run in runs
        for name, times in run.times.items()
    ]
    return report.table(heads, rows)


def _ratio_table(runs: Sequence[Run]) -> str:
    """The others' time divided by ours: above 1 aibrief is the faster one."""
    others = [name for name in runs[0].times if name != OURS]
    heads = ("Their time / ours", *(f"{run.size:,} {p}" for run in runs for p in ("p50", "p99")))
    rows = []
    for name in others:
        pairs = [(run.times[name], run.times[OURS]) for run in runs]
        ratios = [each for t, o in pairs for each in (t.p50 / o.p50, t.p99 / o.p99)]
        rows.append((name, *(f"{ratio:.2f}" for ratio in ratios)))
    return report.table(heads, rows)


def _build_table(runs: Sequence[Run]) -> str:
    rows = [(f"{run.size:,}", f"{run.build_s:.1f}", f"{run.memory_mb:.0f}") for run in runs]
    return report.table(("Snippets", "Build, s", "Process peak, MB"), rows)


def _start_table(starts: Sequence[Startup]) -> str:
    rows = [
        (
            f"`{start.command}`",
            f"{start.process_time_s:.2f}",
            f"{start.worst_process_time_s:.2f}",
            f"{start.peak_mb:.0f}",
            ", ".join(start.platform_libraries) or "none",
        )
        for start in starts
    ]
    heads = ("Command", "Process time, s", "Worst, s", "Peak, MB", "Platform libraries")
    return report.table(heads, rows)


if __name__ == "__main__":
    main()
