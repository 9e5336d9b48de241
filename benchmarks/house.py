"""Prints the size and shape of the code: modules, names, constants, functions, words of docs.

Usage: python -m benchmarks.house
"""

from __future__ import annotations

import ast
import re
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.report import ROOT, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LONG_LINES = 400
"""A module with more lines is hard to keep in mind."""
DOCS = ("README.md", "CONTRIBUTING.md", "docs/**/*.md")
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


def main() -> None:
    """Measure this checkout and print one table."""
    rows = [(name, f"{value:,.1f}".removesuffix(".0")) for name, value in measure(ROOT).items()]
    print(table(("Figure", "Measured"), rows))
    for name, where in sorted(shared_names(ROOT / "bot").items()):
        print(f"used twice: {name}: {', '.join(where)}")


def measure(root: Path) -> dict[str, float]:
    """Each figure by its name."""
    trees = dict(_modules(root / "bot"))
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in trees}
    total = sum(lines.values())
    lengths = [length(each) for tree in trees.values() for each in functions_of(tree)] or [0]
    constants = sum(sum(1 for _ in constants_of(tree)) for tree in trees.values())
    names = shared_names(root / "bot")
    documents = {path for pattern in DOCS for path in root.glob(pattern)}
    return {
        "modules in bot/": len(trees),
        "lines in bot/": total,
        f"modules of more than {LONG_LINES} lines": sum(n > LONG_LINES for n in lines.values()),
        "constants a thousand lines": 1000 * constants / max(1, total),
        "module names used twice": sum(name.endswith(".py") for name in names),
        "class names used twice": sum(not name.endswith(".py") for name in names),
        "functions": len(lengths),
        "lines of a function, median": median(lengths),
        "lines of a function, 95th percentile": quantiles([*lengths, *lengths], n=20)[-1],
        "words in README, CONTRIBUTING and docs/": sum(map(words, documents)),
    }


def shared_names(folder: Path) -> Mapping[str, Sequence[str]]:
    """Public class names, and file names, that stand in several places, with these places."""
    found: dict[str, list[str]] = {}
    for path, tree in _modules(folder):
        where = path.relative_to(folder).as_posix()
        if path.name != "__init__.py":
            found.setdefault(path.name, []).append(where)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(where)
    return {name: where for name, where in found.items() if len(where) > 1}


def constants_of(tree: ast.Module) -> Iterator[str]:
    """The names in capitals that a module assigns at its top."""
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        names = (name for target in targets for name in ast.walk(target))
        for name in names:
            if isinstance(name, ast.Name) and _CONSTANT.fullmatch(name.id):
                yield name.id


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def words(document: Path) -> int:
    """Words of a document, as `wc -w` and the test of the documents count them."""
    return len(document.read_text(encoding="utf-8").split())


def _modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
