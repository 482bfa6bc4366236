"""How often training images are answered right, told on the way."""

from __future__ import annotations

import torch
from torch import Tensor

from labeltree.methods.protocol import Method

EVERY = 4
"""One batch in so many is counted, from the first of each epoch on.

The node probabilities of a batch cost little beside a training step, but with thousands of leaves
not nothing: less than 1 % of a step of `slim` with 100 leaves, up to 6 % with 10,000 (CPU, batches
of 64). Of every fourth, it is 1 % there.
"""


class TrainingAccuracy:
    """Top-1 accuracy over a part of the training images of an epoch, as they were seen.

    That is augmented, each at its step, by a network that goes on learning; of every fourth batch
    (`EVERY`). Images with a leaf among their labels count; one is right if its most probable leaf
    is among them.

    Attributes:
        counts: right ones and counted ones, float32 `(2,)`; a checkpoint keeps them.
    """

    def __init__(self, method: Method, device: torch.device) -> None:
        tree = method.taxonomy
        self._leaves = torch.from_numpy(tree.leaves).to(device)
        self._is_leaf = torch.from_numpy(tree.is_leaf).to(device)
        self.counts = torch.zeros(2, device=device)

    @torch.no_grad()
    def add(self, method: Method, outputs: tuple[Tensor, ...], targets: Tensor) -> None:
        """Count a batch.

        Args:
            method: what gave the outputs.
            outputs: of its `forward`.
            targets: node numbers `(B,)`, or label sets `(B, K)`.
        """
        detached = tuple(output.detach() for output in outputs)
        leaf_values = method.node_probabilities(detached).index_select(1, self._leaves)
        answers = self._leaves[leaf_values.argmax(dim=1)]
        sets = targets if targets.ndim == 2 else targets[:, None]
        counted = (self._is_leaf[sets.clamp(min=0)] & (sets >= 0)).any(dim=1)
        right = (sets == answers[:, None]).any(dim=1)
        self.counts += torch.stack([(right & counted).sum(), counted.sum()])
