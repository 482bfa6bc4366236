"""How well all that an image shows is found, where labels do not exclude each other."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from labeltree.reports import shapes
from labeltree.reports.charts import Axis, Bars, BarSeries, Figure, Shape, Table
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.run.label_sets import SCORES
from labeltree.reports.shapes import Part
from labeltree.reports.words import count, decimal, known, listed, percent, plural

# In the order of the figure: what is ranked, then what is answered.
NAMES = {
    "any_in_top1": SCORES["any_in_top1"][0],
    "any_in_top5": SCORES["any_in_top5"][0],
    "all_in_top1": "all of them the surest",
    "all_in_top5": SCORES["all_in_top5"][0],
    "map": SCORES["map"][0],
    "example_f1": SCORES["example_f1"][0],
    "label_f1": SCORES["label_f1"][0],
    "micro_f1": "F1 of all labels together",
    "exact": SCORES["exact"][0],
}
# Of a split: its name, and how it is drawn.
SPLITS: dict[str, tuple[str, str, Literal["bar"] | Shape]] = {
    "test": ("test images", "series-1", "bar"),
    "validation": ("validation images", "series-3", "circle"),
    "test_before": ("test images, before these labels were learned", "series-2", "diamond"),
}
EACH = "labels_per_image"
TOLD = {
    "all_in_top5": "have all of them among the five surest",
    "exact": "are answered with exactly them",
}


class _Record(Part):
    label_sets: dict[str, Json | None] = Field(default_factory=dict)


def label_sets(run: RunFolder) -> Figure | None:
    """Bars for each measure; None for a method whose labels exclude each other."""
    found = shapes.parse(_Record, run.record, "the run", "Run again what made it").label_sets
    splits = {split: figures for split in SPLITS if _measured(figures := found.get(split) or {})}
    if not splits:
        return None
    keys = [key for key in NAMES if any(known(figures.get(key)) for figures in splits.values())]
    if all(figures.get(EACH) == 1 for figures in splits.values()):
        keys = [key for key in keys if not key.startswith("any_")]  # the same as all
    lead = _lead(splits)
    return Figure(
        name="label_sets",
        title="How well it finds all that an image shows",
        lead=lead,
        alt=f"Bars: measures of answers that are sets of labels. {lead}",
        panels=(
            Bars(
                categories=tuple(NAMES[key] for key in keys),
                series=tuple(
                    BarSeries(name, _values(splits[split], keys), role, shape=shape)
                    for split, (name, role, shape) in SPLITS.items()
                    if split in splits
                ),
                axis=Axis("share", 0, 1, percent=True),
            ),
        ),
        table=_table(splits, keys),
        note="“Them” are the labels of an image. The upper measures rank the labels by how surely "
        "they are present, the lower ones judge the answer, which may be one label or several. "
        "Of several labels, not all can be the surest.",
    )


def _measured(figures: Json) -> bool:
    return any(known(figures.get(key)) for key in NAMES)


def _values(figures: Json, keys: list[str]) -> tuple[float, ...]:
    return tuple(value if known(value := figures.get(key)) else math.nan for key in keys)


def _lead(splits: dict[str, Json]) -> str:
    """What the most telling split says: all labels among the five surest."""
    split, figures = next(iter(splits.items()))
    name, _, _ = SPLITS[split]
    images = f"{count(figures['images'])} {name}" if known(figures.get("images")) else name
    each = figures.get(EACH)
    labels = f" ({plural(each, 'label')} each)" if known(each) and each == round(each) else ""
    if known(each) and each != round(each):
        labels = f" ({decimal(each, 2)} labels on average)"
    parts = [
        f"{percent(figures[key])} {words}" for key, words in TOLD.items() if known(figures.get(key))
    ]
    return f"Of {images}{labels}, {listed(parts)}." if parts else f"Measured on {images}{labels}."


def _table(splits: dict[str, Json], keys: list[str]) -> Table:
    rows = [
        ("images", *(count(figures.get("images")) for figures in splits.values())),
        ("labels of an image", *(decimal(figures.get(EACH), 2) for figures in splits.values())),
        *(
            (NAMES[key], *(percent(figures.get(key)) for figures in splits.values()))
            for key in keys
        ),
    ]
    return Table(("measure", *(SPLITS[split][0] for split in splits)), tuple(rows))
