"""What paper 003 says: its five tables typed from the scan, and what its text makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labeltree.studies.streaming.paper import (
    BEST,
    LOSSES,
    ROWS,
    SINGLE_LABEL,
    SINGLE_TARGET_SECONDS,
    paper_record,
)
from labeltree.studies.streaming.times import LEAST_SPEEDUP, TOTAL_SPEEDUP

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

# As printed, columns apart by bars; an empty first cell repeats the one above it.
TABLE_1 = """
SENet18|44.7%|79.7%
ResNet18|42.1%|75.8%
VGGNet16|41.3%|73.6%
"""
TABLE_2 = """
ResNet|Margin Loss|77.4%|41.1%
|Soft Margin Loss|69.3%|37.6%
SENet|Margin Loss|87.8%|44.8%
|Soft Margin Loss|64.7%|38.8%
"""
TABLE_3 = """
ResNet|Normal|77.4%|41.1%
SENet|Normal|87.8%|44.8%
|2x Expand|90.3%|45.4%
|4x Expand|89.1%|44.3%
|8x Reduction|88.6%|47.9%
|32x Reduction|86.4%|44.1%
|Sqrt Reduction|85.9%|43.6%
Inception-Resnet|48 Channel|74.2%|38.3%
|96 Channel|76.1%|41.2%
"""
TABLE_4 = """
ResNet|Normal|77.4%|56.2%|27.3%
SENet|Normal|87.8%|76.3%|69.8%
|2x Expand|90.3%|84.3%|76.7%
|4x Expand|89.1%|63.7%|92.6%
|8x Reduction|88.6%|79.6%|89.3%
|32x Reduction|86.4%|85.8%|71.9%
|Sqrt Reduction|85.9%|82.3%|71.6%
SENet|2x Expand/32x Reduce|86.8%|86.2%|75.4%
Inception-Resnet|48 Channel|74.2%|76.9%|69.2%
|96 Channel|76.1%|69.1%|74.4%
"""
TABLE_5 = """
Single Target ResNet|Normal|395.7 sec|394.3 sec
|Normal|403.7 sec|20.9 sec
SENet|Normal|417.2 sec|25.3 sec
|2x Expand|421.4 sec|26.7 sec
|4x Expand|425.6 sec|24.2 sec
|8x Reduction|408.2 sec|25.8 sec
|32x Reduction|406.4 sec|20.6 sec
|Sqrt Reduction|402.7 sec|19.7 sec
Inception-Resnet|96 Channel|587.4 sec|37.1 sec
|48 Channel|305.6 sec|16.8 sec
"""
MODELS = {
    "SENet18": "SENet", "ResNet18": "ResNet", "VGGNet16": "VGG-16",
    "Inception-Resnet": "Inception-ResNet",
}  # fmt: skip
VARIANTS = {"2x expand/32x reduce": BEST, "48 channel": "48 channels", "96 channel": "96 channels"}

Printed = dict[tuple[str, str], tuple[float, ...]]


def printed(table: str) -> Printed:
    """The numbers of each line, by model and variant (or loss); percentages as fractions."""
    found, model = {}, ""
    for line in table.strip().splitlines():
        first, *cells = line.split("|")
        model = first or model
        shares = [round(float(cell[:-1]) / 100, 3) for cell in cells if cell.endswith("%")]
        seconds = [float(cell[:-4]) for cell in cells if cell.endswith(" sec")]
        name = cells[0].lower() if len(cells) > len(shares + seconds) else ""
        found[MODELS.get(model, model), VARIANTS.get(name, name)] = (*shares, *seconds)
    return found


def test_table_1() -> None:
    assert {(model, ""): shares for model, shares in SINGLE_LABEL.items()} == printed(TABLE_1)


def test_table_2_has_top_5_first() -> None:
    told = {
        (model, loss.removesuffix(" loss")): shares[::-1]
        for (model, loss), shares in printed(TABLE_2).items()
    }
    assert told == LOSSES


def test_table_3_has_top_5_first() -> None:
    rows = {
        (row.model, row.variant): (row.base_top5, row.base_top1)
        for row in ROWS
        if row.base_top1 is not None
    }
    assert rows == printed(TABLE_3)


def test_table_4() -> None:
    rows = {
        (row.model, row.variant): (row.base_top5, row.original_top5, row.streaming_top5)
        for row in ROWS
    }
    assert rows == printed(TABLE_4)


def test_table_5_whose_row_without_a_name_is_the_resnet_with_several_labels() -> None:
    told = printed(TABLE_5.replace("\n|Normal", "\nResNet|Normal"))
    assert told.pop(("Single Target ResNet", "normal")) == SINGLE_TARGET_SECONDS
    rows = {
        (row.model, row.variant): (row.original_epoch_seconds, row.streaming_epoch_seconds)
        for row in ROWS
        if row.original_epoch_seconds is not None
    }
    assert rows == told


@pytest.mark.parametrize("table", [TABLE_1, TABLE_2, TABLE_3, TABLE_4, TABLE_5])
def test_the_tables_are_those_of_the_scan(table: str) -> None:
    scans = list(SEEDS.glob("003_*.txt"))
    if not scans:
        pytest.skip("the papers are not at hand")
    lines = re.sub(r"\t", "|", scans[0].read_text(encoding="utf-8")).splitlines()
    rows = table.strip().splitlines()
    start = lines.index(rows[0])
    assert lines[start : start + len(rows)] == rows


def test_the_text_of_section_8_3_and_its_table_disagree_about_an_epoch() -> None:
    """Around 8 times by the text; 15 epochs of 8 against 4 of 1 are its 30 times in all."""
    ratios = [
        row.original_epoch_seconds / row.streaming_epoch_seconds
        for row in ROWS
        if row.original_epoch_seconds is not None and row.streaming_epoch_seconds is not None
    ]
    assert (round(min(ratios), 1), round(max(ratios), 1)) == (15.8, 20.4)
    assert TOTAL_SPEEDUP == 15 * LEAST_SPEEDUP / 4


def test_the_record_holds_what_figures_read() -> None:
    record = paper_record()
    assert set(record) == {"table1", "table2", "rows"}
    assert record["table1"][0] == {"model": "SENet", "top1": 0.447, "top5": 0.797}
    assert record["table2"][0] == {
        "model": "ResNet",
        "loss": "margin",
        "top1": 0.411,
        "top5": 0.774,
    }
    assert record["rows"][0] == {
        "model": "ResNet", "variant": "normal", "base_top1": 0.411, "base_top5": 0.774,
        "original_top5": 0.562, "streaming_top5": 0.273, "original_epoch_seconds": 403.7,
        "streaming_epoch_seconds": 20.9,
    }  # fmt: skip
