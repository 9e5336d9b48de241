"""Every number that ranking and judging rest on, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The numbers of the engine; `python -m benchmarks.fit` proposes them."""

    # what a term counts
    intent: float = 0.9
    """At most, for a word that says what a question wants: "impact"."""
    literal: float = 0.5
    """The very words for a concept, beside the concept."""
    plain: float = 0.96
    """A word that is in no vocabulary, beside a concept as rare."""
    common: float = 0.33
    """The least share that the most frequent English word keeps of its weight."""
    common_form: float = 0.15
    """The same for a concept that is named by a most frequent word: "safe" for safety."""
    context: float = 0.37
    """A term of the title of the brief around a statement, beside one of the statement."""

    # what it costs to lack a term
    missed_plain: float = 0.6
    """A word that the library has elsewhere, as a share."""
    missed_literal: float = 0.25
    """Other words for a concept that is there, as a share."""
    unknown_common: float = 0.08
    """A word that the library lacks and everybody uses."""
    unknown_rare: float = 1.0
    """The rarest word that the library lacks."""
    unknown_curve: float = 1.4
    """How the cost grows between the two: 1 evenly, more than 1 the rarest words most."""
    unknown_name: float = 0.6
    """A name or figure that the library lacks."""

    # the score
    coverage: float = 0.67
    """The share of the score that is coverage; the rest is likeness to the best example ask."""
    faint_clause: float = 0.2
    """What a clause counts that a candidate does not speak of, beside one that it does."""
    brief: float = 0.84
    """A brief answers more than was asked: a statement that fits as well comes first."""

    # does the best candidate say what was asked: score + explained - telling
    explained: float = 0.2
    """For the whole question explained."""
    telling: float = 0.3
    """For the most telling word that the candidate lacks; doubled in a comparison."""
    answered: float = 0.77
    """From this sum on the candidate is the answer."""
    nearest: float = 0.28
    """From this sum on it is shown as the closest statement."""


WEIGHTS: Final = Weights()
