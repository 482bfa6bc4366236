from itertools import pairwise

import pytest
import torch
from small_trees import TAXONOMIES
from torch import nn

from labeltree.backbones import Backbone

WIDTHS = (3, 4, 6, 8)


def tiny_backbone() -> Backbone:
    """Three stages and a pool, all with parameters and batch norm."""
    stages = [
        nn.Sequential(nn.Conv2d(i, o, 3, padding=1, stride=2), nn.BatchNorm2d(o), nn.ReLU())
        for i, o in pairwise(WIDTHS)
    ]
    pool = nn.Sequential(nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Backbone(stages, pool, 8)


@pytest.fixture(scope="session")
def new_backbone():
    return tiny_backbone


@pytest.fixture(params=TAXONOMIES)
def taxonomy(request):
    return TAXONOMIES[request.param]


@pytest.fixture
def images():
    return torch.randn(8, 3, 12, 12, generator=torch.Generator().manual_seed(0))
