"""A small picture of the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

mpl.use("Agg")
OURS = "#0b6e4f"
OTHERS = ("#8d99ae", "#5c677d", "#c9a227", "#b56576", "#6d597a")


def draw_speed(
    sizes: Sequence[int], medians: Mapping[str, Sequence[float]], title: str, file: Path
) -> None:
    """A line for each method: median milliseconds over snippets, both logarithmic."""
    figure, axes = _figure(3.2)
    colors = iter(OTHERS)
    for method, values in medians.items():
        ours = method == "aibrief"
        color = OURS if ours else next(colors)
        axes.plot(sizes, values, marker="o", color=color, lw=2.5 if ours else 1.3, label=method)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("snippets", fontsize=8)
    axes.set_ylabel("median per question, ms", fontsize=8)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=7)
    _save(figure, axes, title, file)


def _figure(height_in: float) -> tuple[Any, Any]:
    figure, axes = plt.subplots(figsize=(6.4, height_in), dpi=100)
    return figure, axes


def _save(figure: Any, axes: Any, title: str, file: Path) -> None:
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Software": None})
    plt.close(figure)
