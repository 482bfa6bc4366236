"""Each network of the table once, with weights in which nothing is zero or one."""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import nn

from labeltree.backbones import BACKBONES, Auxiliary, Backbone, make_backbone

TOO_LARGE = {  # for the contracts; they are counted and cut
    "preresnet1001",
    "senet152",
    "inception-resnet-384",
    "inception-senet-384",
    "torchvision:vgg16",
    "torchvision:inception_v3+aux",  # and takes no images so small; see test_suffixes.py
}
NAMES = [n for entry in BACKBONES.values() for n in entry.examples if n not in TOO_LARGE]


@cache
def built(name: str) -> Backbone:
    """Batch norms and layer scales that start at zero or one are drawn anew."""
    torch.manual_seed(0)
    backbone = make_backbone(name)
    with torch.no_grad():
        for key, tensor in backbone.state_dict().items():
            if tensor.ndim == 1:
                is_scale = not key.endswith(("bias", "mean"))
                tensor.copy_(0.2 * torch.rand(tensor.shape) + 0.5 * is_scale)
    return backbone.eval()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def backbone(name: str) -> Backbone:
    """In evaluation mode; tests leave it as it is."""
    return built(name)


@pytest.fixture
def tiny() -> Callable[..., Backbone]:
    """Two stages that halve the side without a word of batch norm, and heads after the first."""

    def build(heads: int = 0) -> Backbone:
        stages = [nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 5, 3, stride=2)]
        pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        reads = (nn.Sequential(nn.Conv2d(4, 2, 1), pool) for _ in range(heads))
        return Backbone(stages, pool, 5, auxiliary=[Auxiliary(each, 1, 2) for each in reads])

    return build
