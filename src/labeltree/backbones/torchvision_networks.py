"""Networks of torchvision by name."""

from __future__ import annotations

from torch import nn

from labeltree.backbones.cutting import cut_into_stages
from labeltree.backbones.inception_auxiliary import with_inception_head
from labeltree.backbones.library_names import AUXILIARY, CLASSIFIER, split_suffixes, unknown_network
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

# Both warn that their default will change unless told to initialise as their papers do.
_TOLD_TO_INITIALISE = ("googlenet", "inception_v3")
_WITH_HEAD = "inception_v3"


def torchvision_backbone(specification: str) -> Backbone:
    """Build a convolutional network of torchvision, initialised as torchvision does it.

    Its last linear layer, the classifier, is left out, and so are auxiliary heads, unless suffixes
    keep them:

    - `+fc1000`: the classifier with its 1,000 outputs is one more layer, as in paper 001, section
      3.1: "loaded as a Pytorch model, and an extra fully connected layer was added with the number
      of outputs correlating to the number of classes";
    - `+aux`, of `inception_v3`: its auxiliary head is trained, too; with `+fc1000`, it keeps its
      own layer of 1,000 outputs as well.

    Args:
        specification: torchvision's name, such as `resnet18`; then `+aux` and `+fc1000`.

    Raises:
        ConfigError: torchvision does not know the name as a classifier, an unknown suffix or one
            that the network has no use for, or the network cannot be cut.
    """
    from torchvision import models

    name, suffixes = split_suffixes("torchvision", specification, (AUXILIARY, CLASSIFIER))
    names = models.list_models(module=models)
    if name not in names:
        raise unknown_network("torchvision", name, names, f"known: {', '.join(names)}")
    if AUXILIARY in suffixes and name != _WITH_HEAD:
        raise ConfigError(
            f"torchvision:{specification}: +aux is for the auxiliary head of {_WITH_HEAD}; leave "
            "it out"
        )
    options = {"init_weights": True} if name in _TOLD_TO_INITIALISE else {}
    network = models.get_model(name, weights=None, **options)
    keep = CLASSIFIER in suffixes
    if not keep:
        _drop_classifier(network, name)
    backbone = cut_into_stages(network, f"torchvision:{specification}")
    if AUXILIARY not in suffixes:
        return backbone
    head = network.AuxLogits
    num_features = head.fc.out_features if keep else head.fc.in_features
    if not keep:
        head.fc = nn.Identity()
    return with_inception_head(backbone, head, num_features)


def _drop_classifier(network: nn.Module, name: str) -> None:
    linear = [path for path, module in network.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise ConfigError(f"torchvision:{name} ends in no linear classifier; try another network")
    network.set_submodule(linear[-1], nn.Identity())
