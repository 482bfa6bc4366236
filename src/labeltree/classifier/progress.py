"""What a person sees while `fit` runs: in a notebook, on a terminal, or nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from html import escape
from importlib import import_module
from typing import Any, Literal

from rich.console import Console

from labeltree.training.epoch_table import EpochTable, Row
from labeltree.training.progress import Standing, TrainingProgress, told

Shown = Literal["auto"] | bool

_BETWEEN = 0.2  # seconds between two drawings


class NotebookProgress(TrainingProgress):
    """A bar and the epochs, drawn as HTML that is replaced in place.

    Rich's own bars need ipywidgets in a notebook and say so with a warning; this needs nothing.
    """

    def __init__(self) -> None:
        display = import_module("IPython.display").display  # a notebook has it
        self._display = display({"text/html": ""}, raw=True, display_id=True)
        self._rows: list[Row] = []
        self._words, self._done, self._total = "", 0, 1
        self._from, self._drawn, self._before, self._epochs = time.monotonic(), 0.0, 0, 1

    def begin(self, total_steps: int, done: int, rows: Sequence[Row]) -> None:
        """See `TrainingProgress`."""
        self._rows, self._total, self._done, self._before = list(rows), total_steps, done, done
        self._from = time.monotonic()
        self._draw()

    def step(self, now: Standing) -> None:
        """See `TrainingProgress`."""
        self._done, self._epochs = now.done, math.ceil(self._total / now.epoch_steps)
        self._words = f"epoch {now.epoch + 1} · " + told(
            now.loss, now.accuracy, now.images_per_second
        )
        if time.monotonic() - self._drawn > _BETWEEN:
            self._draw()

    def epoch(self, row: Row) -> None:
        """See `TrainingProgress`."""
        self._rows.append(row)
        self._draw()

    def end(self) -> None:
        """See `TrainingProgress`."""
        self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        self._display.update({"text/html": self.html()}, raw=True)

    def html(self) -> str:
        """What is shown now."""
        words = [f"{self._done / self._total:.0%}", self._words, self._left()]
        table = ""
        if self._rows:
            lines = EpochTable(self._rows[0], self._epochs).lines(self._rows)
            table = f"<pre>{escape(chr(10).join(lines))}</pre>"
        return (
            f'<progress max="{self._total}" value="{self._done}" aria-label="training" '
            f'style="width:20em"></progress> {escape(" · ".join(filter(None, words)))}{table}'
        )

    def _left(self) -> str:
        taken = self._done - self._before
        if not taken or self._done >= self._total:
            return ""
        seconds = (self._drawn - self._from) / taken * (self._total - self._done)
        return f"{seconds / 60:.0f} min left" if seconds > 90 else f"{seconds:.0f} s left"


def shown(progress: Shown) -> dict[str, Any]:
    """`console` and `progress` of `run_training`.

    Args:
        progress: `"auto"` shows it in a notebook and on a terminal, True anywhere, False nowhere.
    """
    console = Console()
    if not progress or (progress == "auto" and not (console.is_jupyter or console.is_terminal)):
        return {}
    if console.is_jupyter:
        return {"console": console, "progress": NotebookProgress()}
    return {"console": console}
