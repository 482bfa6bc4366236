"""Networks of torchvision by name."""

from __future__ import annotations

from torch import nn

from labeltree.backbones.cutting import cut_into_stages
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError, suggestion

# Both warn that their default will change unless told to initialise as their papers do.
_TOLD_TO_INITIALISE = ("googlenet", "inception_v3")


def torchvision_backbone(name: str) -> Backbone:
    """Build a convolutional network of torchvision, initialised as torchvision does it.

    Its last linear layer, the classifier, is left out.

    Args:
        name: torchvision's name, such as `resnet18`.

    Raises:
        ConfigError: torchvision does not know the name as a classifier, or the network cannot be
            cut.
    """
    from torchvision import models

    names = models.list_models(module=models)
    if name not in names:
        hint = suggestion(f"torchvision:{name}", [f"torchvision:{known}" for known in names])
        raise ConfigError(f"torchvision has no network {name!r}; {hint}")
    options = {"init_weights": True} if name in _TOLD_TO_INITIALISE else {}
    network = models.get_model(name, weights=None, **options)
    linear = [path for path, module in network.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise ConfigError(f"torchvision:{name} ends in no linear classifier; try another network")
    network.set_submodule(linear[-1], nn.Identity())
    return cut_into_stages(network, f"torchvision:{name}")
