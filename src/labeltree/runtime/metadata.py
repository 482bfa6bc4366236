"""What an exported file tells of itself: the tree, what it looks at, how it answers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from pydantic import StrictInt, StrictStr

from labeltree.configuration import Config
from labeltree.errors import ConfigError
from labeltree.runtime.preprocessing import Preprocessing
from labeltree.taxonomy import Taxonomy, stored_tree

KEY = "labeltree"
"""Of the JSON among the file's metadata."""


def fingerprint(weights: Path) -> str:
    """What tells the weights in a file from all others: their SHA-256."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class StoredTaxonomy(Config):
    """A label tree as `taxonomy.json` has it: without the root, breadth-first."""

    labeltree_taxonomy: Literal[1] = 1
    level_names: tuple[StrictStr, ...]
    names: tuple[StrictStr, ...]
    parents: tuple[StrictInt, ...]

    @classmethod
    def of(cls, tree: Taxonomy) -> StoredTaxonomy:
        """That of a tree."""
        parents = tree.parents[1:].tolist()
        return cls(level_names=tree.level_names, names=tree.names[1:], parents=parents)

    def tree(self) -> Taxonomy:
        """The tree again.

        Raises:
            TaxonomyError: it is none, or one that no memory holds.
            ConfigError: there are not as many names as parents.
        """
        count = len(self.names)
        if len(self.parents) != count or not all(0 <= node <= count for node in self.parents):
            raise ConfigError("taxonomy: expected a parent for each name")
        return stored_tree(self.names, self.parents, self.level_names)


class Int8(Config):
    """What was measured when a file was made smaller and faster.

    Attributes:
        data: name of the set, folder or table that the images came from.
        calibrated_on: how many of them the ranges of the numbers were taken from.
        tested_on: how many others were answered with and without; 0 if there were none.
        top1_float32: share of leaves that were right before; None if nothing was measured.
        top1_int8: and after.
        answers_float32: share of answers, broader where it was not sure, that were right before.
        answers_int8: and after.
    """

    data: str
    calibrated_on: int
    tested_on: int
    top1_float32: float | None = None
    top1_int8: float | None = None
    answers_float32: float | None = None
    answers_int8: float | None = None


class ExportMetadata(Config):
    """The JSON of an exported file.

    Attributes:
        name: of the model folder.
        taxonomy: the label tree.
        nodes: path of each column of `probabilities`; the root's is empty.
        labels: paths of the leaves: the columns of `presence`.
        preprocessing: what the network looks at.
        decoding: as in `config.json`; adaptation and temperature are in the graph.
        precision: of the network's arithmetic.
        routing: the experts that answer, of a routed model.
        fitted_with: what the decoder was fitted to, if not to these experts.
        weights: the `fingerprint` of the weights that it was made of.
        versions: of what wrote the file.
        int8: what that costs.
    """

    format: Literal[1]
    name: str
    taxonomy: StoredTaxonomy
    nodes: tuple[str, ...]
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    decoding: dict[str, Any]
    precision: Literal["float32", "int8"]
    routing: str | None = None
    fitted_with: str = ""
    weights: str
    versions: dict[str, str]
    int8: Int8 | None = None

    def tree(self) -> Taxonomy:
        """The label tree.

        Raises:
            TaxonomyError: it is none.
            ConfigError: the names of the columns are not those of its nodes.
        """
        tree = self.taxonomy.tree()
        if self.nodes != tree.paths or self.labels != tuple(tree.paths[n] for n in tree.leaves):
            raise ConfigError("its nodes and labels are not those of its taxonomy")
        return tree
