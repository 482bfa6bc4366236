"""Table 1 as the paper has it, to stand beside the measured one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labeltree.reports.words import percent
from labeltree.studies.architectures.paper import DATA, NETWORKS, TABLE_1

Row = Mapping[str, Any]


def with_paper(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with the paper's figures; None for networks and data that it does not have."""
    found = []
    for row in rows:
        top1, top5 = TABLE_1.get((row["dataset"], row["model"]), (None, None))
        found.append({**row, "paper_top1": top1, "paper_top5": top5})
    return found


def paper_tables(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For the record: the paper's table, of the data sets that are in the study; none without."""
    studied = {row["dataset"] for row in rows}
    lines = [
        [title, name, *(percent(TABLE_1[data, model][place], 2) for model in NETWORKS)]
        for data, title in DATA.items()
        if data in studied
        for place, name in enumerate(("top-1", "top-5"))
    ]
    if not lines:
        return []
    return [
        {
            "name": "paper",
            "title": "The paper's own figures",
            "lead": "Table 1: full images, 6 epochs on MNIST, 25 on CIFAR-10 and 30 on "
            "Tiny-ImageNet, one training each.",
            "columns": ["data", "accuracy", *(one.title for one in NETWORKS.values())],
            "text_columns": 2,
            "rows": lines,
            "note": "On the official test images (of Tiny-ImageNet the validation images), which "
            "the paper calls the validation set.",
        }
    ]
