"""Temperature: what it does to probabilities, and whether the fitted one is the best one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import (
    Floats,
    Nodes,
    answered_cases,
    coherent,
    incoherence,
    likely_targets,
)
from scipy.optimize import brute
from scipy.special import softmax

from labeltree.decoding import apply_temperature, calibration, fit_temperature
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["cat/manx", "cat/persian", "dog/beagle", "dog/pug", "fish"])


@given(answered_cases(), st.floats(0.06, 15))
def test_it_is_dividing_logits(case: tuple[Taxonomy, Floats, Nodes], temperature: float) -> None:
    tree, values, _ = case
    with np.errstate(divide="ignore"):
        leaves = softmax(np.log(values[:, tree.leaves]) / temperature, axis=1)
    scaled = apply_temperature(tree, values, temperature)
    np.testing.assert_allclose(scaled, tree.roll_up(leaves), atol=1e-9)
    assert (
        incoherence(tree, apply_temperature(tree, values.astype(np.float32), temperature)) <= 1e-5
    )


def test_sharp_temperatures_do_not_underflow() -> None:
    tree = Taxonomy.from_paths([str(leaf) for leaf in range(20_000)])
    values = tree.roll_up(np.full((1, 20_000), 5e-5, dtype=np.float32))
    np.testing.assert_allclose(apply_temperature(tree, values, 0.05), values, rtol=1e-3)


def test_temperature_1_changes_nothing() -> None:
    values = coherent(PETS, 2, seed=0)
    assert apply_temperature(PETS, values, 1.0) is values


def mean_loss(tree: Taxonomy, values: Floats, targets: Nodes, temperature: float) -> float:
    scaled = apply_temperature(tree, values, temperature)
    return float(-np.log(scaled[np.arange(len(targets)), targets]).mean())


@pytest.mark.parametrize("distortion", [0.4, 1.0, 2.5])
def test_it_undoes_a_distortion(distortion: float) -> None:
    honest = coherent(PETS, 20_000, seed=1)
    targets = likely_targets(PETS, honest, seed=2)
    assert (PETS.num_children[targets] > 0).mean() > 0.2  # inner nodes take part
    distorted = apply_temperature(PETS, honest, 1 / distortion).astype(np.float32)
    found = fit_temperature(PETS, distorted, targets)
    assert found == pytest.approx(distortion, rel=0.05)
    around = [mean_loss(PETS, distorted, targets, found * factor) for factor in (0.97, 1, 1.03)]
    assert min(around) == around[1]


def test_it_is_the_best_of_a_grid() -> None:
    values = coherent(PETS, 300, seed=3)
    targets = likely_targets(PETS, values**2, seed=4)
    useful = values[np.arange(300), targets] > 0

    def objective(log_temperature: Floats) -> float:
        log_t = float(np.squeeze(log_temperature))
        total = mean_loss(PETS, values[useful], targets[useful], np.exp(log_t)) * useful.sum()
        return total + log_t**2 / 2

    best = brute(objective, [(-2.5, 2.5)], Ns=501, finish=None)
    assert np.log(fit_temperature(PETS, values, targets)) == pytest.approx(float(best), abs=0.011)


def test_few_images_say_little() -> None:
    none = np.empty((0, PETS.num_nodes))
    assert fit_temperature(PETS, none, np.empty(0, dtype=np.int64)) == 1
    right = PETS.roll_up(np.array([[0.6, 0.1, 0.1, 0.1, 0.1]]))
    targets = np.array([PETS.find("cat/manx")])
    # Fish is leaf 0: this one is wrong. Five right answers sharpen, but not beyond all bounds.
    once = fit_temperature(PETS, right, np.array([PETS.find("fish")]))
    five = fit_temperature(PETS, np.repeat(right, 5, axis=0), np.repeat(PETS.find("fish"), 5))
    assert 0.2 < five < once < 1
    assert fit_temperature(PETS, right, targets) > 1


def test_impossible_targets_and_certain_answers_are_no_obstacle() -> None:
    certain = PETS.roll_up(np.eye(5)[[0, 1, 2]])
    assert fit_temperature(PETS, certain, PETS.leaves[[3, 4, 3]]) == 1
    assert 0.05 <= fit_temperature(PETS, certain, PETS.leaves[[0, 1, 3]]) <= 20
    root = np.zeros(3, dtype=np.int64)
    assert fit_temperature(PETS, certain, root) == pytest.approx(1, abs=1e-2)


def test_of_many_images_a_sample_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = coherent(PETS, 6000, seed=5)
    targets = likely_targets(PETS, honest, seed=6)
    whole = fit_temperature(PETS, honest, targets)
    monkeypatch.setattr(calibration, "MOST_VALUES", 5 * 3000)
    assert fit_temperature(PETS, honest, targets) == pytest.approx(whole, rel=0.1)
