"""How fast a network answers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from labeltree.costs.asking import asked


def images_per_second(
    network: nn.Module,
    images: Tensor,
    batch: int = 256,
    *,
    repeats: int = 5,
    seconds: float = 2.0,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> float | None:
    """Images answered in a second: the median of several passes, after one to warm up.

    Loading is not part of it: the images lie on the device.

    Args:
        network: is run as at prediction, to node probabilities where it gives any, and left as it
            was.
        images: normalised, `(n, 3, H, W)`, on the network's device.
        batch: images at a time; the last batch of a pass may be smaller.
        repeats: passes over `images` that are timed.
        seconds: after so many no further pass begins, but one is always timed.
        autocast: what the network runs under.

    Returns:
        None if there is no image.
    """
    if not len(images):
        return None
    finish: Callable[[Any], object] = getattr(network, "node_probabilities", lambda outputs: None)

    def taken() -> float:
        _wait_for(images)
        clock = time.perf_counter()
        for part in images.split(batch):
            with autocast():
                outputs = network(part)
            finish(outputs)
        _wait_for(images)
        return time.perf_counter() - clock

    with asked(network):
        taken()
        times = [taken()]
        while len(times) < repeats and sum(times) < seconds:
            times.append(taken())
    return len(images) / statistics.median(times)


def _wait_for(images: Tensor) -> None:
    """A GPU is told what to do and does it later."""
    if images.is_cuda:
        torch.cuda.synchronize(images.device)
