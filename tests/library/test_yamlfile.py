"""YAML files that somebody made odd on purpose, or by a slip: told with their place, at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.library.yamlfile import parse_yaml, read_folder

if TYPE_CHECKING:
    from pathlib import Path

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (LAUGHS, 1, "used a second time by an alias"),
        ("a: &x {b: 1}\nc: *x\n", 1, "used a second time by an alias"),
        ("a: &x {b: *x}\n", 1, "used a second time by an alias"),
        ("base: &x {a: 1}\nother:\n  <<: *x\n", 3, "a key must be a plain word"),
        ("fine: 1\n? [a, b]\n: c\n", 2, "a key must be a plain word"),
        ("{a: 1}: b\n", 1, "a key must be a plain word"),
        ("fine: 1\n12: x\n", 2, "the key 12 must stand in quotes"),
        ("fine: 1\nnull: x\n", 2, "the key null must stand in quotes"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is written twice"),
        ("fine: 1\nday: 2026-13-45\n", 2, "months go from 01 to 12"),
        ("a: !!bool maybe\n", 1, "cannot be read"),
        ("a: !!int ''\n", 1, "cannot be read"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "could not determine a constructor"),
        ("a: " + "9" * 5000, 1, "cannot be read"),
        ("[" * 1_000_000, 1, "nested too deep"),
        ("{a: " * 100_000, 1, "nested too deep"),
        ("- " * 100_000, 1, "nested too deep"),
        ("? " * 100_000, 1, "nested too deep"),
        ("\n".join(" " * n + "a:" for n in range(300)), 101, "nested too deep"),
    ],
)
def test_odd_files_are_told_with_their_place(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    begun = time.monotonic()
    documents, findings, _ = read_folder(tmp_path)
    assert time.monotonic() - begun < 5
    (finding,) = findings
    assert documents == []
    assert (finding.file, finding.line) == ("odd.yaml", line)
    assert problem in finding.message
    assert len(finding.message) < 300


@given(st.text(st.sampled_from("ab:-?![]{}&*<>|,'\"#%@ \n\t01.~=é"), max_size=60))
def test_whatever_a_file_holds_it_is_data_or_no_yaml(text: str) -> None:
    try:
        parse_yaml(text)
    except yaml.YAMLError:
        return


def test_a_scalar_may_be_named_and_used_again() -> None:
    assert parse_yaml("- &a x\n- *a\n") == ["x", "x"]
