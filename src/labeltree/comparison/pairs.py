"""Every two models of a data set against each other: by their images, and by their seeds."""

from __future__ import annotations

from typing import Any

from labeltree.comparison.data_sets import DataSet
from labeltree.significance import holm, mcnemar_test, paired_t_test

Test = dict[str, Any]

MCNEMAR, T = "mcnemar", "t"


def compare_pairs(data: DataSet) -> list[Test]:
    """The tests of a data set, p-values corrected by Holm's method over all of one kind.

    McNemar's test takes one run of each model: of the lowest seed that both have, else of the
    lowest seeds (`seed` is then None, as the two differ). The t-test takes the pairs of runs that
    have one seed, from two on. Runs that were not tested on the same images are not compared.
    """
    return [*_corrected(_by_images(data)), *_corrected(_by_seeds(data))]


def _by_images(data: DataSet) -> list[Test]:
    found = []
    for a, b in data.pairs:
        if (pair := data.alike(a, b)) is not None:
            one, other = pair
            test = mcnemar_test(~one.predictions.wrong, ~other.predictions.wrong)
            found.append(
                {
                    "dataset": data.name,
                    "kind": MCNEMAR,
                    "a": a,
                    "b": b,
                    "seed": one.seed if one.seed == other.seed else None,
                    "n": test.n,
                    "difference": test.difference,
                    "low": test.low,
                    "high": test.high,
                    "only_a": test.only_a,
                    "only_b": test.only_b,
                    "p_value": test.p_value,
                }
            )
    return found


def _by_seeds(data: DataSet) -> list[Test]:
    found = []
    for a, b in data.pairs:
        if len(common := data.common(a, b)) > 1:
            first, second = zip(*((one.top1, other.top1) for one, other in common), strict=True)
            test = paired_t_test(first, second)
            tested = test.p_value is not None
            found.append(
                {
                    "dataset": data.name,
                    "kind": T,
                    "a": a,
                    "b": b,
                    "seed": None,
                    "n": test.n,
                    "difference": test.mean_difference,
                    "low": test.low if tested else None,
                    "high": test.high if tested else None,
                    "only_a": None,
                    "only_b": None,
                    "p_value": test.p_value,
                }
            )
    return found


def _corrected(family: list[Test]) -> list[Test]:
    p_values = holm([test["p_value"] for test in family])
    return [{**test, "p_corrected": p} for test, p in zip(family, p_values, strict=True)]
