"""Networks of timm by name; timm costs seconds and is imported only when one is asked for."""

from __future__ import annotations

from pathlib import Path

from labeltree.backbones.cutting import cut_into_stages
from labeltree.backbones.library_names import CLASSIFIER, split_suffixes, unknown_network
from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

PRETRAINED_FILE = "model.safetensors"


def timm_backbone(specification: str) -> Backbone:
    """Build a convolutional network of timm, initialised as timm does it.

    Its classifier is left out, unless `+fc1000` keeps it as one more layer, with 1,000 outputs.

    Args:
        specification: timm's name, such as `resnet50` or, for a choice of pretrained weights,
            `resnet50.a1_in1k`; then `+fc1000` if wanted.

    Raises:
        ConfigError: timm does not know the name, or the network cannot be cut.
    """
    import timm

    name, suffixes = _checked(specification)
    outputs = 1000 if CLASSIFIER in suffixes else 0
    network = timm.create_model(name, pretrained=False, num_classes=outputs)
    return cut_into_stages(network, f"timm:{specification}")


def timm_names(pattern: str = "") -> list[str]:
    """Names that timm knows, transformers included; `pattern` may hold `*`."""
    import timm

    names: list[str] = timm.list_models(pattern)
    return names


def timm_weights(specification: str) -> Path:
    """Fetch the pretrained weights of a network, always as safetensors, into the user's cache.

    Raises:
        ConfigError: there are none, or they cannot be downloaded.
    """
    import timm
    from huggingface_hub import hf_hub_download

    name, _ = _checked(specification)
    config = timm.get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id:
        raise ConfigError(
            f"timm has no pretrained weights for {name!r}; train from scratch, or give a "
            "safetensors file as weights"
        )
    try:
        return Path(hf_hub_download(config.hf_hub_id, PRETRAINED_FILE))
    except Exception as error:  # the network, the hub or the cache: the remedy is the same
        raise ConfigError(
            f"the pretrained weights of timm:{name} could not be downloaded "
            f"({type(error).__name__}); copy {PRETRAINED_FILE} of {config.hf_hub_id} here and give "
            "it as weights"
        ) from error


def _checked(specification: str) -> tuple[str, frozenset[str]]:
    """Name and suffixes, of what timm knows: a network, and weights of it (behind the dot)."""
    import timm

    name, suffixes = split_suffixes("timm", specification, (CLASSIFIER,))
    network, dot, _ = name.partition(".")
    if not timm.is_model(network):
        see = "see `labeltree models list --timm '*'`"
        raise unknown_network("timm", network, timm.list_models(), see)
    known = timm.list_pretrained(f"{network}.*") if dot else []
    if dot and name not in known:
        raise ConfigError(f"timm has no weights {name!r}; known: {', '.join(known) or 'none'}")
    return name, suffixes
