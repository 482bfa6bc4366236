"""Matrices as the page's script reads them: each taxonomy once, numbers as short as can be."""

from __future__ import annotations

from typing import Any

import numpy as np

from labeltree.reports.charts import ConfusionMatrices
from labeltree.reports.confusion.drawn import DrawnMatrix, drawn
from labeltree.reports.confusion.tree import ClassTree


def page_data(chart: ConfusionMatrices) -> dict[str, Any]:
    """A chart as JSON.

    A cell's code is its truth times the number of classes plus its answer; codes rise, and `steps`
    are the differences between them, from 0 on.
    """
    shown = drawn(chart)
    return {
        "filters": list(chart.filters),
        "trees": [
            {"names": list(tree.names), "depths": list(tree.depths), "remark": remark}
            for tree, remark in zip(shown.trees, shown.remarks, strict=True)
        ],
        "matrices": [_matrix(one, shown.trees[one.tree]) for one in shown.matrices],
    }


def _matrix(one: DrawnMatrix, tree: ClassTree) -> dict[str, Any]:
    codes = one.truths * len(tree.leaves) + one.answers
    return {
        "keys": list(one.keys),
        "tree": one.tree,
        "steps": np.diff(codes, prepend=0).tolist(),
        "images": one.images.tolist(),
    }
