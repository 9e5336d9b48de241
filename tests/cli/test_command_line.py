"""Every command is found in the file that the table names."""

from __future__ import annotations

import pytest

from bot.cli.command_line import FAMILIES, build_parser


def commands_of(*families: str) -> set[str]:
    parser = build_parser(families)
    (action,) = (a for a in parser._actions if a.dest == "command")
    return set(action.choices or ())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_its_commands(family: str) -> None:
    assert commands_of(family) == set(FAMILIES[family])
