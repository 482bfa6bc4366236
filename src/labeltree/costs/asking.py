"""A network as it is when it is asked, whatever it was doing before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def asked(network: nn.Module) -> Iterator[None]:
    """Evaluation mode, no gradients; afterwards every layer is in the mode that it was in."""
    modes = [(layer, layer.training) for layer in network.modules()]
    network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for layer, was_training in modes:
            layer.training = was_training
