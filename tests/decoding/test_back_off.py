"""Back-off rules against brute force, and what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_probabilities import Floats, Nodes, answered_cases

from labeltree.decoding import BACK_OFF_RULES, answer_quality, back_off_rule, curve
from labeltree.decoding.darts import information
from labeltree.decoding.staircase import is_right
from labeltree.decoding.threshold import walk_down
from labeltree.decoding.words import kept_by
from labeltree.errors import ConfigError, DataError
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
RULES = pytest.mark.parametrize("rule", BACK_OFF_RULES)
SHARES = st.floats(0, 1)


def fit(rule: str, tree: Taxonomy, values: Floats, targets: Nodes, share: float) -> float:
    return back_off_rule(rule).staircase(tree, values).fit(tree, targets, [share])[0]


def answers(rule: str, tree: Taxonomy, values: Floats, parameter: float) -> Nodes:
    return back_off_rule(rule).staircase(tree, values).answers(parameter)


def walked(tree: Taxonomy, p: Floats, threshold: float) -> int:
    """Down the most probable child while it reaches the threshold."""
    node = 0
    while tree.num_children[node]:
        children = range(len(tree))[tree.children(node)]
        best = max(children, key=lambda child: p[child])
        if p[best] < threshold:
            break
        node = best
    return node


def lineage(tree: Taxonomy, node: int) -> set[int]:
    return {0, *tree.path_to(node)}


@given(answered_cases(), st.floats(0, 1.1))
def test_threshold_is_a_walk(case: tuple[Taxonomy, Floats, Nodes], threshold: float) -> None:
    tree, values, _ = case
    # Rounding in roll-up may put a child a hair above its parent.
    threshold = float(np.clip(threshold, 1e-6, 0.999999)) if threshold <= 1 else threshold
    expected = [walked(tree, p, threshold) for p in values]
    assert answers("threshold", tree, values, threshold).tolist() == expected


@given(answered_cases(), st.floats(0, 50))
def test_darts_answers_are_worth_most(case: tuple[Taxonomy, Floats, Nodes], factor: float) -> None:
    tree, values, _ = case
    gain = [np.log2(tree.num_leaves / tree.leaf_counts[node]) for node in range(len(tree))]
    worth = (np.array(gain) + factor) * values
    found = answers("darts", tree, values, factor)
    np.testing.assert_allclose(
        worth[np.arange(len(values)), found], worth.max(axis=1), rtol=1e-9, atol=1e-9
    )


@RULES
@settings(max_examples=40)
@given(case=answered_cases(), share=SHARES)
def test_the_target_is_kept_and_no_lower_parameter_would_keep_it(
    rule: str, case: tuple[Taxonomy, Floats, Nodes], share: float
) -> None:
    tree, values, targets = case
    parameter = fit(rule, tree, values, targets, share)

    def accuracy(at: float) -> float:
        found = answers(rule, tree, values, at).tolist()
        pairs = zip(found, targets.tolist(), strict=True)
        right = [a in lineage(tree, t) or t in lineage(tree, a) for a, t in pairs]
        return float(np.mean(right))

    assert accuracy(parameter) >= share
    ends = BACK_OFF_RULES[rule].staircase(tree, values).until
    lower = np.unique(ends[ends < parameter])
    assert all(accuracy(at) < share for at in lower)


@RULES
@settings(max_examples=40)
@given(case=answered_cases(), shares=st.lists(SHARES, min_size=2, max_size=5))
def test_a_higher_target_never_lowers_the_parameter(
    rule: str, case: tuple[Taxonomy, Floats, Nodes], shares: list[float]
) -> None:
    parameters = [fit(rule, *case, share) for share in sorted(shares)]
    assert parameters == sorted(parameters)


@RULES
@settings(max_examples=40)
@given(case=answered_cases(), parameter=st.floats(0, 3))
def test_a_batch_is_its_images_one_by_one(
    rule: str, case: tuple[Taxonomy, Floats, Nodes], parameter: float
) -> None:
    tree, values, _ = case
    single = [answers(rule, tree, row[None], parameter)[0] for row in values]
    assert answers(rule, tree, values, parameter).tolist() == single


@RULES
@settings(max_examples=40)
@given(case=answered_cases())
def test_certainty_goes_up_and_information_down(
    rule: str, case: tuple[Taxonomy, Floats, Nodes]
) -> None:
    tree, values, _ = case
    steps = BACK_OFF_RULES[rule].staircase(tree, values)
    assert (steps.until[:, -1] == np.inf).all()
    assert (steps.until[:, 1:] >= steps.until[:, :-1]).all()
    assert (tree.leaf_counts[steps.nodes[:, -1]] == tree.num_leaves).all()
    told = information(tree)[steps.nodes]
    assert (told[:, 1:] <= told[:, :-1] + 1e-12).all()
    certainty = np.take_along_axis(values, steps.nodes, axis=1)
    assert (certainty[:, 1:] >= certainty[:, :-1] - 1e-9).all()


@RULES
def test_even_certain_mistakes_can_be_kept_out(rule: str) -> None:
    certain = ANIMALS.roll_up(np.eye(3)[[0, 1]])
    targets = np.array([ANIMALS.find("dog/pug"), ANIMALS.find("dog/beagle")])
    parameter = fit(rule, ANIMALS, certain, targets, 1.0)
    assert answers(rule, ANIMALS, certain, parameter).tolist() == [0, 0]
    assert np.isfinite(parameter)


@RULES
def test_a_chain_is_followed_to_its_leaf(rule: str) -> None:
    tree = Taxonomy.from_paths(["a/b/c", "d"])
    values = tree.roll_up(np.array([[0.1, 0.9]]))  # leaves: d, a/b/c
    assert tree.paths[answers(rule, tree, values, 0.5)[0]] == "a/b/c"


@RULES
@settings(max_examples=40)
@given(case=answered_cases())
def test_the_curve_runs_from_no_restraint_to_always_right(
    rule: str, case: tuple[Taxonomy, Floats, Nodes]
) -> None:
    tree, values, targets = case
    points = curve(rule, tree, values, targets, points=7)
    assert 1 <= len(points) <= 7
    assert [point["parameter"] for point in points] == sorted({p["parameter"] for p in points})
    for point in points:
        found = answers(rule, tree, values, point["parameter"])
        assert point == {
            "parameter": point["parameter"],
            **answer_quality(tree, found, targets),
        }
    assert points[0]["parameter"] == 0
    assert points[-1]["accuracy"] == 1 or len(points) == 1


def test_quality_by_hand() -> None:
    nodes = np.array([ANIMALS.find(path) for path in ("", "dog", "cat", "dog/pug")])
    targets = np.array([ANIMALS.find(path) for path in ("cat", "dog/pug", "dog", "dog")])
    quality = answer_quality(ANIMALS, nodes, targets)
    bits = (0 + np.log2(3 / 2) + 2 * np.log2(3)) / 4 / np.log2(3)
    assert quality == pytest.approx(
        {"accuracy": 0.75, "mean_depth": 1.0, "information": bits, "leaf_share": 0.5}
    )
    assert is_right(ANIMALS, nodes, targets).tolist() == [True, True, False, True]
    nobody = np.empty(0, dtype=np.int64)
    assert set(answer_quality(ANIMALS, nobody, nobody).values()) == {None}
    assert curve("threshold", ANIMALS, np.empty((0, 5)), nobody) == []


def test_walks_start_anywhere() -> None:
    values = ANIMALS.roll_up(np.array([[0.6, 0.1, 0.3]]))
    assert walk_down(ANIMALS, values).tolist() == [[0, 1, 1]]
    assert walk_down(ANIMALS, values, start=2).tolist() == [[2, 4, 4]]


@RULES
@settings(max_examples=40)
@given(case=answered_cases(), share=SHARES)
def test_every_answer_has_a_reason_with_its_label_and_figures(
    rule: str, case: tuple[Taxonomy, Floats, Nodes], share: float
) -> None:
    tree, values, targets = case
    parameter = fit(rule, tree, values, targets, share)
    for row, answer in zip(values, answers(rule, tree, values, parameter).tolist(), strict=True):
        reason = back_off_rule(rule).reason(tree, row, answer, parameter, kept_by(share))
        assert (tree.paths[answer] or "the root") in reason
        went = "went down" if tree.num_children[answer] == 0 else "stopped at"
        assert reason.startswith(went)
        assert "\n" not in reason


def test_reasons_by_hand() -> None:
    p = ANIMALS.roll_up(np.array([[0.05, 0.61, 0.34]]))[0]
    dog, beagle = ANIMALS.find("dog"), ANIMALS.find("dog/beagle")
    threshold, darts = (back_off_rule(rule).reason for rule in ("threshold", "darts"))
    told = [
        threshold(ANIMALS, p, beagle, 0.5, kept_by(0.9)),
        threshold(ANIMALS, p, beagle, 0.0, kept_by(0.5)),
        threshold(ANIMALS, p, 0, 0.955, kept_by(0.99)),
        threshold(ANIMALS, p, 0, 2.0, kept_by(1.0)),
        darts(ANIMALS, p, dog, 5.0, kept_by(0.95)),
        darts(ANIMALS, p, beagle, 0.1, kept_by(0.5)),
    ]
    assert told == [
        "went down to dog/beagle: its 0.61 reaches the 0.50 that keeps 90 % of answers right",
        "went down to dog/beagle (0.61): no step needs to be sure",
        "stopped at the root: its best child dog has 0.950, below the 0.955 that "
        "keeps 99 % of answers right",
        "stopped at the root: there is no threshold that keeps 100 % of answers right",
        "stopped at dog: with the λ = 5 that keeps 95 % of answers right it is worth 5.31 "
        "(probability 0.95), its best child dog/beagle only 4.02 (probability 0.61)",
        "went down to dog/beagle: with the λ = 0.1 that keeps 50 % of answers right it is worth "
        "1.03 (probability 0.61), its parent dog 0.65 (probability 0.95)",
    ]


def test_what_does_not_fit_is_refused() -> None:
    values, targets = ANIMALS.roll_up(np.full((1, 3), 1 / 3)), np.array([1])
    with pytest.raises(ConfigError, match="known: threshold, darts"):
        fit("hedge", ANIMALS, values, targets, 0.9)
    for share in (-0.1, 95, float("nan")):
        with pytest.raises(ConfigError, match="from 0 to 1"):
            fit("threshold", ANIMALS, values, targets, share)
    with pytest.raises(DataError, match="validation images"):
        fit("threshold", ANIMALS, values[:0], targets[:0], 0.9)
