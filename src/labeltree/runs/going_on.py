"""The model that streaming training goes on from."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from labeltree.errors import ConfigError
from labeltree.methods.multilabel import MultilabelConfig
from labeltree.methods.multilabel.growing import grown, wake
from labeltree.methods.multilabel.network import Multilabel
from labeltree.recipes import Recipe
from labeltree.runs.model_folder import FOLDER_NAME, WEIGHTS, Model, load_model
from labeltree.runs.run_folder import RECIPE
from labeltree.runs.same_base import base_folder
from labeltree.taxonomy import Taxonomy

METHOD = "multilabel"


@dataclass(frozen=True, eq=False)
class Base:
    """A trained model that goes on learning.

    Attributes:
        folder: its run folder, or its model folder if it has no run.
        model: what it is; its method is a `Multilabel`.
        recipe: what its run was asked for, if it has one.
    """

    folder: Path
    model: Model
    recipe: Recipe | None

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
        plan, shape = self.model.architecture, self.model.preprocessing
        old = MultilabelConfig(**plan.method_options)
        for name, asked, has in (
            ("method", recipe.method, plan.method),
            ("backbone", recipe.backbone, plan.backbone),
            ("method_options.loss", recipe.method_options.get("loss", old.loss), old.loss),
        ):
            if asked != has:
                raise ConfigError(
                    f"{name} {asked!r}: {self.folder} was trained with {has!r}, and training goes "
                    f"on with the same; set {name}={has}"
                )
        known = set(self.model.taxonomy.paths)
        if new := tuple(path for path in taxonomy.paths if path not in known):
            old = old.replace(added=(*old.added, new))
        written = old.model_dump(mode="json", exclude_defaults=True)
        loading = recipe.loading.replace(
            image_size=shape.image_size, fit=shape.fit, crops=shape.crops
        )
        return recipe.replace(method_options=written, loading=loading)

    def network(self, recipe: Recipe, taxonomy: Taxonomy) -> Multilabel:
        """A network that begins where the old one ended, with rows for new leaves."""
        method = deepcopy(self.method)
        if taxonomy.num_leaves > self.model.taxonomy.num_leaves:
            method = grown(method, taxonomy)
            wake(method)
        method.dropout.p = recipe.streaming.dropout
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
    model = load_model(place)
    run = place if (place / RECIPE).is_file() else place.parent
    theirs = Recipe.from_yaml(run / RECIPE) if (run / RECIPE).is_file() else None
    if not isinstance(model.method, Multilabel):
        weights = (run / FOLDER_NAME if theirs else place) / WEIGHTS
        raise ConfigError(
            f"{place} was trained as {model.architecture.method!r}, whose labels exclude each "
            f"other; convert it first: labeltree train {theirs.data if theirs else 'DATA'} "
            f"--method {METHOD} --backbone {model.architecture.backbone} --set weights={weights}"
        )
    return Base(run if theirs else place, model, theirs)
