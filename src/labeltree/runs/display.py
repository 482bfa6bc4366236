"""One display for several trainings: a bar for each on a terminal, a line per finished one."""

from __future__ import annotations

import math

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.table import Column

from labeltree.data.bars import Bars, WithBars
from labeltree.training.epoch_table import speed_in_words
from labeltree.training.progress import SPEED_OVER

_BAR = 8  # characters, to leave room for names


class Display(WithBars):
    """Shows how far each training is, how many are done and how much time is left."""

    def __init__(self, console: Console, what: str, total: int, done: int) -> None:
        self.console, self.total, self.done = console, total, done
        self.tasks: dict[str, TaskID] = {}
        self.bars = Bars(
            console,
            TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
            BarColumn(_BAR),
            TextColumn("{task.fields[words]}"),
            over=SPEED_OVER,
        )
        self.whole = self.bars.add_task(what, total=total, completed=done, words="")

    def update(
        self, name: str, done: int, total: int, loss: float, accuracy: float, speed: float
    ) -> None:
        """A training has taken `done` of `total` steps; the rest as in `Standing`."""
        if name not in self.tasks:
            self.tasks[name] = self.bars.add_task(name, total=total, completed=done, words="")
        right = "" if math.isnan(accuracy) else f"{accuracy:.1%} · "
        words = f"loss {loss:.3f} · {right}{speed_in_words(speed)} images/s"
        self.bars.update(self.tasks[name], completed=done, words=words)
        begun = (task for task in self.bars.tasks if task.id in self.tasks.values())
        parts = sum(task.completed / (task.total or 1) for task in begun)
        self.bars.update(self.whole, completed=self.done + parts)

    def finish(self, name: str, minutes: float, words: str) -> None:
        """A training is done."""
        if (task := self.tasks.pop(name, None)) is not None:
            self.bars.remove_task(task)
        self.done += 1
        self.bars.update(self.whole, completed=self.done)
        self.console.print(
            f"{self.done:>3} of {self.total}  {name}  {minutes:.1f} min  {words}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
