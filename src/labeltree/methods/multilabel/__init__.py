"""`multilabel`: each leaf by itself, present or not, and a head that can grow (paper 003)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from labeltree.configuration import Config
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone


class MultilabelConfig(Config):
    """What it learns by, and which leaves joined later.

    `added` is written by `labeltree.methods.multilabel.growing.grown`: for each growth the paths of
    the leaves that it added, in the order of their rows. All other leaves, in leaf order, are those
    that the first network knew.

    >>> MultilabelConfig(added=[["dog/pug"]]).added
    (('dog/pug',),)
    """

    loss: Literal[
        "binary-cross-entropy", "multilabel-soft-margin", "multilabel-margin", "asymmetric"
    ] = "binary-cross-entropy"
    dropout: float = Field(0.0, ge=0, lt=1, description="of the features before the classifier")
    added: tuple[tuple[str, ...], ...] = Field(
        (), description="paths of the leaves that each growth of the tree added"
    )


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: MultilabelConfig) -> Method:
    """See `labeltree.methods.Entry`.

    Raises:
        ConfigError: `added` does not fit the tree.
    """
    from labeltree.methods.multilabel.network import Multilabel

    return Multilabel(taxonomy, new_backbone(), config)


__all__ = ["MultilabelConfig", "build"]
