"""What is written below each key of a model, for editors that explain a study's definition.

The model library can keep these texts itself, but then reads them from the source whenever a model is imported, which
costs every job of the workflow more than to load its study does.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from textwrap import dedent


@cache
def docstrings_of(model: type) -> dict[str, str]:
    """The docstring below each attribute of a class, those that it inherits included, by the attribute's name."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if parent.__module__.partition(".")[0] == __name__.partition(".")[0]:
            found |= _own(parent)
    return found


def _own(model: type) -> Iterator[tuple[str, str]]:
    try:
        source = inspect.getsource(model)
    except OSError:  # only the compiled files are there: keys are known all the same, and explained nowhere
        return
    (written,) = ast.parse(dedent(source)).body
    assert isinstance(written, ast.ClassDef)
    for attribute, below in pairwise(written.body):
        match attribute, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
