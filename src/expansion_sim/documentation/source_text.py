"""Reads the package's own source: docstrings of functions and modules, calls of a method in order, comments of an enumeration."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(str(resources.files("expansion_sim")))


class Rule(NamedTuple):
    """A documented function.

    Attributes:
        name: Its name.
        arguments: Names of its arguments, in order.
        doc: Its docstring, dedented.
    """

    name: str
    arguments: tuple[str, ...]
    doc: str


class Module(NamedTuple):
    """A documented module: dotted name below the package, first line and rest of its docstring, documented public functions."""

    name: str
    doc: str
    rules: tuple[Rule, ...]


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file of the package."""
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(folder: str) -> list[Module]:
    """Modules of a folder of the package and of the folders below, by name; a folder comes before what is in it.

    Args:
        folder: Folder below the package, such as ``behaviour``.
    """
    return [module_of(path) for path in sorted((PACKAGE / folder).rglob("*.py"))]


def module_of(path: Path) -> Module:
    """One module."""
    tree = parsed(path)
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, ast.get_docstring(tree) or "", tuple(_rule(node) for node in tree.body if _is_public(node)))  # type: ignore[arg-type]


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and bool(ast.get_docstring(node))


def _rule(node: ast.FunctionDef) -> Rule:
    return Rule(node.name, tuple(a.arg for a in node.args.args), ast.get_docstring(node) or "")


def function_docs(folder: str) -> dict[str, str]:
    """First line of the docstring of every public function below a folder, by name."""
    return {rule.name: rule.doc.split("\n")[0] for module in modules(folder) for rule in module.rules}


def steps_of(file: str, class_name: str, method: str) -> list[tuple[str, str]]:
    """The methods of its own that a method calls, in order, each with the first line of its docstring.

    Args:
        file: File below the package.
        class_name: Class.
        method: Method whose calls are listed.
    """
    body = next(n.body for n in parsed(PACKAGE / file).body if isinstance(n, ast.ClassDef) and n.name == class_name)
    methods = {n.name: n for n in body if isinstance(n, ast.FunctionDef)}
    called = [name for name in _own_calls(methods[method]) if name in methods]
    return [(name, (ast.get_docstring(methods[name]) or "").split("\n")[0]) for name in called]


def _own_calls(method: ast.FunctionDef) -> list[str]:
    """Names of ``self.<name>(...)`` in the order of the source."""
    calls = [n.func for n in ast.walk(method) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    mine = [c for c in calls if isinstance(c.value, ast.Name) and c.value.id == "self"]
    return [c.attr for c in sorted(mine, key=lambda c: (c.lineno, c.col_offset))]


def members_with_comments(file: str, class_name: str) -> list[tuple[str, str, str]]:
    """Name, value and trailing comment of the members of an enumeration, in order."""
    text = (PACKAGE / file).read_text(encoding="utf-8")
    body = text.split(f"class {class_name}(", 1)[1].split("\n\n\n", 1)[0]
    return re.findall(r"^    ([A-Z_]+) = (\d+)(?:  # (.*))?$", body, re.MULTILINE)
