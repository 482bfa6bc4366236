"""`category_labels`: one softmax over the nodes of all levels (paper 000)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from labeltree.configuration import Config
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone

_Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class CategoryLabelsConfig(Config):
    """How much of an image's target stands on each level of its path.

    Only the ratios of the `weights` count: `[1, 1]` are two halves.

    >>> CategoryLabelsConfig(weights=[1, 3]).weights
    (1.0, 3.0)
    """

    weights: tuple[_Weight, ...] | None = Field(
        None, description="one weight for each level, coarse to fine; equal if not given"
    )


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: CategoryLabelsConfig) -> Method:
    """See `labeltree.methods.Entry`."""
    from labeltree.methods.category_labels.network import CategoryLabels

    return CategoryLabels(taxonomy, new_backbone(), config.weights)


__all__ = ["CategoryLabelsConfig", "build"]
