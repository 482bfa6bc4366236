"""What users of scikit-learn count on."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import confusion_matrix, log_loss
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from small_classifier import CLASSES, SETTINGS, Set, small_classifier

import labeltree
from labeltree import TreeClassifier
from labeltree.data.opening import open_source
from labeltree.errors import (
    ConfigError,
    DataError,
    MissingExtraError,
    ModelFolderError,
    OutputExistsError,
)
from labeltree.metrics import leaf_answers
from labeltree.prediction import open_predictor
from labeltree.recipes import Recipe

CHECKS = (  # those of scikit-learn's that bring no table of numbers of their own
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
)


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learns_own_check(check: str) -> None:
    getattr(estimator_checks, check)("TreeClassifier", TreeClassifier())


def test_the_package_is_imported_without_torch_and_scikit_learn() -> None:
    code = (
        "import sys, labeltree; print({'torch', 'sklearn'} & set(sys.modules)); "
        "labeltree.TreeClassifier; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["set()", "False"]


def test_other_attributes_are_missed_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Tree'"):
        labeltree.Tree  # noqa: B018


def test_parameters_are_kept_as_given() -> None:
    settings = {"split.seed": 1}
    classifier = TreeClassifier("slim", settings=settings, folder="runs/x")
    assert classifier.get_params()["settings"] is settings
    copied = clone(classifier.set_params(epochs=3))
    assert copied.get_params() == classifier.get_params()
    assert copied.folder == "runs/x" and copied.epochs == 3


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "answers"])
def test_nothing_is_answered_before_fit(ask: str, pictures: Set) -> None:
    with pytest.raises(NotFittedError):
        getattr(TreeClassifier(), ask)(pictures.images)


def test_classes_are_the_leaves_in_the_order_of_scikit_learn(fitted: TreeClassifier) -> None:
    assert fitted.classes_.tolist() == np.unique(CLASSES).tolist()
    assert fitted.classes_at(1).tolist() == ["a", "b", "c"]
    assert fitted.classes_at("level 1").tolist() == ["a", "b", "c"]
    assert fitted.classes_at(2).tolist() == fitted.classes_.tolist()


def test_probabilities_add_up_and_agree_between_levels(
    fitted: TreeClassifier, pictures: Set
) -> None:
    leaves = fitted.predict_proba(pictures.images)
    coarse = fitted.predict_proba(pictures.images, level=1)
    np.testing.assert_allclose(leaves.sum(axis=1), 1, atol=1e-5)
    below = np.array([[leaf.split("/")[0] == top for top in "abc"] for leaf in fitted.classes_])
    np.testing.assert_allclose(leaves @ below, coarse, atol=1e-5)


@pytest.mark.parametrize("level", [1, 2, "level 2"])
def test_labels_of_a_level_are_the_most_probable(
    fitted: TreeClassifier, pictures: Set, level: int | str
) -> None:
    best = fitted.predict_proba(pictures.images, level=level).argmax(axis=1)
    expected = fitted.classes_at(level)[best]
    assert fitted.predict(pictures.images, level=level).tolist() == expected.tolist()


def test_predictions_are_those_of_the_command_line(
    fitted: TreeClassifier, pictures: Set, run: Path
) -> None:
    predictor = open_predictor(run)
    said = predictor(pictures.images[:, None])  # 16 pixels: nothing to resize
    tree = predictor.taxonomy
    order = [tree.find(path) for path in fitted.classes_]
    np.testing.assert_allclose(
        fitted.predict_proba(pictures.images), said.probabilities[:, order], atol=1e-6
    )
    explained = predictor.decoder.explained(tree, said.probabilities)
    found = fitted.answers(pictures.images)
    assert [answer.path for answer in found] == [answer.path for answer in explained]
    assert fitted.predict(pictures.images).tolist() == [answer.path for answer in explained]


def test_the_target_decides_how_deep_answers_go(fitted: TreeClassifier, pictures: Set) -> None:
    sure = fitted.predict(pictures.images, target_accuracy=1)
    bold = fitted.predict(pictures.images, target_accuracy=0)
    assert all(deep.startswith(shallow) for shallow, deep in zip(sure, bold, strict=True))
    assert set(bold) <= set(fitted.classes_)
    later = TreeClassifier.load(fitted.folder).set_params(target_accuracy=0)
    assert later.predict(pictures.images).tolist() == bold.tolist()


def test_score_is_the_share_of_leaves_at_or_below_the_labels(
    fitted: TreeClassifier, pictures: Set
) -> None:
    leaves = fitted.predict(pictures.images, level=2)
    assert fitted.score(*pictures) == np.mean(leaves == pictures.labels)
    coarse = [label[0] for label in pictures.labels]
    tops = np.array([leaf[0] for leaf in leaves])
    assert fitted.score(pictures.images, coarse) == np.mean(tops == coarse)
    assert fitted.score(pictures.images, ["wolf"] * 60) == 0
    weights = np.arange(60)
    expected = np.average(leaves == pictures.labels, weights=weights)
    assert fitted.score(*pictures, sample_weight=weights) == pytest.approx(expected)
    assert fitted.score(*pictures) == leaf_accuracy(fitted, pictures)


def leaf_accuracy(classifier: TreeClassifier, pictures: Set) -> float:
    """The same by way of the package's metrics."""
    tree, predictor = classifier.taxonomy_, classifier.predictor_
    answers = leaf_answers(tree, predictor(pictures.images[:, None]).probabilities)
    targets = [tree.find(path) for path in pictures.labels]
    return float(np.mean(answers == targets))


