"""Weights from a local safetensors file into a backbone, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from labeltree.backbones.protocol import Backbone
from labeltree.errors import ConfigError

_PICKLES = {".pth", ".pt", ".bin", ".ckpt", ".pkl", ".pickle", ".tar"}
_METHOD_PREFIX = "backbone."
_OPTIONAL = "num_batches_tracked"  # old files lack it, and nothing here reads it
_PART = re.compile(r"^(stages\.\d+|pool|auxiliary\.\d+\.network)\.")
_AUXILIARY = ("AuxLogits", "aux1", "aux2", "auxiliary.")


def load_weights(backbone: Backbone, file: Path) -> None:
    """Start a backbone from a file.

    The file may be the backbone's own state dict, `model.safetensors` of a labeltree model with
    the same backbone, or a timm or torchvision network under its library's names. The last may
    hold one layer more, its classifier (which `+fc1000` keeps), and any may hold auxiliary heads
    that the backbone has not; everything else must fit.

    Raises:
        ConfigError: no such file, a pickle, a damaged file, or weights of another network.
    """
    found = _in_own_names(backbone, _read(file))
    own = backbone.state_dict()
    wrong = [key for key in own if key in found and own[key].shape != found[key].shape]
    missing = [key for key in own if key not in found and not key.endswith(_OPTIONAL)]
    extra = [key for key in found if key not in own and not key.startswith(_AUXILIARY)]
    for keys, what in ((missing, "are missing"), (wrong, "have another shape")):
        if keys:
            raise _misfit(file, f"{len(keys)} of {len(own)} tensors {what}, the first {keys[0]!r}")
    if len({key.rpartition(".")[0] for key in extra}) > 1:
        raise _misfit(file, f"it has {len(extra)} tensors more, the first {extra[0]!r}")
    backbone.load_state_dict({key: found[key] for key in own if key in found}, strict=False)


def _read(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not file.is_file():
        raise ConfigError(f"weights {file}: no such file; give the path of a safetensors file")
    if file.suffix.lower() in _PICKLES:
        raise ConfigError(
            f"weights {file}: pickled files can run code and are never opened; convert it with "
            "safetensors.torch.save_file(state_dict, ...) where you trust it"
        )
    try:
        return load_file(file)
    except SafetensorError as error:
        raise ConfigError(
            f"weights {file}: not a safetensors file, or damaged ({error}); copy it again"
        ) from None


def _in_own_names(backbone: Backbone, found: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The tensors under the backbone's names, as far as they have one."""
    own = backbone.state_dict()
    of_model = {
        key.removeprefix(_METHOD_PREFIX): value
        for key, value in found.items()
        if key.startswith(_METHOD_PREFIX)
    }
    library = {_PART.sub("", key): key for key in own}
    of_library = {library.get(key, key): value for key, value in found.items()}
    return max((found, of_model, of_library), key=lambda names: len(own.keys() & names.keys()))


def _misfit(file: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"weights {file}: they do not fit this backbone ({reason}); choose the backbone that they "
        "were trained with"
    )
