"""Members of the studies of paper 000 that were never trained: what they answer is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from labeltree.probabilities import NodeProbabilities
from labeltree.studies.members import TrainedMember
from labeltree.taxonomy import Taxonomy

NATURAL_PATHS = [f"{category}/{category} {kind}" for category in "abc" for kind in "xyz"]
TREE = Taxonomy.from_paths(NATURAL_PATHS, level_names=("family", "class"))


class MadeUp(TrainedMember):
    """A member whose probabilities were never written."""

    def probabilities(self, split: str) -> NodeProbabilities:
        return self.record["made_up"][split]


def member(
    labels: Mapping[str, str | int], tree: Taxonomy, targets: Sequence[int], answers: Sequence[int]
) -> MadeUp:
    """A member that answers its test images so, the right class being its second guess.

    Both are positions among the leaves.
    """
    leaves = np.full((len(targets), tree.num_leaves), 0.1 / tree.num_leaves, dtype=np.float32)
    leaves[np.arange(len(targets)), targets] += 0.1
    leaves[np.arange(len(targets)), answers] += 0.8
    found = NodeProbabilities(tree, tree.roll_up(leaves), tree.leaves[np.asarray(targets)])
    record = {
        "training": {"seconds": 60.0},
        "model": {"parameters": 1000},
        "data": {"test": len(targets)},
        "recipe": {"data_options": {"subset_seed": labels.get("draw")}},
        "made_up": {"test": found},
    }
    name = " ".join(map(str, labels.values()))
    return MadeUp(name, dict(labels), Path("nowhere") / name, record)


def with_errors(
    labels: Mapping[str, str | int], tree: Taxonomy, per_class: int, wrong: int, seed: int = 0
) -> MadeUp:
    """A member with so many wrong answers, to images and with classes that the seed chooses."""
    rng = np.random.default_rng(seed)
    targets = np.repeat(np.arange(tree.num_leaves), per_class)
    answers = targets.copy()
    chosen = rng.permutation(len(targets))[:wrong]
    answers[chosen] += rng.integers(1, tree.num_leaves, wrong)
    return member(labels, tree, targets, answers % tree.num_leaves)


def scaling_members(errors: Mapping[int, Sequence[int]], per_class: int = 20) -> list[MadeUp]:
    """For each number of classes data sets with so many wrong answers."""
    return [
        with_errors(
            {"classes": size, "draw": draw, "seed": 0},
            Taxonomy.from_paths([f"class {number}" for number in range(size)]),
            per_class,
            wrong,
            seed=draw,
        )
        for size, draws in errors.items()
        for draw, wrong in enumerate(draws)
    ]


def dealt(seed: int, tree: Taxonomy = TREE, groups: int = 3) -> Taxonomy:
    """The classes of a tree in random groups."""
    order = np.random.default_rng(seed).permutation(tree.num_leaves)
    names = [tree.names[leaf] for leaf in tree.leaves]
    return Taxonomy.from_paths(
        [
            f"group {number:02}/{names[place]}"
            for number, places in enumerate(np.array_split(order, groups), 1)
            for place in np.sort(places)
        ],
        level_names=("group", "class"),
    )


def separate_members(
    division: str, seed: int, tree: Taxonomy, targets: Sequence[int], wrong: Sequence[int]
) -> list[MadeUp]:
    """A network for each category of `tree`.

    Args:
        division: its name.
        seed: of the networks.
        tree: whose top branches are the categories.
        targets: of the shared network's test images, positions among the leaves of `tree`.
        wrong: numbers of the images that are answered with another class of their category.
    """
    found = []
    targets, names = np.asarray(targets), [tree.names[leaf] for leaf in tree.leaves]
    top = tree.ancestor_at(tree.leaves, 1)
    for node in range(*tree.level(1).indices(tree.num_nodes)):
        places = np.flatnonzero(top == node)
        part = Taxonomy.from_paths([names[place] for place in places])
        own = {names[place]: int(part.leaf_index[part.find(names[place])]) for place in places}
        images = np.flatnonzero(np.isin(targets, places))
        right = np.array([own[names[place]] for place in targets[images]])
        answers = np.where(np.isin(images, wrong), (right + 1) % len(places), right)
        labels = {"division": division, "network": tree.paths[node], "seed": seed}
        found.append(member(labels, part, right, answers))
    return found


def shared_member(
    division: str, seed: int, tree: Taxonomy, targets: Sequence[int], answers: Sequence[int]
) -> MadeUp:
    """The network for all categories."""
    return member({"division": division, "network": "shared", "seed": seed}, tree, targets, answers)


def comparison_members(
    seeds: int = 3, per_class: int = 40, within: float = 0.2, leaked: float = 0.05
) -> list[MadeUp]:
    """A whole study of shared and separate networks; random groups share the natural network.

    Args:
        seeds: how many.
        per_class: images.
        within: share of errors of the shared network within the natural categories.
        leaked: share of those between them.
    """
    found = []
    targets = np.repeat(np.arange(TREE.num_leaves), per_class)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        fate = rng.random(len(targets))
        group = targets // 3
        answers = np.where(fate < within, group * 3 + (targets + 1) % 3, targets)
        far = (fate >= within) & (fate < within + leaked)
        answers = np.where(far, (targets + 3) % TREE.num_leaves, answers)
        found.append(shared_member("natural", seed, TREE, targets, answers))
        lost = np.flatnonzero((fate < within) | (rng.random(len(targets)) < 0.02))
        found += separate_members("natural", seed, TREE, targets, lost)
        random = dealt(seed)
        order = {random.names[leaf]: place for place, leaf in enumerate(random.leaves)}
        moved = np.array([order[TREE.names[TREE.leaves[place]]] for place in targets])
        easy = np.flatnonzero(rng.random(len(targets)) < within / 4)
        found += separate_members("random", seed, random, moved, easy)
    return found


def label_members(seeds: int = 4, per_class: int = 40, better: int = 12) -> list[MadeUp]:
    """Both labelling schemes; that with categories has so many errors fewer."""
    return [
        with_errors({"scheme": scheme, "seed": seed}, TREE, per_class, wrong + seed, seed=seed)
        for seed in range(seeds)
        for scheme, wrong in (("class", 100), ("class + category", 100 - better + seed % 2))
    ]
