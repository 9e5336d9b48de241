"""The figures of the code are counted as they are named."""

import ast
from pathlib import Path

from benchmarks.house import constants_of, functions_of, length, measure, shared_names

MODULE = '''"""A module."""
LIMIT = 3
OTHER: int = 4
lower = 5


class Thing:
    """A thing."""

    def run(self) -> int:
        """Run."""
        one = 1
        return one
'''


def test_constants_functions_and_their_lines() -> None:
    tree = ast.parse(MODULE)
    assert list(constants_of(tree)) == ["LIMIT", "OTHER"]
    assert [(each.name, length(each)) for each in functions_of(tree)] == [("run", 2)]


def test_what_is_named_twice_is_found_with_its_places(tmp_path: Path) -> None:
    (tmp_path / "bot" / "sub").mkdir(parents=True)
    (tmp_path / "bot" / "one.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "bot" / "sub" / "one.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "README.md").write_text("Three plain words", encoding="utf-8")
    both = ["one.py", "sub/one.py"]
    assert shared_names(tmp_path / "bot") == {"Thing": both, "one.py": both}
    figures = measure(tmp_path)
    assert figures["modules in bot/"] == 2
    assert figures["class names used twice"] == 1
    assert figures["words in README, CONTRIBUTING and docs/"] == 3
