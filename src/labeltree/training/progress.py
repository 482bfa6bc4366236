"""What a person sees while training runs: bars on a terminal, and a line per epoch everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.progress import BarColumn, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from labeltree.data.bars import Bars
from labeltree.training.epoch_table import EpochTable, Row, best_in_words, speed_in_words

SPEED_OVER = 600.0
"""Seconds over which time left is estimated: a step may take minutes on a CPU."""


@dataclass(frozen=True)
class Standing:
    """Where training stands.

    Attributes:
        done: steps taken.
        epoch: the current one, from 0.
        epoch_done: steps taken in it.
        epoch_steps: steps that it has.
        loss: mean over the images of the epoch so far.
        accuracy: top-1 over those that were counted, see `TrainingAccuracy`; NaN for none.
        images_per_second: in the epoch so far.
    """

    done: int
    epoch: int
    epoch_done: int
    epoch_steps: int
    loss: float
    accuracy: float
    images_per_second: float


class TrainingProgress:
    """What the loop tells while it runs; shows nothing by itself (studies, tests, helpers)."""

    def begin(self, total_steps: int, done: int, rows: Sequence[Row]) -> None:
        """Training is about to take steps `done` … `total_steps`; `rows` of epochs are there."""

    def step(self, now: Standing) -> None:
        """Steps have been taken; told now and then, and before the validation of each epoch."""

    def epoch(self, row: Row) -> None:
        """An epoch ended; `row` is its line of `metrics.csv`."""

    def end(self) -> None:
        """No more steps follow, whatever the reason."""


class ConsoleProgress(TrainingProgress):
    """Bars of the epoch and of the whole on a terminal; above them a table that grows by epochs.

    Where the console is no terminal, only the table is printed. At the end it is printed again if
    some of it was not seen together (of a run that was resumed) or if it is long, then cut to the
    epochs that matter.
    """

    def __init__(self, console: Console, epochs: float) -> None:
        self.console = console
        self.epochs = math.ceil(epochs)
        self.rows: list[Row] = []
        self.table: EpochTable | None = None
        self.seen, self.current, self.total = 0, -1, 0
        self.bars = _Bars(
            console,
            TextColumn("{task.description}"),
            BarColumn(None, table_column=Column(ratio=1)),
            TextColumn("{task.fields[steps]}", justify="right"),
            over=SPEED_OVER,
        )
        self.of_epoch = self.bars.add_task("", total=None, steps="")
        self.of_all = self.bars.add_task("all epochs", total=None, steps="")

    def begin(self, total_steps: int, done: int, rows: Sequence[Row]) -> None:
        """See `TrainingProgress`."""
        self.rows, self.total = list(rows), total_steps
        self.bars.reset(self.of_all, total=total_steps, completed=done)
        self._update(self.of_all, done, total_steps)
        self.bars.update(self.of_epoch, description=f"epoch {len(rows) + 1} of {self.epochs}")
        self.bars.start()

    def step(self, now: Standing) -> None:
        """See `TrainingProgress`."""
        if now.epoch != self.current:
            self.current = now.epoch
            description = f"epoch {now.epoch + 1} of {self.epochs}"
            # What a resumed epoch had done before says nothing about time.
            self.bars.reset(
                self.of_epoch,
                total=now.epoch_steps,
                completed=now.epoch_done,
                description=description,
            )
        self._update(self.of_epoch, now.epoch_done, now.epoch_steps)
        self._update(self.of_all, now.done, self.total)
        self.bars.told = told(now.loss, now.accuracy, now.images_per_second)
        if now.epoch_done == now.epoch_steps:
            self.bars.told += " · validating"

    def _update(self, task: TaskID, done: int, total: int) -> None:
        self.bars.update(task, completed=done, total=total, steps=f"{done:,}/{total:,}")

    def epoch(self, row: Row) -> None:
        """See `TrainingProgress`."""
        self.rows.append(row)
        if self.table is None:
            width = self.console.width if self.console.is_terminal else None
            self.table = EpochTable(row, self.epochs, width)
            self._print(self.table.heading)
        self.seen += 1
        self._print(self.table.line(row))

    def end(self) -> None:
        """See `TrainingProgress`."""
        self.bars.stop()
        if self.table is None or len(self.rows) < self.epochs:
            return  # stopped, or nothing was left to do
        lines = self.table.lines(self.rows)
        if len(lines) != 1 + self.seen:
            self._print("", *lines)
        if (words := best_in_words(self.rows)) is not None:
            self._print(f"{'best':8} {words}")

    def _print(self, *lines: str) -> None:
        for line in lines:
            self.console.print(line, highlight=False, markup=False, soft_wrap=True)


class _Bars(Bars):
    """Bars with a line of words below them."""

    told = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """See `rich.progress.Progress`."""
        yield from super().get_renderables()
        yield Text(self.told, no_wrap=True, overflow="ellipsis")


def told(loss: float, accuracy: float, images_per_second: float) -> str:
    """How training goes, in words.

    >>> told(0.1447, 0.954, 1234.5)
    'loss 0.145 · top-1 95.4% · 1,234 images/s'
    """
    right = "" if math.isnan(accuracy) else f"top-1 {accuracy:.1%} · "
    return f"loss {loss:.3f} · {right}{speed_in_words(images_per_second)} images/s"
