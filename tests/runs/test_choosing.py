"""What is fitted after training: on the validation images of all trainings, or carried over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.decoding import Decoder, SetDecoder
from labeltree.decoding.config import DecodingConfig
from labeltree.methods import make_method
from labeltree.recipes import photos
from labeltree.runs.choosing import choose
from labeltree.runs.going_on import Base
from labeltree.runs.model_folder import Architecture, Model, Preprocessing
from labeltree.runs.original import Original
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.new_leaves import with_new_leaves
from labeltree.training.evaluation import Scores

OLD = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
NEW = with_new_leaves(OLD, ["bird", "dog/corgi"])
RECIPE = photos("photos").replace(decoding=DecodingConfig(target_accuracy=0.5))


@dataclass
class Images:
    """What `choose` looks at of `PreparedImages`."""

    validation: Collection
    base: Base | None = None

    @property
    def splits(self) -> Images:
        return self


def collection(tree: Taxonomy, *paths: str) -> Collection:
    """An image for each; labels of an image are divided by `+`."""
    images = ArrayImages(np.zeros((len(paths), 4, 4, 3), dtype=np.uint8))
    nodes = [[tree.find(one) for one in path.split("+")] for path in paths]
    if all(len(labels) == 1 for labels in nodes):
        return Collection(tree, images, np.array([labels[0] for labels in nodes], dtype=np.int64))
    width = max(map(len, nodes))
    rows = [sorted(labels) + [-1] * (width - len(labels)) for labels in nodes]
    return Collection.combined(tree, images, np.array(rows))


def scored(tree: Taxonomy, *presence: list[float]) -> Scores:
    """From the presence of each leaf, in leaf order, as `multilabel` makes both of its readings."""
    rows = np.array(presence, dtype=np.float32).reshape(-1, tree.num_leaves)
    odds = rows.astype(np.float64) / (1 - rows.astype(np.float64))
    probabilities = tree.roll_up(odds / odds.sum(1, keepdims=True)).astype(np.float32)
    return Scores(probabilities, rows)


def base(tree: Taxonomy = OLD, thresholds: tuple[float, ...] = (0.125, 0.25, 0.375)) -> Base:
    torch.manual_seed(0)
    method = make_method("multilabel", tree, "slim-w16")
    shape = Preprocessing(image_size=16, mean=(0.5,) * 3, std=(0.25,) * 3)
    plan = Architecture(method="multilabel", backbone="slim-w16")
    model = Model(method, plan, shape, Decoder(2.5), sets=SetDecoder(thresholds))
    return Base(Path("base"), model, None)


def by_path(tree: Taxonomy, decoder: SetDecoder | None) -> dict[str, float]:
    assert decoder is not None
    paths = [tree.paths[leaf] for leaf in tree.leaves]
    return dict(zip(paths, decoder.thresholds, strict=True))


def original(validation: Collection, told: Scores) -> Original:
    return Original(validation, told, {}, {}, validation)


def test_labels_that_exclude_each_other_have_no_thresholds() -> None:
    part = collection(OLD, "cat", "dog/pug", "dog")
    told = Scores(scored(OLD, [0.7, 0.2, 0.1], [0.1, 0.2, 0.9], [0.6, 0.2, 0.5]).probabilities)
    chosen = choose(RECIPE, Images(part), told, None)
    assert chosen.sets is None
    assert chosen.decoder == Decoder.from_validation(
        OLD, told.probabilities, part.targets, RECIPE.decoding
    )


def test_a_first_training_is_fitted_on_its_own_images() -> None:
    """Midway between the last image without a label and the first with it."""
    part = collection(OLD, "cat", "dog/beagle+dog/pug", "dog/pug")
    told = scored(OLD, [0.75, 0.25, 0.125], [0.25, 0.75, 0.5], [0.125, 0.5, 0.875])
    chosen = choose(RECIPE, Images(part), told, None)
    assert by_path(OLD, chosen.sets) == {"cat": 0.5, "dog/beagle": 0.625, "dog/pug": 0.3125}


def test_a_model_that_went_on_is_fitted_on_the_images_of_both() -> None:
    """Neither alone gives these thresholds."""
    new = collection(NEW, "dog/corgi", "dog/beagle+dog/pug")
    order = [NEW.paths[leaf] for leaf in NEW.leaves]

    def row(**values: float) -> list[float]:
        return [values.get(path.split("/")[-1], 0.0625) for path in order]

    told_new = scored(NEW, row(corgi=0.75, pug=0.25), row(beagle=0.5, pug=0.75, corgi=0.125))
    old = collection(NEW, "cat", "dog/pug", "dog/beagle")
    told_old = scored(NEW, row(cat=0.5, beagle=0.25), row(pug=0.5, corgi=0.25), row(beagle=0.75))
    images = Images(new, base())
    chosen = choose(RECIPE, images, told_new, original(old, told_old))
    presence = np.concatenate([told_new.presence, told_old.presence])
    both = collection(NEW, "dog/corgi", "dog/beagle+dog/pug", "cat", "dog/pug", "dog/beagle")
    assert chosen.sets == SetDecoder.from_validation(NEW, presence, both.labels)
    thresholds = by_path(NEW, chosen.sets)
    assert thresholds["cat"] == (0.0625 + 0.5) / 2  # a positive among the old images only
    assert thresholds["dog/corgi"] == (0.25 + 0.75) / 2  # its rival is an old image
    assert thresholds["dog/pug"] == (0.25 + 0.5) / 2  # its rival is a new one
    probabilities = np.concatenate([told_new.probabilities, told_old.probabilities])
    assert chosen.decoder == Decoder.from_validation(
        NEW, probabilities, both.targets, RECIPE.decoding
    )


def test_without_the_old_images_what_was_fitted_on_them_stays() -> None:
    """By path: new leaves stand between old ones; only they are fitted anew."""
    order = [NEW.paths[leaf] for leaf in NEW.leaves]
    part = collection(NEW, "dog/corgi", "dog/corgi+dog/pug", "dog/pug")
    corgi = order.index("dog/corgi")
    rows = np.full((3, 5), 0.0625)
    rows[:, corgi] = [0.75, 0.5, 0.25]
    chosen = choose(RECIPE, Images(part, base()), scored(NEW, *rows.tolist()), None)
    thresholds = by_path(NEW, chosen.sets)
    assert {path: thresholds[path] for path in ("cat", "dog/beagle", "dog/pug")} == {
        "cat": 0.125, "dog/beagle": 0.25, "dog/pug": 0.375,
    }  # fmt: skip
    assert thresholds["dog/corgi"] == (0.25 + 0.5) / 2
    assert chosen.decoder == Decoder(2.5)


@pytest.mark.parametrize("tree", [OLD, NEW])
def test_without_any_validation_image(tree: Taxonomy) -> None:
    """Old thresholds stay; a new leaf gets the threshold of who knows nothing."""
    part = collection(tree)
    nodes, leaves = (np.zeros((0, n), np.float32) for n in (tree.num_nodes, tree.num_leaves))
    empty = Scores(nodes, leaves)
    chosen = choose(RECIPE, Images(part, base()), empty, None)
    thresholds = by_path(tree, chosen.sets)
    assert (thresholds.pop("cat"), thresholds.pop("dog/pug")) == (0.125, 0.375)
    assert thresholds.pop("dog/beagle") == 0.25 and set(thresholds.values()) <= {0.5}
    old = original(collection(tree, "cat"), scored(tree, [0.5] * tree.num_leaves))
    chosen = choose(RECIPE, Images(part, base()), empty, old)
    assert by_path(tree, chosen.sets)["cat"] == 0.25  # between nothing and 0.5
