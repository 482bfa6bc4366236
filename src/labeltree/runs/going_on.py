"""The model that streaming training goes on from."""

from __future__ import annotations

import shlex
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from labeltree.errors import ConfigError, ModelFolderError
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.growing import grown, wake
from labeltree.methods.multilabel.network import Multilabel
from labeltree.recipes import Recipe
from labeltree.runs.extensions import learned_in, model_place, read_extensions, run_place
from labeltree.runs.model_folder import WEIGHTS, Model, load_model
from labeltree.runs.run_folder import RECIPE
from labeltree.runs.same_base import base_folder
from labeltree.taxonomy import Taxonomy

METHOD = "multilabel"

_SETTLED = ("scope", "division", "weights", "pretrained")
"""Fields of a recipe that say what a base says, too: its tree, its images, its weights."""


@dataclass(frozen=True, eq=False)
class Base:
    """A trained model that goes on learning.

    Attributes:
        folder: the run folder of its last training, or its model folder if it has no run.
        model: what it is; its method is a `Multilabel`.
        recipe: what its run was asked for, if it has one.
        told_there: whether what the run folder tells of a model is told of this one, and not of one
            in whose place it was put.
    """

    folder: Path
    model: Model
    recipe: Recipe | None
    told_there: bool = True

    @property
    def method(self) -> Multilabel:
        """The old network, in its own tree."""
        assert isinstance(self.model.method, Multilabel)
        return self.model.method

    def settled(self, recipe: Recipe, taxonomy: Taxonomy) -> Recipe:
        """The recipe with what the old model decides: image size, views, rows for new leaves.

        Args:
            recipe: of the training that goes on.
            taxonomy: its tree, which has all leaves of the old one.

        Raises:
            ConfigError: the recipe asks for another network.
        """
        for name in _SETTLED:
            if getattr(recipe, name) != Recipe.model_fields[name].default:
                raise ConfigError(
                    f"{name} is set, but training goes on with the tree and the weights of "
                    f"{self.folder}; leave {name} out"
                )
        plan, shape = self.model.architecture, self.model.preprocessing
        options = MultilabelConfig(**plan.method_options)
        known = set(self.model.taxonomy.paths)
        if new := tuple(path for path in taxonomy.paths if path not in known):
            options = options.replace(added=(*options.added, new))
        has: dict[str, object] = {"method": plan.method, "backbone": plan.backbone}
        asked: dict[str, object] = {"method": recipe.method, "backbone": recipe.backbone}
        if recipe.method == plan.method:
            has |= _of_method(options)
            asked |= _of_method(MultilabelConfig(**(dict(options) | recipe.method_options)))
        for name, value in has.items():
            if asked[name] != value:
                raise ConfigError(
                    f"{name} {asked[name]!r}: {self.folder} was trained with {value!r}, and "
                    f"training goes on with the same; set {name}={value}"
                )
        written = options.model_dump(mode="json", exclude_defaults=True)
        loading = recipe.loading.replace(
            image_size=shape.image_size, fit=shape.fit, crops=shape.crops
        )
        # What was asked for stays as it is spelt: a study looks for it.
        return recipe.replace(method_options=recipe.method_options | written, loading=loading)

    def network(self, recipe: Recipe, taxonomy: Taxonomy) -> Multilabel:
        """A network that begins where the old one ended, with rows for new leaves.

        It drops as many features as the old one unless the recipe protects it by dropping more.
        """
        method = deepcopy(self.method)
        if taxonomy.num_leaves > self.model.taxonomy.num_leaves:
            method = grown(method, taxonomy)
            wake(method)
        method.dropout.p = recipe.streaming.dropout or method.config.dropout
        return method


def load_base(recipe: Recipe, folder: Path) -> Base | None:
    """The model that a recipe goes on from; None if it begins anew.

    Args:
        recipe: its `streaming.base` names the model.
        folder: of the run, from where that is named.

    Raises:
        ModelFolderError: there is no usable model.
        ConfigError: it is no multi-label model.
    """
    if recipe.streaming.base is None:
        return None
    place = base_folder(recipe, folder)
    if not place.is_dir():
        raise ModelFolderError(
            f"{place}: no such folder; give the run folder of a trained model (streaming.base is "
            f"{recipe.streaming.base}, as named from {folder})"
        )
    model = load_model(place)
    last = learned_in(place)
    run = run_place(last)
    theirs = Recipe.from_yaml(run / RECIPE) if (run / RECIPE).is_file() else None
    if not isinstance(model.method, Multilabel):
        raise ConfigError(
            f"{place} was trained as {model.architecture.method!r}, whose labels exclude each "
            f"other; convert it first: {_converting(place, model, run if theirs else None)}"
        )
    return Base(run, model, theirs, told_there=last != place or not read_extensions(place))


def _of_method(options: MultilabelConfig) -> dict[str, object]:
    return {f"method_options.{name}": value for name, value in options}


def _converting(place: Path, model: Model, run: Path | None) -> str:
    """The command that trains a multi-label model from a model of another method."""
    words = ["labeltree", "train"]
    if run is None:
        words += ["DATA", "--backbone", model.architecture.backbone]
        words += ["--set", f"loading.image_size={model.preprocessing.image_size}"]
    else:
        words += [Recipe.from_yaml(run / RECIPE).data, "--recipe", str(run / RECIPE)]
        words += ["--set", "method_options={}"]
    words += ["--method", METHOD]
    if hasattr(model.method, "backbone"):  # one network, where others are several
        words += ["--set", f"weights={model_place(place) / WEIGHTS}"]
    return shlex.join(words)
