"""A row for each system, routing and seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.costs import Cost
from labeltree.studies.coarse_to_fine.answers import HARD, ROUTINGS, SOFT, Answers
from labeltree.studies.coarse_to_fine.systems import System

Key = tuple[str, str | None]
"""A system's name, and the routing; None for a system without a router."""

BEYOND = 0.05
"""How far a cost may lie beyond that of the largest or smallest flat network, as a share of it."""


@dataclass(frozen=True)
class Costs:
    """What a system costs to keep and to ask.

    Attributes:
        by_routing: None is the way of a system without a router.
    """

    by_routing: Mapping[str | None, Cost]


def routings(answers: Answers) -> tuple[str | None, ...]:
    """Those that differ: of two groups, both are the two most probable ones."""
    if answers.routes is None:
        return (None,)
    groups = answers.routes.num_groups
    return tuple(name for name, k in ROUTINGS.items() if k is None or k < groups)


def rows(system: System, answers: Answers, costs: Costs) -> list[dict[str, Any]]:
    """For the record: one row for each routing."""
    return [_row(system, answers, costs, routing) for routing in routings(answers)]


def _row(system: System, answers: Answers, costs: Costs, routing: str | None) -> dict[str, Any]:
    leaves = answers.routed(None if routing is None else ROUTINGS[routing])
    right = answers.right(leaves)
    cost = costs.by_routing[routing]
    assert cost.images_per_second is not None  # there are test images
    sent, told = answers.right_group(), None
    if answers.routes is not None:
        told = answers.right_told(answers.routes.groups)
    return {
        "system": system.name,
        "kind": system.kind,
        "grouping": system.grouping,
        "router": system.router,
        "experts": system.experts,
        "misrouted": system.misrouted,
        "routing": routing,
        "seed": system.seed,
        "top1": float(right.mean()),
        "top3": float(answers.right(leaves, 3).mean()),
        "router_accuracy": None if sent is None else float(sent.mean()),
        "oracle_top1": None if told is None else float(told.mean()),
        "router_error_share": None if told is None else _share(told, ~right),
        "epochs": system.epochs,
        "seconds": round(system.seconds, 1),
        "memory_mb": cost.weight_mb,
        "macs": cost.macs,
        "images_per_second": round(cost.images_per_second, 1),
    }


def _share(these: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
    return float(these[among].mean()) if among.any() else None


class Results:
    """All rows, found by what they are of."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = list(rows)
        self._by_key: dict[Key, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            self._by_key.setdefault((row["system"], row["routing"]), []).append(row)

    def __contains__(self, key: Key) -> bool:
        return key in self._by_key

    @property
    def num_seeds(self) -> int:
        """Of every system."""
        return len({row["seed"] for row in self.rows})

    @property
    def keys(self) -> list[Key]:
        """All systems with their routings, in the order of the first seed."""
        return list(self._by_key)

    def systems(self, **wanted: Any) -> list[str]:
        """Names of the systems whose rows hold these values."""
        names = (
            row["system"]
            for row in self.rows
            if all(row[key] == value for key, value in wanted.items())
        )
        return list(dict.fromkeys(names))

    def first(self, key: Key) -> Mapping[str, Any]:
        """The row of its first seed, for what is the same in all."""
        return self._by_key[key][0]

    def figure(self, key: Key, name: str) -> NDArray[np.float64]:
        """One figure of a system, a value for each seed that has one."""
        rows = sorted(self._by_key[key], key=lambda row: row["seed"])
        return np.array([row[name] for row in rows if row[name] is not None], dtype=np.float64)

    def mean(self, key: Key, name: str) -> float | None:
        """Its mean over these seeds; None where there is none: no error has a cause."""
        values = self.figure(key, name)
        return float(values.mean()) if len(values) else None

    def cost(self, key: Key, name: str) -> float:
        """The mean of a figure that every row has."""
        return float(self.figure(key, name).mean())

    def flat_top1(self, key: Key, cost: str) -> NDArray[np.float64] | None:
        """What flat networks of the same cost reach, for each seed.

        Between two flat networks accuracy is taken to grow with the logarithm of the cost. None
        where the cost lies beyond those of all flat networks by more than `BEYOND`.

        Args:
            key: what they are compared with.
            cost: `macs` or `memory_mb`.
        """
        flats: list[Key] = [(system, None) for system in self.systems(kind="flat")]
        if not flats:
            return None
        flats.sort(key=lambda flat: self.cost(flat, cost))
        costs = np.log([self.cost(flat, cost) for flat in flats])
        here, beyond = np.log(self.cost(key, cost)), np.log1p(BEYOND)
        if not costs[0] - beyond <= here <= costs[-1] + beyond:
            return None
        reached = np.array([self.figure(flat, "top1") for flat in flats])  # (flats, seeds)
        return np.array([np.interp(here, costs, seed) for seed in reached.T])

    def routed(self) -> list[str]:
        """Systems with a router."""
        return [name for name in self.systems() if (name, SOFT) in self and (name, HARD) in self]
