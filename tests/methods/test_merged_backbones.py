"""Branches share the maps between the stages, so no stage may change its input in place."""

import pytest
import torch

from labeltree.backbones import BACKBONES, make_backbone
from labeltree.methods.merged.network import Merged
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])


@pytest.mark.parametrize("name", [entry.examples[0] for entry in BACKBONES.values()])
def test_branches_leave_each_others_input_alone(name):
    backbone = make_backbone(name)
    maps = [torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))]
    for stage in backbone.stages:
        before = maps[-1].clone()
        maps.append(stage(maps[-1]))
        assert torch.equal(maps[-2], before)
    before = maps[-1].clone()
    backbone.pool(maps[-1])
    assert torch.equal(maps[-1], before)


@pytest.mark.parametrize("name", ["slim", "preresnet20"])
def test_gradients_reach_everything_wherever_it_is_cut(name):
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for point in range(len(make_backbone(name).stages) + 1):
        method = Merged(ANIMALS, lambda: make_backbone(name), point)
        method.loss(method(images), torch.tensor([1, 3])).sum().backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in method.parameters())
