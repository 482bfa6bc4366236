"""One display for several trainings: a bar for each on a terminal, a line per finished one."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column

from labeltree.training.epoch_table import speed_in_words
from labeltree.training.progress import SPEED_OVER

_BAR = 8  # characters, to leave room for names


class Display:
    """Shows how far each training is, how many are done and how much time is left."""

    def __init__(self, console: Console, what: str, total: int, done: int) -> None:
        self.console, self.total, self.done = console, total, done
        self.tasks: dict[str, TaskID] = {}
        self.bar = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
            BarColumn(_BAR),
            TextColumn("{task.fields[words]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
            expand=True,
            speed_estimate_period=SPEED_OVER,
        )
        self.whole = self.bar.add_task(what, total=total, completed=done, words="")

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def update(
        self, name: str, done: int, total: int, loss: float, accuracy: float, speed: float
    ) -> None:
        """A training has taken `done` of `total` steps; the rest as in `Standing`."""
        if name not in self.tasks:
            self.tasks[name] = self.bar.add_task(name, total=total, completed=done, words="")
        right = "" if math.isnan(accuracy) else f"{accuracy:.1%} · "
        words = f"loss {loss:.3f} · {right}{speed_in_words(speed)} images/s"
        self.bar.update(self.tasks[name], completed=done, words=words)
        begun = (task for task in self.bar.tasks if task.id in self.tasks.values())
        parts = sum(task.completed / (task.total or 1) for task in begun)
        self.bar.update(self.whole, completed=self.done + parts)

    def finish(self, name: str, minutes: float, words: str) -> None:
        """A training is done."""
        if (task := self.tasks.pop(name, None)) is not None:
            self.bar.remove_task(task)
        self.done += 1
        self.bar.update(self.whole, completed=self.done)
        self.console.print(
            f"{self.done:>3} of {self.total}  {name}  {minutes:.1f} min  {words}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
