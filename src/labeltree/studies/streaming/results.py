"""A row for each network before and after streaming, and what training everything again reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labeltree.studies.members import TrainedMember
from labeltree.studies.streaming.plan import UNPROTECTED

BEFORE = ""
"""The protection of a row that tells of a base before it learned anything new."""


class Key(NamedTuple):
    """What a row is of, but for its seed."""

    model: str
    variant: str
    loss: str
    protection: str = BEFORE

    def protected(self, protection: str) -> Key:
        """The same network, streamed in another way."""
        return self._replace(protection=protection)


def key_of(row: Mapping[str, Any]) -> Key:
    """What a row is of."""
    return Key(row["model"], row["variant"], row["loss"], row["protection"])


def streaming_rows(members: Sequence[TrainedMember]) -> list[dict[str, Any]]:
    """For the record: bases, each followed by what became of it in streaming."""
    again = {
        (*_network(member), member.labels["seed"]): member
        for member in members
        if member.labels.get("retrained") == "sets" and member.labels["percent"] == 100
    }
    rows = []
    for base in (one for one in members if _is_base(one)):
        place = (*_network(base), base.labels["seed"])
        streamed = [
            one
            for one in members
            if "protection" in one.labels and (*_network(one), one.labels["seed"]) == place
        ]
        rows.append(_base_row(base, streamed))
        rows += [_streamed_row(base, one, again.get(place)) for one in streamed]
    return rows


def _is_base(member: TrainedMember) -> bool:
    return not {"protection", "retrained"} & member.labels.keys()


def _network(member: TrainedMember) -> tuple[str, str, str]:
    labels = member.labels
    return str(labels["model"]), str(labels["variant"]), str(labels["loss"])


def _names(member: TrainedMember, protection: str) -> dict[str, Any]:
    model, variant, loss = _network(member)
    return {
        "model": model,
        "variant": variant,
        "loss": loss,
        "protection": protection,
        "seed": member.labels["seed"],
    }


def _base_row(base: TrainedMember, streamed: Sequence[TrainedMember]) -> dict[str, Any]:
    leaves = base.record["test_before_decoding"]["levels"][-1]
    before = streamed[0].record["label_sets"].get("test_before", {}) if streamed else {}
    return {
        **_names(base, BEFORE),
        "base_top1": leaves["top1"],
        "base_top5": leaves["top5"],
        "original_top1": leaves["top1"],
        "original_top5": leaves["top5"],
        "streaming_top5_all": before.get("all_in_top5"),
        "streaming_top5_any": before.get("any_in_top5"),
        "streaming_map": before.get("map"),
        "validation_change": None,
        "validation_top5_all": None,
        "original_epoch_seconds": _epoch_seconds(base),
        "streaming_epoch_seconds": None,
        "streaming_seconds": None,
        "retrain_epoch_seconds": None,
        "retrain_seconds": None,
        "speedup": None,
    }


def _streamed_row(
    base: TrainedMember, streamed: TrainedMember, again: TrainedMember | None
) -> dict[str, Any]:
    original = streamed.record["original"]["test"]
    validation = streamed.record["original"]["validation"]
    sets = streamed.record["label_sets"]["test"]
    seconds = round(seconds_of(streamed) + streamed.record["training"]["seconds_preparing"], 3)
    return {
        **_names(streamed, str(streamed.labels["protection"])),
        "base_top1": original["before"]["top1"],
        "base_top5": original["before"]["top5"],
        "original_top1": original["after"]["top1"],
        "original_top5": original["after"]["top5"],
        "streaming_top5_all": sets["all_in_top5"],
        "streaming_top5_any": sets["any_in_top5"],
        "streaming_map": sets["map"],
        "validation_change": validation["after"]["top5"] - validation["before"]["top5"],
        "validation_top5_all": streamed.record["label_sets"]["validation"]["all_in_top5"],
        "original_epoch_seconds": _epoch_seconds(base),
        "streaming_epoch_seconds": _epoch_seconds(streamed),
        "streaming_seconds": seconds,
        "retrain_epoch_seconds": None if again is None else _epoch_seconds(again),
        "retrain_seconds": None if again is None else seconds_of(again),
        "speedup": None if again is None else round(seconds_of(again) / seconds, 2),
    }


def _epoch_seconds(member: TrainedMember) -> float:
    return float(member.record["cost"]["seconds_per_epoch"])


def seconds_of(member: TrainedMember) -> float:
    """Of all steps; the record's own sum is rounded to tenths, a good part of a short training."""
    return round(member.record["training"]["epochs"] * _epoch_seconds(member), 3)


def branch_rows(members: Sequence[TrainedMember]) -> list[dict[str, Any]]:
    """For the record: accuracy on the original images before and after, branch by branch."""
    return [
        {**_names(member, str(member.labels["protection"])), **branch}
        for member in members
        if "protection" in member.labels
        for branch in member.record["original"]["branches"]
    ]


class Results:
    """All rows, found by what they are of."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = list(rows)
        self._by_key: dict[Key, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            self._by_key.setdefault(key_of(row), []).append(row)

    def __contains__(self, key: Key) -> bool:
        return key in self._by_key

    @property
    def num_seeds(self) -> int:
        """Of every network."""
        return len({row["seed"] for row in self.rows})

    @property
    def bases(self) -> list[Key]:
        """All networks before streaming, in the order of the first seed."""
        return [key for key in self._by_key if key.protection == BEFORE]

    def protections(self, base: Key) -> list[Key]:
        """The ways in which a network was streamed, the unprotected one first."""
        return [
            key
            for key in self._by_key
            if key.protection != BEFORE and key.protected(BEFORE) == base
        ]

    @property
    def protected(self) -> list[Key]:
        """Networks that were streamed with protections, too."""
        return [base for base in self.bases if len(self.protections(base)) > 1]

    def figure(self, key: Key, name: str) -> NDArray[np.float64]:
        """One figure, a value for each seed that has one."""
        rows = sorted(self._by_key[key], key=lambda row: row["seed"])
        return np.array([row[name] for row in rows if row[name] is not None], dtype=np.float64)

    def mean(self, key: Key, name: str) -> float:
        """Its mean over the seeds."""
        return float(self.figure(key, name).mean())

    def mean_ratio(self, key: Key, name: str, other: str) -> float:
        """The mean over the seeds of one figure divided by another."""
        return float((self.figure(key, name) / self.figure(key, other)).mean())

    def change(self, key: Key) -> NDArray[np.float64]:
        """By how much the top-5 accuracy on the original images changed, for each seed."""
        return self.figure(key, "original_top5") - self.figure(key, "base_top5")

    def unprotected(self) -> list[Key]:
        """Networks that were streamed without protection, in the order of the tables."""
        return [key for base in self.bases if (key := base.protected(UNPROTECTED)) in self]
