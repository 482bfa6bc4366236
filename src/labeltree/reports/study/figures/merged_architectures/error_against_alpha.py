"""Error against the adaptation factor α for each way of merging: figures 3 and 4."""

from __future__ import annotations

import math
from collections.abc import Iterable

from labeltree.reports.charts import Axis, Figure, Lines, Series, Table
from labeltree.reports.record import Json
from labeltree.reports.study.figures.merged_architectures.variants import Look, looks
from labeltree.reports.study.record import Part, parse
from labeltree.reports.words import compact, count, known, listed, percent, short_name, spread

SHOWN_ALPHAS = (0.0, 1.0, 2.0)  # in the table: each side alone, and both


class Row(Part):
    """The error of all ensembles of one size at one α."""

    network: str = ""
    variant: str = ""
    ensemble: int = 1
    alpha: float
    level: str = ""
    error_mean: float | None = None
    error_sd: float | None = None
    n: int = 1

    @property
    def panel(self) -> tuple[str, int, str]:
        """What the rows of one panel share."""
        return self.network, self.ensemble, self.level


class _Record(Part):
    rows: tuple[Row, ...] = ()


def error_against_alpha(record: Json) -> Figure | None:
    """A panel per network, size of ensemble and level; None without rows."""
    rows = [row for row in parse(_Record, record).rows if known(row.error_mean)]
    rows = [row for row in rows if known(row.alpha)]
    if not rows:
        return None
    rows.sort(key=lambda row: row.alpha)
    shown = looks(row.variant for row in rows)
    panels = _groups(rows)
    several = len({row.network for row in rows}) > 1
    levels = listed(dict.fromkeys(level for _, _, level in panels))
    return Figure(
        name="error_against_alpha",
        title="Error against adaptation",
        lead=_lead(rows),
        alt=f"Lines: error against α at the levels {levels}, a line for each of {listed(shown)}; "
        "the numbers are in the table.",
        panels=tuple(_draw(key, group, shown, several) for key, group in panels.items()),
        table=_table(panels, shown),
        note="α = 0: each level as its own part of the network predicts it. α = 1: both agree. "
        "α = 2: each level as the "
        "other one has it. Lines are means over all ensembles of that size; "
        "bands are one standard deviation. Ensembles of two or more share members, so that their "
        "bands look narrower than they would for ensembles trained apart.",
    )


def _groups(rows: Iterable[Row]) -> dict[tuple[str, int, str], list[Row]]:
    """Rows by panel: networks and levels in the order of the record, ensembles by size."""
    rows = list(rows)
    networks = list(dict.fromkeys(row.network for row in rows))
    levels = list(dict.fromkeys(row.level for row in rows))
    groups: dict[tuple[str, int, str], list[Row]] = {}
    for row in sorted(
        rows, key=lambda row: (networks.index(row.network), row.ensemble, levels.index(row.level))
    ):
        groups.setdefault(row.panel, []).append(row)
    return groups


def _draw(
    key: tuple[str, int, str], rows: list[Row], shown: dict[str, Look], several: bool
) -> Lines:
    network, ensemble, level = short_name(key[0]), key[1], key[2]
    size = "single networks" if ensemble == 1 else f"ensembles of {ensemble}"
    there = {row.variant for row in rows}
    return Lines(
        series=tuple(
            _series(name, [row for row in rows if row.variant == name], look)
            for name, look in shown.items()
            if name in there
        ),
        x=Axis("α"),
        y=Axis("error", percent=True),
        title=", ".join(filter(None, (network if several else "", short_name(level), size))),
    )


def _series(name: str, rows: list[Row], look: Look) -> Series:
    means = [_number(row.error_mean) for row in rows]
    spreads = [_number(row.error_sd) for row in rows]
    banded = all(map(known, spreads))
    return Series(
        short_name(name),
        tuple(row.alpha for row in rows),
        tuple(means),
        look.role,
        low=tuple(a - b for a, b in zip(means, spreads, strict=True)) if banded else (),
        high=tuple(a + b for a, b in zip(means, spreads, strict=True)) if banded else (),
        style=look.style,
        shape=look.shape,
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _lead(rows: list[Row]) -> str:
    """The best single network of each level at α = 1."""
    parts = []
    for level in dict.fromkeys(row.level for row in rows):
        adapted = [
            row for row in rows if row.level == level and row.ensemble == 1 and _is(row, 1.0)
        ]
        if adapted:
            best = min(adapted, key=lambda row: _number(row.error_mean))
            parts.append(f"{percent(best.error_mean)} at {level} ({best.variant})")
    return f"The lowest error of single networks at α = 1: {listed(parts)}." if parts else ""


def _is(row: Row, alpha: float) -> bool:
    return math.isclose(row.alpha, alpha, abs_tol=1e-9)


def _table(panels: dict[tuple[str, int, str], list[Row]], shown: dict[str, Look]) -> Table:
    groups = [
        (key, name, mine)
        for key, rows in panels.items()
        for name in shown
        if (mine := [row for row in rows if row.variant == name])
    ]
    alphas = (f"α = {compact(alpha)}" for alpha in SHOWN_ALPHAS)
    return Table(
        head=("network", "ensemble of", "level", "variant", *alphas, "lowest", "at α", "ensembles"),
        rows=tuple(
            (key[0], count(key[1]), key[2], name, *_numbers(mine)) for key, name, mine in groups
        ),
        text_columns=4,
    )


def _numbers(rows: list[Row]) -> tuple[str, ...]:
    at = [next((row for row in rows if _is(row, alpha)), None) for alpha in SHOWN_ALPHAS]
    lowest = min(rows, key=lambda row: _number(row.error_mean))
    return (
        *(spread(row.error_mean, row.error_sd, 2) if row else percent(None) for row in at),
        percent(lowest.error_mean, 2),
        compact(lowest.alpha),
        count(lowest.n),
    )
