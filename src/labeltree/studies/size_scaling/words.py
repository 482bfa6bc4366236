"""The measured figures as a table and sentences, beside what the paper says."""

from __future__ import annotations

import math
from typing import Any

from labeltree.reports.words import MISSING, compact, known, percent, plural, spread
from labeltree.studies.size_scaling.growth import Growth
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED

PAPER = {10: 0.0481, 50: 0.077, 100: 0.101, 500: 0.16, 1000: 0.218}
"""Table 2. (The text says 21.2 % for 1,000 classes; only 21.8 % is 4.5 times 4.81 %.)"""

SLOWLY = 0.5
"""Exponents below this are much slower than the classes: ten times as many, 3.2 times the error."""

DOUBLES = (1.5, 2.5)
"""What "close to a factor of 2" may be, for ten times the classes."""


def conclusions(growth: Growth) -> list[str]:
    """The main result in a sentence."""
    classes, error = growth.relative[-1]
    sizes = list(growth.errors)
    return [
        f"From {sizes[0]} to {sizes[-1]:,} classes, {compact(classes)} times as many, the error "
        f"grows {compact(error)} times, as the number of classes to the power of "
        f"{growth.exponent:.2f}; in the paper from 10 to 1,000, 100 times as many, 4.5 times, to "
        f"the power of {_paper_exponent():.2f} by its two ends."
    ]


def findings(growth: Growth) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured."""
    listed = ", ".join(
        f"{size:,}: {percent(errors.mean(), 2)}" for size, errors in growth.errors.items()
    )
    factor, low, high = growth.factor_per_decade
    interval = f" (95 % interval {compact(low)} to {compact(high)})" if known(low) else ""
    per_decade = f"{compact(factor)} times the error for ten times the classes{interval}"
    return [
        {
            "claim": "the error grows much more slowly than the number of classes (100 times the "
            f"classes, 4.5 times the error; here: with an exponent below {compact(SLOWLY)})",
            "verdict": _below(growth.low, growth.high, SLOWLY),
            "measured": f"exponent {growth.exponent:.2f}{_ends(growth)} (1: as fast as the "
            f"classes); error by number of classes: {listed}",
        },
        {
            "claim": "ten times the classes come with close to twice the error "
            f"({compact(DOUBLES[0])} to {compact(DOUBLES[1])} times)",
            "verdict": _within(low, high, *DOUBLES),
            "measured": per_decade,
        },
    ]


def tables(growth: Growth) -> list[dict[str, Any]]:
    """For the record: table 2 and the numbers behind figure 1."""
    return [
        {
            "name": "sizes",
            "title": "Error by number of classes",
            "lead": "Top-1 error on the test images, mean ± standard deviation over data sets.",
            "columns": [
                "classes", "data sets", "error", "classes, relative", "error, relative", "paper",
            ],
            "text_columns": 0,
            "rows": [
                [
                    f"{row['num_classes']:,}",
                    str(row["num_datasets"]),
                    spread(row["error_mean"], row["error_sd"], 2),
                    compact(row["relative_classes"]),
                    compact(row["relative_error"]),
                    percent(PAPER[row["num_classes"]], 2) if row["num_classes"] in PAPER else None,
                ]
                for row in growth.rows()
            ],
            "note": "The paper's errors are those of its network on ImageNet. Classes are drawn at "
            "random, where they suffice from those with the most training images; "
            f"{_overlap(growth)}.",
        }
    ]  # fmt: skip


def _overlap(growth: Growth) -> str:
    counts = [len(errors) for errors in growth.errors.values()]
    drawn = f"{plural(sum(counts), 'data set')} in all"
    return f"{drawn}, which overlap where they are large" if sum(counts) > 1 else drawn


def _paper_exponent() -> float:
    (first, least), *_, (last, most) = PAPER.items()
    return math.log(most / least) / math.log(last / first)


def _ends(growth: Growth) -> str:
    if not known(growth.low):
        return f" ({MISSING})"
    return f" (95 % interval {growth.low:.2f} to {growth.high:.2f}, of the fit to the means)"


def _below(low: float, high: float, bound: float) -> str:
    if not known(low):
        return UNDECIDED
    return AGREES if high < bound else DISAGREES if low > bound else UNDECIDED


def _within(low: float, high: float, least: float, most: float) -> str:
    if not known(low):
        return UNDECIDED
    if least <= low and high <= most:
        return AGREES
    return DISAGREES if high < least or low > most else UNDECIDED
