"""Every system's answers to the test images, and what it costs to ask it.

An expert's own run knows how it answers the images of its group; here each answers all of them,
once. What the systems answer is kept beside the members, so that a study that is measured again
does not ask again. Costs are always measured anew, on the machine that writes the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from labeltree.costs import images_per_second, multiply_adds, weight_mb
from labeltree.data.collection import Collection
from labeltree.data.config import DataConfig
from labeltree.data.loading import make_loader
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.decoding import adapt
from labeltree.methods.routed.network import Routed
from labeltree.methods.routed.routing import Routing
from labeltree.probabilities import NodeProbabilities, load_probabilities, save_probabilities
from labeltree.recipes import Recipe
from labeltree.runs.evaluation import raw_probabilities
from labeltree.runs.model_folder import Model, load_model
from labeltree.runs.opening import open_splits
from labeltree.runs.parts import assembled
from labeltree.studies.coarse_to_fine.answers import Answers
from labeltree.studies.coarse_to_fine.results import Costs, routings
from labeltree.studies.coarse_to_fine.systems import FLAT, MERGED, ROUTED, System
from labeltree.taxonomy import Nodes, Taxonomy

FOLDER = "systems"
_SAMPLE = 1024  # test images on which costs are measured


def asked(systems: Sequence[System]) -> Iterator[tuple[System, Answers, Costs]]:
    """Ask all systems, one after the other."""
    test = _test_images(systems[0])
    for system in systems:
        model = _model(system, test.taxonomy)
        answers = _answers(system, model, test)
        yield system, answers, _costs(model, answers, test)


def _test_images(system: System) -> Collection:
    """The test images of every scope; all members have the same."""
    member = system.members[0]
    recipe = Recipe(**member.record["recipe"]).replace(scope=ScopeConfig())
    return open_splits(recipe, member.data_root, False, Console(quiet=True)).splits.test


def _model(system: System, tree: Taxonomy) -> Model:
    """One network, or a router and its experts put together."""
    first = system.members[0]
    model = load_model(first.folder)
    if system.kind != ROUTED:
        return model
    recipe = Recipe(**first.record["recipe"])
    whole = recipe.replace(
        method="routed",
        method_options={
            **_groups(recipe),
            "experts": system.experts,
            "misrouted": system.misrouted,
        },
        scope=ScopeConfig(),
    )
    folders = {name: member.folder for name, member in system.parts.items()}
    return replace(model, method=assembled(whole, tree, folders).eval())


def _groups(recipe: Recipe) -> dict[str, object]:
    """What names the groups, in the recipe of the whole or in that of its router."""
    if recipe.method == ROUTED:
        return {key: recipe.method_options.get(key) for key in ("groups", "depth")}
    return {"groups": recipe.scope.groups, "depth": recipe.scope.depth}


def _answers(system: System, model: Model, test: Collection) -> Answers:
    if system.kind == FLAT:
        return Answers.of(system.members[0].probabilities("test"))
    if system.kind == MERGED:
        found = system.members[0].probabilities("test")
        adapted = adapt(found.taxonomy, found.probabilities)
        return Answers.of(replace(found, probabilities=adapted))
    groups = _group_of_each_leaf(Recipe(**system.members[0].record["recipe"]), test.taxonomy)
    if system.kind != ROUTED:
        return Answers.of(system.members[0].probabilities("test"), groups)
    router = system.members[0].probabilities("test")
    own = router.probabilities[:, router.taxonomy.leaves].astype(np.float64)
    return Answers.of(_together(system, model, test), groups, own)


def _group_of_each_leaf(recipe: Recipe, tree: Taxonomy) -> Nodes:
    """Positions among the router's labels, `(num_leaves,)`."""
    labels, numbers = scoped_tree(tree, ScopeConfig(**_groups(recipe)))
    return np.asarray(labels.leaf_index[numbers[tree.leaves]])


def _together(system: System, model: Model, test: Collection) -> NodeProbabilities:
    """Node probabilities with all experts, kept in the study's folder."""
    path = _kept(system)
    if path.is_file():
        return load_probabilities(path)
    values = raw_probabilities(model, test)
    path.parent.mkdir(exist_ok=True)
    save_probabilities(path, test.taxonomy, values, test.targets)
    return load_probabilities(path)


def _kept(system: System) -> Path:
    """A file for these very networks: what they learned and when they had."""
    trained = [f"{member.folder.name} {member.record['date']}" for member in system.members]
    digest = hashlib.sha256("\n".join(trained).encode()).hexdigest()[:16]
    return system.members[0].folder.parent.parent / FOLDER / f"{digest}.npz"


def _costs(model: Model, answers: Answers, test: Collection) -> Costs:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    method = model.method.to(device).to(memory_format=torch.channels_last)
    images = _sample(model, test, device)
    macs: dict[str | None, int] = {}
    speed: dict[str | None, float] = {}
    for routing in routings(answers):
        if isinstance(method, Routed) and routing is not None:
            method.routing = Routing.parse(routing)
        work, pace = multiply_adds(method, images), images_per_second(method, images, repeats=3)
        assert work is not None and pace is not None  # none of these networks is foreign code
        macs[routing], speed[routing] = work, pace
    method.cpu()
    return Costs(weight_mb(method), macs, speed)


def _sample(model: Model, test: Collection, device: str) -> Tensor:
    shape = model.preprocessing
    loader = make_loader(
        test.subset(range(min(_SAMPLE, len(test)))),
        DataConfig(image_size=shape.image_size),
        (shape.mean, shape.std),
        train=False,
        device=device,
        seed=0,
    )
    return torch.cat([images for images, _ in loader.batches(0)])
