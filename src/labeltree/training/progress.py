"""What a person sees while training runs: a bar on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class TrainingProgress:
    """What the loop tells while it runs; shows nothing by itself (studies, tests, helpers)."""

    def begin(self, total_steps: int, done: int) -> None:
        """Training is about to take steps `done` … `total_steps`."""

    def step(self, done: int, epoch: int, loss: float, images_per_second: float) -> None:
        """`done` steps have been taken."""

    def epoch(self, row: dict[str, float]) -> None:
        """An epoch ended; `row` is its line of `metrics.csv`."""

    def end(self) -> None:
        """No more steps follow, whatever the reason."""


class ConsoleProgress(TrainingProgress):
    """A bar with loss, images/s and time left, and a line per epoch above it.

    Where the console is no terminal, only the lines are printed.
    """

    def __init__(self, console: Console, epochs: float) -> None:
        self.console = console
        self.epochs = math.ceil(epochs)
        self.task: TaskID | None = None
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]:.3f} · {task.fields[speed]:,.0f} images/s ·"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )

    def begin(self, total_steps: int, done: int) -> None:
        """See `TrainingProgress`."""
        self.task = self.bar.add_task(
            "training", total=total_steps, completed=done, loss=float("nan"), speed=0.0
        )
        self.bar.start()

    def step(self, done: int, epoch: int, loss: float, images_per_second: float) -> None:
        """See `TrainingProgress`."""
        assert self.task is not None
        self.bar.update(
            self.task,
            completed=done,
            description=f"epoch {epoch + 1} of {self.epochs}",
            loss=loss,
            speed=images_per_second,
        )

    def epoch(self, row: dict[str, float]) -> None:
        """See `TrainingProgress`."""
        told = [
            f"epoch {row['epoch']:>3.0f} of {self.epochs}",
            f"loss {row['train_loss']:.3f}",
            *(f"{_in_words(name)} {value:{form}}" for name, value, form in _validated(row)),
            f"{row['images_per_second']:,.0f} images/s",
        ]
        self.console.print("  ".join(told), highlight=False, markup=False, soft_wrap=True)

    def end(self) -> None:
        """See `TrainingProgress`."""
        self.bar.stop()


def _validated(row: dict[str, float]) -> Iterator[tuple[str, float, str]]:
    """What is told of a validation split: name, value and form; nothing where no image decides."""
    names = ("validation_loss", *(name for name in row if name.startswith("validation_top1_")))
    for name in (*names, "validation_all_in_top5"):
        if name in row and not math.isnan(row[name]):
            yield name, row[name], ".3f" if name == "validation_loss" else ".1%"


def _in_words(name: str) -> str:
    words = {"validation_loss": "validation", "validation_all_in_top5": "all in top 5"}
    return words.get(name, name.removeprefix("validation_top1_"))
