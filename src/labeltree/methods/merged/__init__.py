"""`merged`: one head for each level, on networks that share their first stages (paper 002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from labeltree.configuration import Config
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from labeltree.methods.protocol import Method, NewBackbone


class MergedConfig(Config):
    """Where the networks of the coarser levels leave that of the finest.

    `merge_point` is the number of stages that they share with it: 0 (none) to the number of
    stages of the backbone (all; only the classifiers differ). A list gives each level above the
    finest its own, coarse to fine. `"separate"` shares nothing either, see `Merged`.

    >>> MergedConfig(merge_point=[1, 2]).merge_point
    (1, 2)
    """

    merge_point: int | Literal["separate"] | tuple[int, ...] = Field(
        1, description="stages that the levels share: 0 … last, one for each level, or separate"
    )

    @field_validator("merge_point", mode="before")
    @classmethod
    def _known_form(cls, value: Any) -> Any:
        points = value if isinstance(value, list | tuple) else [value]
        if value != "separate" and not all(type(p) is int and p >= 0 for p in points):
            raise ValueError("expected 'separate', a number of stages from 0 up, or a list of them")
        return value


def build(taxonomy: Taxonomy, new_backbone: NewBackbone, config: MergedConfig) -> Method:
    """See `labeltree.methods.Entry`."""
    from labeltree.methods.merged.network import Merged

    return Merged(taxonomy, new_backbone, config.merge_point)


__all__ = ["MergedConfig", "build"]
