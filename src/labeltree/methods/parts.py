"""The parts of a method whose networks are trained apart from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from labeltree.data.scope import ScopeConfig


@dataclass(frozen=True)
class Part:
    """One network of such a method: method `flat` on a part of the tree.

    Attributes:
        name: of its run folder; unique among the parts, also where upper and lower case are one.
        scope: what it learns.
        prefix: what its weights' names begin with in the state dict of the whole.
        backbone: of this network; None for the recipe's.
        group: path of a leaf of the router's tree, for an expert: the group that it knows.
        follows: name of the part that must be trained first, because its answers divide the
            training images: this part learns from those that are sent to `group`. None for a part
            that learns from all images of its scope.
        misrouted: with `follows`, what becomes of images sent to this part that its scope leaves
            out: they get one of its classes at random, or are left out.
    """

    name: str
    scope: ScopeConfig
    prefix: str
    backbone: str | None = None
    group: str | None = None
    follows: str | None = None
    misrouted: Literal["random", "drop"] | None = None
