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
from labeltree.taxonomy.linter import check
from labeltree.taxonomy.names import SEPARATOR
from labeltree.taxonomy.readers import KNOWN, READERS, read_taxonomy
from labeltree.taxonomy.readers.own import load_taxonomy, save_taxonomy
from labeltree.taxonomy.tree import Taxonomy

__all__ = [
    "KNOWN",
    "READERS",
    "SEPARATOR",
    "Discovery",
    "Finding",
    "Nodes",
    "Probabilities",
    "Taxonomy",
    "check",
    "discover",
    "imagenet_classes",
    "imagenet_taxonomy",
    "load_taxonomy",
    "read_taxonomy",
    "save_taxonomy",
    "wordnet_paths",
    "wordnet_taxonomy",
]
