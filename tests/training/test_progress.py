"""The line of an epoch, where the console is no terminal."""

import io
import math

import pytest
from rich.console import Console

from labeltree.training.progress import ConsoleProgress

ROW = {
    "epoch": 2, "train_loss": 0.5, "validation_loss": 0.25, "images_per_second": 1234.0,
    "validation_top1_kind": 0.75, "validation_top1_breed": 0.5, "validation_top5_breed": 0.9,
}  # fmt: skip


def line(**changes: float) -> str:
    out = io.StringIO()
    progress = ConsoleProgress(Console(file=out, width=40), epochs=3.5)
    progress.begin(8, 0)
    progress.epoch({**ROW, **changes})
    progress.end()
    return out.getvalue()


def test_the_line_of_an_epoch() -> None:
    assert line() == (
        "epoch   2 of 4  loss 0.500  validation 0.250  kind 75.0%  breed 50.0%  1,234 images/s\n"
    )


def test_all_labels_of_an_image_in_the_top_five() -> None:
    assert "breed 50.0%  all in top 5 40.0%  1,234" in line(validation_all_in_top5=0.4)


@pytest.mark.parametrize(
    "name", ["validation_loss", "validation_top1_breed", "validation_all_in_top5", "train_top1"]
)
def test_what_was_not_measured_is_not_told(name: str) -> None:
    assert "nan" not in line(**{name: math.nan})
