"""How often a model is right, and whether its probabilities can be believed."""

from __future__ import annotations

from labeltree.hub.card.described import Described
from labeltree.hub.card.escaping import shown, table
from labeltree.hub.card.levels import measured_levels
from labeltree.reports.record import Json
from labeltree.reports.run.before_after import before_after_sentence
from labeltree.reports.run.facts import SCORES
from labeltree.reports.run.figures.reliability import reliability_sentence
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.label_sets import label_set_rows, label_set_sentence
from labeltree.reports.words import count, decimal, known, percent, plural


def how_often(model: Described, run: RunFolder) -> list[str]:
    """Each level with its interval; then the scores of the whole tree."""
    levels = _levels(measured_levels(model, run))
    parts = [
        [_measured_on(run)] if levels else [],
        levels,
        _others(run),
        [shown(said)] if (said := label_set_sentence(run.record, run.split)) else [],
        _label_sets(run),
        [shown(said)] if (said := before_after_sentence(run.record)) else [],
    ]
    return _apart(parts)


def _levels(measured: list[Json]) -> list[str]:
    """A line for each; a column for the five surest only if a level has one."""
    if not measured:
        return []
    five = any(known(row["top5"]) for row in measured)
    rows = [
        (
            shown(str(row.get("level", ""))),
            percent(row["top1"]),
            f"{percent(row.get('low'))} – {percent(row.get('high'))}",
            *([percent(row["top5"])] if five else []),
            count(row.get("images")),
        )
        for row in measured
    ]
    surest = ["among the five surest"] if five else []
    return table(("level", "right", "95 % interval", *surest, "images"), rows)


def how_sure(run: RunFolder) -> list[str]:
    """The promise of the back-off and what became of it; calibration."""
    calibrated = reliability_sentence(run)
    return _apart([_promise(run), [shown(calibrated)] if calibrated else []])


def _measured_on(run: RunFolder) -> str:
    images = run.scores.get("images")
    which = plural(images, f"{run.split} image") if known(images) else f"{run.split} images"
    learned = "" if run.split == "test" else ", which also chose its settings"
    return f"The most probable label of each level, on {which}{learned}:"


def _others(run: RunFolder) -> list[str]:
    rows = [
        (name, percent(run.scores[key]) if share else decimal(run.scores[key]), meaning)
        for key, (name, meaning, share) in SCORES.items()
        if known(run.scores.get(key))
    ]
    if not rows:
        return []
    lines = table(("score", "value", "what it is"), rows)
    return [lines[0], "| --- | ---: | --- |", *lines[2:]]


def _label_sets(run: RunFolder) -> list[str]:
    rows = label_set_rows(run.record, run.split)
    return table(("of all labels of a picture", "value"), rows) if rows else []


def _promise(run: RunFolder) -> list[str]:
    """What was asked of the back-off, what it reached, and how narrow its answers are then."""
    chosen = run.record.get("back_off") or {}
    right, target = chosen.get("accuracy"), chosen.get("target_accuracy")
    if not known(right):
        return []
    images = run.scores.get("images")
    which = plural(images, f"{run.split} image") if known(images) else f"{run.split} images"
    if known(target):
        short = decimal(100 * (target - right), 1)
        reached = (
            f"It answers as narrowly as it can while **{percent(target, 0)}** of its answers are "
            f"to be right. On {which} **{percent(right)}** were"
            + (f", {short} points short of that" if right < target else "")
            + "."
        )
    else:
        reached = f"Backing off when unsure, {percent(right)} of its answers on {which} are right."
    narrow = []
    if known(leaf := chosen.get("leaf_share")):
        narrow.append(f"{percent(leaf)} of these answers name a class, the others a broader label")
    if known(deep := chosen.get("mean_depth")):
        levels = len(run.scores.get("levels") or [])
        of = f" of {levels} levels" if levels else ""
        narrow.append(f"on average they are {decimal(deep, 2)}{of} deep")
    said = f" {'; '.join(narrow)}." if narrow else ""
    return [
        f"{reached}{said} An answer that names no label at all, because not even a broad one is "
        "sure enough, counts as right. `--target-accuracy` asks for another share; 0 always names "
        "a class."
    ]


def _apart(parts: list[list[str]]) -> list[str]:
    """The parts that are there, an empty line between them."""
    lines: list[str] = []
    for part in filter(None, parts):
        lines += ["", *part] if lines else part
    return lines
