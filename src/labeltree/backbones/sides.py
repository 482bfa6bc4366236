"""How small an image a network takes."""

from __future__ import annotations

import torch

from labeltree.backbones.protocol import Backbone

_ENOUGH = 1024  # pixels: what fails here, too, does not fail for want of them


def smallest_side(network: Backbone, side: int) -> int:
    """The smallest side from `side` on that a network takes.

    Mostly the first answer is yes. Else some layer is left without a pixel, and as all maps grow
    with the image, the smallest side that works is found by bisection.

    Args:
        network: in evaluation mode; on the meta device, where nothing is computed and no memory
            is used (`labeltree.backbones.outline`).
        side: in pixels.

    Raises:
        RuntimeError, ValueError: the network's own error, if it fails with large images, too.
    """
    if _failure(network, side) is None:
        return side
    fails, works = side, max(_ENOUGH, 2 * side)
    if (error := _failure(network, works)) is not None:
        raise error
    while works - fails > 1:
        middle = (fails + works) // 2
        if _failure(network, middle) is None:
            works = middle
        else:
            fails = middle
    return works


def _failure(network: Backbone, side: int) -> RuntimeError | ValueError | None:
    device = next(network.parameters()).device
    try:
        with torch.no_grad():
            network(torch.empty(1, 3, side, side, device=device))
    except (RuntimeError, ValueError) as error:  # as torch tells of maps without a pixel
        return error
    return None
