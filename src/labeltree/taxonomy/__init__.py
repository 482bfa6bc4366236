"""The label tree: build, read, check, roll up, distances. Imports numpy, never torch."""

from labeltree.taxonomy.arrays import Nodes, Probabilities
from labeltree.taxonomy.discovery import Discovery, discover
from labeltree.taxonomy.findings import Finding
from labeltree.taxonomy.imagenet import (
    imagenet_classes,
    imagenet_taxonomy,
    wordnet_paths,
    wordnet_taxonomy,
)
from labeltree.taxonomy.label_sets import (
    LabelSets,
    common_ancestors,
    leaf_marks,
    make_label_sets,
    present_nodes,
)
from labeltree.taxonomy.linter import check
from labeltree.taxonomy.names import SEPARATOR
from labeltree.taxonomy.readers import KNOWN, READERS, read_taxonomy
from labeltree.taxonomy.readers.own import load_taxonomy, save_taxonomy, stored_tree
from labeltree.taxonomy.tree import Taxonomy

__all__ = [
    "KNOWN",
    "READERS",
    "SEPARATOR",
    "Discovery",
    "Finding",
    "LabelSets",
    "Nodes",
    "Probabilities",
    "Taxonomy",
    "check",
    "common_ancestors",
    "discover",
    "imagenet_classes",
    "imagenet_taxonomy",
    "leaf_marks",
    "load_taxonomy",
    "make_label_sets",
    "present_nodes",
    "read_taxonomy",
    "save_taxonomy",
    "stored_tree",
    "wordnet_paths",
    "wordnet_taxonomy",
]
