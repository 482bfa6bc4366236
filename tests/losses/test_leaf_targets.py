from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_label_sets import random_label_sets
from strategies import taxonomies

from labeltree.losses import leaf_targets
from labeltree.losses.leaf_targets import LeafTargets
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.label_sets import leaf_marks, make_label_sets

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
ROOT, CAT, DOG, BEAGLE, PUG = range(5)


@pytest.mark.parametrize(
    ("row", "marks"),
    [
        ([CAT], "yes no no"),
        ([BEAGLE, PUG], "no yes yes"),
        ([DOG], "no ? yes"),  # the pug is surest
        ([CAT, DOG], "yes ? yes"),
        ([ROOT], "? ? ?"),
        ([CAT, -2 - DOG], "yes ? ?"),
        ([BEAGLE, -2 - DOG], "no yes ?"),  # a beagle, perhaps with other dogs
        ([BEAGLE, -2 - ROOT], "? yes ?"),
        ([BEAGLE, -2 - CAT, -2 - PUG], "? yes ?"),
        ([DOG, -2 - PUG], "no ? yes"),  # nobody looked for pugs, yet this dog looks like one
        ([PUG, -1, -1], "no no yes"),
    ],
)
def test_animals_by_hand(row, marks):
    targets = LeafTargets(ANIMALS)
    present, known = targets(torch.tensor([[5.0, 0.0, 1.0]]), torch.tensor([row]))
    words = {(True, True): "yes", (False, True): "no", (False, False): "?"}
    pairs = zip(present[0].tolist(), known[0].tolist(), strict=True)
    assert " ".join(words[pair] for pair in pairs) == marks


def test_plain_targets_are_sets_of_one():
    scores, nodes = torch.rand(5, 3), torch.arange(5)
    for one, other in zip(
        LeafTargets(ANIMALS)(scores, nodes),
        LeafTargets(ANIMALS)(scores, nodes[:, None]),
        strict=True,
    ):
        assert torch.equal(one, other)


def test_of_equals_the_first_leaf_is_the_surest():
    present, _ = LeafTargets(ANIMALS)(torch.zeros(1, 3), torch.tensor([DOG]))
    assert present.tolist() == [[False, True, False]]


def test_no_gradient_flows_through_the_choice():
    scores = torch.zeros(1, 3, requires_grad=True)
    assert not any(mark.requires_grad for mark in LeafTargets(ANIMALS)(scores, torch.tensor([DOG])))


def all_rows(vague):
    return slice(None)


@pytest.mark.parametrize("rows", [leaf_targets._rows_to_visit, all_rows], ids=["CPU", "GPU"])
@given(taxonomy=taxonomies(), seed=st.integers(0, 2**32 - 1))
def test_any_sets_in_any_tree(rows, taxonomy, seed):
    generator = np.random.default_rng(seed)
    present, unknown = random_label_sets(taxonomy, generator, 6)
    sets = make_label_sets(taxonomy, present, unknown)
    scores = generator.integers(-2, 3, (6, taxonomy.num_leaves)).astype(np.float32)  # with ties

    expected_present, expected_known = leaf_marks(taxonomy, sets)
    for row, shown in enumerate(present):
        for node in shown:
            below = [i for i, leaf in enumerate(taxonomy.leaves) if is_above(taxonomy, node, leaf)]
            if node > 0 and below:
                surest = max(below, key=lambda leaf: (scores[row, leaf], -leaf))
                expected_present[row, surest] = expected_known[row, surest] = True

    with mock.patch.object(leaf_targets, "_rows_to_visit", rows):
        marks = LeafTargets(taxonomy)(torch.from_numpy(scores), torch.from_numpy(sets))
    np.testing.assert_array_equal(marks[0], expected_present)
    np.testing.assert_array_equal(marks[1], expected_known)


def is_above(taxonomy, node, leaf):
    return node in taxonomy.path_to(int(leaf))[:-1]


@given(taxonomies(), st.integers(0, 2**32 - 1))
def test_leaf_by_leaf_with_a_walk_up_the_tree(taxonomy, seed):
    generator = np.random.default_rng(seed)
    present, unknown = random_label_sets(taxonomy, generator, 6)
    sets = torch.from_numpy(make_label_sets(taxonomy, present, unknown))
    scores = torch.from_numpy(generator.normal(size=(6, taxonomy.num_leaves)))
    marks, known = (mark.numpy() for mark in LeafTargets(taxonomy)(scores, sets))
    for row, (shown, open_) in enumerate(zip(present, unknown, strict=True)):
        for place, leaf in enumerate(taxonomy.leaves.tolist()):
            path = {0, *taxonomy.path_to(leaf)}
            if leaf in shown:
                assert marks[row, place]
            elif known[row, place] and not marks[row, place]:
                assert not path & {*shown, *open_}
            elif not known[row, place]:
                assert path & {*shown, *open_}
        # Every node that is present, but the root, has exactly one leaf to show for it.
        assert marks[row].sum() == len([node for node in shown if node > 0])
    assert not (marks & ~known).any()


def test_a_hundred_thousand_leaves():
    """Deep enough that breadth-first and depth-first order differ."""
    taxonomy = Taxonomy.from_paths(
        [f"{i}/{j}" if i % 2 else f"{i}/{i}/{j}" for i in range(1000) for j in range(100)]
    )
    group = taxonomy.find("4/4")
    scores = torch.zeros(2, 100_000)
    leaves = [taxonomy.leaf_index[taxonomy.find(f"4/4/{j}")] for j in (7, 99)]
    scores[:, leaves[0]] = 1
    sets = torch.tensor([[group, -1], [taxonomy.find("3/5"), -2 - group]])
    present, known = LeafTargets(taxonomy)(scores, sets)
    assert present.sum(1).tolist() == [1, 1]
    assert present[0, leaves[0]]
    assert (~known).sum(1).tolist() == [99, 100]
    assert not known[:, leaves[1]].any()
