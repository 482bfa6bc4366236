"""The error of every data set against its number of classes: table 2."""

from __future__ import annotations

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.size_scaling.record import Row, Scaling
from labeltree.reports.words import count, known, percent, plural, spread


def errors_by_size(record: Json) -> Figure | None:
    """A point per data set, a line through the means; None where nothing was measured."""
    found = Scaling.of(record)
    if not found.measured:
        return None
    ends = dict.fromkeys((found.rows[0], found.rows[-1]))
    lead = (
        "The error is "
        + " and ".join(
            f"{percent(row.error_mean)} with {plural(row.num_classes, 'class', 'classes')}"
            for row in ends
        )
        + "."
    )
    return Figure(
        name="errors_by_size",
        title="The error of each data set",
        lead=lead,
        alt=f"Points and lines: error against number of classes. {lead}",
        panels=(_draw(found),),
        table=_table(found),
        note="Each point is a data set, its classes drawn at random. The band is one standard "
        "deviation over the data sets of a size; where there is one data set only, it closes. The "
        "paper has other classes and another network: not the heights compare, but the shapes.",
    )


def _draw(found: Scaling) -> Lines:
    points = found.measured
    spreads = [row.error_sd if known(row.error_sd) else 0.0 for row in found.rows]
    errors = [error for _, error in points]
    mean = Series(
        "mean",
        tuple(size for size, _ in points),
        tuple(errors),
        "series-1",
        low=tuple(error - sd for error, sd in zip(errors, spreads, strict=True)),
        high=tuple(error + sd for error, sd in zip(errors, spreads, strict=True)),
        style="line+points",
    )
    each = Series(
        "a data set",
        tuple(one.num_classes for one in found.datasets),
        tuple(one.error for one in found.datasets if known(one.error)),
        "series-1",
        style="points",
        shape="triangle",
    )
    paper = Series(
        "the paper, on ImageNet",
        tuple(size for size, _ in found.published),
        tuple(error for _, error in found.published),
        "series-2",
        style="line+points",
        shape="diamond",
    )
    return Lines(
        series=tuple(one for one in (mean, each, paper) if one.x),
        x=Axis("number of classes", log=True),
        y=Axis("error", 0, percent=True),
    )


def _table(found: Scaling) -> Table:
    paper = dict(found.published)
    return Table(
        ("classes", "data sets", "error", "lowest", "highest", "paper"),
        tuple(_cells(row, found, paper.get(row.num_classes)) for row in found.rows),
    )


def _cells(row: Row, found: Scaling, paper: float | None) -> tuple[str, ...]:
    errors = [one.error for one in found.datasets if one.num_classes == row.num_classes]
    there = [error for error in errors if known(error)]
    return (
        count(row.num_classes),
        count(row.num_datasets),
        spread(row.error_mean, row.error_sd, 2),
        percent(min(there, default=None), 2),
        percent(max(there, default=None), 2),
        percent(paper, 2),
    )
