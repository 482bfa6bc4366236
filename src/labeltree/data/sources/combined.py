"""Images whose folder (or label) stands for several labels: those of a puggle, beagle and pug."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection, Source
from labeltree.data.sources.cells import Label
from labeltree.data.sources.combined_table import read_combinations, resolve_parts
from labeltree.data.sources.row_labels import RowLabels, label_array, labelled
from labeltree.data.subsets import used_nodes
from labeltree.taxonomy.arrays import Nodes
from labeltree.taxonomy.label_sets import NONE
from labeltree.taxonomy.tree import SEPARATOR, Taxonomy


def combine(source: Source, path: Path) -> Source:
    """The same images; what is at or below a combined label has its parts as labels instead.

    Combined labels are no nodes of the new tree, nor are nodes above that had nothing else below
    them and no image of their own. Parts that are no nodes yet become some, since the images at
    hand may show nothing but combinations.

    Args:
        source: what was opened.
        path: of the table; see `labeltree.data.sources.combined_table`.

    Raises:
        DataError: the table cannot be used, or the parts of one of its rows, or the labels of an
            image with several, contradict each other; see `make_label_sets`.
    """
    old = source.taxonomy
    table = read_combinations(path.expanduser(), source.name, old)
    made_of = np.full(len(old), -1, dtype=np.int64)
    made_of[[row.node for row in table]] = np.arange(len(table))
    for node in range(1, len(old)):
        if made_of[node] < 0:
            made_of[node] = made_of[old.parents[node]]
    steps: list[Label] = [tuple(name.split(SEPARATOR)) for name in old.paths]
    kept = [steps[node] for node in _kept(source, made_of < 0)]
    parts = resolve_parts(table, kept, [steps[row.node] for row in table])
    new = sorted({label for row in parts for label in row}.difference(kept))
    names = old.level_names if max(map(len, kept + new)) == old.depth else None
    taxonomy = Taxonomy.from_paths(kept + new, names)
    label_array(taxonomy, list(map(RowLabels, parts)), lambda row: table[row].where)  # all sound
    means = [parts[row] if row >= 0 else (steps[node],) for node, row in enumerate(made_of)]
    return _relabelled(source, taxonomy, means)


def _kept(source: Source, plain: NDArray[np.bool_]) -> Nodes:
    """The nodes to keep: leaves that are plain, nodes above them, nodes that images name."""
    tree = source.taxonomy
    keep = plain & tree.is_leaf
    keep[list(set().union(*map(used_nodes, source.parts.values())))] = True
    keep &= plain
    for node in range(len(tree) - 1, 0, -1):
        keep[tree.parents[node]] |= keep[node]
    return 1 + np.flatnonzero(keep[1:])


def _relabelled(source: Source, taxonomy: Taxonomy, means: Sequence[tuple[Label, ...]]) -> Source:
    """The images under another tree, from what each node of the old one means there."""
    rows: list[RowLabels] = []
    names: list[tuple[Collection, int]] = []
    for part in source.parts.values():
        for i, nodes in enumerate(np.atleast_2d(part.labels.T).T.tolist()):
            present = dict.fromkeys(label for node in nodes if node >= 0 for label in means[node])
            unknown = (label for node in nodes if node < NONE for label in means[-2 - node])
            rows.append(RowLabels(tuple(present), tuple(unknown)))
            names.append((part, i))
    labels = label_array(taxonomy, rows, lambda row: names[row][0].images.name(names[row][1]))
    ends = np.cumsum([len(part) for part in source.parts.values()])
    pieces = iter(np.split(labels, ends[:-1]))
    return source.replace_parts(lambda part: labelled(taxonomy, part.images, next(pieces)))
