"""Whether numbers can be probabilities; what cannot is named by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import DataError
from labeltree.taxonomy import Nodes, Taxonomy

TOLERANCE = 1e-3
"""How far a sum may be from 1, and a value above 1: 1,000 classes in half precision stay within."""

LOGITS = "if these are logits, take the softmax first"


def check_values(path: Path, columns: Sequence[str], values: NDArray[np.float32]) -> None:
    """Raise DataError unless all values are finite and lie between 0 and 1."""
    highest = np.float32(1 + TOLERANCE)
    if not values.size or (values.min() >= 0 and values.max() <= highest):  # NaN fails, too
        return
    wrong = ~((values >= 0) & (values <= highest))
    row, column = (int(place) for place in np.argwhere(wrong)[0])
    value = values[row, column]
    if not np.isfinite(value):
        reason = f"{value} is no probability; leave the row out or predict it again"
    else:
        reason = f"{value:.6g} is {'negative' if value < 0 else 'above 1'}; {LOGITS}"
    more = np.count_nonzero(wrong) - 1
    others = f" ({more:,} more such values)" if more else ""
    raise DataError(f"{path}: row {row}, column {columns[column]!r}: {reason}{others}")


def check_sums(
    path: Path, taxonomy: Taxonomy, probabilities: NDArray[np.float32], depths: Sequence[int]
) -> None:
    """Raise DataError unless the labels of each level share a probability of 1.

    Args:
        path: of the file, for messages.
        taxonomy: the tree.
        probabilities: shape `(n, num_nodes)`.
        depths: the levels that stand in the file. A level is judged with the leaves above it.
    """
    for depth in depths:
        cut = taxonomy.cut(depth)
        sums = probabilities[:, _compact(cut)].sum(axis=1, dtype=np.float64)
        wrong = np.flatnonzero(~(np.abs(sums - 1) <= TOLERANCE))
        if len(wrong):
            row = int(wrong[0])
            above = len(taxonomy.leaves_above(depth))
            also = f" with the {above} leaves above it" if above else ""
            raise DataError(
                f"{path}: row {row}, level {taxonomy.level_names[depth - 1]!r}{also} "
                f"({len(cut)} columns, {taxonomy.paths[cut[0]]!r} … {taxonomy.paths[cut[-1]]!r}): "
                f"sums to {sums[row]:.6g}, expected 1 within {TOLERANCE:g} ({len(wrong):,} of "
                f"{len(sums):,} rows are off); if labels do not exclude each other, say so "
                "(--not-exclusive)"
            )


def _compact(nodes: Nodes) -> slice | Nodes:
    """A slice where the nodes are neighbours: nothing is copied."""
    first, last = int(nodes[0]), int(nodes[-1])
    return slice(first, last + 1) if last - first + 1 == len(nodes) else nodes
