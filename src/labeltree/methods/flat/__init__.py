"""`flat`: one softmax over the leaves, roll-up for the rest; the baseline of every comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeltree.configuration import Config
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone


class FlatConfig(Config):
    """`flat` has no options."""


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: FlatConfig) -> Method:
    """See `labeltree.methods.Entry`."""
    from labeltree.methods.flat.network import Flat

    return Flat(taxonomy, new_backbone())


__all__ = ["FlatConfig", "build"]
