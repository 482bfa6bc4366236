"""Whether a network can take images of a given size, asked before training and not during it."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch

from labeltree.errors import ConfigError
from labeltree.methods.protocol import Method

_ALWAYS_ENOUGH = 256  # no network that halves its maps five or six times needs a larger side


def check_image_sizes(method: Method, backbone: str, sides: Iterable[int], batch: int) -> None:
    """Raise ConfigError if the smallest of these sides leaves some layer without a pixel.

    Or with a single one, if a batch is a single image: there is nothing to normalise it by.

    Args:
        method: on the CPU.
        backbone: its name, for the message.
        sides: in pixels.
        batch: images per training step.
    """
    side = min(sides)
    if takes(method, side):
        if batch == 1 and not takes(deepcopy(method), side, training=True):
            raise ConfigError(
                f"{backbone} cannot learn from one image of {side} × {side} pixels at a time; "
                "raise loading.batch_size or loading.image_size"
            )
        return
    enough = next((more for more in range(side + 1, _ALWAYS_ENOUGH) if takes(method, more)), None)
    remedy = f"it needs at least {enough}" if enough else "choose another backbone"
    raise ConfigError(
        f"images of {side} × {side} pixels are too small for {backbone}: {remedy}; see "
        "loading.image_size and training.image_sizes, e.g. --set loading.image_size="
        f"{max(32, enough or 0)}"
    )


def takes(method: Method, side: int, training: bool = False) -> bool:
    """Whether an image of this side gets through the network; training changes its statistics."""
    if side >= _ALWAYS_ENOUGH:
        return True
    before = method.training
    method.train(training)
    try:
        with torch.no_grad():
            method(torch.zeros(1, 3, side, side))
    except (RuntimeError, ValueError):  # as torch reports a map that has shrunk to nothing
        return False
    finally:
        method.train(before)
    return True
