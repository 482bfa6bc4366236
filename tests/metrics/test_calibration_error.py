"""ECE and top-1 against torchmetrics; the reliability diagram against its definition."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from node_probabilities import coherent, likely_targets

from labeltree.metrics import expected_calibration_error, leaf_answers, reliability, top_k_accuracy
from labeltree.taxonomy import Taxonomy

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    from torchmetrics.functional.classification import (
        multiclass_accuracy,
        multiclass_calibration_error,
    )

PETS = Taxonomy.from_paths(["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"])


@pytest.mark.parametrize("bins", [1, 10, 15])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_torchmetrics(bins: int, seed: int) -> None:
    values = coherent(PETS, 400, seed)
    targets = PETS.leaves[np.random.default_rng(seed).integers(0, 5, 400)]
    leaves = torch.from_numpy(values[:, PETS.leaves])
    classes = torch.from_numpy(PETS.leaf_index[targets])
    error = multiclass_calibration_error(leaves, classes, num_classes=5, n_bins=bins, norm="l1")
    assert expected_calibration_error(PETS, values, targets, bins) == pytest.approx(
        error.item(), abs=1e-6
    )
    for k in (1, 2):
        share = multiclass_accuracy(leaves, classes, num_classes=5, average="micro", top_k=k)
        assert top_k_accuracy(PETS, values, targets, k)[-1] == pytest.approx(share.item())


def test_the_diagram_is_what_it_says() -> None:
    values = coherent(PETS, 300, seed=2)
    targets = likely_targets(PETS, values, seed=3)
    counted = PETS.num_children[targets] == 0
    assert 0 < counted.sum() < 300
    confidence = values[:, PETS.leaves].max(axis=1)[counted]
    right = (leaf_answers(PETS, values) == targets)[counted]
    gap = 0.0
    for row in reliability(PETS, values, targets):
        inside = (confidence >= row["low"]) & (confidence < row["high"])
        assert row["count"] == inside.sum()
        if row["count"]:
            assert row["confidence"] == pytest.approx(confidence[inside].mean())
            assert row["accuracy"] == pytest.approx(right[inside].mean())
            gap += abs(row["confidence"] - row["accuracy"]) * row["count"] / counted.sum()
        else:
            assert row["confidence"] is None
            assert row["accuracy"] is None
    assert expected_calibration_error(PETS, values, targets) == pytest.approx(gap)


def test_certainty_is_in_the_last_bin() -> None:
    values = PETS.roll_up(np.eye(5))
    assert reliability(PETS, values, PETS.leaves)[-1] == {
        "low": pytest.approx(14 / 15),
        "high": 1.0,
        "confidence": 1.0,
        "accuracy": 1.0,
        "count": 5,
    }
    assert expected_calibration_error(PETS, values, PETS.leaves) == 0