def test_metrics_of_scikit_learn_take_what_it_says(fitted: TreeClassifier, pictures: Set) -> None:
    leaves = fitted.predict_proba(pictures.images)
    rows = np.searchsorted(fitted.classes_, pictures.labels)
    expected = -np.log(leaves[np.arange(60), rows].astype(np.float64)).mean()
    # Renormalised, since scikit-learn warns of sums that are off by more than float32's rounding.
    leaves = leaves.astype(np.float64) / leaves.sum(axis=1, keepdims=True, dtype=np.float64)
    assert log_loss(pictures.labels, leaves) == pytest.approx(expected, abs=1e-4)
    table = confusion_matrix(
        [label[0] for label in pictures.labels],
        fitted.predict(pictures.images, level=1),
        labels=fitted.classes_at(1),
    )
    assert table.sum(axis=1).tolist() == [20, 30, 10]


def test_it_can_be_cross_validated(pictures: Set) -> None:
    classifier = small_classifier(epochs=1, settings={**SETTINGS, "split.test_fraction": 0})
    scores = cross_val_score(make_pipeline(classifier), *pictures, cv=2, error_score="raise")
    assert scores.shape == (2,) and ((scores >= 0) & (scores <= 1)).all()


def test_the_run_folder_is_one_as_any_other(
    fitted: TreeClassifier, pictures: Set, run: Path
) -> None:
    recipe = Recipe.from_yaml(run / "recipe.yaml")
    source = open_source(recipe.data, **recipe.data_options)
    assert len(source.train) == 60 and source.taxonomy == fitted.taxonomy_
    for i, label in enumerate(pictures.labels):
        np.testing.assert_array_equal(source.train.images.read(i), pictures.images[i])
        assert source.taxonomy.paths[source.train.targets[i]] == label
    assert fitted.record_ is not None and fitted.record_["recipe"]["data"] == recipe.data


def test_saved_and_loaded_it_says_the_same(
    fitted: TreeClassifier, pictures: Set, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    loaded = TreeClassifier.load(tmp_path / "model")
    for images in (pictures.images, pictures.images[:1]):
        np.testing.assert_array_equal(loaded.predict_proba(images), fitted.predict_proba(images))
    assert loaded.record_ == fitted.record_
    assert loaded.classes_.tolist() == fitted.classes_.tolist()
    with pytest.raises(OutputExistsError, match="model exists"):
        fitted.save(tmp_path / "model")


@pytest.mark.parametrize("level", [0, 3, -1, "kind", 1.5, [1]])
def test_unknown_levels_are_refused(fitted: TreeClassifier, pictures: Set, level: object) -> None:
    with pytest.raises(ConfigError, match=r"no level .*1 or 'level 1', 2 or 'level 2'"):
        fitted.predict_proba(pictures.images, level=level)


@pytest.mark.parametrize("images", [123, None])
def test_what_are_no_images_is_refused(fitted: TreeClassifier, images: object) -> None:
    for ask in (fitted.predict, fitted.predict_proba, fitted.answers):
        with pytest.raises(DataError, match="images are of type"):
            ask(images)


@pytest.mark.parametrize("target", ["0.5", [0.5], 2])
def test_what_is_no_share_is_refused(fitted: TreeClassifier, pictures: Set, target: object) -> None:
    with pytest.raises(ConfigError, match="give a share from 0 to 1"):
        fitted.predict(pictures.images, target_accuracy=target)


def test_a_level_and_a_target_exclude_each_other(fitted: TreeClassifier, pictures: Set) -> None:
    with pytest.raises(ConfigError, match="give one"):
        fitted.predict(pictures.images, level=1, target_accuracy=0.5)


def test_different_lengths_are_refused(fitted: TreeClassifier, pictures: Set) -> None:
    with pytest.raises(DataError, match="60 images and 59 labels"):
        fitted.score(pictures.images, pictures.labels[:-1])


def test_images_it_cannot_read_are_named(fitted: TreeClassifier, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"image 0: .*a\.png: empty file"):
        fitted.predict([tmp_path / "a.png"])
    with pytest.raises(DataError, match="no images"):
        fitted.predict([])


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("labeltree.classifier")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(MissingExtraError, match="with its extra 'train'"):
        labeltree.TreeClassifier  # noqa: B018


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{bad", "is damaged"), ("[]", "holds no record"), ('{"test": 3}', "damaged at 'test'")],
)
def test_a_damaged_record_is_one_line(
    fitted: TreeClassifier, tmp_path: Path, text: str, reason: str
) -> None:
    fitted.save(tmp_path / "model")
    (tmp_path / "model/record.json").write_text(text)
    with pytest.raises(ModelFolderError, match=reason) as info:
        TreeClassifier.load(tmp_path / "model")
    assert "\n" not in str(info.value)


def test_without_a_target_the_model_has_its_own(fitted: TreeClassifier, pictures: Set) -> None:
    decoder = fitted.predictor_.decoder
    assert fitted.target_accuracy is None
    said = fitted.predict(pictures.images)
    same = fitted.predict(pictures.images, target_accuracy=decoder.target_accuracy)
    assert said.tolist() == same.tolist()
