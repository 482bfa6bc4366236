"""Labels that were made wrong on purpose are found."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from node_probabilities import Floats, Nodes, answered_cases
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import cross_val_predict

from labeltree.audit import suspects
from labeltree.audit.suspects import ODDS, thresholds
from labeltree.decoding import apply_temperature, fit_temperature
from labeltree.metrics import leaf_answers
from labeltree.taxonomy import Taxonomy

PETS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
CAT, DOG, BEAGLE, PUG = (PETS.find(path) for path in ("cat", "dog", "dog/beagle", "dog/pug"))
PRECISION, RECALL = 0.9, 0.65  # measured: 0.96 and 0.72


def test_wrong_labels_of_digits() -> None:
    """A small model, trained on 5 % wrong labels, and asked of images it was not trained on."""
    pixels, digits = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    changed = rng.random(len(digits)) < 0.05
    labels = np.where(changed, (digits + rng.integers(1, 10, len(digits))) % 10, digits)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
    given_ = cross_val_predict(model, pixels / 16, labels, cv=5, method="predict_proba")
    tree = Taxonomy.from_paths([f"{'odd' if d % 2 else 'even'}/{d}" for d in range(10)])
    nodes = np.array([tree.find(f"{'odd' if d % 2 else 'even'}/{d}") for d in range(10)])
    leaves = np.empty_like(given_)
    leaves[:, tree.leaf_index[nodes]] = given_
    rolled = tree.roll_up(leaves)
    temperature = fit_temperature(tree, rolled, nodes[labels])
    values = apply_temperature(tree, rolled, temperature)
    found = suspects(tree, values, leaf_answers(tree, values), nodes[labels])
    hits = changed[found.images]
    precision, recall = hits.mean(), hits.sum() / changed.sum()
    assert precision > PRECISION and recall > RECALL
    assert hits[: len(hits) // 2].mean() >= precision  # the surest first
    told = nodes[digits][found.images][hits] == found.answers[hits]
    assert told.mean() > 0.95  # and the right label is suggested


def test_facts() -> None:
    leaves = np.array([[0.01, 0.04, 0.95], [0.01, 0.04, 0.95], [0.3, 0.1, 0.6], [0.9, 0.05, 0.05]])
    values = PETS.roll_up(leaves)
    answers = leaf_answers(PETS, values)
    found = suspects(PETS, values, answers, np.array([BEAGLE, CAT, CAT, CAT]))
    assert found.images.tolist() == [1, 0]  # margins 0.94 and 0.91; 0.6 against 0.3 is no matter
    assert found.labels.tolist() == [CAT, BEAGLE]
    assert found.answers.tolist() == [PUG, PUG]
    assert found.parted_at.tolist() == [1, 2]


def test_an_inner_label_is_suspect_only_if_the_answer_lies_outside() -> None:
    values = PETS.roll_up(np.array([[0.01, 0.04, 0.95], [0.98, 0.01, 0.01]]))
    answers = leaf_answers(PETS, values)
    targets = np.array([DOG, DOG])
    more = np.concatenate([values, values]), np.concatenate([targets, [PUG, CAT]])
    found = suspects(PETS, more[0], np.concatenate([answers, answers]), more[1])
    assert found.images.tolist() == [1]
    assert found.label_probabilities[0] == values[1, DOG]
    root = np.zeros(2, dtype=np.int64)  # nothing is known, so nothing can be wrong
    assert len(suspects(PETS, values, answers, root).images) == 0


def test_an_answer_must_be_as_probable_as_its_class_usually_is() -> None:
    sure = PETS.roll_up(np.array([[0.02, 0.0, 0.98]] * 30))
    unsure = PETS.roll_up(np.array([[0.05, 0.35, 0.6]]))
    values = np.concatenate([sure, unsure])
    targets = np.array([PUG] * 30 + [CAT])
    answers = leaf_answers(PETS, values)
    assert len(suspects(PETS, values, answers, targets).images) == 0
    believed = thresholds(PETS, values, targets)[PUG]
    assert 0.6 < believed < 0.98


def test_thresholds_of_rare_classes_lean_on_the_others() -> None:
    values = PETS.roll_up(np.array([[0.0, 0.0, 1.0]] * 10 + [[0.0, 0.0, 1.0]]))
    found = thresholds(PETS, values, np.array([PUG] * 10 + [BEAGLE]))
    mean = 10 / 11
    assert np.isclose(found[PUG], (10 + 5 * mean) / 15)
    assert np.isclose(found[BEAGLE], 5 * mean / 6)  # its one image, wrongly labelled, gives it 0
    assert np.isclose(found[CAT], mean)
    assert (thresholds(PETS, values[:1], np.array([DOG])) == 1).all()


def test_a_label_of_probability_0() -> None:
    values = PETS.roll_up(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
    found = suspects(PETS, values, np.array([PUG, PUG]), np.array([CAT, PUG]))
    assert found.images.tolist() == [0]


@given(answered_cases())
def test_every_suspect_keeps_the_rule(case: tuple[Taxonomy, Floats, Nodes]) -> None:
    tree, values, targets = case
    answers = leaf_answers(tree, values)
    found = suspects(tree, values, answers, targets)
    assert len(set(found.images.tolist())) == len(found.images)
    assert not tree.is_at_or_below(found.answers, found.labels).any()
    assert (found.confidences >= ODDS * found.label_probabilities).all()
    margins = found.confidences - found.label_probabilities
    assert (np.diff(margins) <= 0).all()
    for label, answer, depth in zip(found.labels, found.answers, found.parted_at, strict=True):
        at, other = (tree.ancestor_at(np.array([node]), depth)[0] for node in (label, answer))
        above, beside = (tree.ancestor_at(np.array([n]), depth - 1)[0] for n in (label, answer))
        assert at != other and above == beside
