"""The YAML on top of a card: what the hub files a model under.

Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

import re

from labeltree.hub.card.described import Described
from labeltree.hub.card.levels import measured_levels
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import known, printable

TASK = "image-classification"


def header(model: Described, run: RunFolder | None) -> str:
    """The lines between the two `---`; `model-index` has the figures, as fractions."""
    from huggingface_hub import EvalResult, ModelCardData

    figures = [] if run is None else _figures(model, run)
    source = "" if run is None else _source(run)
    results = [
        EvalResult(
            task_type=TASK,
            dataset_type=re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-") or "images",
            dataset_name=source,
            dataset_split=run.split,
            metric_type=kind,
            metric_name=name,
            metric_value=round(value, 4),
        )
        for kind, name, value in figures
        if run is not None and source
    ]
    data = ModelCardData(
        license=model.licence,
        library_name="labeltree",
        pipeline_tag=TASK,
        tags=["labeltree", TASK, "hierarchical-classification"],
        metrics=["accuracy"] if results else None,
        model_name=model.name if results else None,
        eval_results=results or None,
    )
    return str(data.to_yaml())


def _source(run: RunFolder) -> str:
    return printable(str((run.record.get("data") or {}).get("source") or ""))


def _figures(model: Described, run: RunFolder) -> list[tuple[str, str, float]]:
    """Kind, name and value of what was measured."""
    found = []
    for row in measured_levels(model, run):
        level = printable(str(row.get("level", "")))
        for key, name in (("top1", "top-1 accuracy"), ("top5", "top-5 accuracy")):
            if known(row[key]):
                found.append(("accuracy", f"{name}, {level}", row[key]))
    if known(fpa := run.scores.get("fpa")):
        found.append(("accuracy", "full-path accuracy", fpa))
    if known(f1 := run.scores.get("hierarchical_f1")):
        found.append(("f1", "hierarchical F1", f1))
    if known(ece := run.scores.get("ece")):
        found.append(("ece", "expected calibration error", ece))
    return found
