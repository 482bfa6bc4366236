"""Training from scratch on everything: what it reaches, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from labeltree.data import open_source
from labeltree.data.combined_classes import COMBINED
from labeltree.errors import ModelFolderError
from labeltree.metrics import all_in_top_k, any_in_top_k
from labeltree.metrics.levels import mean
from labeltree.metrics.top_k import target_ranks
from labeltree.studies.members import TrainedMember
from labeltree.studies.streaming.results import seconds_of

_BEST = 5


def retraining_rows(members: Sequence[TrainedMember]) -> list[dict[str, Any]]:
    """For the record: one row for each network that learned everything.

    Original images are those with one label, new ones those with several; or, where combinations
    are classes of their own, those of these classes. A combination that is a class counts as found
    when that class is among the five most probable.
    """
    return [
        {
            "model": member.labels["model"],
            "variant": member.labels["variant"],
            "loss": member.labels["loss"],
            "labels": member.labels["retrained"],
            "share": int(member.labels["percent"]) / 100,
            "seed": member.labels["seed"],
            "epochs": member.record["training"]["epochs"],
            "seconds": seconds_of(member),
            "epoch_seconds": member.record["cost"]["seconds_per_epoch"],
            **_accuracies(member),
        }
        for member in members
        if "retrained" in member.labels
    ]


def _accuracies(member: TrainedMember) -> dict[str, float]:
    """On the original and on the new test images."""
    found = member.probabilities("test")
    tree, values, targets = found.taxonomy, found.probabilities, found.targets
    assert targets is not None  # checked when they are read
    recipe = member.record["recipe"]
    test = open_source(recipe["data"], member.data_root, **recipe["data_options"]).test
    assert test is not None
    if not np.array_equal(test.targets, targets):
        raise ModelFolderError(
            f"{member.folder} answered other test images than {recipe['data']} holds now; "
            f"{member.remedy}"
        )
    if test.sets is None:
        new = np.isin(tree.ancestor_at(targets, 1), [tree.find(COMBINED)])
    else:
        new = (test.sets >= 0).sum(axis=1) > 1
    ranks = target_ranks(tree, values[~new], targets[~new], tree.depth)
    accuracies = {"original_top1": mean(ranks < 1), "original_top5": mean(ranks < _BEST)}
    if test.sets is None:
        share = mean(target_ranks(tree, values[new], targets[new], tree.depth) < _BEST)
        return {**accuracies, "streaming_top5_all": share, "streaming_top5_any": share}
    leaves, sets = values[new][:, tree.leaves], test.sets[new]
    return {
        **accuracies,
        "streaming_top5_all": all_in_top_k(tree, leaves, sets, k=_BEST),
        "streaming_top5_any": any_in_top_k(tree, leaves, sets, k=_BEST),
    }
