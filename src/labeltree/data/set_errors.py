"""Label sets that contradict themselves, told by the place where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Collection as Nodes

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.errors import DataError, TaxonomyError
from labeltree.taxonomy.label_sets import NONE, LabelSets, make_label_sets, present_nodes
from labeltree.taxonomy.tree import Taxonomy


def sets_at(
    taxonomy: Taxonomy,
    present: Sequence[Nodes[int]],
    unknown: Sequence[Nodes[int]],
    where: Callable[[int], str],
) -> LabelSets:
    """`make_label_sets`, with an error that tells the place of the set instead of its number.

    Raises:
        DataError: begins with `where(number)`.
    """
    try:
        return make_label_sets(taxonomy, present, unknown)
    except TaxonomyError as error:
        told = re.fullmatch(r"label set (\d+): (.+)", str(error))
        assert told is not None
        raise DataError(f"{where(int(told[1]))}: bad label set: {told[2]}") from None


def check_sets(part: Collection, taxonomy: Taxonomy, numbers: NDArray[np.int64]) -> None:
    """See that what is sound in one tree will be so in another, and two labels not become one.

    Args:
        part: in the old tree.
        taxonomy: the other tree.
        numbers: the number in it of each node of the old one that a label names.

    Raises:
        DataError: begins with the name of an image of which that is not so.
    """
    if part.sets is None:
        return
    kinds, first = np.unique(part.sets, axis=0, return_index=True)
    present = [[int(numbers[node]) for node in row] for row in present_nodes(kinds)]
    unknown = [[int(numbers[-2 - node]) for node in row if node < NONE] for row in kinds.tolist()]

    def name(kind: int) -> str:
        return part.images.name(int(first[kind]))

    sets_at(taxonomy, present, unknown, name)
