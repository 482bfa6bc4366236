"""Which node of a tree each column of a file belongs to."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from labeltree.errors import DataError, TaxonomyError, suggestion
from labeltree.probabilities.table import Table
from labeltree.taxonomy import SEPARATOR, Nodes, Taxonomy


class Labels:
    """Looks up nodes by path, or by bare name where only one node has it.

    >>> labels = Labels(Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]))
    >>> labels.find("dog/pug"), labels.find("pug")
    (4, 4)
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._named: dict[str, list[int]] = defaultdict(list)
        for node, name in enumerate(taxonomy.names):
            self._named[name].append(node)

    def find(self, label: str) -> int:
        """The node's number; the root's for `""`.

        Raises:
            TaxonomyError: no node of that name, or several.
        """
        if label in self.taxonomy:
            return self.taxonomy.find(label)
        nodes = self._named.get(label, [])
        if len(nodes) == 1:
            return nodes[0]
        if nodes:
            paths = " or ".join(repr(self.taxonomy.paths[node]) for node in nodes[:3])
            raise TaxonomyError(f"{label!r} could be {paths}; give the whole path")
        known = [*self.taxonomy.paths[1:], *self.taxonomy.names[1:]]
        hint = suggestion(label, known, otherwise=f"its labels are like {known[-1]!r}")
        raise TaxonomyError(f"{label!r} is not in the taxonomy; {hint}")


def nodes_of_columns(table: Table, labels: Labels) -> Nodes:
    """The node of each column, shape `(columns,)`.

    Raises:
        DataError: a column of no node, of several or of the root, or two columns of one node.
    """
    columns: dict[int, str] = {}
    for column in table.columns:
        try:
            node = labels.find(column)
        except TaxonomyError as error:
            raise DataError(f"{table.path}: column {error}") from None
        if node == 0:
            raise DataError(f"{table.path}: a column has no name; give each the path of a node")
        if node in columns:
            raise DataError(
                f"{table.path}: columns {columns[node]!r} and {column!r} are both of node "
                f"{labels.taxonomy.paths[node]!r}; keep one"
            )
        columns[node] = column
    return np.array(list(columns), dtype=np.int64)


def nodes_of_targets(table: Table, labels: Labels) -> Nodes | None:
    """The node of each target, shape `(n,)`; the root where an image's label is not known.

    Raises:
        DataError: a target that is no node.
    """
    if table.targets is None:
        return None
    found: dict[str, int] = {}
    for row, target in enumerate(table.targets):
        if target not in found:
            try:
                found[target] = labels.find(target)
            except TaxonomyError as error:
                raise DataError(f"{table.path}: row {row}: target {error}") from None
    return np.array([found[target] for target in table.targets], dtype=np.int64)


def taxonomy_of_columns(table: Table) -> Taxonomy:
    """The tree that columns named by whole paths make up.

    Raises:
        DataError: bare names, which tell no tree, or names that make none.
    """
    if not any(SEPARATOR in column for column in table.columns):
        raise DataError(
            f"{table.path}: columns such as {table.columns[0]!r} are bare names, which tell no "
            "tree; give the taxonomy (--taxonomy FILE), or name columns by paths such as "
            "'animal/dog'"
        )
    try:
        return Taxonomy.from_paths(table.columns)
    except TaxonomyError as error:
        raise DataError(f"{table.path}: its columns make no tree: {error}") from None
