"""Bars of any width end with the time left."""

import io
import re

import pytest
from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.table import Column

from labeltree.data.bars import Bars


@pytest.mark.parametrize("width", [30, 40, 59, 60, 120])
def test_the_time_left_is_never_cut(width: int) -> None:
    now = 0.0
    console = Console(width=width, height=9, file=io.StringIO(), force_terminal=True)
    bar = BarColumn(None, table_column=Column(ratio=1))
    bars = Bars(console, TextColumn("{task.description}"), bar, over=60)
    bars.get_time = lambda: now
    task = bars.add_task("600,000 of 1,000,000 images, 6,667/s", total=100)
    for done in (1, 2, 3):
        now += 10
        bars.update(task, completed=done)
    with console.capture() as shown:
        console.print(bars.get_renderable())
    line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.get()).rstrip("\n")
    assert len(line) == width and line.endswith(" 0:16:10 left")
    assert ("━" in line) == (width >= 60)
    assert line.startswith("600,000 of 1,0")
