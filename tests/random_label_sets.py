"""Made-up label sets in any tree: `from random_label_sets import random_label_sets`."""

from __future__ import annotations

import numpy as np

from labeltree.taxonomy import Taxonomy


def random_label_sets(
    taxonomy: Taxonomy, generator: np.random.Generator, number: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Up to three nodes that are present and up to two that were not annotated, for each image.

    None that is present lies above another; those that were not annotated may be anywhere else.
    """
    present: list[list[int]] = []
    unknown: list[list[int]] = []
    for _ in range(number):
        nodes = generator.permutation(taxonomy.num_nodes).tolist()
        shown: list[int] = []
        for node in nodes[: generator.integers(1, 4)]:
            meet = taxonomy.lowest_common_ancestor(np.array(node), np.array(shown, dtype=int))
            if not (np.isin(meet, shown) | (meet == node)).any():
                shown.append(node)
        others = [node for node in nodes if node not in shown]
        present.append(shown)
        unknown.append(others[-int(generator.integers(1, 3)) :] if generator.random() < 0.5 else [])
    return present, unknown
