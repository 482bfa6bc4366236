"""Paired t-tests, seed by seed, of every figure and every two networks on the same data.

Times are compared by their ratio: the test is of the differences of their logarithms. Corrected by
Holm's method within each figure and data set. A difference is the figure of `a` minus that of `b`,
not an error: what `verdicts` calls lower has less of the figure.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from labeltree.reports.words import p_value
from labeltree.significance import PairedTest, paired_t_test
from labeltree.studies.architectures.results import FIGURES, Figure, Results
from labeltree.studies.comparison import Comparison, corrected

Key = tuple[str, str, str, str]
"""Name of the figure, data set and two networks."""


class Tests:
    """All tests of a study, found by what they compare."""

    def __init__(self, results: Results) -> None:
        """Test everything that was measured; nothing with fewer than two seeds."""
        self.found: dict[Key, Comparison] = {}
        for dataset in results.datasets:
            for figure in FIGURES if results.seeds(dataset) > 1 else ():
                self._add(results, figure, dataset)

    def _add(self, results: Results, figure: Figure, dataset: str) -> None:
        models = [one for one in results.models(dataset) if results.known(figure, dataset, [one])]
        pairs = list(combinations(models, 2))
        there = corrected([_comparison(results, figure, dataset, a, b) for a, b in pairs])
        back = corrected([_comparison(results, figure, dataset, b, a) for a, b in pairs])
        for test in (*there, *back):
            self.found[figure.name, dataset, str(test.a), str(test.b)] = test

    def of(self, figure: Figure, dataset: str, a: str, b: str) -> Comparison | None:
        """Two networks; differences are `a` minus `b`."""
        return self.found.get((figure.name, dataset, a, b))


def _comparison(results: Results, figure: Figure, dataset: str, a: str, b: str) -> Comparison:
    return Comparison(
        kind=figure.name, a=a, b=b, level=dataset, test=_test(results, figure, dataset, a, b)
    )


def _test(results: Results, figure: Figure, dataset: str, a: str, b: str) -> PairedTest:
    compared = np.vectorize(figure.compared, otypes=[np.float64])
    return paired_t_test(*(compared(results.values(figure, dataset, one)) for one in (a, b)))


def told(test: Comparison | None, figure: Figure) -> str:
    """The difference with its interval and p-values, to be put after other figures, or nothing."""
    if test is None:
        return ""
    found = test.test
    difference = (
        f"; {test.a} {figure.less} {test.b}: {figure.apart(found.mean_difference)}{figure.unit}"
    )
    if found.p_value is None or test.p_corrected is None:
        return f"{difference} in every pair (not tested)"
    interval = f"{figure.apart(found.low)} to {figure.apart(found.high)}"
    p = p_value(found.p_value)
    corrected_p = p_value(test.p_corrected).removeprefix("p ").removeprefix("= ")
    return f"{difference} (95 % interval {interval}, {p}, corrected {corrected_p})"
