"""What every entry of METRICS promises, the summary of a record, and Wilson's interval."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, answered_cases, levelwise, likely_targets
from scipy.stats import binomtest

from labeltree.metrics import METRICS, summary, top_k_accuracy, wilson_interval
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(
    ["fish", "cat/manx", "cat/persian", "dog/beagle", "dog/pug"], ["species", "breed"]
)
EVERY = pytest.mark.parametrize("name", METRICS)
UNDEFINED_WITHOUT_MISTAKES = {"mistake_severity"}
PERFECT = {"fpa": 1, "hierarchical_precision": 1, "hierarchical_recall": 1, "hierarchical_f1": 1}


@EVERY
@settings(max_examples=20)
@given(case=answered_cases())
def test_the_order_of_images_and_of_children_does_not_matter(
    name: str, case: tuple[Taxonomy, Floats, Nodes]
) -> None:
    tree, _, targets = case
    # Without ties, which the order of children may decide.
    rng = np.random.default_rng(0)
    values = tree.roll_up(rng.dirichlet(np.ones(tree.num_leaves), len(targets)))
    turned = Taxonomy.from_paths(tree.paths[:0:-1])
    place = np.array([turned.find(path) for path in tree.paths])
    there = np.empty_like(values)
    there[:, place] = values
    found = METRICS[name](tree, values, targets)
    again = METRICS[name](turned, there[::-1], place[targets[::-1]])
    np.testing.assert_allclose(again, found, atol=1e-12)


@EVERY
def test_perfect_answers(name: str) -> None:
    found = METRICS[name](PETS, PETS.roll_up(np.eye(5)), PETS.leaves)
    if name in UNDEFINED_WITHOUT_MISTAKES:
        assert np.isnan(found)
    elif name != "ahd@5":  # the other leaves are far off, whatever comes first
        assert found == PERFECT.get(name, 0)


@EVERY
def test_inputs_are_left_alone_and_results_are_plain_numbers(name: str) -> None:
    values = levelwise(PETS, 40, seed=0).astype(np.float32)
    targets = likely_targets(PETS, values, seed=1)
    before = values.copy(), targets.copy()
    assert type(METRICS[name](PETS, values, targets)) is float
    np.testing.assert_array_equal(values, before[0])
    np.testing.assert_array_equal(targets, before[1])


def test_the_summary_is_what_the_metrics_say() -> None:
    values = levelwise(PETS, 300, seed=0)
    targets = likely_targets(PETS, values, seed=1)
    found = summary(PETS, values, targets)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found) == ["images", "levels", *METRICS]
    assert found["images"] == 300
    for name, metric in METRICS.items():
        assert found[name] == metric(PETS, values, targets)
    top1, top5 = (top_k_accuracy(PETS, values, targets, k) for k in (1, 5))
    species, breed = found["levels"]
    assert list(breed) == ["level", "depth", "images", "top1", "low", "high", "top5"]
    assert (species["level"], species["depth"]) == ("species", 1)
    assert species["images"] == (targets > 0).sum()
    assert breed["images"] == (PETS.num_children[targets] == 0).sum()
    assert [species["top1"], breed["top1"]] == top1
    assert [species["top5"], breed["top5"]] == top5
    hits = round(breed["top1"] * breed["images"])
    assert (breed["low"], breed["high"]) == wilson_interval(hits, breed["images"])


@pytest.mark.parametrize("targets", [[], [0, 0]])
def test_where_nothing_is_known_a_summary_says_nothing(targets: list[int]) -> None:
    values = levelwise(PETS, len(targets), seed=0)
    found = summary(PETS, values, np.array(targets, dtype=np.int64))
    assert found["fpa"] is None
    assert found["ece"] is None
    assert found["mistake_severity"] is None
    nothing = {"images": 0, "top1": None, "low": 0.0, "high": 1.0, "top5": None}
    assert found["levels"][1] == {"level": "breed", "depth": 2, **nothing}


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(trial: tuple[int, int]) -> None:
    for confidence in (0.95, 0.99):
        expected = binomtest(*trial).proportion_ci(confidence, method="wilson")
        found = wilson_interval(*trial, confidence)
        np.testing.assert_allclose(found, (expected.low, expected.high), atol=1e-12)
