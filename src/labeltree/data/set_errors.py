"""Label sets that contradict themselves, told by the place where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Collection as Nodes

import numpy as np

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


def check_sets(part: Collection) -> None:
    """See that what was sound in one tree is so in this one, under which it was moved.

    Raises:
        DataError: begins with the name of an image of which that is not so.
    """
    if part.sets is None:
        return
    kinds, first = np.unique(part.sets, axis=0, return_index=True)
    unknown = [[-2 - node for node in row if node < NONE] for row in kinds.tolist()]

    def name(kind: int) -> str:
        return part.images.name(int(first[kind]))

    sets_at(part.taxonomy, present_nodes(kinds), unknown, name)
