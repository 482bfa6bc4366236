"""Error of each labelling scheme beside that of the paper: table 5."""

from __future__ import annotations

import math
from statistics import mean, stdev

from pydantic import Field

from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Table
from labeltree.reports.record import Json
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import count, known, listed, percent, short_name, spread


class Row(Part):
    """The errors of one scheme for one seed."""

    scheme: str
    seed: int = 0
    levels: dict[str, float | None] = Field(default_factory=dict)


class _Record(Part):
    rows: tuple[Row, ...] = ()
    paper: dict[str, float | None] = Field(default_factory=dict)


Errors = dict[str, list[float]]


def schemes(record: Json) -> Figure | None:
    """A panel per level, the finest first; None without rows."""
    found = parse(_Record, record)
    levels = list(dict.fromkeys(level for row in found.rows for level in row.levels))
    errors = {level: _errors(found.rows, level) for level in reversed(levels)}
    errors = {level: of_level for level, of_level in errors.items() if of_level}
    if not errors:
        return None
    finest = next(iter(errors))
    seeds = len({row.seed for row in found.rows})
    told = [f"{percent(mean(values), 2)} with {name}" for name, values in errors[finest].items()]
    lead = f"Error at the {short_name(finest)} level: {listed(told)} (labels)."
    return Figure(
        name="schemes",
        title="Class labels against class and category labels",
        lead=lead,
        alt=f"Bars: error of each labelling scheme at the levels {listed(errors)}. {lead}",
        panels=tuple(
            _draw(level, of_level, found.paper if level == finest else {})
            for level, of_level in errors.items()
        ),
        table=_table(errors, found.paper, finest),
        note=f"Means over {count(seeds)} seeds with one standard deviation. The paper's errors are "
        "those of its network on 100 classes of ImageNet.",
    )


def _errors(rows: tuple[Row, ...], level: str) -> Errors:
    """Of each scheme, a value for each seed."""
    found: Errors = {}
    for row in rows:
        if known(error := row.levels.get(level)):
            found.setdefault(row.scheme, []).append(error)
    return found


def _draw(level: str, errors: Errors, paper: dict[str, float | None]) -> Bars:
    means = [mean(values) for values in errors.values()]
    spreads = [stdev(values) if len(values) > 1 else math.nan for values in errors.values()]
    published = tuple(error if known(error := paper.get(scheme)) else math.nan for scheme in errors)
    several = any(map(known, spreads))
    series = [
        BarSeries(
            "measured",
            tuple(means),
            "series-1",
            tuple(a - b for a, b in zip(means, spreads, strict=True)) if several else (),
            tuple(a + b for a, b in zip(means, spreads, strict=True)) if several else (),
        ),
        BarSeries("the paper, on ImageNet", published, "series-2", shape="diamond"),
    ]
    return Bars(
        categories=tuple(map(short_name, errors)),
        series=tuple(one for one in series if any(map(known, one.values))),
        axis=Axis("error", 0, percent=True),
        title=short_name(level),
    )


def _table(errors: dict[str, Errors], paper: dict[str, float | None], finest: str) -> Table:
    return Table(
        ("level", "labels", "error", "lowest", "highest", "seeds", "paper"),
        tuple(
            (
                level,
                scheme,
                spread(mean(values), stdev(values) if len(values) > 1 else None, 2),
                percent(min(values), 2),
                percent(max(values), 2),
                count(len(values)),
                percent(paper.get(scheme) if level == finest else None, 2),
            )
            for level, of_level in errors.items()
            for scheme, values in of_level.items()
        ),
        text_columns=2,
    )
