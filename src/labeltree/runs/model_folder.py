"""The model folder: all that evaluate, predict, export and serve need, and nothing pickled.

```
model/
  config.json         architecture, preprocessing, id2label / label2id, decoding, versions
  taxonomy.json       the label tree
  model.safetensors   the weights
```
"""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field
from safetensors.torch import save_file

import labeltree
from labeltree.configuration import Config
from labeltree.data.config import Crops
from labeltree.data.views import settled
from labeltree.decoding import Decoder, SetDecoder
from labeltree.errors import ConfigError, LabeltreeError, ModelFolderError
from labeltree.methods import find_method
from labeltree.methods.protocol import Method
from labeltree.methods.routed.network import Routed
from labeltree.methods.routed.routing import Routing
from labeltree.runs.image_sizes import takes
from labeltree.runs.stored_weights import load_method
from labeltree.runs.untrusted import check_size, damaged, own_file, read_object
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy, load_taxonomy, save_taxonomy
from labeltree.writing import whole_file, write_text

CONFIG, TAXONOMY, WEIGHTS = "config.json", "taxonomy.json", "model.safetensors"
FOLDER_NAME = "model"

LARGEST_SIDE = 4096  # pixels; larger images would be a way to ask for all memory

_ALL = str(Routing())
_SETS = "label_sets"  # in the decoding part of config.json


class Architecture(Config):
    """What `make_method` needs to build the network again."""

    method: str
    method_options: dict[str, Any] = Field(default_factory=dict)
    backbone: str


class ModelConfig(Config):
    """`config.json`."""

    format: Literal[1]
    architecture: Architecture
    preprocessing: Preprocessing
    id2label: dict[str, str]
    label2id: dict[str, int]
    decoding: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model: everything between images and answers.

    Attributes:
        method: the network.
        architecture: how to build it.
        preprocessing: what it takes.
        decoder: from its probabilities to answers.
        fitted_routing: the routing that the decoder was fitted with, if the method has another now.
        sets: from the presence of leaves to sets of them, for a method whose labels do not exclude
            each other; else None.
    """

    method: Method
    architecture: Architecture
    preprocessing: Preprocessing
    decoder: Decoder
    fitted_routing: str | None = None
    sets: SetDecoder | None = None

    @property
    def taxonomy(self) -> Taxonomy:
        """The label tree whose nodes the model gives probabilities for."""
        return self.method.taxonomy

    def with_crops(self, crops: Crops) -> Model:
        """The same model looking at other views, unmirrored where a mirror would mislead.

        The decoder stays as it was fitted.
        """
        crops = settled(crops, self.preprocessing.mirror)
        return replace(self, preprocessing=self.preprocessing.replace(crops=crops))

    @property
    def routing(self) -> str | None:
        """Which experts answer: `soft`, `hard`, `top-2`, …; None for a method without experts."""
        return str(self.method.routing) if isinstance(self.method, Routed) else None

    def with_routing(self, routing: str) -> Model:
        """The same model asking other experts, with the same weights in memory.

        The decoder stays as it was fitted.

        Raises:
            ConfigError: the method has no experts, or there is no such routing among its groups.
        """
        plan = self.architecture
        if not isinstance(self.method, Routed):
            raise ConfigError(
                f"routing {routing!r} is for a router with its experts; {plan.method} is one "
                "network: leave --routing out, or train with --method routed"
            )
        method = copy(self.method)
        method.routing = Routing.parse(routing, method.num_groups)
        if "routing" in find_method(plan.method).config.model_fields:
            options = {**plan.method_options, "routing": str(method.routing)}
            plan = plan.replace(method_options=options)
        fitted = self.fitted_routing or self.routing
        if fitted == str(method.routing):
            fitted = None
        return replace(self, method=method, architecture=plan, fitted_routing=fitted)

    def asking(self, routing: str | None, told: bool) -> Model:
        """The same model with the experts that are to answer, which may depend on what is known.

        Once a broader label is told (`labeltree.decoding.given`), the router must leave no expert
        out: the true one may be among them, and nothing would be known below the label. So all of
        them answer then, whatever the model was trained to ask.

        Args:
            routing: what was asked for; None is as the model was trained.
            told: whether a broader label is told.

        Raises:
            ConfigError: as `with_routing`; or experts are to be left out although a label is told.
        """
        asked = self if routing is None else self.with_routing(routing)
        if not told or asked.routing in (None, _ALL):
            return asked
        if routing is not None:
            raise ConfigError(
                f"--routing {routing} leaves out experts that --given may ask for; told a label, "
                f"all experts answer: leave --routing out, or give {_ALL}"
            )
        return self.with_routing(_ALL)


def save_model(model: Model, folder: Path) -> None:
    """Write the three files; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    tree = model.taxonomy
    id2label, label2id = _numbered(tree)
    config = ModelConfig(
        format=1,
        architecture=model.architecture,
        preprocessing=model.preprocessing,
        id2label=id2label,
        label2id=label2id,
        decoding=model.decoder.to_dict() | _sets_to_dict(model),
        versions={"labeltree": labeltree.__version__, "torch": version("torch")},
    )
    text = json.dumps(config.model_dump(mode="json"), indent=1, ensure_ascii=False)
    write_text(folder / CONFIG, text + "\n")
    save_taxonomy(tree, folder / TAXONOMY)
    weights = {name: value.contiguous() for name, value in model.method.state_dict().items()}
    with whole_file(folder / WEIGHTS) as unfinished:
        save_file(weights, unfinished)


