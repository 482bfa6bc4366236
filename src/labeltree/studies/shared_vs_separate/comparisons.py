"""Means over the seeds, and paired t-tests of them.

| kind | what is compared | family |
|---|---|---|
| `networks` | the shared network's error with that of the separate ones, for each division | all |
| `given` | the same when the shared network is told the category, for each division | all |
| `divisions` | the loss by sharing, natural with random | all |
| `errors` | errors within categories with those between, for each division | all |
| `gains` | leakage with the loss by sharing, for each division | all |

Pairs are seeds. Corrected by Holm's method over all tests of the study.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.significance import paired_t_test
from labeltree.studies.comparison import Comparison, corrected
from labeltree.studies.shared_vs_separate.divisions import Division
from labeltree.studies.shared_vs_separate.scales import NATURAL, RANDOM

LEVEL = "class"


@dataclass(frozen=True, eq=False)
class Results:
    """All divisions by name, in the order of their seeds, and what was tested of them."""

    divisions: dict[str, list[Division]]
    tests: dict[tuple[str, str], Comparison]

    def figure(self, division: str, name: str) -> NDArray[np.float64]:
        """One figure of a division (`Division.figures`), a value for each seed."""
        return np.array([one.figures[name] for one in self.divisions[division]])

    def loss(self, division: str) -> NDArray[np.float64]:
        """What sharing costs: shared minus separate error, for each seed."""
        return self.figure(division, "shared_mean") - self.figure(division, "separate_mean")

    def summary(self) -> list[dict[str, Any]]:
        """For the record: means over the seeds, and their standard deviations."""
        found = []
        for name, seeds in self.divisions.items():
            row: dict[str, Any] = {"division": name, "seeds": len(seeds)}
            for figure in seeds[0].figures:
                values = self.figure(name, figure)
                row[figure] = float(values.mean())
                row[f"{figure}_sd"] = float(values.std(ddof=1)) if len(values) > 1 else None
            found.append(row)
        return found


def compare(divisions: Sequence[Division]) -> Results:
    """Group the divisions by name and test them; no tests with fewer than two seeds."""
    by_name: dict[str, list[Division]] = {}
    for division in divisions:
        by_name.setdefault(division.name, []).append(division)
    results = Results(by_name, {})
    if min(map(len, by_name.values())) < 2:
        return results
    keys, tests = [], []
    for name in by_name:
        figures = {
            "networks": (("shared", "shared_mean"), ("separate", "separate_mean")),
            "given": (("shared, given", "shared_given_mean"), ("separate", "separate_mean")),
            "errors": (("within", "within_mean"), ("leaked", "leakage_mean")),
        }
        for kind, ((a, first), (b, second)) in figures.items():
            keys.append((kind, name))
            tests.append(
                _comparison(
                    kind,
                    f"{name}: {a}",
                    f"{name}: {b}",
                    results.figure(name, first),
                    results.figure(name, second),
                )
            )
        keys.append(("gains", name))
        leaked = results.figure(name, "leakage_mean")
        tests.append(
            _comparison("gains", f"{name}: leaked", f"{name}: loss", leaked, results.loss(name))
        )
    keys.append(("divisions", NATURAL))
    tests.append(
        _comparison(
            "divisions",
            "natural: loss",
            "random: loss",
            results.loss(NATURAL),
            results.loss(RANDOM),
        )
    )
    return Results(by_name, dict(zip(keys, corrected(tests), strict=True)))


def _comparison(
    kind: str, a: str, b: str, first: NDArray[np.float64], second: NDArray[np.float64]
) -> Comparison:
    return Comparison(kind=kind, a=a, b=b, level=LEVEL, test=paired_t_test(first, second))
