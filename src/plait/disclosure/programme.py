"""Linear programmes over numbers of people: how little, and how much, each hidden number can be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, inf
from typing import Any

import numpy as np
import numpy.typing as npt

Combination = Mapping[int, float]
"""Unknowns and their factors, added up."""
Bounds = tuple[float, float]
FloatArray = npt.NDArray[np.float64]
_TOLERANCE = 1e-6
_UNBOUNDED = 3  # status of `milp`
_LARGE = 200  # unknowns, from which on it pays to simplify a programme first


class ContradictionError(Exception):
    """What is known cannot all be true."""


@dataclass(frozen=True)
class _Extreme:
    point: FloatArray
    unbounded: bool = False


@dataclass
class Programme:
    """Unknown numbers of people, none negative, and what is known of them.

    Attributes:
        size: How many unknowns there are.
    """

    size: int
    _rows: list[Combination] = field(default_factory=list)
    _bounds: list[Bounds] = field(default_factory=list)

    def know(self, combination: Combination, low: float, high: float) -> None:
        """Note that a combination of unknowns lies between two numbers."""
        if low > -inf or high < inf:
            self._rows.append(combination)
            self._bounds.append((low, high))

    def bounds(
        self,
        asked: Sequence[Combination],
        enough: Sequence[float] | None = None,
        sweeps: Sequence[Combination] = (),
        together: Sequence[Hashable] | None = None,
    ) -> list[Bounds]:
        """The least and the most that each combination can be, to the whole person within.

        Args:
            asked: The combinations.
            enough: How wide each interval must be for nobody to care; bounds of one that is as wide may lie within the
                true ones. Without it all are exact.
            sweeps: Combinations whose extremes are likely to be those of many that are asked; they save time.
            together: What each combination belongs to. Once one of those that belong together is found not to be wide
                enough, the others are left alone, and have no bounds.

        Raises:
            ContradictionError: Nothing satisfies what is known.
        """
        solve, factors = self._solver(), self._matrix(asked)
        wide = np.full(len(asked), np.inf) if enough is None else np.asarray(enough, dtype=float)
        low, high = np.full(len(asked), np.inf), np.full(len(asked), -np.inf)
        for objective in self._matrix(sweeps).toarray() if enough is not None and len(asked) > 1 and sweeps else ():
            for sign in (-1.0, 1.0):
                seen = factors @ solve(sign * objective).point
                low, high = np.minimum(low, seen), np.maximum(high, seen)
        done: set[Hashable] = set()
        for i in range(len(asked)):
            if together is not None and together[i] in done:
                low[i], high[i] = -inf, inf
                continue
            if high[i] - low[i] >= wide[i]:
                continue
            objective = factors[[i]].toarray().ravel()
            for sign in (-1.0, 1.0):
                if high[i] - low[i] >= wide[i]:
                    break
                found = solve(sign * objective)
                seen = factors @ found.point
                low, high = np.minimum(low, seen), np.maximum(high, seen)
                if found.unbounded:
                    high[i] = inf
            if together is not None and high[i] - low[i] < wide[i]:
                done.add(together[i])
        return [_whole(*pair) for pair in zip(low.tolist(), high.tolist(), strict=True)]

    def _solver(self) -> Callable[[FloatArray], _Extreme]:
        from scipy import optimize

        solver: Any = optimize  # it is not typed; `milp` without whole numbers is a linear programme, with less ado
        low, high = np.array(self._bounds, dtype=float).T
        rows = solver.LinearConstraint(self._matrix(self._rows).tocsc(), low, high)
        no_fewer_than_none = solver.Bounds(0, inf)

        def solve(objective: FloatArray) -> _Extreme:
            found = solver.milp(
                objective, constraints=rows, bounds=no_fewer_than_none, options={"presolve": self.size > _LARGE}
            )
            if found.status == _UNBOUNDED:
                return _Extreme(solve(np.zeros(self.size)).point, unbounded=True)
            if found.x is None:
                raise ContradictionError
            return _Extreme(found.x)

        return solve

    def _matrix(self, rows: Sequence[Combination]) -> Any:
        from scipy import sparse

        kind: Any = sparse.csr_array
        lengths = [len(row) for row in rows]
        columns = np.fromiter((column for row in rows for column in row), dtype=np.int32, count=sum(lengths))
        factors = np.fromiter((factor for row in rows for factor in row.values()), dtype=float, count=sum(lengths))
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        return kind((factors, columns, starts), shape=(len(rows), self.size))


def _whole(low: float, high: float) -> Bounds:
    return (
        ceil(low - _TOLERANCE) if np.isfinite(low) else low,
        floor(high + _TOLERANCE) if np.isfinite(high) else high,
    )