def load_model(folder: Path) -> Model:
    """Read a model folder, or the one inside a run folder; ready to predict, on the CPU.

    Raises:
        ModelFolderError: a file is missing, damaged, or does not fit the others.
    """
    if (folder / FOLDER_NAME).is_dir():
        folder = folder / FOLDER_NAME
    config_file, taxonomy_file, weights = (
        own_file(folder, name) for name in (CONFIG, TAXONOMY, WEIGHTS)
    )
    config, decoder = _read_config(config_file)
    taxonomy = _read_taxonomy(taxonomy_file)
    sets = _read_sets(config_file, config, taxonomy)
    if (config.id2label, config.label2id) != _numbered(taxonomy):
        raise damaged(config_file, f"its labels are not the leaves of {TAXONOMY}")
    plan, shape = config.architecture, config.preprocessing
    if shape.image_size > LARGEST_SIDE:
        raise damaged(config_file, f"images of more than {LARGEST_SIDE} pixels a side")
    with np.errstate(all="ignore"):
        normalised = np.divide(shape.mean, shape.std, dtype=np.float32)
    if not np.isfinite(normalised).all() or not np.float32(min(shape.std)):
        raise damaged(config_file, "mean and std leave no numbers")
    try:
        method = load_method(plan.method, taxonomy, plan.backbone, plan.method_options, weights)
    except ModelFolderError:
        raise
    except LabeltreeError as error:
        raise damaged(config_file, error) from None
    if not takes(method, shape.image_size):
        raise damaged(config_file, "its image_size is too small for its backbone")
    if method.exclusive != (sets is None):
        raise damaged(config_file, f"{_SETS}: do its labels exclude each other?")
    return Model(method, plan, shape, decoder, sets=sets)


def _numbered(tree: Taxonomy) -> tuple[dict[str, str], dict[str, int]]:
    """`id2label` and `label2id` of a label tree."""
    labels = [tree.paths[leaf] for leaf in tree.leaves]
    return (
        {str(number): label for number, label in enumerate(labels)},
        {label: number for number, label in enumerate(labels)},
    )


def _sets_to_dict(model: Model) -> dict[str, Any]:
    return {} if model.sets is None else {_SETS: model.sets.to_dict()}


def _read_sets(path: Path, config: ModelConfig, taxonomy: Taxonomy) -> SetDecoder | None:
    if _SETS not in config.decoding:
        return None
    try:
        return SetDecoder.from_dict(taxonomy, config.decoding[_SETS])
    except ConfigError as error:
        raise damaged(path, error) from None


def _read_config(path: Path) -> tuple[ModelConfig, Decoder]:
    stored = read_object(path)
    try:
        config = ModelConfig(**stored)
        return config, Decoder.from_dict(config.decoding)
    except (ValueError, TypeError) as error:
        raise damaged(path, error) from None


def _read_taxonomy(path: Path) -> Taxonomy:
    check_size(path)
    try:
        return load_taxonomy(path)
    except ValueError as error:
        reason = str(error).removeprefix(f"{path}: ").partition(";")[0]  # one remedy is enough
        raise damaged(path, reason) from None
