"""What `fit` trains, what it refuses, and what is left when it is stopped."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_classifier import SETTINGS, Set, small_classifier

from labeltree import TreeClassifier
from labeltree.classifier import training
from labeltree.classifier.pictures import as_pictures, longest_side
from labeltree.classifier.training import parts_of
from labeltree.errors import BadImageError, ConfigError, DataError, OutputExistsError
from labeltree.recipes import Recipe
from labeltree.taxonomy import Taxonomy
from labeltree.training.progress import Standing, TrainingProgress


class Interrupting(TrainingProgress):
    """Presses Ctrl-C after the first steps."""

    def step(self, now: Standing) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """`fit` ends where training would begin; the recipes that it would have begun with."""
    recipes: list[Recipe] = []

    def stop(recipe: Recipe, *args: Any, **kwargs: Any) -> None:
        recipes.append(recipe)
        raise InterruptedError

    monkeypatch.setattr(training, "run_training", stop)
    return recipes


def recipe_of(untrained: list[Recipe], classifier: TreeClassifier, *data: Any) -> Recipe:
    with pytest.raises(InterruptedError):
        classifier.fit(*data)
    return untrained[-1]


def test_equal_seeds_give_equal_classifiers_and_files_equal_pixels(
    fitted: TreeClassifier, pictures: Set, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(60)]
    for path, pixels in zip(paths, pictures.images, strict=True):
        Image.fromarray(pixels).save(path)
    settings = {**SETTINGS, "split.seed": 0}
    again = small_classifier(recipe="slim", settings=settings).fit(paths, pictures.labels)
    expected = fitted.predict_proba(pictures.images)
    np.testing.assert_array_equal(again.predict_proba(paths), expected)
    np.testing.assert_array_equal(again.predict_proba(pictures.images), expected)
    other = small_classifier(random_state=1).fit(*pictures)
    assert not np.array_equal(other.predict_proba(pictures.images), expected)


def test_validation_images_and_a_tree_can_be_given(pictures: Set) -> None:
    images, labels = pictures
    tree = {"a": ["1", "2"], "b": ["x", "3"], "c": None, "d": ["4", "5"]}
    names = ["x" if label == "b/1" else label for label in labels]
    kept = [i for i, label in enumerate(labels) if label != "b/2"]
    ranks = [tuple(names[i].split("/")) for i in kept]
    classifier = small_classifier(taxonomy=tree, epochs=1)
    classifier.fit(images[kept], ranks, validation=(images[:6], ["a/1", "a", "c", "3", "d/4", "c"]))
    assert classifier.record_["data"]["validation"] == 6
    assert classifier.record_["data"]["train"] == 40
    assert classifier.classes_.tolist() == ["a/1", "a/2", "b/3", "b/x", "c", "d/4", "d/5"]
    assert classifier.score(images[kept], ranks) >= 0


def test_ctrl_c_keeps_the_run_and_resuming_ends_as_if_nothing_had_been(
    fitted: TreeClassifier, pictures: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = small_classifier(folder=tmp_path / "run")
    with monkeypatch.context() as patched:
        patched.setattr(training, "shown", lambda progress: {"progress": Interrupting()})
        with pytest.raises(KeyboardInterrupt, match=r"run keeps what was learned.*resume=True"):
            classifier.fit(*pictures)
        with pytest.raises(KeyboardInterrupt, match=r"nothing is kept.*folder="):
            small_classifier().fit(*pictures)
    assert not hasattr(classifier, "predictor_")
    with pytest.raises(DataError, match=r"resume: run\.images\.parquet .* has other images"):
        classifier.fit(pictures.images[::-1], pictures.labels, resume=True)
    classifier.fit(*pictures, resume=True)
    np.testing.assert_array_equal(
        classifier.predict_proba(pictures.images), fitted.predict_proba(pictures.images)
    )


def test_a_run_is_not_replaced_unless_told(
    fitted: TreeClassifier, pictures: Set, run: Path, untrained: list[Recipe]
) -> None:
    before = run.with_name(f"{run.name}.images.parquet").read_bytes()
    with pytest.raises(OutputExistsError, match=r"resume=True.*overwrite=True.*another folder"):
        small_classifier(folder=run).fit(pictures.images[::-1], pictures.labels)
    assert run.with_name(f"{run.name}.images.parquet").read_bytes() == before and not untrained


def test_an_earlier_fit_outlives_a_failure(fitted: TreeClassifier, pictures: Set) -> None:
    said = fitted.predict(pictures.images)
    with pytest.raises(DataError):
        fitted.fit(pictures.images, pictures.labels[:-1])
    assert fitted.predict(pictures.images).tolist() == said.tolist()


def test_parameters_become_a_recipe(pictures: Set, untrained: list[Recipe]) -> None:
    classifier = TreeClassifier(
        "glyphs", method="merged", backbone="resnet18", minutes=2, target_accuracy=0.8,
        random_state=7, settings={"loading.augment.flip": "none", "training.image_sizes": []},
    )  # fmt: skip
    recipe = recipe_of(untrained, classifier, *pictures)
    assert (recipe.method, recipe.backbone) == ("merged", "resnet18")
    assert (recipe.training.minutes, recipe.training.epochs) == (2, None)
    assert (recipe.training.seed, recipe.decoding.target_accuracy) == (7, 0.8)
    assert recipe.loading.augment.flip == "none"


def test_the_target_is_the_recipes_own_where_none_is_given(
    pictures: Set, untrained: list[Recipe]
) -> None:
    settings = {"decoding.target_accuracy": 0.5}
    recipe = recipe_of(untrained, TreeClassifier("slim", settings=settings), *pictures)
    assert recipe.decoding.target_accuracy == 0.5
    own = recipe.replace(decoding=recipe.decoding.replace(target_accuracy=0.7))
    assert recipe_of(untrained, TreeClassifier(own), *pictures).decoding.target_accuracy == 0.7


def test_images_decide_the_recipe_where_none_is_named(
    pictures: Set, untrained: list[Recipe], tmp_path: Path
) -> None:
    small = recipe_of(untrained, TreeClassifier(), *pictures)
    large = recipe_of(untrained, TreeClassifier(), pictures.images.repeat(4, 1), pictures.labels)
    Image.fromarray(pictures.images[0]).save(tmp_path / "a.png")
    files = recipe_of(untrained, TreeClassifier(), [tmp_path / "a.png"] * 60, pictures.labels)
    assert small.training.epochs == 18 and large.training.epochs == files.training.epochs == 40


def test_recipes_come_as_objects_and_files_too(
    pictures: Set, untrained: list[Recipe], tmp_path: Path
) -> None:
    given = recipe_of(untrained, TreeClassifier("digits", epochs=3), *pictures)
    (tmp_path / "recipe.yaml").write_text(given.to_yaml(), encoding="utf-8")
    for recipe in (given, tmp_path / "recipe.yaml", str(tmp_path / "recipe.yaml")):
        found = recipe_of(untrained, TreeClassifier(recipe), *pictures)
        assert set(found.differences(given)) <= {"data"}


def test_random_states_of_numpy_are_seeds(pictures: Set, untrained: list[Recipe]) -> None:
    seeds = [
        recipe_of(
            untrained, TreeClassifier(random_state=np.random.RandomState(5)), *pictures
        ).training.seed
        for _ in range(2)
    ]
    assert seeds[0] == seeds[1]
    assert (
        recipe_of(untrained, TreeClassifier(random_state=np.int64(3)), *pictures).training.seed == 3
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"epochs": 1, "minutes": 1}, "one dial"),
        ({"recipe": "slin"}, "unknown recipe 'slin'; did you mean 'slim'"),
        ({"method": "flut"}, "flut"),
        ({"target_accuracy": 2}, "target_accuracy"),
        ({"random_state": -1}, "seed"),
        ({"settings": {"training.epoch": 1}}, "epoch"),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    pictures: Set, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        TreeClassifier(**parameters).fit(*pictures)


def test_resume_needs_a_folder(pictures: Set) -> None:
    with pytest.raises(ConfigError, match="give one"):
        TreeClassifier().fit(*pictures, resume=True)


IMAGES = np.zeros((4, 8, 8, 3), dtype=np.uint8)
LABELS = ["a/1", "a/2", "b", "b"]


@pytest.mark.parametrize(
    ("images", "labels", "validation", "message"),
    [
        (IMAGES, LABELS[:3], None, "4 images and 3 labels"),
        (IMAGES, ["a"] * 4, None, "all images are labelled 'a'"),
        (IMAGES, ["a", "a/1", "a", "a/1"], None, "all images are labelled 'a/1'"),
        (IMAGES[:0], [], None, "no images"),
        (IMAGES, LABELS, IMAGES, "no pair"),
        (IMAGES, LABELS, 3, "no pair"),
        (IMAGES, LABELS, (IMAGES, LABELS[:2]), "4 images and 2 labels"),
        (IMAGES, LABELS, ([__file__], ["b"]), "files and pixels"),
    ],
)
def test_data_that_do_not_fit_are_named(images, labels, validation, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parts_of(images, labels, validation)


def test_a_label_may_be_above_another() -> None:
    (part,) = parts_of(IMAGES, ["a", "a/1", "b", "a/1"], None)
    assert Taxonomy.from_paths(part.labels).paths == ("", "a", "b", "a/1")


def test_labels_that_a_given_tree_lacks_are_named(pictures: Set) -> None:
    tree = {"a": ["1", "2"], "b": ["1", "2", "drei"], "c": None}
    with pytest.raises(DataError, match="label 'b/3' is not in the taxonomy"):
        small_classifier(taxonomy=tree).fit(*pictures)


def test_a_damaged_file_is_named_by_position(pictures: Set, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(60)]
    for path, pixels in zip(paths, pictures.images, strict=True):
        Image.fromarray(pixels).save(path)
    paths[17].write_bytes(paths[17].read_bytes()[:-40])
    with pytest.raises(BadImageError, match=r"image 17: .*17\.png: damaged image"):
        small_classifier().fit(paths, pictures.labels)


def test_too_few_images_say_so() -> None:
    with pytest.raises(DataError, match="too few to set aside"):
        TreeClassifier().fit(IMAGES, LABELS)


def test_files_tell_no_size() -> None:
    assert longest_side(as_pictures([__file__])) is None
