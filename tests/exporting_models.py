"""Small models to export: fresh weights whose answers differ from image to image."""

import torch

from labeltree.decoding import Decoder, SetDecoder
from labeltree.methods import make_method
from labeltree.runs.model_folder import Architecture, Model
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug", "dog/corgi", "horse/pony", "horse/x"])


def new_model(method: str, temperature: float = 1.5, **options: object) -> Model:
    """Fresh weights, made to differ between images more than such weights do."""
    torch.manual_seed(0)
    network = make_method(method, TREE, "slim", options).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "head" in name:
                value.mul_(20)
    shape = Preprocessing(image_size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))
    sets = None if network.exclusive else SetDecoder((0.5,) * TREE.num_leaves)
    plan = Architecture(method=method, backbone="slim", method_options=options)
    return Model(network, plan, shape, Decoder(temperature), sets=sets)
