"""The parts of a method whose networks are trained apart from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeltree.data.scope import ScopeConfig


@dataclass(frozen=True)
class Part:
    """One network of such a method: method `flat` on a part of the tree.

    Attributes:
        name: of its run folder; unique among the parts, also where upper and lower case are one.
        scope: what it learns.
        prefix: what its weights' names begin with in the state dict of the whole.
    """

    name: str
    scope: ScopeConfig
    prefix: str
