"""What a file of node probabilities holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeltree.taxonomy import Nodes, Taxonomy


@dataclass(frozen=True, eq=False)
class NodeProbabilities:
    """What one model says of many images.

    Attributes:
        taxonomy: the label tree.
        probabilities: float32, shape `(n, num_nodes)`, in the breadth-first order of the tree; the
            root's are 1. Levels need not agree.
        targets: the true node of each image, shape `(n,)`; None where the file does not tell.
        names: what each image is called; None where the file does not tell.
    """

    taxonomy: Taxonomy
    probabilities: NDArray[np.float32]
    targets: Nodes | None = None
    names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)
