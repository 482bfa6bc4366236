"""What a figure shows, as data: described once, drawn twice (Plotly in the page, PNG beside it).

A `Figure` has one or more panels side by side. Fractions are in [0, 1]; axes say whether they are
shown as percentages. A missing value is NaN. Colours are roles of `labeltree.reports.palette`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from labeltree.reports.words import known

Values = tuple[float, ...]
Shape = Literal["circle", "diamond", "square", "triangle", "cross"]


@dataclass(frozen=True)
class Axis:
    """What an axis measures and how far it reaches (None: as far as the data).

    `percent` shows fractions as percentages; `whole` puts ticks at whole numbers only. `log` gives
    equal factors equal lengths: for `Lines` of positive numbers, as far as the data reach.
    """

    label: str
    low: float | None = None
    high: float | None = None
    percent: bool = False
    whole: bool = False
    log: bool = False


@dataclass(frozen=True)
class Series:
    """One line or cloud of points, with an optional band between `low` and `high`.

    `shape` is that of the points in the styles that have some: series that are told apart by it
    can be told apart without colours. `texts` say what each point is, to who points at it.
    """

    name: str
    x: Values
    y: Values
    role: str
    low: Values = ()
    high: Values = ()
    style: Literal["line", "dashed", "line+points", "steps", "points"] = "line"
    shape: Shape = "circle"
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """One point to look at, with a few words beside it."""

    x: float
    y: float
    text: str
    role: str = "ink"
    above: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines, bands and points over two axes; `diagonal` draws the line x = y behind them.

    `square` gives both axes one scale.
    """

    series: tuple[Series, ...]
    x: Axis
    y: Axis
    marks: tuple[Mark, ...] = ()
    diagonal: str = ""
    title: str = ""
    square: bool = False


@dataclass(frozen=True)
class BarSeries:
    """One value per category; `low` and `high` are the ends of its interval."""

    name: str
    values: Values
    role: str
    low: Values = ()
    high: Values = ()
    shape: Literal["bar"] | Shape = "bar"


@dataclass(frozen=True)
class Bars:
    """Bars from zero (and markers at the same categories), lying unless `upright`.

    The bars of a category stand side by side; `stacked` puts them end to end: they are parts of a
    whole.
    """

    categories: tuple[str, ...]
    series: tuple[BarSeries, ...]
    axis: Axis
    category_label: str = ""
    upright: bool = False
    title: str = ""
    stacked: bool = False


@dataclass(frozen=True)
class Difference:
    """A difference with the ends of its interval and a few words; `sure` if it is no accident."""

    label: str
    value: float
    low: float
    high: float
    text: str
    sure: bool


@dataclass(frozen=True)
class Differences:
    """Differences below each other and a line at zero; `sure` and `unsure` name the two kinds."""

    rows: tuple[Difference, ...]
    axis: Axis
    sure: str
    unsure: str
    title: str = ""

    @property
    def reach(self) -> tuple[float, float]:
        """From the lowest to the highest end, zero included, with a little room."""
        ends = [end for row in self.rows for end in (row.value, row.low, row.high) if known(end)]
        low, high = min([0.0, *ends]), max([0.0, *ends])
        room = 0.05 * (high - low) or 1.0
        return low - room, high + room


@dataclass(frozen=True)
class Heatmap:
    """Shares in a grid; `values[row][column]`, NaN cells are left blank."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[Values, ...]
    row_label: str
    column_label: str
    scale_label: str
    hover: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Tile:
    """One node of a `Hierarchy`: `parent` is a key, "" for the root; `size` in leaves."""

    key: str
    parent: str
    label: str
    path: str
    size: float
    shade: float
    text: str


def top_of_scale(tiles: Iterable[Tile]) -> float:
    """The greatest shade; at least a tenth, or a share of 1 % would look as bad as 90 %."""
    return max([0.1, *(tile.shade for tile in tiles)])


@dataclass(frozen=True)
class Hierarchy:
    """A tree of tiles, parents before children; `shown_levels` counts the root."""

    tiles: tuple[Tile, ...]
    scale_label: str
    shown_levels: int
    visible_rows: int
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """A thumbnail and the words under it.

    `file` is what its image is called where the reader must find it; `keys` are what it is sorted
    by, one for each of the gallery's filters.
    """

    path: Path
    caption: str = ""
    file: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """One kind of confusion: `images` of the `asked` images of `truth` got `answer`.

    `link` and `arrow` stand between the two, for another relation; `amount` takes the place of the
    two numbers; `detail` is said below.
    """

    truth: str
    answer: str
    images: float
    asked: int
    pictures: tuple[Picture, ...] = ()
    link: str = "taken for"
    arrow: str = "→"
    amount: str = ""
    detail: str = ""

    @property
    def shown_amount(self) -> str:
        """What stands beside the bar."""
        return self.amount or f"{self.images:,} of {self.asked:,}"


@dataclass(frozen=True)
class Pairs:
    """Confusions, what matters most first."""

    pairs: tuple[Pair, ...]
    title: str = ""

    @property
    def most(self) -> float:
        """The longest bar."""
        return max([pair.images for pair in self.pairs if pair.images > 0], default=1)


@dataclass(frozen=True)
class Gallery:
    """Pictures in a grid; the reader chooses among them by `filters`, which name their keys."""

    pictures: tuple[Picture, ...]
    title: str = ""
    filters: tuple[str, ...] = ()

    def choices(self, number: int) -> list[str]:
        """What a filter has to choose from, in the order of the pictures."""
        return list(dict.fromkeys(picture.keys[number] for picture in self.pictures))


Chart = Lines | Bars | Differences | Heatmap | Hierarchy | Pairs | Gallery


@dataclass(frozen=True)
class Table:
    """Numbers, already in words; the first `text_columns` are text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    left_out: int = 0


@dataclass(frozen=True)
class Figure:
    """One section of the report.

    Attributes:
        name: file name of the PNG and anchor in the page.
        title: heading.
        lead: what the reader sees here, in a sentence or two.
        alt: the figure for someone who cannot see it.
        panels: charts side by side.
        table: the numbers behind it.
        note: how to read it, in small print.
    """

    name: str
    title: str
    lead: str
    alt: str
    panels: tuple[Chart, ...]
    table: Table
    note: str = ""
