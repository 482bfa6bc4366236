"""Which networks the study trains at which scale: routers, experts and the baselines.

Every network is a member of its own. A router serves all experts of its grouping and seed,
whatever their backbone and whatever becomes of misrouted images: so their differences are the
experts' own, and no router is trained twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from labeltree.data.collection import Collection
from labeltree.errors import ConfigError
from labeltree.methods import find_method
from labeltree.recipes import Recipe
from labeltree.runs.part_tasks import plan_tasks
from labeltree.studies.coarse_to_fine import recipes
from labeltree.studies.coarse_to_fine.groups import FOUR_GROUPS, THREE_GROUPS
from labeltree.studies.coarse_to_fine.paper import PRERESNET
from labeltree.studies.members import member_folder
from labeltree.studies.on_data import DataOptions, open_checked
from labeltree.studies.study import Asked, Member, Scale

METHOD = "routed"
PUBLISHED = "random"
"""What becomes of misrouted training images in the paper."""

REJECT = "reject"
OTHERS = ("drop", "true", REJECT)
ROUTER = "router"

TRUNK = 2
"""Stages that router and experts share in the network that is trained as a whole: most of slim's
computation, so that hard routing costs about as much as one network."""

MERGED = 1
"""Merge point of the merged baseline: the better partly merged one of `merged-architectures`."""

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is compared at one scale.

    Attributes:
        recipe: of every network, but for method, scope and backbone.
        groupings: name to options of method `routed`; the first one is that of the alternatives.
        router: backbone.
        experts: backbones, each with every grouping, trained as published.
        usual: of `experts`, the one that is trained in all other ways, too.
        flats: backbones of the flat baselines.
    """

    recipe: Recipe
    groupings: Mapping[str, Options]
    router: str
    experts: tuple[str, ...]
    usual: str
    flats: tuple[str, ...]


class GroupingOptions(DataOptions):
    """Which data, and which groups instead of those of the scale."""

    groups: Path | None = Field(None, description="a table of groups and their classes")
    depth: int | None = Field(None, ge=1, description="level whose nodes are the groups")

    def groupings(self, usual: Mapping[str, Options], other_data: bool) -> Mapping[str, Options]:
        """What was asked for; else the scale's, which are for its data only."""
        if self.groups is not None and self.depth is not None:
            raise ConfigError("groups and depth are two ways to name the groups: set one of them")
        if self.groups is not None:
            return {self.groups.stem: {"groups": str(self.groups)}}
        if self.depth is not None or other_data:
            depth = self.depth or 1
            return {f"level {depth}": {"depth": depth}}
        return usual


def members_of(plan: Plan, asked: Asked) -> list[Member]:
    """All networks of a seed before the next seed: a study that is stopped is worth something.

    Raises:
        LabeltreeError: data or groups that cannot be used.
    """
    options: GroupingOptions = asked.options
    recipe = options.on(plan.recipe)
    groupings = options.groupings(plan.groupings, recipe.data != plan.recipe.data)
    train = open_checked(recipe, asked.data_root).train
    members: dict[str, Member] = {}
    for seed in range(asked.seeds):
        seeded = recipe.replace(training=recipe.training.replace(seed=seed))
        for member in _of_a_seed(plan, groupings, seeded, train, seed):
            members.setdefault(member.name, member)
    return list(members.values())


def _of_a_seed(
    plan: Plan, groupings: Mapping[str, Options], recipe: Recipe, train: Collection, seed: int
) -> Iterator[Member]:
    first, *_ = groupings
    for number, backbone in enumerate(plan.flats):
        yield _whole(f"flat {backbone}", recipe.replace(backbone=backbone), seed)
        if number == 0:
            merged = {"method": "merged", "method_options": {"merge_point": MERGED}}
            yield _whole("merged", recipe.replace(backbone=plan.router, **merged), seed)
    shared = _routed(
        recipe.replace(backbone=plan.usual), train, {**groupings[first], "merge_point": TRUNK}
    )
    yield _whole(f"{first}, shared trunk", shared, seed, grouping=first)
    for name, options in groupings.items():
        for experts in plan.experts:
            yield from _parts(plan, recipe, train, (name, options), experts, PUBLISHED, seed)
    for misrouted in OTHERS:
        yield from _parts(
            plan, recipe, train, (first, groupings[first]), plan.usual, misrouted, seed
        )


