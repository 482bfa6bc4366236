"""The records of a method's parts, and what the record of the whole tells of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.costs import Cost
from labeltree.errors import ModelFolderError
from labeltree.recipes import Recipe
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
        "group": task.part.group,
        "backbone": task.recipe.backbone,
        "classes": task.tree.num_leaves - task.part.scope.rest,
        "images": record["data"]["train"],
        "parameters": record["model"]["parameters"],
        **{key: record["training"][key] for key in (*SUMMED, "seconds_in_all")},
        **({"division": record["data"]["division"]} if "division" in record["data"] else {}),
    }


def cost_of_parts(records: Sequence[dict[str, Any]]) -> Cost:
    """What training the parts cost: seconds add up, of their peaks of memory the highest counts.

    What one of them does not tell (an earlier version of labeltree trained it) is not known of the
    whole.
    """
    costs = [record.get("cost") or {} for record in records]
    seconds, peaks = _told(costs, "seconds_per_epoch"), _told(costs, "peak_memory_mb")
    places = {one.get("memory_of") for one in costs}
    return Cost(
        seconds_per_epoch=sum(seconds) if seconds else None,
        peak_memory_mb=max(peaks, default=None),
        memory_of=places.pop() if len(places) == 1 else None,
    )


def _told(costs: Sequence[dict[str, Any]], key: str) -> list[float]:
    """What all of them tell; nothing if one does not."""
    values = [one.get(key) for one in costs]
    return [] if None in values else [float(value) for value in values if value is not None]


def figures_of_parts(
    recipe: Recipe, records: Sequence[dict[str, Any]], at_once: int
) -> dict[str, Any]:
    """`training` of the record of the whole: sums over the networks."""
    trained = [record["training"] for record in records]
    sums = {key: sum(one[key] for one in trained) for key in SUMMED}
    busy = sum(one["images_seen"] / one["images_per_second"] for one in trained)  # not rounded
    return {
        "epochs": recipe.training.epochs,
        "networks": len(records),
        **sums,
        "seconds": round(sums["seconds"], 1),
        "images_per_second": round(sums["images_seen"] / busy, 1),
        "processes": at_once,
        "device": trained[0]["device"],
    }
