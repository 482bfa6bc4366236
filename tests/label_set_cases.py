"""Random label sets and scores of leaves, for tests of metrics and decoding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import taxonomies

from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import make_label_sets


@dataclass(frozen=True)
class LabelSetCase:
    """Scores `(n, num_leaves)` with many ties, and what is known of each image, as node numbers."""

    tree: Taxonomy
    scores: NDArray[np.floating]
    present: list[list[int]]
    unknown: list[list[int]]

    @property
    def sets(self) -> NDArray[np.int64]:
        return make_label_sets(self.tree, self.present, self.unknown)

    def below(self, node: int) -> list[int]:
        """Places of the leaves at or below a node, by its path alone."""
        path = self.tree.paths[node]
        return [
            place
            for place, leaf in enumerate(self.tree.leaves.tolist())
            if not path or f"{self.tree.paths[leaf]}/".startswith(f"{path}/")
        ]

    def mark(self, image: int, place: int) -> bool | None:
        """Whether an image shows a leaf; None if that is not known."""
        leaf = int(self.tree.leaves[place])
        if leaf in self.present[image]:
            return True
        unknown = [*self.present[image], *self.unknown[image]]
        return None if any(place in self.below(node) for node in unknown) else False

    @property
    def marks(self) -> list[list[bool | None]]:
        """Rows of images, a mark for each leaf."""
        places = range(self.tree.num_leaves)
        return [[self.mark(image, place) for place in places] for image in range(len(self.present))]


def label_sets(
    tree: Taxonomy, n: int, seed: int, leaves_only: bool = False
) -> tuple[list[list[int]], list[list[int]]]:
    """Present and unknown nodes of n images: never one above another; none unknown for leaves."""
    rng = np.random.default_rng(seed)
    nodes = tree.leaves if leaves_only else np.arange(tree.num_nodes)
    present, unknown = [], []
    for _ in range(n):
        shown: list[int] = []
        for node in rng.choice(nodes, min(len(nodes), int(rng.integers(1, 4))), replace=False):
            apart = not any(
                tree.is_at_or_below(*pair) for o in shown for pair in ((node, o), (o, node))
            )
            if apart and (node or not shown):
                shown.append(int(node))
        others = [] if leaves_only else [node for node in range(1, len(tree)) if node not in shown]
        present.append(shown)
        unknown.append([node for node in others if rng.random() < 0.15])
    return present, unknown


def tied_scores(
    tree: Taxonomy, n: int, seed: int, steps: int = 5, dtype: type[np.floating] = np.float64
) -> NDArray[np.floating]:
    """Multiples of 1 / steps from 0 to 1."""
    rng = np.random.default_rng(seed)
    return (rng.integers(0, steps + 1, (n, tree.num_leaves)) / steps).astype(dtype)


@st.composite
def label_set_cases(
    draw: st.DrawFn, leaves_only: bool = False, min_images: int = 0
) -> LabelSetCase:
    tree = draw(taxonomies())
    n, seed = draw(st.integers(min_images, 12)), draw(st.integers(0, 10**6))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    scores = tied_scores(tree, n, seed, draw(st.sampled_from([3, 7, 10**4])), dtype)
    return LabelSetCase(tree, scores, *label_sets(tree, n, seed + 1, leaves_only))
