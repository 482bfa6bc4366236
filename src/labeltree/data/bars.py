"""Bars on a terminal while something takes long; nothing where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

_NARROW = 60  # characters, below which a bar would take the room of the time left


class Bars(Progress):
    """Bars as wide as the terminal, the time left at their right; gone when they stop.

    On a narrow terminal there is no bar, and the first column is cut to what the time leaves.

    Args:
        console: nothing is shown if it is no terminal.
        columns: what stands before the time left.
        over: seconds over which that is estimated.
    """

    def __init__(self, console: Console, *columns: str | ProgressColumn, over: float) -> None:
        self._narrow = console.width < _NARROW
        super().__init__(
            *(each for each in columns if not (self._narrow and isinstance(each, BarColumn))),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
            expand=True,
            speed_estimate_period=over,
        )

    def make_tasks_table(self, tasks: Iterable[Task]) -> Table:
        """See `rich.progress.Progress`."""
        table = super().make_tasks_table(tasks)
        if self._narrow:
            table.columns[0].ratio = 1
        return table


class WithBars:
    """Shows its bars for as long as it is entered."""

    bars: Bars

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()
