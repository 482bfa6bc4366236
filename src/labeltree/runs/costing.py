"""What a network costs to be asked, on images that stand for those it will see."""

from __future__ import annotations

import torch
from accelerate import Accelerator

from labeltree.costs import Cost, measured
from labeltree.data.collection import Collection
from labeltree.data.config import DataConfig
from labeltree.data.loading import MeanStd, make_loader
from labeltree.methods.protocol import Method

_IMAGES = 256


def cost_of(
    method: Method,
    images: Collection,
    loading: DataConfig,
    mean_std: MeanStd,
    accelerator: Accelerator,
    known: Cost | None = None,
) -> Cost:
    """Measure a method on up to 256 images, one view of each, never more than an evaluation batch.

    They are spread over the whole collection: where classes take different ways through the
    network, each has its share.

    Args:
        method: on the accelerator's device.
        images: what it is evaluated on.
        loading: with the image size settled.
        mean_std: of the training images, per channel.
        accelerator: knows device and precision.
        known: what has been measured of its training.
    """
    batch = min(_IMAGES, loading.evaluation_batch_size)
    count = min(batch, len(images))
    sample = images.subset([number * len(images) // count for number in range(count)])
    assert loading.image_size is not None
    pixels = torch.empty(0, 3, loading.image_size, loading.image_size)
    if len(sample):
        loader = make_loader(
            sample, loading, mean_std, train=False, device=accelerator.device, seed=0
        )
        pixels = torch.cat([part for part, _ in loader.batches(0)])
    return measured(method, pixels, batch, autocast=accelerator.autocast, known=known)
