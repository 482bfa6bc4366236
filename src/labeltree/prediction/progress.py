"""How far predictions are: a bar on a terminal, else a line now and then; on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.table import Column

from labeltree.data.bars import Bars, WithBars

_SPEED_OVER = 60.0  # seconds
_LINE_EVERY = 30.0  # seconds, where there is no terminal


class Answering(WithBars):
    """Told how many images are answered; shows images/s and the time left.

    Args:
        console: on standard error.
        total: images in all; None if that is not known.
        before: images that an earlier start answered: they say nothing about time.
        clock: in seconds.
    """

    def __init__(
        self,
        console: Console,
        total: int | None,
        before: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console, self.total, self.before, self.clock = console, total, before, clock
        self.begun = self.told = clock()
        self.bars = Bars(
            console,
            TextColumn("{task.fields[words]}"),
            BarColumn(None, table_column=Column(ratio=1)),
            over=_SPEED_OVER,
        )
        self.task = self.bars.add_task("", total=total, completed=before, words="")

    def update(self, done: int) -> None:
        """So many images are answered, those before included."""
        now = self.clock()
        speed = (done - self.before) / max(now - self.begun, 1e-9)
        words = standing(done, self.total, speed)
        if self.console.is_terminal:
            self.bars.update(self.task, completed=done, words=words)
        elif now - self.told >= _LINE_EVERY:
            self.told = now
            if self.total is not None and speed > 0:
                words += f", {_in_words((self.total - done) / speed)} left"
            self.console.print(words, highlight=False, markup=False, soft_wrap=True)


def standing(done: int, total: int | None, speed: float) -> str:
    """How far it is, in words.

    >>> standing(12_000, 100_000, 815.4), standing(12_000, None, 815.4)
    ('12,000 of 100,000 images, 815/s', '12,000 images, 815/s')
    """
    of = "" if total is None else f" of {total:,}"
    return f"{done:,}{of} images, {speed:,.{0 if speed >= 10 else 1}f}/s"


def _in_words(seconds: float) -> str:
    """A time that somebody waits.

    >>> _in_words(42), _in_words(600), _in_words(8000)
    ('42 s', '10 min', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
