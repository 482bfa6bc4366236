"""The label tree: build, read, check, roll up, distances. Imports numpy, never torch."""

from labeltree.taxonomy.readers.own import load_taxonomy, save_taxonomy
from labeltree.taxonomy.tree import Taxonomy

__all__ = ["Taxonomy", "load_taxonomy", "save_taxonomy"]
