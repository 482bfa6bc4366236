"""How much a network computes for an image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from labeltree.costs.asking import asked


def multiply_adds(network: nn.Module, images: Tensor, batch: int = 256) -> int | None:
    """Multiply–adds of one image: of all convolutions and matrix products, biases left out.

    They are counted while the network answers `images`, so that a network that sends images
    different ways is counted by what it runs for these: the mean over them. As in the tables of
    torchvision and timm (there "GFLOPS" and "GMACs"), a multiplication with its addition is one;
    batch norm, activations, pooling and the softmax are left out.

    Args:
        network: is run as at prediction, and left as it was.
        images: normalised, `(n, 3, H, W)`, on the network's device.
        batch: images at a time.

    Returns:
        The mean over the images, rounded; None if there is no image, or where it cannot be told:
        the network fails when it is looked at, or nothing of it is an operation that torch has a
        formula for (foreign code). Single operations without a formula count nothing.
    """
    if not len(images):
        return None
    try:
        with asked(network), _uncombined(), FlopCounterMode(display=False) as counter:
            for part in images.split(batch):
                network(part)
    except Exception:  # of any kind: nobody knows what foreign code raises when it is looked at
        return None
    operations = counter.get_total_flops()
    return round(operations / 2 / len(images)) if operations else None


@contextmanager
def _uncombined() -> Iterator[None]:
    """Keep torch from running attention as one operation, which its counter takes for nothing."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
