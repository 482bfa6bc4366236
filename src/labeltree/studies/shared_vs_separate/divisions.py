"""What the shared and the separate networks answer, image by image, for each division and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from labeltree.audit import Accounting, account_confusion
from labeltree.data.subsets import class_names
from labeltree.errors import ModelFolderError
from labeltree.studies.leaf_answers import LeafAnswers
from labeltree.studies.members import TrainedMember
from labeltree.studies.shared_vs_separate.scales import NATURAL, SHARED
from labeltree.taxonomy import Nodes, Taxonomy
from labeltree.taxonomy.names import SEPARATOR

Right = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Division:
    """One division of the classes, networks of one seed.

    Attributes:
        name: `natural` or `random`.
        seed: of the networks, and of the random division.
        categories: their names.
        classes: paths of the classes in the shared network's tree.
        groups: the category of each class, positions, shape `(num_classes,)`.
        shared: what the shared network answers.
        separate_right: whether the separate network of its category answers an image rightly, in
            the order of `shared`, shape `(n,)`.
        given_right: whether the shared network answers rightly with the category given, as it is
            to the separate networks, shape `(n,)`.
    """

    name: str
    seed: int
    categories: tuple[str, ...]
    classes: tuple[str, ...]
    groups: Nodes
    shared: LeafAnswers
    separate_right: Right
    given_right: Right

    @property
    def shared_right(self) -> Right:
        """Whether the shared network answers an image rightly, shape `(n,)`."""
        right: Right = self.shared.answers == self.shared.targets
        return right

    @property
    def accounting(self) -> Accounting:
        """The shared network's errors within and between categories."""
        size = len(self.classes)
        counts = np.zeros((size, size), dtype=np.int64)
        np.add.at(counts, (self.shared.targets, self.shared.answers), 1)
        return account_confusion(counts, self.groups)

    @property
    def separate_errors(self) -> NDArray[np.float64]:
        """Error of the separate network of each category, shape `(num_categories,)`."""
        return _wrong_share(self.separate_right, self.groups[self.shared.targets])

    @property
    def gains(self) -> NDArray[np.float64]:
        """Accuracy of each class in the shared network minus that in its separate one."""
        alone = _wrong_share(self.separate_right, self.shared.targets)
        return alone - _wrong_share(self.shared_right, self.shared.targets)

    @property
    def figures(self) -> dict[str, float]:
        """The means over all images, and the shares that gained and lost by sharing.

        Images gain where the shared network is right and the separate one wrong; classes where
        more images gain than lose.
        """
        whole = self.accounting.whole
        gains = self.gains
        here, alone = self.shared_right, self.separate_right
        return {
            "separate_mean": float((~alone).mean()),
            "shared_mean": float(whole.share(whole.wrong)[0]),
            "shared_given_mean": float((~self.given_right).mean()),
            "leakage_mean": float(whole.share(whole.between)[0]),
            "within_mean": float(whole.share(whole.within)[0]),
            "gained_share": float((gains > 0).mean()),
            "lost_share": float((gains < 0).mean()),
            "gained_images": float((here & ~alone).mean()),
            "lost_images": float((~here & alone).mean()),
        }

    def rows(self) -> list[dict[str, Any]]:
        """For the record: one for each category (tables 3 and 4)."""
        account, separate = self.accounting, self.separate_errors
        shared, leaked = account.share(account.wrong), account.share(account.between)
        told = _wrong_share(self.given_right, self.groups[self.shared.targets])
        return [
            {
                "division": self.name,
                "category": category,
                "seed": self.seed,
                "classes": int((self.groups == place).sum()),
                "images": int(account.images[place]),
                "separate_error": float(separate[place]),
                "shared_error": float(shared[place]),
                "shared_given_error": float(told[place]),
                "leakage": float(leaked[place]),
            }
            for place, category in enumerate(self.categories)
        ]

    @classmethod
    def of(cls, name: str, shared: TrainedMember, separate: Sequence[TrainedMember]) -> Self:
        """From the members of one seed.

        Raises:
            ModelFolderError: a separate network was tested on other images than the shared one.
        """
        whole = LeafAnswers.of_test(shared)
        tree = whole.taxonomy
        groups = np.full(tree.num_leaves, -1, dtype=np.int64)
        right = np.zeros(len(whole.targets), dtype=np.bool_)
        for place, member in enumerate(separate):
            own = LeafAnswers.of_test(member)
            leaves = _leaves_in(tree, str(member.labels["network"]), own.taxonomy)
            groups[leaves] = place
            rows = np.flatnonzero(np.isin(whole.targets, leaves))
            if not np.array_equal(whole.targets[rows], leaves[own.targets]):
                raise ModelFolderError(
                    f"{member.folder} was tested on other images than {shared.folder}; "
                    f"{member.remedy}"
                )
            right[rows] = own.answers == own.targets
        return cls(
            name,
            int(shared.labels["seed"]),
            tuple(str(member.labels["network"]) for member in separate),
            tuple(tree.paths[leaf] for leaf in tree.leaves),
            groups,
            whole,
            right,
            _right_with_category(shared, groups),
        )


def _right_with_category(shared: TrainedMember, groups: Nodes) -> Right:
    """Whether the best class within the category of each image is its own."""
    found = shared.probabilities("test")
    assert found.targets is not None  # checked when they are read
    tree = found.taxonomy
    whole = np.flatnonzero(tree.is_leaf[found.targets])
    targets = tree.leaf_index[found.targets[whole]]
    inside = np.where(
        groups == groups[targets][:, None], found.probabilities[whole][:, tree.leaves], -1.0
    )
    right: Right = inside.argmax(axis=1) == targets
    return right


def divisions(members: Sequence[TrainedMember]) -> list[Division]:
    """All divisions, by seed; a random one of the same classes shares the natural one's network."""
    found = []
    for name in dict.fromkeys(member.labels["division"] for member in members):
        mine = [member for member in members if member.labels["division"] == name]
        for seed in dict.fromkeys(member.labels["seed"] for member in mine):
            here = [member for member in members if member.labels["seed"] == seed]
            shared = {
                member.labels["division"]: member
                for member in here
                if member.labels["network"] == SHARED
            }
            separate = [
                member for member in mine if member in here and member.labels["network"] != SHARED
            ]
            found.append(Division.of(str(name), shared.get(name, shared[NATURAL]), separate))
    return found


def _leaves_in(tree: Taxonomy, category: str, part: Taxonomy) -> Nodes:
    """Positions, among the shared network's classes, of those of a separate one."""
    names = (tree.names[leaf] for leaf in tree.leaves)
    by_name = {name: place for place, name in enumerate(names)}
    by_name |= {name: place for place, name in enumerate(class_names(tree))}
    places = []
    for leaf in part.leaves:
        path = f"{category}{SEPARATOR}{part.paths[leaf]}"
        if path in tree:
            places.append(int(tree.leaf_index[tree.find(path)]))
        else:  # dealt into a random group, which knows only the name
            places.append(by_name[part.names[leaf]])
    return np.array(places, dtype=np.int64)


def _wrong_share(right: Right, places: Nodes) -> NDArray[np.float64]:
    images = np.bincount(places)
    return np.bincount(places[~right], minlength=len(images)) / images
