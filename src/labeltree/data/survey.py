"""A full look at a set before anything is trained on it: counts, gaps, damage, sizes, copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.data.checking import Inspection, inspect
from labeltree.data.collection import Collection, Source
from labeltree.data.subsets import times_shown
from labeltree.taxonomy.label_sets import NONE, LabelSets
from labeltree.taxonomy.tree import Taxonomy

_EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class Survey:
    """What was found; lists of labels hold paths.

    Attributes:
        name: of the source.
        taxonomy: its tree.
        notes: what the source itself has to say.
        images: per part, number of images.
        combined: per part, number of images with several labels.
        inner: per part, number of images of which a label is an inner node.
        counts: per part, images that have each node among their labels, shape `(num_nodes,)`.
        damaged: per part, one line per image that cannot be decoded.
        sizes: per part, smallest, median and largest `(width, height)` in pixels.
        empty: leaves without a training image.
        single: leaves with just one training image.
        across_parts: groups of equal images that stand in more than one part.
        two_labels: groups of equal images that have different labels.
    """

    name: str
    taxonomy: Taxonomy
    notes: tuple[str, ...]
    images: dict[str, int]
    combined: dict[str, int]
    inner: dict[str, int]
    counts: dict[str, NDArray[np.int64]]
    damaged: dict[str, list[str]]
    sizes: dict[str, list[tuple[int, int]]]
    empty: list[str]
    single: list[str]
    across_parts: list[list[str]]
    two_labels: list[list[str]]

    @property
    def num_damaged(self) -> int:
        """Number of images that cannot be decoded, all parts together."""
        return sum(map(len, self.damaged.values()))

    def to_json(self) -> dict[str, Any]:
        """Plain values for machines; of the copies, their number and a few groups."""
        paths = self.taxonomy.paths
        return {
            "name": self.name,
            "nodes": self.taxonomy.num_nodes,
            "leaves": self.taxonomy.num_leaves,
            "levels": list(self.taxonomy.level_names),
            "notes": list(self.notes),
            "parts": {
                part: {
                    "images": self.images[part],
                    "combined": self.combined[part],
                    "damaged": self.damaged[part],
                    "sizes": dict(
                        zip(("smallest", "median", "largest"), self.sizes[part], strict=False)
                    ),
                    "classes": {paths[i]: int(counts[i]) for i in np.flatnonzero(counts)},
                }
                for part, counts in self.counts.items()
            },
            "empty_classes": self.empty,
            "single_image_classes": self.single,
            "copies_across_parts": len(self.across_parts),
            "copies_under_two_labels": len(self.two_labels),
            "examples_across_parts": self.across_parts[:_EXAMPLES],
            "examples_under_two_labels": self.two_labels[:_EXAMPLES],
        }


def survey(source: Source) -> Survey:
    """Decode and hash every image of every part."""
    taxonomy = source.taxonomy
    parts = source.parts
    looks = {name: inspect(part.images) for name, part in parts.items()}
    counts = {name: times_shown(part) for name, part in parts.items()}
    labels = {name: _labels(part) for name, part in parts.items()}
    learned = counts["train"][taxonomy.leaves]
    across, differing = [], []
    for group in _copies(parts, looks):
        names = [parts[part].images.name(i) for part, i in group]
        if len({part for part, _ in group}) > 1:
            across.append(names)
        if len({labels[part][i] for part, i in group}) > 1:
            differing.append(names)
    return Survey(
        name=source.name,
        taxonomy=taxonomy,
        notes=source.notes,
        images={name: len(part) for name, part in parts.items()},
        combined={name: _several(part) for name, part in parts.items()},
        inner={name: _inner(part) for name, part in parts.items()},
        counts=counts,
        damaged={name: [bad.reason for bad in look.bad] for name, look in looks.items()},
        sizes={name: _sizes(look) for name, look in looks.items()},
        empty=[taxonomy.paths[leaf] for leaf in taxonomy.leaves[learned == 0]],
        single=[taxonomy.paths[leaf] for leaf in taxonomy.leaves[learned == 1]],
        across_parts=across,
        two_labels=differing,
    )


def _rows(part: Collection) -> LabelSets:
    """Label sets also of images with one label each."""
    return np.atleast_2d(part.labels.T).T


def _labels(part: Collection) -> list[tuple[int, ...]]:
    """The label set of each image."""
    return [tuple(value for value in row if value != NONE) for row in _rows(part).tolist()]


def _several(part: Collection) -> int:
    """How many images have several labels."""
    return int(np.count_nonzero((_rows(part) >= 0).sum(axis=1) > 1))


def _inner(part: Collection) -> int:
    """Of how many images a label is an inner node."""
    rows = _rows(part)
    inner = (rows >= 0) & ~part.taxonomy.is_leaf[np.maximum(rows, 0)]
    return int(np.count_nonzero(inner.any(axis=1)))


def _copies(
    parts: dict[str, Collection], looks: dict[str, Inspection]
) -> Iterator[list[tuple[str, int]]]:
    """Groups of two or more images with equal bytes, as part and position."""
    places = [(name, i) for name, part in parts.items() for i in range(len(part))]
    digests = np.concatenate([looks[name].digests for name in parts])
    sound = np.concatenate([looks[name].sizes[:, 0] > 0 for name in parts])
    order = np.flatnonzero(sound)[np.argsort(digests[sound], kind="stable")]
    ends = np.flatnonzero(np.diff(digests[order]) != 0) + 1
    for group in np.split(order, ends):
        if len(group) > 1:
            yield [places[i] for i in group]


def _sizes(look: Inspection) -> list[tuple[int, int]]:
    """Of the images by area: smallest, median, largest; none if all are damaged."""
    sizes = look.sizes[look.sizes[:, 0] > 0]
    if not len(sizes):
        return []
    order = np.argsort(sizes.prod(axis=1), kind="stable")
    chosen = (order[0], order[len(order) // 2], order[-1])
    return [(int(sizes[i, 0]), int(sizes[i, 1])) for i in chosen]
