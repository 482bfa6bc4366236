"""What became of the old images: the table for the console, and the words of the page."""

from typing import Any

import pytest
from rich.console import Console

from labeltree.reports.run.before_after import (
    MOST_ROWS,
    before_after_number,
    before_after_sentence,
    before_after_table,
)


def accuracies(images: int, before: float, after: float, **more: Any) -> dict[str, Any]:
    return {
        **more,
        "images": images,
        "before": {"top1": before, "top5": 1.0},
        "after": {"top1": after, "top5": 0.5},
    }


RECORD: dict[str, Any] = {
    "name": "pets-extended-1",
    "original": {
        "test": accuracies(1000, 0.8, 0.75),
        "branches": [
            accuracies(400, 0.9, 0.95, path="cat"),
            accuracies(500, 0.8, 0.6, path="dog [red]"),
            {"path": "fish", "images": 0, "before": {"top1": None}, "after": {"top1": None}},
        ],
    },
}


def printed(record: dict[str, Any], width: int = 100) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(before_after_table(record))
    lines = capture.get().replace("\u202f", "").splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def test_the_branch_that_lost_most_comes_first() -> None:
    title, head, _, *rows = printed(RECORD)
    assert title == "pets-extended-1: the old test images, before and after"
    assert head.split("  ")[1:2] == ["branch"]
    assert [" ".join(row.split()) for row in rows] == [
        "all 1,000 80.0% 75.0% −5.0 100.0% 50.0% −50.0",
        "dog [red] 500 80.0% 60.0% −20.0 100.0% 50.0% −50.0",
        "fish 0 – – – – – –",
        "cat 400 90.0% 95.0% +5.0 100.0% 50.0% −50.0",
    ]
    assert max(map(len, printed(RECORD, 80))) <= 80


def test_those_beyond_twenty_are_counted() -> None:
    branches = [accuracies(9, 0.5, 0.2 + place / 50, path=f"{place:02}") for place in range(30)]
    record = {"original": {"test": accuracies(270, 0.5, 0.5), "branches": branches[::-1]}}
    rows = printed(record)
    shown = [row.split()[0] for row in rows if row.split()[0].isdecimal()]
    assert shown == [f"{place:02}" for place in range(MOST_ROWS)]
    # 0.2 + 20 / 50 is more than 0.5: none of the others fell.
    assert rows[-1].strip() == "and 10 branches more, of which 0 fell"


def test_the_words_of_the_page() -> None:
    assert before_after_sentence(RECORD).replace("\u202f", " ") == (
        "Of 1,000 old test images, 80.0 % were right before and 75.0 % are now: −5.0 points."
    )
    (number,) = before_after_number(RECORD)
    assert number.value.replace("\u202f", " ") == "75.0 %"


@pytest.mark.parametrize(
    "record",
    [{}, {"original": None}, {"original": {"test": {"images": 0, "before": {"top1": None}}}}],
)
def test_what_was_not_measured_is_not_told(record: dict[str, Any]) -> None:
    assert before_after_sentence(record) == "" and before_after_number(record) == []
    assert (before_after_table(record) is None) == (not record.get("original"))


def test_images_with_several_labels_have_a_row_of_their_own() -> None:
    before, after = ({"all_in_top5": share, "map": 0.5} for share in (0.9, 0.6))
    several = {"images": 30, "before": before, "after": after}
    test = RECORD["original"]["test"] | {"several": several}
    record = RECORD | {"original": RECORD["original"] | {"test": test}}
    _, _, _, everything, row, *_ = printed(record)
    assert everything.split()[0] == "all"
    assert " ".join(row.split()) == "several labels 30 – – – 90.0% 60.0% −30.0"
