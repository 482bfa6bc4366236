"""The scores and costs of one record, for the console."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from labeltree.reports.costs import cost_rows
from labeltree.reports.record import Json
from labeltree.reports.run.facts import SCORES
from labeltree.reports.run.folder import level_told, split_shown
from labeltree.reports.run.label_sets import label_set_rows
from labeltree.reports.words import count, decimal, known, percent


def results_table(record: Json) -> Table:
    """Levels with their accuracy and 95 % interval, then the scores of the whole, then its costs.

    Where labels do not exclude each other, also how well all of an image's labels are found.

    Args:
        record: the content of `record.json`; what it does not hold is left out.
    """
    split = split_shown(record)
    scores = record.get(split) or {}
    images = f"{count(scores['images'])} {split} images" if known(scores.get("images")) else split
    if told := level_told(record):
        images += f", {told.get('level', '')} given"
    title = f"{record.get('name', '')}: {images}" if record.get("name") else images
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("level")
    for head in ("top-1", "95 % interval", "top-5", "images"):
        table.add_column(head, justify="right")
    for row in scores.get("levels") or []:
        if row.get("images") == 0:
            continue  # no label is so deep: images of several, with little in common
        table.add_row(
            Text(str(row.get("level", ""))),
            percent(row.get("top1")),
            f"{percent(row.get('low'))} – {percent(row.get('high'))}",
            percent(row.get("top5")),
            count(row.get("images")),
        )
    table.add_section()
    for cells in _scalars(record, scores):
        table.add_row(*cells)
    table.add_section()
    for cells in label_set_rows(record, split):
        table.add_row(*cells)
    if costs := cost_rows(record.get("cost")):
        table.add_section()
        for cost in costs:
            table.add_row(cost.name, cost.value, cost.note)
    return table


def _scalars(record: Json, scores: Json) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (name, percent(scores[key]) if share else decimal(scores[key]))
        for key, (name, _, share) in SCORES.items()
        if known(scores.get(key))
    ]
    back_off = record.get("back_off") or {}
    if known(back_off.get("accuracy")):
        target = back_off.get("target_accuracy")
        aim = f"target {percent(target, 0)}" if known(target) else ""
        rows.append(("right with back-off", percent(back_off["accuracy"]), aim))
        rows.append(("answered with a leaf then", percent(back_off.get("leaf_share"))))
    return rows
