"""The records of a method's parts, and what the record of the whole tells of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labeltree.errors import ModelFolderError
from labeltree.runs.jobs import Job
from labeltree.runs.part_tasks import Task
from labeltree.runs.results import RECORD

SUMMED = ("steps", "images_seen", "seconds")
"""Figures of `training` that add up."""

PART_REMEDY = "remove that folder and add --resume to train it again"


def read_part_record(folder: Path) -> dict[str, Any]:
    """The record of a finished part.

    Raises:
        ModelFolderError: it is damaged.
    """
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{folder / RECORD} is damaged ({error}); {PART_REMEDY}") from None
    if not isinstance(record, dict) or not record.keys() >= {"data", "model", "training"}:
        raise ModelFolderError(f"{folder / RECORD} is not the record of a training; {PART_REMEDY}")
    return record


def accuracies(job: Job) -> str:
    """What a finished network reached on the test images of its part."""
    levels = read_part_record(job.folder)["test_before_decoding"]["levels"]
    known = [level for level in levels if level["top1"] is not None]
    return "  ".join(f"{level['level']} {level['top1']:.1%}" for level in known)


def part_record(task: Task, record: dict[str, Any]) -> dict[str, Any]:
    """What the record of the whole tells of a part."""
    return {
        "name": task.part.name,
        "branch": task.part.scope.branch,
        "classes": task.tree.num_leaves,
        "images": task.num_images,
        "parameters": record["model"]["parameters"],
        **{key: record["training"][key] for key in (*SUMMED, "seconds_in_all")},
    }
