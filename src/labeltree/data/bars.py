"""Bars on a terminal while something takes long; nothing where there is no terminal."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn, TextColumn, TimeRemainingColumn


class Bars(Progress):
    """Bars as wide as the terminal, the time left at their right; gone when they stop.

    Args:
        console: nothing is shown if it is no terminal.
        columns: what stands before the time left.
        over: seconds over which that is estimated.
    """

    def __init__(self, console: Console, *columns: str | ProgressColumn, over: float) -> None:
        super().__init__(
            *columns,
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
            expand=True,
            speed_estimate_period=over,
        )


class WithBars:
    """Shows its bars for as long as it is entered."""

    bars: Bars

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()
