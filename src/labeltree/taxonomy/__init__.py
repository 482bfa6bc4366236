"""The label tree: build, read, check, roll up, distances. Imports numpy, never torch."""

from labeltree.taxonomy.tree import Taxonomy

__all__ = ["Taxonomy"]
