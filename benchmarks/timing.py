"""Times every method on one synthetic library, in a process of its own and on one core."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks import synthetic
from benchmarks.synthetic_questions import ask_all
from bot import parts
from bot.answering.catalog import Catalog
from bot.library.loader import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.searchers import Searcher

WARM_UP = 50
OURS = "aibrief"
SLOW = "rapidfuzz WRatio"
SLOW_BUDGET = 2_000_000
"""The slow method compares at most about so many texts in all."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds per question: processor time of the thread that asks."""

    questions: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Run:
    """Everything measured on a library of `size` snippets."""

    size: int
    build_s: float
    """Processor time of building the catalog from loaded values."""
    memory_mb: float
    """Peak resident memory of the process with the library and its catalog."""
    times: Mapping[str, Times]
    slowest: Sequence[tuple[float, str]]
    """aibrief's slowest questions with their milliseconds."""


def measure_apart(size: int, count: int, seed: int) -> Run:
    """`measure` in a fresh process, so that one size does not disturb the next."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(measure, size, count, seed).result()


def measure(size: int, count: int, seed: int) -> Run:
    """Build a library and time `count` questions to it with every method, taking turns."""
    _use_one_core()
    made = synthetic.build(size, load_vocabulary(parts.CONFIG), seed)
    begin = time.process_time()
    with parts.lasting():
        catalog = Catalog(made.library, made.vocabulary)
    build_s = time.process_time() - begin
    memory_mb = _peak_mb()
    searchers = _searchers(catalog, made.texts)
    for turns in ask_all(made, WARM_UP, seed + 1):
        for searcher in searchers.values():
            searcher.prepare(turns)()
    taken: dict[str, list[float]] = {name: [] for name in searchers}
    asked = ask_all(made, count, seed)
    every = max(1, count * size // SLOW_BUDGET)
    for number, turns in enumerate(asked):
        for name, searcher in searchers.items():
            if name != SLOW or number % every == 0:
                taken[name].append(_time(searcher.prepare(turns)))
    slow = sorted(((ms, " / ".join(q)) for ms, q in zip(taken[OURS], asked, strict=True)))
    times = {name: _summary(values) for name, values in taken.items()}
    return Run(size, build_s, memory_mb, times, slow[-5:][::-1])


def _searchers(catalog: Catalog, texts: Sequence[str]) -> dict[str, Searcher]:
    # Imported only now, so that the memory measured before is our own.
    from benchmarks.searchers import BM25, Aibrief, Tantivy, WRatio  # noqa: PLC0415

    return {
        OURS: Aibrief(catalog),
        SLOW: WRatio(texts),
        "bm25s": BM25(texts),
        "tantivy": Tantivy(texts),
    }


def _time(work: Callable[[], object]) -> float:
    """Processor time in milliseconds, so that waiting for other work does not count."""
    begin = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - begin) / 1e6


def _summary(taken: Sequence[float]) -> Times:
    percentiles = quantiles(taken, n=100, method="inclusive")
    return Times(len(taken), percentiles[49], percentiles[98])


def _use_one_core() -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _peak_mb() -> float:
    """Peak resident memory of this program, without what stood in the process before it."""
    status = Path("/proc/self/status")
    if status.is_file():
        peak = status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]
        return int(peak) / 1024
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_bytes / 2**20
