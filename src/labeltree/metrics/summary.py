"""All figures of one split, as a record holds them."""

from __future__ import annotations

import math
from typing import Any

from labeltree.metrics.confidence_interval import wilson_interval
from labeltree.metrics.levels import mean
from labeltree.metrics.top_k import target_ranks
from labeltree.taxonomy import Nodes, Probabilities, Taxonomy


def summary(taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes) -> dict[str, Any]:
    """The `test` or `validation` part of a record.

    Args:
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`; each level is judged by its own values.
        targets: node numbers, shape `(n,)`.

    Returns:
        `images`; `levels`, a dictionary per depth (level, depth, images that decide it, top1 with
        its 95 % Wilson interval low … high, top5); and a number per entry of `METRICS`. Shares
        are fractions; None where no image decides.
    """
    from labeltree.metrics import METRICS  # the table stands in the package, which imports this

    levels = [
        _level(taxonomy, probabilities, targets, depth) for depth in range(1, taxonomy.depth + 1)
    ]
    scalars = {
        name: _or_none(metric(taxonomy, probabilities, targets)) for name, metric in METRICS.items()
    }
    return {"images": len(targets), "levels": levels, **scalars}


def _level(
    taxonomy: Taxonomy, probabilities: Probabilities, targets: Nodes, depth: int
) -> dict[str, Any]:
    ranks = target_ranks(taxonomy, probabilities, targets, depth)
    low, high = wilson_interval(int((ranks == 0).sum()), len(ranks))
    return {
        "level": taxonomy.level_names[depth - 1],
        "depth": depth,
        "images": len(ranks),
        "top1": _or_none(mean(ranks == 0)),
        "low": low,
        "high": high,
        "top5": _or_none(mean(ranks < 5)),
    }


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
