"""Every system's answers to the test images, and what it costs to ask it.

An expert's own run knows how it answers the images of its group; here each answers all of them.
All systems are asked in the same way and precision, the flat ones too. What they answer is kept
beside the members, so that a study that is measured again does not ask again. Costs are always
measured anew, on the machine that writes the record.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from rich.console import Console

from labeltree.costs import Cost
from labeltree.data.collection import Collection
from labeltree.data.config import DataConfig
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.decoding import adapt
from labeltree.errors import DataError
from labeltree.methods.routed.network import Routed
from labeltree.methods.routed.routing import Routing
from labeltree.probabilities import NodeProbabilities, load_probabilities, save_probabilities
from labeltree.recipes import Recipe
from labeltree.runs.costing import cost_of
from labeltree.runs.evaluation import raw_probabilities
from labeltree.runs.model_folder import Model, load_model
from labeltree.runs.opening import open_splits
from labeltree.runs.parts import assembled
from labeltree.studies.coarse_to_fine.answers import Answers
from labeltree.studies.coarse_to_fine.results import Costs, routings
from labeltree.studies.coarse_to_fine.scales import REJECT
from labeltree.studies.coarse_to_fine.systems import MERGED, ROUTED, System
from labeltree.taxonomy import Nodes, Taxonomy

FOLDER = "systems"


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
    found = _asked(system, model, test)
    if system.kind == MERGED:
        found = replace(found, probabilities=adapt(found.taxonomy, found.probabilities))
    if system.grouping is None:
        return Answers.of(found)
    groups = _group_of_each_leaf(Recipe(**system.members[0].record["recipe"]), test.taxonomy)
    if system.misrouted != REJECT:
        return Answers.of(found, groups)
    # The experts have had a say in the sums over the groups: who is asked, the router decides.
    router = load_model(system.members[0].folder)
    own = raw_probabilities(router, test)[:, router.taxonomy.leaves]
    return Answers.of(found, groups, own.astype(np.float64))


def _group_of_each_leaf(recipe: Recipe, tree: Taxonomy) -> Nodes:
    """Positions among the router's labels, `(num_leaves,)`."""
    labels, numbers = scoped_tree(tree, ScopeConfig(**_groups(recipe)))
    return np.asarray(labels.leaf_index[numbers[tree.leaves]])


def _asked(system: System, model: Model, test: Collection) -> NodeProbabilities:
    """Node probabilities with all experts, kept in the study's folder."""
    path = _kept(system)
    with contextlib.suppress(DataError):  # not kept yet, or damaged
        found = load_probabilities(path)
        if len(found) == len(test):
            return found
    values = raw_probabilities(model, test)
    path.parent.mkdir(exist_ok=True)
    save_probabilities(path, test.taxonomy, values, test.targets)
    return load_probabilities(path)


def _kept(system: System) -> Path:
    """A file for these very networks: what they learned and when they had."""
    trained = [f"{member.folder.name} {member.record['date']}" for member in system.members]
    digest = hashlib.sha256("\n".join(trained).encode()).hexdigest()[:16]
    return system.members[0].study / FOLDER / f"{digest}.npz"


def _costs(model: Model, answers: Answers, test: Collection) -> Costs:
    method, shape, accelerator = model.method, model.preprocessing, Accelerator()
    method.to(accelerator.device).to(memory_format=torch.channels_last)
    loading = DataConfig(image_size=shape.image_size)
    found: dict[str | None, Cost] = {}
    for routing in routings(answers):
        if isinstance(method, Routed) and routing is not None:
            method.routing = Routing.parse(routing)
        found[routing] = cost_of(method, test, loading, (shape.mean, shape.std), accelerator)
    method.cpu()
    return Costs(found)
