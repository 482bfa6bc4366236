"""Trees of every shape that losses and methods must take: `from small_trees import TAXONOMIES`."""

from __future__ import annotations

from labeltree.taxonomy import Taxonomy

TAXONOMIES = {
    "animals": Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"]),
    "equal": Taxonomy.from_paths(["a/b", "a/c", "d/e", "d/f"]),
    "one level": Taxonomy.from_paths(["a", "b", "c"]),
    "one leaf": Taxonomy.from_paths(["a/b"]),
    "deep": Taxonomy.from_paths(["a/b/c/d", "a/b/c/e", "a/b/f", "g"]),
}
