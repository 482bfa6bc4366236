"""What a card tells of each level."""

from __future__ import annotations

from labeltree.hub.card.described import Described
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import known

_SUREST = 5


def measured_levels(model: Described, run: RunFolder) -> list[Json]:
    """The scores of the levels that images decided.

    Without `top5` where there are no more than five labels: that is always 100 %.
    """
    return [
        {**row, "top5": row.get("top5") if _more_than_five(model, row) else None}
        for row in run.levels
        if known(row.get("top1")) and row.get("images") != 0
    ]


def _more_than_five(model: Described, row: Json) -> bool:
    depth = row.get("depth")
    tree = model.taxonomy
    return depth is None or depth > tree.depth or len(tree.cut(depth)) > _SUREST
