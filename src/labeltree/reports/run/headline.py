"""What a run comes to, in the few numbers and sentences that matter."""

from __future__ import annotations

import numpy as np

from labeltree.reports.facts import KeyNumber
from labeltree.reports.record import Json
from labeltree.reports.run.before_after import before_after_number, before_after_sentence
from labeltree.reports.run.figures.back_off import back_off_sentence
from labeltree.reports.run.figures.reliability import reliability_sentence
from labeltree.reports.run.folder import RunFolder, level_told
from labeltree.reports.run.label_sets import label_set_number, label_set_sentence
from labeltree.reports.words import (
    count,
    decimal,
    duration,
    known,
    level_noun,
    listed,
    percent,
    plural,
)

MOST_LEVELS = 3  # as numbers; the figure shows them all


def title(run: RunFolder) -> str:
    """The run's own name, else its folder's."""
    return str(run.record.get("name") or run.path.resolve().name)


def subtitle(run: RunFolder) -> str:
    """What was trained on what, and when."""
    model, data = run.record.get("model") or {}, run.record.get("data") or {}
    parameters = model.get("parameters")
    parts = [
        str(model.get("method") or ""),
        str(model.get("backbone") or ""),
        f"{count(parameters)} parameters" if known(parameters) else "",
        str(data.get("source") or ""),
        plural(data["classes"], "class", "classes") if known(data.get("classes")) else "",
        str(run.record.get("date") or "")[:10],
    ]
    return " · ".join(part for part in parts if part)


def sentences(run: RunFolder) -> list[str]:
    """The result in words, as far as it was measured."""
    return [
        sentence
        for sentence in (
            _accuracy_sentence(run),
            label_set_sentence(run.record, run.split),
            before_after_sentence(run.record),
            back_off_sentence(run.record.get("back_off") or {}),
            _mistakes_sentence(run),
            reliability_sentence(run),
        )
        if sentence
    ]


def _accuracy_sentence(run: RunFolder) -> str:
    rows = [row for row in run.levels if known(row.get("top1"))]
    if not rows:
        return ""
    images = run.scores.get("images")
    shown = plural(images, f"{run.split} image") if known(images) else f"{run.split} images"
    if told := level_told(run.record):
        shown += f" with the {level_noun(str(told.get('level', '')))} given"
    elif len(run.levels) == 1:
        return f"Of {shown}, {percent(rows[0]['top1'])} get the right class."
    parts = [
        f"{percent(row['top1'])} the right {level_noun(str(row.get('level', '')))}"
        f"{_of_how_many(row, images)}"
        for row in rows
    ]
    return f"Of {shown}, {listed(parts).replace(' the', ' get the', 1)}."


def _of_how_many(row: Json, images: float | None) -> str:
    """How many images have a label at a level, if not all of them."""
    decided = row.get("images")
    fewer = known(decided) and known(images) and decided < images
    return f" (of {count(decided)} that have one)" if fewer else ""


def _mistakes_sentence(run: RunFolder) -> str:
    """How near the mistakes are: the share that stays under the right parent."""
    predictions = run.predictions
    if predictions is None or predictions.taxonomy.depth < 2:
        return ""
    tree = predictions.taxonomy
    wrong = predictions.wrong & tree.is_leaf[predictions.targets]  # a broader label says too little
    if not wrong.any():
        return ""
    parents = tree.parents[predictions.targets[wrong]]
    near = tree.is_at_or_below(predictions.answers[wrong], parents) & (parents > 0)
    share = percent(float(np.mean(near)), 0)
    return f"Of its mistakes, {share} are near misses: a label under the same parent."


def key_numbers(run: RunFolder) -> list[KeyNumber]:
    """The numbers that stand above the figures, the deepest level first."""
    found = []
    for row in run.levels[::-1][:MOST_LEVELS]:
        if known(row.get("top1")):
            what = level_noun(str(row.get("level", ""))) if len(run.levels) > 1 else "class"
            interval = f"95 % interval {_span(row)}" if known(row.get("low")) else ""
            found.append(KeyNumber(percent(row["top1"]), f"right {what}", interval))
    found += label_set_number(run.record, run.split)
    found += before_after_number(run.record)
    back_off = run.record.get("back_off") or {}
    if known(back_off.get("accuracy")):
        share = back_off.get("leaf_share")
        note = f"{percent(share, 0)} of answers are leaves" if known(share) else ""
        found.append(KeyNumber(percent(back_off["accuracy"]), "right with back-off", note))
    if known(ece := run.scores.get("ece")):
        found.append(KeyNumber(percent(ece), "calibration error", "0 % is perfect"))
    training = run.record.get("training") or {}
    if known(training.get("seconds")):
        epochs = training.get("epochs")
        note = plural(epochs, "epoch") if known(epochs) else ""
        found.append(KeyNumber(duration(training["seconds"]), "training time", note))
    return found


def _span(row: dict) -> str:
    return f"{decimal(100 * row['low'], 1)}–{percent(row.get('high'))}"
