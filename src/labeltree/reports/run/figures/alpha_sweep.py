"""Error against the adaptation factor α, per level."""

from __future__ import annotations

import math
from collections.abc import Iterable

from labeltree.reports.charts import Axis, Figure, Lines, Mark, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import compact, known, listed, percent

SPLITS = (("validation", "series-1"), ("test", "series-2"))


def alpha_sweep(run: RunFolder) -> Figure | None:
    """One panel per level; None where α was not swept or changes nothing."""
    sweep = run.record.get("alpha_sweep") or {}
    points = {name: _points(sweep.get(name)) for name, _ in SPLITS}
    depth = max((len(p["errors"]) for rows in points.values() for p in rows), default=0)
    if not depth or not _changes(points.values()):
        return None
    given = [str(row.get("level", "")) for row in run.levels]
    names = [given[d] if d < len(given) else f"level {d + 1}" for d in range(depth)]
    best = [*(sweep.get("best_alpha") or []), *[None] * depth][:depth]
    panels = tuple(_panel(points, best[d], d, names[d]) for d in range(depth))
    chosen = [
        f"{compact(alpha)} for {name}"
        for alpha, name in zip(best, names, strict=True)
        if known(alpha)
    ]
    lead = f"Best on the validation split: α = {listed(chosen)}." if chosen else ""
    return Figure(
        name="alpha_sweep",
        title="How far to make the levels agree",
        lead=lead,
        alt=f"Lines: error against α for {listed(names)}. {lead}",
        panels=panels,
        table=_table(points, names),
        note="α = 0 leaves the levels as each head predicts them, α = 1 makes them agree "
        "(Algorithm 1); the best α is chosen without looking at the test split.",
    )


def _changes(sweeps: Iterable[list[Json]]) -> bool:
    """Whether α matters: it does not where the levels agree from the start."""
    return any(point["errors"] != sweep[0]["errors"] for sweep in sweeps for point in sweep)


def _points(rows: list[Json] | None) -> list[Json]:
    found = [row for row in rows or [] if known(row.get("alpha")) and row.get("errors")]
    return sorted(found, key=lambda row: row["alpha"])


def _error(point: Json, depth: int) -> float:
    error = point["errors"][depth] if depth < len(point["errors"]) else None
    return float(error) if known(error) else math.nan


def _panel(points: dict[str, list[Json]], best: float | None, depth: int, name: str) -> Lines:
    series = tuple(
        Series(
            split,
            tuple(float(point["alpha"]) for point in points[split]),
            tuple(_error(point, depth) for point in points[split]),
            role,
            style="line+points",
        )
        for split, role in SPLITS
        if points[split]
    )
    marks = tuple(
        Mark(x, y, f"α = {compact(x)}: {percent(y)}", one.role)
        for one in series
        for x, y in zip(one.x, one.y, strict=True)
        if known(best) and math.isclose(x, best or 0, abs_tol=1e-9) and known(y)
    )
    return Lines(series, Axis("α"), Axis("error", percent=True), marks, title=name)


def _table(points: dict[str, list[Json]], names: list[str]) -> Table:
    splits = [name for name, _ in SPLITS if points[name]]
    by_alpha = {split: {point["alpha"]: point for point in points[split]} for split in splits}
    alphas = sorted({alpha for rows in by_alpha.values() for alpha in rows})
    nothing: Json = {"errors": []}
    return Table(
        head=("α", *(f"{name}, {split}" for name in names for split in splits)),
        rows=tuple(
            (
                compact(alpha),
                *(
                    percent(_error(by_alpha[split].get(alpha, nothing), depth))
                    for depth in range(len(names))
                    for split in splits
                ),
            )
            for alpha in alphas
        ),
        text_columns=0,
    )
