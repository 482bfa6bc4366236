"""`per_category`: a network that finds the category, and one for each category (paper 000)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from labeltree.configuration import Config
from labeltree.methods.parts import Part
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone


class PerCategoryConfig(Config):
    """Which nodes are the categories: those of the cut at `depth`.

    This is `routed` as paper 000 has it (section 2.2: ten separate networks of the same structure,
    one per category): the categories are the groups, every network learns from all images of its
    category, and all of them answer. The router is ours. Told the category
    (`labeltree.decoding.given`), `P(node | category)` is what remains: the evaluation of the paper.
    """

    depth: int = Field(1, ge=1, description="level whose nodes are the categories")


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: PerCategoryConfig) -> Method:
    """See `labeltree.methods.Entry`."""
    from labeltree.methods.routed.network import Routed

    return Routed(taxonomy, new_backbone, parts(taxonomy, config))


def parts(taxonomy: Taxonomy, config: PerCategoryConfig) -> tuple[Part, ...]:
    """The router, which tells the categories apart, and a network for each with several classes.

    A category with one class needs none, nor does a leaf above the cut.

    Raises:
        ConfigError: the tree is not so deep.

    >>> tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    >>> [part.name for part in parts(tree, PerCategoryConfig(depth=1))]
    ['router', 'dog']
    """
    from labeltree.methods.routed.plan import grouped_at, networks

    return networks(grouped_at(taxonomy, config.depth))


__all__ = ["PerCategoryConfig", "build", "parts"]
