"""How often each level is right, with its interval, and what a guess would reach."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.predictions import Predictions
from labeltree.reports.words import count, known, listed, percent


def levels(run: RunFolder) -> Figure | None:
    """Accuracy per level; None where the record has no level."""
    rows = [row for row in run.levels if known(row.get("top1"))]
    if not rows:
        return None
    column = _reader(rows)
    guesses = [_guesses(run.predictions, row.get("depth")) for row in rows]
    chance, majority = (tuple(values) for values in zip(*guesses, strict=True))
    balanced = all(often < 1.2 * guess for guess, often in guesses)  # then the two are one
    # Top-5 says nothing where there are five labels or fewer.
    top5 = tuple(value if value < 1 else math.nan for value in column("top5"))
    series = [
        BarSeries(
            "right (95 % interval)", column("top1"), "series-1", column("low"), column("high")
        ),
        BarSeries("right within five answers", top5, "series-3", shape="circle"),
        BarSeries("guessing", chance, "series-2", shape="diamond"),
    ]
    if not balanced:
        series.append(BarSeries("always the commonest label", majority, "series-4", shape="square"))
    names = tuple(str(row.get("level", "")) for row in rows)
    best = [f"{percent(row['top1'])} at {name}" for row, name in zip(rows, names, strict=True)]
    return Figure(
        name="levels",
        title="How often it is right",
        lead=f"The most probable label is right for {listed(best)}.",
        alt=f"Bars: share of {run.split} images answered rightly: {listed(best)}.",
        panels=(
            Bars(
                categories=names,
                series=tuple(one for one in series if any(map(known, one.values))),
                axis=Axis("images answered rightly", 0, 1, percent=True),
            ),
        ),
        table=_table(rows, chance, majority),
        note="The interval is where the accuracy would lie for 95 % of test sets of this size "
        "(Wilson). Guessing picks any label of the level with equal chance.",
    )


def _reader(rows: list[dict]) -> Callable[[str], tuple[float, ...]]:
    def column(key: str) -> tuple[float, ...]:
        return tuple(float(value) if known(value := row.get(key)) else math.nan for row in rows)

    return column


def _guesses(predictions: Predictions | None, depth: int | None) -> tuple[float, float]:
    """Accuracy at a depth of guessing any label, and of always saying the commonest one."""
    if predictions is None or depth is None or not 1 <= depth <= predictions.taxonomy.depth:
        return math.nan, math.nan
    tree = predictions.taxonomy
    targets = predictions.targets[tree.reaches_cut(predictions.targets, depth)]
    if not len(targets):
        return math.nan, math.nan
    times = np.bincount(tree.ancestor_at(targets, depth))
    return 1 / len(tree.cut(depth)), float(times.max() / len(targets))


def _table(rows: list[dict], chance: tuple[float, ...], majority: tuple[float, ...]) -> Table:
    return Table(
        head=(
            "level",
            "images",
            "right",
            "95 % from",
            "to",
            "top 5",
            "commonest label",
            "guessing",
        ),
        rows=tuple(
            (
                str(row.get("level", "")),
                count(row.get("images")),
                *(percent(row.get(key)) for key in ("top1", "low", "high", "top5")),
                percent(often),
                percent(guess, 2),
            )
            for row, guess, often in zip(rows, chance, majority, strict=True)
        ),
    )
