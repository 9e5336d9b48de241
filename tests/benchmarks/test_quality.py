"""No figure of answer quality may fall; and how a fall is noticed."""

from pathlib import Path

import pytest

from benchmarks.engine import aibrief
from benchmarks.figures import fallen, figures_of, moved, read_kept, worst_of, write_kept
from benchmarks.quality import Measured, about_the_bot, all_figures
from benchmarks.rounds import Material
from benchmarks.scoring import score

KEPT = {"some": {"right": 80.0, "shown": 5.0}}


def test_no_figure_fell() -> None:
    """Where one rises, `make quality` keeps the new ones."""
    material = Material()
    now = all_figures(Measured(material, aibrief()), about_the_bot(material))
    assert list(fallen(now, read_kept())) == []
    assert now.keys() == read_kept().keys()


@pytest.mark.parametrize(
    ("now", "falls"),
    [
        ({"some": {"right": 80.0, "shown": 5.0}}, 0),
        ({"some": {"right": 79.1, "shown": 5.9}}, 0),
        ({"some": {"right": 95.0, "shown": 0.0}}, 0),
        ({"some": {"right": 78.9, "shown": 5.0}}, 1),
        ({"some": {"right": 80.0, "shown": 6.1}}, 1),
        ({"some": {"right": 70.0, "shown": 6.1}}, 2),
        ({"some": {"right": 80.0}}, 1),
        ({}, 2),
    ],
)
def test_a_fall_of_more_than_a_point_is_named(
    now: dict[str, dict[str, float]], falls: int
) -> None:
    assert len(list(fallen(now, KEPT))) == falls


def test_what_moved_is_told() -> None:
    now = {"some": {"right": 79.5, "shown": 5.0}, "other": {"right": 1.0}}
    assert list(moved(now, KEPT)) == ["some: right 80.0 -> 79.5 (-0.5)"]
    assert list(moved(KEPT, KEPT)) == []


def test_the_worst_is_the_least_right_and_the_most_shown() -> None:
    some = [{"right": 80.0, "shown": 5.0}, {"right": 70.0, "shown": 2.0}]
    assert worst_of(some) == {"right": 70.0, "shown": 5.0}


def test_a_figure_without_questions_is_left_out() -> None:
    assert figures_of(score([])) == {"right": 0.0}


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    write_kept(KEPT, file)
    assert read_kept(file) == KEPT
