"""Small models to export: fresh weights whose answers differ from image to image."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from labeltree.backbones import BACKBONES, Backbone, Entry
from labeltree.backbones.pooling import MaxPlusMean
from labeltree.decoding import Decoder, SetDecoder
from labeltree.methods import make_method
from labeltree.runs.model_folder import Architecture, Model
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug", "dog/corgi", "horse/pony", "horse/x"])


@contextmanager
def tiny_backbone() -> Iterator[None]:
    """Backbone `tiny` of two stages for methods of several networks: steps of a graph take time."""

    def tiny(_: str) -> Backbone:
        stages = (
            nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU()),
            nn.Sequential(nn.Conv2d(8, 16, 3, stride=2), nn.ReLU()),
        )
        return Backbone(stages, MaxPlusMean(), 16, logit_scale=0.25)  # no answer is all but sure

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", Entry("for tests", tiny, ("tiny",)))
        yield


def new_model(
    method: str, temperature: float = 1.5, backbone: str = "slim", **options: object
) -> Model:
    """Fresh weights, made to differ between images more than such weights do."""
    torch.manual_seed(0)
    network = make_method(method, TREE, backbone, options).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "head" in name:
                value.mul_(20)
    shape = Preprocessing(image_size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))
    sets = None if network.exclusive else SetDecoder((0.5,) * TREE.num_leaves)
    plan = Architecture(method=method, backbone=backbone, method_options=options)
    return Model(network, plan, shape, Decoder(temperature), sets=sets)
