"""What every source of images hands on: images that are read one at a time, and their labels.

```
Source      train, validation, test as the source provides them  (the last two may be missing)
  └► Splits train, validation, test, all there                   (labeltree.data.splits)
       └► Collection   taxonomy + images + targets
            └► Images  FileImages | EncodedImages | ArrayImages   (labeltree.data.images)
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labeltree.data.images import Images
from labeltree.errors import DataError
from labeltree.taxonomy.label_sets import LabelSets, common_ancestors, moved
from labeltree.taxonomy.tree import Taxonomy


@dataclass(frozen=True, eq=False)
class Collection:
    """Images and the node each one is known to belong to.

    Attributes:
        taxonomy: the label tree.
        images: `n` images.
        targets: node numbers, int64, shape `(n,)`. An inner node means: known only that deep.
        sets: where images show several things at once, what each one shows, int64 `(n, K)`, see
            `labeltree.taxonomy.label_sets`; `targets` is then what the labels of an image have in
            common, so that everything that wants one label still holds: a puggle is some dog.

    >>> from labeltree.data.images import ArrayImages
    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> images = ArrayImages(np.zeros((3, 8, 8, 3), dtype=np.uint8), "photo")
    >>> part = Collection(tree, images, np.array([1, 4, 2]))
    >>> [tree.paths[node] for node in part.targets]
    ['cat', 'dog/pug', 'dog']
    >>> part.subset([1]).images.name(0)
    'photo 1'
    """

    taxonomy: Taxonomy
    images: Images
    targets: NDArray[np.int64]
    sets: LabelSets | None = None

    def __post_init__(self) -> None:
        targets = np.asarray(self.targets, dtype=np.int64)
        object.__setattr__(self, "targets", targets)
        if targets.shape != (len(self.images),):
            raise DataError(f"{len(self.images)} images but targets of shape {targets.shape}")
        if len(targets) and not (targets.min() >= 0 and targets.max() < len(self.taxonomy)):
            raise DataError(
                f"targets run from {targets.min()} to {targets.max()}; "
                f"expected node numbers from 0 to {len(self.taxonomy) - 1}"
            )
        if self.sets is not None and (self.sets.ndim != 2 or len(self.sets) != len(targets)):
            raise DataError(f"{len(targets)} images but label sets of shape {self.sets.shape}")

    @classmethod
    def combined(cls, taxonomy: Taxonomy, images: Images, sets: LabelSets) -> Self:
        """Images that show several things at once; `targets` follow from the sets."""
        return cls(taxonomy, images, common_ancestors(taxonomy, sets), sets)

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def labels(self) -> NDArray[np.int64]:
        """What a method learns from: the sets `(n, K)` if there are any, else targets `(n,)`."""
        return self.targets if self.sets is None else self.sets

    @property
    def kinds(self) -> NDArray[np.int64]:
        """A number for each image, equal for equal labels, `(n,)`: what to draw and split by."""
        if self.sets is None:
            return self.targets
        _, kinds = np.unique(self.sets, axis=0, return_inverse=True)
        return kinds.reshape(-1)  # numpy 2.0 gave it the shape of the input

    def subset(self, indices: ArrayLike) -> Collection:
        """The images at these positions, in this order."""
        indices = np.asarray(indices, dtype=np.int64)
        sets = None if self.sets is None else self.sets[indices]
        return Collection(self.taxonomy, self.images.subset(indices), self.targets[indices], sets)

    def under(self, taxonomy: Taxonomy, numbers: NDArray[np.int64]) -> Collection:
        """The images under another tree; those whose labels it lacks are left out.

        Args:
            taxonomy: the other tree.
            numbers: the number in it of each node of this one, `(num_nodes,)`; -1 for none.
        """
        if self.sets is None:
            kept = np.flatnonzero(numbers[self.targets] >= 0)
            part = self if len(kept) == len(self) else self.subset(kept)
            return Collection(taxonomy, part.images, numbers[part.targets])
        sets, there = moved(self.sets, numbers)
        images = self.images if there.all() else self.images.subset(np.flatnonzero(there))
        return Collection.combined(taxonomy, images, sets[there])

    def with_one_label(self) -> Collection:
        """The same images, each with what its labels have in common."""
        return Collection(self.taxonomy, self.images, self.targets)


@dataclass(frozen=True, eq=False)
class Splits:
    """Three parts of a set, over one and the same taxonomy."""

    train: Collection
    validation: Collection
    test: Collection


@dataclass(frozen=True, eq=False)
class Source:
    """What a source provides before anything is split off.

    Attributes:
        name: what the user called it, shortened for titles.
        train: the images to learn from (and to split from).
        validation: images set aside by the source itself, if it does that.
        test: likewise.
        mirror: whether an image and its mirror image have the same label (not so for characters).
        notes: things a user should be told once: what was taken for what, what was left out.
        aliases: other names of classes (WordNet ids), each with the path it had when opened.
    """

    name: str
    train: Collection
    validation: Collection | None = None
    test: Collection | None = None
    mirror: bool = True
    notes: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def taxonomy(self) -> Taxonomy:
        """The label tree, shared by all parts."""
        return self.train.taxonomy

    @property
    def parts(self) -> dict[str, Collection]:
        """The parts that are there, by name, `train` first."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def replace_parts(self, change: Callable[[Collection], Collection]) -> Source:
        """The same source with each part changed."""
        changed = {name: change(part) for name, part in self.parts.items()}
        return replace(
            self,
            train=changed["train"],
            validation=changed.get("validation"),
            test=changed.get("test"),
        )
