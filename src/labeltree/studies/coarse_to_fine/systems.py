"""From single networks to what is compared: a flat network, or a router with its experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeltree.studies.coarse_to_fine.scales import PUBLISHED, ROUTER
from labeltree.studies.members import TrainedMember

FLAT, MERGED, TRUNK, ROUTED = "flat", "merged", "trunk", "routed"


@dataclass(frozen=True, eq=False)
class System:
    """What answers an image.

    Attributes:
        name: of a row; the same for all seeds.
        kind: `FLAT`, `MERGED`, `TRUNK` (router and experts share their first stages and are
            trained together) or `ROUTED`.
        seed: of its networks.
        parts: its networks by name; a system of one has one that is named after it.
        grouping: name of the grouping, if it has one.
        misrouted: what its experts learned from, of `ROUTED`.
    """

    name: str
    kind: str
    seed: int
    parts: Mapping[str, TrainedMember]
    grouping: str | None = None
    misrouted: str | None = None

    @property
    def members(self) -> tuple[TrainedMember, ...]:
        """Its networks, a router first."""
        return tuple(self.parts.values())

    @property
    def router(self) -> str | None:
        """Backbone of the router."""
        return None if self.grouping is None else _recipe(self.members[0])["backbone"]

    @property
    def experts(self) -> str | None:
        """Backbone of the experts."""
        return None if self.grouping is None else _recipe(self.members[-1])["backbone"]

    @property
    def epochs(self) -> float:
        """Passes over their own training images, summed over the networks as in the paper."""
        return sum(float(member.record["training"]["epochs"]) for member in self.members)

    @property
    def seconds(self) -> float:
        """Of training, summed likewise."""
        return sum(float(member.record["training"]["seconds"]) for member in self.members)


def systems(members: Sequence[TrainedMember]) -> list[System]:
    """All systems of a study, those of a seed before the next seed's."""
    found: list[System] = []
    routers = {_place(one): one for one in members if one.labels.get("part") == ROUTER}
    experts: dict[tuple[Any, ...], dict[str, TrainedMember]] = {}
    for member in members:
        labels = member.labels
        if "system" in labels:
            found.append(_whole(member))
        elif labels["part"] != ROUTER:
            key = (*_place(member), labels["experts"], labels["misrouted"])
            experts.setdefault(key, {})[str(labels["part"])] = member
    for (grouping, seed, backbone, misrouted), parts in experts.items():
        how = "" if misrouted == PUBLISHED else f", {misrouted}"
        found.append(
            System(
                f"{grouping}, {backbone} experts{how}",
                ROUTED,
                int(seed),
                {ROUTER: routers[grouping, seed], **parts},
                str(grouping),
                str(misrouted),
            )
        )
    return sorted(found, key=lambda system: system.seed)


def _whole(member: TrainedMember) -> System:
    name, seed = str(member.labels["system"]), int(member.labels["seed"])
    method = _recipe(member)["method"]
    kind = TRUNK if method == ROUTED else str(method)
    grouping = str(member.labels["grouping"]) if kind == TRUNK else None
    return System(name, kind, seed, {name: member}, grouping)


def _place(member: TrainedMember) -> tuple[str | int, str | int]:
    return member.labels["grouping"], member.labels["seed"]


def _recipe(member: TrainedMember) -> dict[str, Any]:
    recipe: dict[str, Any] = member.record["recipe"]
    return recipe
