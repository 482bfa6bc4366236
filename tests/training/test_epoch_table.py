"""The table of epochs: columns, widths, what is cut, which epoch was the best."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.training.epoch_table import EpochTable, best, best_in_words

ROW = {
    "epoch": 2, "seconds": 65.25, "train_loss": 0.5, "train_top1": 0.625, "validation_loss": 0.25,
    "images_per_second": 1234.0, "validation_top1_kind": 0.75, "validation_top1_breed": 0.5,
    "validation_top5_breed": 0.9,
}  # fmt: skip


def cells(**changes: float) -> dict[str, str]:
    row = {**ROW, **changes}
    table = EpochTable(row, 4)
    headings = table.heading.split("  ")
    values = table.line(row).split("  ")
    return dict(
        zip(
            [cell.strip() for cell in headings if cell.strip()],
            [cell.strip() for cell in values if cell.strip()],
            strict=True,
        )
    )


def test_the_columns() -> None:
    assert cells() == {
        "epoch": "2 of 4", "seconds": "65.2", "loss": "0.500", "top-1": "62.5%",
        "validation": "0.250", "kind": "75.0%", "breed": "50.0%", "images/s": "1,234",
    }  # fmt: skip


def test_all_labels_of_an_image_in_the_top_five() -> None:
    assert cells(validation_all_in_top5=0.4)["all in top 5"] == "40.0%"


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("validation_loss", "validation"),
        ("validation_top1_breed", "breed"),
        ("validation_all_in_top5", "all in top 5"),
        ("train_top1", "top-1"),
    ],
)
def test_what_was_not_measured_has_no_column(name: str, heading: str) -> None:
    assert heading not in cells(**{name: math.nan})
    later = EpochTable({**ROW, name: 0.5}, 4).line({**ROW, name: math.nan})
    assert "nan" not in later and "–" in later


def test_the_coarsest_levels_give_way() -> None:
    row = {**ROW, **{f"validation_top1_level {i}": 0.5 for i in range(9)}}
    narrow = EpochTable(row, 25, width=80)
    assert "level 8" in narrow.heading and "kind" not in narrow.heading
    assert len(narrow.heading) <= 80
    assert "kind" in EpochTable(row, 25).heading


@given(
    epochs=st.integers(1, 300),
    seconds=st.floats(0, 99_999),
    loss=st.floats(0, 99),
    share=st.floats(0, 1),
    speed=st.floats(0, 999_999),
)
def test_lines_are_as_wide_as_the_heading_and_fit_on_a_terminal(
    epochs: int, seconds: float, loss: float, share: float, speed: float
) -> None:
    table = EpochTable({**ROW, "validation_top1_an unusually long name": 0.5}, epochs, width=80)
    row = {
        "epoch": epochs, "seconds": seconds, "train_loss": loss, "train_top1": share,
        "validation_loss": loss, "images_per_second": speed,
        "validation_top1_an unusually long name": share,
    }  # fmt: skip
    line = table.line(row)
    # Long ones push what follows to the right by a character or two, no further.
    assert len(table.heading) <= len(line) <= 80


def rows(*accuracies: float) -> list[dict[str, float]]:
    return [
        {**ROW, "epoch": number, "validation_top1_breed": accuracy}
        for number, accuracy in enumerate(accuracies, 1)
    ]


def numbers(lines: list[str]) -> list[str]:
    return [line.split(" of ")[0].strip() for line in lines[1:]]


def test_short_tables_are_whole_and_long_ones_are_cut() -> None:
    table = EpochTable(ROW, 30)
    assert numbers(table.lines(rows(*[0.5] * 20))) == [str(n) for n in range(1, 21)]
    thirty = [0.5] * 30
    thirty[9] = 0.6
    kept = ["1", "…", "10", "…", "26", "27", "28", "29", "30"]
    assert numbers(table.lines(rows(*thirty))) == kept
    assert numbers(table.lines(rows(*[0.5] * 30))) == ["1", "…", "26", "27", "28", "29", "30"]


def test_the_best_epoch() -> None:
    assert best(rows(0.2, 0.9, 0.9, 0.3)) == 1
    by_loss = [{"epoch": n, "validation_loss": loss} for n, loss in enumerate((3.0, 1.0, 2.0), 1)]
    assert best(by_loss) == 1
    assert best_in_words(by_loss) == (
        "epoch 2: validation loss 1.000, in the last epoch, whose network is kept, 2.000"
    )
    untold = [{**row, "validation_loss": math.nan, "train_loss": 1.0} for row in by_loss]
    assert best(untold) == 0
    assert best_in_words(rows(0.2, 0.9)) is None
    assert best_in_words(rows(0.9, 0.9)) is None
