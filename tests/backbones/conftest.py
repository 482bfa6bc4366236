"""Each network of the table once, with weights in which nothing is zero or one."""

from functools import cache

import pytest
import torch

from labeltree.backbones import BACKBONES, Backbone, make_backbone

TOO_LARGE = {  # for the contracts; they are counted and cut
    "preresnet1001",
    "senet152",
    "inception-resnet-384",
    "inception-senet-384",
    "torchvision:vgg16",
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