def _whole(system: str, recipe: Recipe, seed: int, **labels: str) -> Member:
    return Member({"system": system, **labels, "seed": seed}, recipe)


def _routed(recipe: Recipe, train: Collection, options: Options) -> Recipe:
    """The recipe of a whole system, its groups written out."""
    method = find_method(METHOD)
    assert method.settle is not None
    config = method.settle(train.taxonomy, method.config(**options))
    settled = config.model_dump(mode="json", exclude_defaults=True)
    return recipe.replace(method=METHOD, method_options=settled)


def _parts(
    plan: Plan,
    recipe: Recipe,
    train: Collection,
    grouping: tuple[str, Options],
    experts: str,
    misrouted: str,
    seed: int,
) -> Iterator[Member]:
    """The router and the experts of a system."""
    name, options = grouping
    whole = _routed(
        recipe.replace(backbone=plan.router),
        train,
        {**options, "experts": experts, "misrouted": misrouted},
    )
    made: dict[str, Member] = {}
    for task in plan_tasks(whole, train):
        part, own = task.part, task.recipe
        labels: dict[str, str | int] = {"grouping": name, "part": part.name, "seed": seed}
        after: tuple[str, ...] = ()
        if part.name == ROUTER:
            own = own.replace(answer_training=True)  # for whichever experts follow it
        else:
            labels |= {"experts": experts, "misrouted": misrouted}
        if part.follows is not None:
            router = made[part.follows]
            folder = Path("..") / member_folder(Path(), router.name, router.recipe).name
            own = own.replace(division=own.division.replace(router=folder))
            after = (router.name,)
        made[part.name] = Member(labels, own, after)
    yield from made.values()


def _scale(description: str, seeds: int, plan: Plan) -> Scale:
    return Scale(description, seeds, lambda asked: members_of(plan, asked))


_PAPER_GROUPINGS: Mapping[str, Options] = {
    "3 groups": {"groups": THREE_GROUPS},
    "4 groups": {"groups": FOUR_GROUPS},
}
_PAPER_EXPERTS = ("resnet34", "resnet18", PRERESNET)

SCALES: Mapping[str, Scale] = {
    "smoke": _scale(
        "slim networks on 12 glyphs of 16 pixels, their 3 families as groups; 4 minutes on 2 cores",
        2,
        Plan(
            recipes.smoke(),
            {"families": {"depth": 1}},
            router="slim-w64",
            experts=("slim-w64", "slim-w32"),
            usual="slim-w32",
            flats=("slim-w64", "slim-w100"),
        ),
    ),
    "small": _scale(
        "slim networks of several widths on CIFAR-100, 6 epochs; the experts are larger, as large "
        "as and smaller than the router, as in the paper; an hour and a half on 2 cores",
        3,
        Plan(
            recipes.small(),
            _PAPER_GROUPINGS,
            router="slim-w64",
            experts=("slim-w100", "slim-w64", "slim-w32"),
            usual="slim-w64",
            flats=("slim-w64", "slim-w100", "slim"),
        ),
    ),
    "gpu": _scale(
        "the paper's networks on CIFAR-100, 20 epochs; meant for 25 minutes on one large GPU, not "
        "yet measured",
        1,
        Plan(
            recipes.gpu(),
            _PAPER_GROUPINGS,
            router="resnet18",
            experts=_PAPER_EXPERTS,
            usual="resnet18",
            flats=("resnet18", "resnet34", "resnet18-w128"),
        ),
    ),
    "paper": _scale(
        "the paper's networks on CIFAR-100, 30 epochs each as published",
        3,
        Plan(
            recipes.paper(),
            _PAPER_GROUPINGS,
            router="resnet18",
            experts=_PAPER_EXPERTS,
            usual="resnet18",
            flats=("resnet18", "resnet34", "resnet18-w128"),
        ),
    ),
}
