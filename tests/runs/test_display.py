"""Several trainings on one display."""

import io
import math
import re

from rich.console import Console

from labeltree.runs.display import Display


def shown(display: Display, width: int = 80) -> list[str]:
    console = Console(width=width, height=30, file=io.StringIO(), force_terminal=True)
    with console.capture() as captured:
        console.print(display.bars.get_renderable())
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", captured.get()).splitlines()


def test_a_line_for_each_training() -> None:
    out = io.StringIO()
    display = Display(Console(file=out, width=80, force_terminal=True), "members", 3, 1)
    display.update("cifar10 resnet50", 30, 100, 0.5, 0.954, 1234.5)
    display.update("mnist torchvision:inception_v3+aux+fc1000 seed 1", 1, 100, 0.5, math.nan, 1.25)
    whole, first, second = shown(display)
    assert whole.startswith("members ")
    assert first.startswith("cifar10 resnet50 ")
    assert "loss 0.500 · 95.4% · 1,234 images/s" in first and "left" in first
    assert second.startswith("mnist torchvision:") and "…" in second
    assert "loss 0.500 · 1.2 images/s" in second
    assert max(map(len, shown(display))) <= 80
    display.finish("cifar10 resnet50", 12.34, "class 95.4%")
    assert len(shown(display)) == 2
    assert "  2 of 3  cifar10 resnet50  12.3 min  class 95.4%\n" in out.getvalue()
