"""The cost of a network at hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from labeltree.costs.cost import Cost
from labeltree.costs.multiply_adds import multiply_adds
from labeltree.costs.parameters import num_parameters
from labeltree.costs.throughput import images_per_second
from labeltree.costs.weights import weight_mb


def measured(
    network: nn.Module,
    images: Tensor,
    batch: int = 256,
    *,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    known: Cost | None = None,
) -> Cost:
    """What a network costs to keep and to ask.

    Args:
        network: on the device of the images.
        images: normalised, as they come at prediction, `(n, 3, H, W)`.
        batch: images at a time.
        autocast: what the network runs under at prediction.
        known: what has been measured of its training.
    """
    return replace(
        known or Cost(),
        parameters=num_parameters(network),
        weight_mb=weight_mb(network),
        macs=multiply_adds(network, images, batch),
        images_per_second=images_per_second(network, images, batch, autocast=autocast),
        batch=min(batch, len(images)) or None,
    )
