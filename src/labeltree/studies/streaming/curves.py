"""Accuracy of the bases after every epoch (figure 6)."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from typing import Any

from labeltree.errors import ModelFolderError
from labeltree.studies.members import TrainedMember
from labeltree.training.logs import FILE_NAME


def curves(members: Sequence[TrainedMember]) -> list[dict[str, Any]]:
    """For the record: a row per epoch of each base.

    Raises:
        ModelFolderError: a member's table of epochs is missing or damaged.
    """
    return [
        {
            **{key: member.labels[key] for key in ("model", "variant", "loss", "seed")},
            "epochs": _epochs(member),
        }
        for member in members
        if not {"protection", "retrained"} & member.labels.keys()
    ]


def _epochs(member: TrainedMember) -> list[dict[str, float | None]]:
    leaf = member.record["test_before_decoding"]["levels"][-1]["level"]
    columns = {
        "epoch": "epoch",
        "train_loss": "train_loss",
        "train_top1": "train_top1",
        "validation_top1": f"validation_top1_{leaf}",
        "validation_top5": f"validation_top5_{leaf}",
    }
    path = member.folder / FILE_NAME
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {name: _number(row[column]) for name, column in columns.items()}
                for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, KeyError, TypeError) as error:  # the last: half a line
        raise ModelFolderError(f"{path} is missing or damaged ({error}); {member.remedy}") from None


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
