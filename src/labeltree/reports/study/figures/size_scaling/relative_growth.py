"""Relative error against the relative number of classes: figure 1."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Figure, Lines, Series, Shape, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.size_scaling.record import Growth, Scaling
from labeltree.reports.words import compact, count, decimal, known, percent

Points = list[tuple[float, float]]
MEASURED, PUBLISHED, AS_FAST = "measured", "the paper, on ImageNet", "as fast as the classes"


def relative_growth(record: Json) -> Figure | None:
    """Both axes logarithmic, so that a power law is a line; None with fewer than two sizes.

    Nor where the smallest data sets were answered without an error: nothing is so many times that.
    """
    found = Scaling.of(record)
    lines = {MEASURED: found.measured, PUBLISHED: found.published}
    relative = {name: _relative(points) for name, points in lines.items()}
    if len(relative[MEASURED]) < 2:
        return None
    lead = _lead(relative[MEASURED], relative[PUBLISHED], found.growth)
    return Figure(
        name="relative_growth",
        title="How fast the error grows with the number of classes",
        lead=lead,
        alt=f"Lines: error against number of classes, both relative to the smallest data sets. "
        f"{lead}",
        panels=(_draw(relative),),
        table=_table(lines, relative),
        note="Both axes count in factors: a line that rises half as steeply as that of the classes "
        "is a square root. All is relative to the smallest data sets (figure 1 of the paper).",
    )


def _relative(points: Points) -> Points:
    """By the first point; nothing if that is no measure."""
    if not points or points[0][1] <= 0:
        return []
    (first, least) = points[0]
    return [(size / first, error / least) for size, error in points if error > 0]


def _draw(relative: dict[str, Points]) -> Lines:
    most = max(size for points in relative.values() for size, _ in points)
    series = [
        Series(AS_FAST, (1.0, most), (1.0, most), "series-baseline", style="dashed"),
        _series(PUBLISHED, relative[PUBLISHED], "series-2", "diamond"),
        _series(MEASURED, relative[MEASURED], "series-1", "circle"),
    ]
    return Lines(
        series=tuple(one for one in series if one.x),
        x=Axis("number of classes, relative", log=True),
        y=Axis("error, relative", log=True),
    )


def _series(name: str, points: Points, role: str, shape: Shape) -> Series:
    x, y = (tuple(values) for values in zip(*points, strict=True)) if points else ((), ())
    return Series(name, x, y, role, style="line+points", shape=shape)


def _lead(measured: Points, published: Points, growth: Growth) -> str:
    (classes, error) = measured[-1]
    parts = [f"{compact(classes)} times the classes come with {compact(error)} times the error"]
    if published:
        more, higher = published[-1]
        parts.append(f" (in the paper, {compact(more)} times with {compact(higher)} times)")
    if known(growth.exponent):
        parts.append(
            f": the error grows as the number of classes to the power of "
            f"{decimal(growth.exponent, 2)}{_interval(growth)}"
        )
    return "".join(parts) + "."


def _interval(growth: Growth) -> str:
    if not known(growth.low) or not known(growth.high):
        return ""
    return f" (95 % interval {decimal(growth.low, 2)} to {decimal(growth.high, 2)})"


def _table(lines: dict[str, Points], relative: dict[str, Points]) -> Table:
    rows = []
    for name, points in lines.items():
        if not relative[name]:
            continue
        first, least = points[0]
        rows += [
            (name, count(size), percent(error, 2), compact(size / first), compact(error / least))
            for size, error in points
        ]
    head = ("", "classes", "error", "classes, relative", "error, relative")
    return Table(head, tuple(rows))
