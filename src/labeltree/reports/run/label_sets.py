"""How well all labels of an image are found, where labels do not exclude each other."""

from __future__ import annotations

from labeltree.reports.facts import KeyNumber
from labeltree.reports.record import Json
from labeltree.reports.words import decimal, known, percent, plural

SCORES = {
    "labels_per_image": ("labels of an image", False),
    "all_in_top5": ("all of them in the top 5", True),
    "any_in_top5": ("any of them in the top 5", True),
    "any_in_top1": ("any of them the surest", True),
    "map": ("mean average precision (mAP)", True),
    "example_f1": ("F1 of an image's labels", True),
    "label_f1": ("F1 of a label's images", True),
    "exact": ("answered exactly", True),
}
"""Of `label_sets` in a record: name, and whether it is a share."""


def label_set_rows(record: Json, split: str) -> list[tuple[str, str]]:
    """Name and value of each figure that was measured on a split."""
    figures = (record.get("label_sets") or {}).get(split) or {}
    return [
        (name, percent(figures[key]) if share else decimal(figures[key], 2))
        for key, (name, share) in SCORES.items()
        if known(figures.get(key))
    ]


def label_set_sentence(record: Json, split: str) -> str:
    """How many images have all that they show among the five surest labels; empty if unknown."""
    figures = _of_several(record, split)
    if not figures:
        return ""
    each = decimal(figures["labels_per_image"], 1)
    return (
        f"Of {plural(figures['images'], 'image')} with {each} labels on average, "
        f"{percent(figures['all_in_top5'])} have all of them among the five surest labels, "
        f"{percent(figures.get('any_in_top5'))} at least one."
    )


def label_set_number(record: Json, split: str) -> list[KeyNumber]:
    """The same as a number, if it is known."""
    figures = _of_several(record, split)
    if not figures:
        return []
    note = f"at least one: {percent(figures.get('any_in_top5'))}"
    return [KeyNumber(percent(figures["all_in_top5"]), "all labels in the top 5", note)]


def _of_several(record: Json, split: str) -> Json:
    """The figures, if images have several labels and it was measured; else empty."""
    figures = (record.get("label_sets") or {}).get(split) or {}
    each, found = figures.get("labels_per_image"), figures.get("all_in_top5")
    several = known(each) and each > 1
    return figures if several and known(found) and known(figures.get("images")) else {}
