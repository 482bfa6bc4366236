"""Distillation from the old model: on the new images, old labels keep the scores they had."""

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

    def __call__(self, images: Tensor, outputs: tuple[Tensor, ...]) -> Tensor:
        """The weighted distance of each image, `(B,)`.

        Args:
            images: `(B, 3, H, W)`.
            outputs: of the new model, for the same images; of any float type.

        Returns:
            float32 `(B,)`.
        """
        with torch.no_grad():
            known = self.old(images)[0].float() / TEMPERATURE
        now = outputs[0].float()[:, self.columns] / TEMPERATURE
        target = known.sigmoid()
        apart = F.binary_cross_entropy_with_logits(now, target, reduction="none")
        least = F.binary_cross_entropy_with_logits(known, target, reduction="none")
        return self.strength * TEMPERATURE**2 * (apart - least).sum(1)
