"""The convolution that the networks of this package are made of."""

from __future__ import annotations

from torch import nn


def convolution(inputs: int, outputs: int, side: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the side at stride 1, without bias: batch norm follows or precedes.

    Weights are normal with variance `2 / (side² · outputs)`, which keeps the variance of the
    gradients through ReLU layers.

    Source: He et al., "Delving deep into rectifiers", 2015, eq. 14; used by the residual networks
    of He et al. 2015 and 2016.
    """
    conv = nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv
