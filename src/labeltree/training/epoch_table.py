"""The epochs of a training as a table of plain text, which grows by a line with each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Row = dict[str, float]
"""A line of `metrics.csv`."""

_VALIDATION = "validation_top1_"
_ALL_IN_TOP_5 = "validation_all_in_top5"
_LONGEST_NAME = 16
_AT_MOST = 20  # rows that are read at a glance
_LAST = 5


@dataclass(frozen=True)
class _Column:
    heading: str
    key: str
    form: Callable[[float], str]
    width: int = 6

    @property
    def space(self) -> int:
        return 2 + max(self.width, len(self.heading))

    def cell(self, text: str) -> str:
        return text.rjust(self.space)


class EpochTable:
    """A heading and lines in columns.

    Epoch, seconds of its steps, loss and top-1 accuracy while it was trained, loss and top-1
    accuracy at each level in the validation after it, images per second. What the first row has
    not measured has no column.

    Args:
        first: the row of an epoch.
        epochs: how many there will be.
        width: of the console in characters; the coarsest levels have no column if there is no
            room. None is as wide as it gets.

    >>> row = {"epoch": 3, "seconds": 1183.9, "train_loss": 0.1447, "train_top1": 0.954,
    ...        "validation_loss": 0.25, "validation_top1_kind": 0.75, "images_per_second": 84.46}
    >>> table = EpochTable(row, epochs=25)
    >>> for line in (table.heading, table.line(row)):
    ...     print(line)  # doctest: +NORMALIZE_WHITESPACE
       epoch  seconds   loss  top-1  validation   kind  images/s
     3 of 25  1,183.9  0.145  95.4%       0.250  75.0%        84
    """

    def __init__(self, first: Row, epochs: int, width: int | None = None) -> None:
        columns = [
            _Column("epoch", "epoch", lambda n: f"{n:.0f} of {epochs}", len(f"{epochs} of ") + 1),
            _Column("seconds", "seconds", lambda seconds: f"{seconds:,.1f}", 7),
            _Column("loss", "train_loss", _loss),
            _Column("top-1", "train_top1", _share),
            _Column("validation", "validation_loss", _loss),
        ]
        levels = [
            _Column(_cut(key.removeprefix(_VALIDATION)), key, _share)
            for key in first
            if key.startswith(_VALIDATION)
        ]
        last = [
            _Column("all in top 5", _ALL_IN_TOP_5, _share),
            _Column("images/s", "images_per_second", speed_in_words),
        ]
        columns, levels, last = (
            [column for column in some if not math.isnan(first.get(column.key, math.nan))]
            for some in (columns, levels, last)
        )
        room = math.inf if width is None else width
        while len(levels) > 1 and sum(c.space for c in (*columns, *levels, *last)) > room:
            levels = levels[1:]
        self._columns = [*columns, *levels, *last]

    @property
    def heading(self) -> str:
        """The line above all others."""
        return "".join(column.cell(column.heading) for column in self._columns)

    def line(self, row: Row) -> str:
        """The line of an epoch; a dash where nothing was measured."""
        values = [(column, row.get(column.key, math.nan)) for column in self._columns]
        return "".join(
            column.cell("–" if math.isnan(value) else column.form(value))
            for column, value in values
        )

    def lines(self, rows: Sequence[Row]) -> list[str]:
        """Heading and rows: all of them, or of more than 20 the first, the best and the last 5."""
        chosen = list(range(len(rows)))
        if len(rows) > _AT_MOST:
            chosen = sorted({0, best(rows), *chosen[-_LAST:]})
        told = [self.heading]
        for place, before in zip(chosen, [-1, *chosen], strict=False):
            if place > before + 1:
                told.append(self._columns[0].cell("…"))
            told.append(self.line(rows[place]))
        return told


def best(rows: Sequence[Row]) -> int:
    """Which row is the best by `measure`, the first of equals."""
    key, sign = measure(rows[0])
    return max(range(len(rows)), key=lambda place: (sign * rows[place][key], -place))


def measure(row: Row) -> tuple[str, int]:
    """By what epochs are compared, and 1 if more is better, else -1.

    The validation accuracy at the deepest level, else the validation loss, else the training loss.
    """
    levels = [key for key in row if key.startswith(_VALIDATION)]
    ranking = [*((key, 1) for key in levels[-1:]), ("validation_loss", -1), ("train_loss", -1)]
    return next((key, sign) for key, sign in ranking if not math.isnan(row.get(key, math.nan)))


def best_in_words(rows: Sequence[Row]) -> str | None:
    """A sentence if an epoch was better than the last one, else None.

    >>> rows = [{"epoch": 1, "train_loss": 0.5, "validation_top1_breed": 0.75},
    ...         {"epoch": 2, "train_loss": 0.4, "validation_top1_breed": 0.5}]
    >>> best_in_words(rows)
    'epoch 1: breed 75.0%, in the last epoch, whose network is kept, 50.0%'
    """
    key, sign = measure(rows[0])
    there, last = rows[best(rows)], rows[-1]
    if not sign * there[key] > sign * last[key]:
        return None
    form = _share if sign > 0 else _loss
    name = key.removeprefix(_VALIDATION).replace("_", " ")
    return (
        f"epoch {there['epoch']:.0f}: {name} {form(there[key])}, in the last epoch, whose network "
        f"is kept, {form(last[key])}"
    )


def speed_in_words(images_per_second: float) -> str:
    """A large network on a CPU takes seconds for an image.

    >>> speed_in_words(1234.5), speed_in_words(1.26)
    ('1,234', '1.3')
    """
    return f"{images_per_second:,.0f}" if images_per_second >= 10 else f"{images_per_second:.1f}"


def _loss(value: float) -> str:
    return f"{value:.3f}"


def _share(value: float) -> str:
    return f"{value:.1%}"


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
