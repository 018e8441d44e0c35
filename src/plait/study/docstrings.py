"""What is written below each key of a model, for editors that explain a study's definition.

The model library can keep these texts itself, but then reads them from the source whenever a model is imported, which
costs every job of the workflow more than to load its study does.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise


@cache
def docstrings_of(model: type) -> dict[str, str]:
    """The docstring below each attribute of a class, those that it inherits included, by the attribute's name."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if parent.__module__.partition(".")[0] == __name__.partition(".")[0]:
            written = _classes(parent.__module__).get(parent.__name__)
            found |= dict(_explained(written)) if written else {}
    return found


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:  # only the compiled files are there: keys are known all the same, and explained nowhere
        return {}
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _explained(written: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for attribute, below in pairwise(written.body):
        match attribute, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
