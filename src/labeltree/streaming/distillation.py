"""Distillation from the old model: labels that nobody tells keep the scores that they had."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from labeltree.methods.protocol import Method

TEMPERATURE = 2.0
"""As published: it raises small scores, which tell what the old model finds similar."""


@dataclass(frozen=True, eq=False)
class Distillation:
    """The distance of the scores of old labels from those of the old model, image by image.

    Learning without forgetting compares softmax outputs; the labels here do not exclude each
    other, so each label's score is compared by itself: T² Σ KL(σ(old / T) ‖ σ(new / T)) over the
    labels that the old model knows. Zero where both agree.

    Labels that an image is told to show are learned, not kept: the old model did not see them, and
    what it says of them would pull against the lesson.

    Attributes:
        old: the old model, on the device of the images; it is put into evaluation mode and learns
            nothing.
        columns: where its leaves stand among the leaves of the new one, int64 `(num_old,)`.
        strength: weight of the distance.

    Source: Li and Hoiem, "Learning without forgetting", 2016, eq. 2 and 3.
    """

    old: Method
    columns: Tensor
    strength: float

    def __post_init__(self) -> None:
        self.old.eval()

    def __call__(
        self, images: Tensor, outputs: tuple[Tensor, ...], told: Tensor | None = None
    ) -> Tensor:
        """The weighted distance of each image, `(B,)`.

        Args:
            images: `(B, 3, H, W)`.
            outputs: of the new model, for the same images; of any float type.
            told: which of its leaves the images are told to show, bool `(B, num_leaves)`; None is
                none.

        Returns:
            float32 `(B,)`.
        """
        with torch.no_grad():
            known = self.old(images)[0].float() / TEMPERATURE
        now = outputs[0].float()[:, self.columns] / TEMPERATURE
        target = known.sigmoid()
        apart = F.binary_cross_entropy_with_logits(now, target, reduction="none")
        least = F.binary_cross_entropy_with_logits(known, target, reduction="none")
        distances = apart - least
        if told is not None:
            distances = distances.masked_fill(told[:, self.columns], 0)
        return self.strength * TEMPERATURE**2 * distances.sum(1)
