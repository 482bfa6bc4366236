"""The images that a model learned from before: found, found changed, and those of its own base."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from new_images import write_corgis
from PIL import Image
from rich.console import Console
from small_streaming import base_recipe, going_on, write_base

from labeltree.data.collection import Collection, Splits
from labeltree.data.images import ArrayImages
from labeltree.errors import DataError, LabeltreeError, ModelFolderError
from labeltree.runs.going_on import Base, load_base
from labeltree.runs.left_out import keep_left_out, known_elsewhere, read_left_out, without
from labeltree.runs.old_images import (
    in_tree,
    open_old,
    replayed,
    sample_batches,
)
from labeltree.runs.opening import open_splits
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import make_accelerator
from labeltree.runs.replacing import replace_model
from labeltree.runs.training import run_training
from labeltree.runs.unseen import open_unseen
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.new_leaves import with_new_leaves

SILENT = Console(quiet=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`base`, `second` that went on with puggles, `third` that went on with corgis."""
    folder = write_base(tmp_path_factory.mktemp("work")).parent
    corgis = write_corgis(folder / "corgis")
    run_training(going_on(folder / "puggles/labels.csv"), folder / "second")
    run_training(going_on(corgis, "../second", new_labels=True), folder / "third")
    return folder


@pytest.fixture
def work(trained: Path, tmp_path: Path) -> Path:
    """The same, for a test that changes it; `photos` and the others stay where they were."""
    for run in ("base", "second", "third"):
        shutil.copytree(trained / run, tmp_path / run)
    return tmp_path


def loaded(run: Path) -> Base:
    base = load_base(going_on(Path("any"), run), Path("out"))
    assert base is not None
    return base


def names(part: Collection) -> list[str]:
    return ["/".join(part.images.name(i).split("/")[-2:]) for i in range(len(part))]


def told(part: Collection) -> list[str]:
    """The paths of each image's labels."""
    paths = part.taxonomy.paths
    rows = part.labels if part.labels.ndim == 2 else part.labels[:, None]
    return ["; ".join(paths[node] for node in row if node >= 0) for row in rows.tolist()]


def test_the_old_images_are_those_of_the_run(trained: Path) -> None:
    ours = open_old(loaded(trained / "base"), None, False)
    theirs = open_splits(base_recipe(trained / "photos"), None, False, SILENT).splits
    for part in ("train", "validation", "test"):
        mine, run = getattr(ours, part), getattr(theirs, part)
        assert names(mine) == names(run) and told(mine) == told(run)
    record = json.loads((trained / "base/record.json").read_text())
    assert len(ours.train) == record["data"]["train"]


def test_a_chain_has_the_images_of_all_its_trainings(trained: Path) -> None:
    """In the tree of its last model, the last come first."""
    splits = open_old(loaded(trained / "third"), None, False)
    tree = loaded(trained / "third").model.taxonomy
    assert splits.test.taxonomy == tree and "animal/dog/corgi" in tree
    for part in ("train", "validation", "test"):
        counts = [
            json.loads((trained / run / "record.json").read_text())["data"][part]
            for run in ("third", "second", "base")
        ]
        found: Collection = getattr(splits, part)
        assert len(found) == sum(counts)
        labels = told(found)
        first, second = counts[0], counts[0] + counts[1]
        assert set(labels[:first]) == {"animal/dog/corgi"}
        assert set(labels[first:second]) == {"animal/dog/beagle; animal/dog/pug"}
        assert all(";" not in label and "corgi" not in label for label in labels[second:])
    everything = [*names(splits.train), *names(splits.validation), *names(splits.test)]
    assert len(everything) == 62 + 12 + 8


def test_a_chain_whose_first_run_is_gone_is_not_known(work: Path) -> None:
    shutil.rmtree(work / "base")
    with pytest.raises(ModelFolderError, match="base: no such folder"):
        open_old(loaded(work / "third"), None, False)


def test_a_model_that_took_the_place_of_another_knows_where_it_learned(work: Path) -> None:
    replace_model(
        work / "base", work / "second", json.loads((work / "second/record.json").read_text())
    )
    for place, count in (("base", 62 + 12), ("base/model-before-1", 62)):
        base = loaded(work / place)
        assert base.told_there
        splits = open_old(base, None, False)
        assert sum(map(len, (splits.train, splits.validation, splits.test))) == count
    assert loaded(work / "base").folder == work / "second"
    shutil.rmtree(work / "second")  # what the run tells is told of another model
    assert (loaded(work / "base").folder, loaded(work / "base").told_there) == (
        work / "base",
        False,
    )


@pytest.mark.parametrize("change", ["rename", "remove", "relabel", "all"])
def test_images_that_changed_are_not_looked_at(change: str, tmp_path: Path) -> None:
    base = write_base(tmp_path)
    photos, puggles = tmp_path / "photos", tmp_path / "puggles/labels.csv"
    if change == "rename":
        (photos / "plant/oak/00.png").rename(photos / "plant/oak/new.png")
    elif change == "remove":
        (photos / "plant/oak/00.png").unlink()
    elif change == "relabel":
        (photos / "plant/oak/00.png").rename(photos / "plant/fern/99.png")
    else:
        shutil.rmtree(photos)
    reason = "no such folder" if change == "all" else r"no longer as it was.*restore it"
    with pytest.raises(DataError, match=reason):
        open_old(loaded(base), None, False)
    said = io.StringIO()
    record = run_training(
        going_on(puggles), tmp_path / "out", console=Console(file=said, width=500)
    )
    assert record is not None and "original" not in record
    assert "the old images are not looked at: " in said.getvalue()
    for protection in ({"replay": 1}, {"elastic": 0.1}):
        with pytest.raises(DataError, match=reason) as info:
            run_training(going_on(puggles, **protection), tmp_path / "wants them")
        assert "\n" not in str(info.value) and not (tmp_path / "wants them").exists()


def test_pixels_may_change_unnoticed(tmp_path: Path) -> None:
    """As `labeltree.data.identity` says: names and labels tell."""
    base = write_base(tmp_path)
    Image.new("RGB", (20, 20)).save(tmp_path / "photos/plant/oak/00.png")
    assert len(open_old(loaded(base), None, False).train)


def test_damaged_old_images_are_not_looked_at(tmp_path: Path) -> None:
    base = write_base(tmp_path)
    (tmp_path / "photos/plant/oak/00.png").write_bytes(b"")
    with pytest.raises(LabeltreeError, match="damaged"):
        open_old(loaded(base), None, False)
    with pytest.raises(DataError, match="no longer as it was"):
        open_old(loaded(base), None, skip_bad_images=True)


def test_a_base_that_learned_a_branch_has_the_images_of_that_branch(
    trained: Path, tmp_path: Path
) -> None:
    recipe = base_recipe(trained / "photos").with_settings(["scope.branch=animal"])
    run_training(recipe, tmp_path / "base")
    splits = open_old(loaded(tmp_path / "base"), None, False)
    labels = {label for part in vars(splits).values() for label in told(part)}
    assert labels == {"cat", "dog", "dog/beagle", "dog/pug"}
    puggles = trained / "puggles/labels.csv"  # labelled animal/dog/pug: found by their last names
    record = run_training(going_on(puggles), tmp_path / "out")
    assert record is not None and record["original"]["test"]["images"]
    assert {row["path"] for row in record["original"]["classes"]} <= labels


# Old images among the new ones.


def contents(part: Collection) -> set[bytes]:
    return {part.images.content(i) for i in range(len(part))}


def test_old_images_that_come_again_stay_in_their_split(trained: Path, tmp_path: Path) -> None:
    """A folder of old and new images is split anew, and the old ones have other names in it."""
    both = shutil.copytree(trained / "corgis", tmp_path / "both")
    for path in (trained / "photos").rglob("*.png"):
        place = both / path.relative_to(trained / "photos").parent
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place / f"again {path.name}")
    recipe = going_on(both, trained / "base", new_labels=True)
    asked_for = open_splits(recipe, None, False, SILENT, loaded(trained / "base").model.taxonomy)
    said = io.StringIO()
    images = PreparedImages.from_recipe(
        recipe,
        trained / "out",
        make_accelerator(recipe),
        None,
        False,
        Console(file=said, width=300),
    )
    assert images.old is not None
    for name in ("train", "validation", "test"):
        split, theirs = getattr(asked_for.splits, name), getattr(images.splits, name)
        others = [getattr(images.old, other) for other in vars(images.old) if other != name]
        strange = set().union(*map(contents, others))
        assert contents(split) & strange and not contents(theirs) & strange
        assert contents(theirs) == contents(split) - strange
        gone = f"{len(split) - len(theirs)} of {len(split)} new {name} images are left out"
        assert gone in said.getvalue()
    run_training(recipe.with_settings([f"streaming.base={trained / 'base'}"]), tmp_path / "run")
    for name in ("train", "validation", "test"):  # nor is it measured on what it was trained on
        part, _, _ = open_unseen(
            tmp_path / "run", images.splits.test.taxonomy, str(both), name, None, False
        )
        assert contents(part) == contents(getattr(images.splits, name))
    chain = open_old(loaded(tmp_path / "run"), None, False)
    for name, other in (("train", "test"), ("test", "train"), ("validation", "train")):
        assert not contents(getattr(chain, name)) & contents(getattr(chain, other))


def test_what_was_left_out_is_kept_as_it_is(tmp_path: Path) -> None:
    part = small(6)
    nothing = part.subset([])
    assert not known_elsewhere(Splits(part, nothing, nothing), Splits(part, nothing, nothing))
    assert without(Splits(part, part, part), {}).train is part
    keep_left_out({}, tmp_path)
    assert not list(tmp_path.iterdir()) and read_left_out(tmp_path) == {}
    keep_left_out({"test": [0, 5]}, tmp_path)
    assert len(without(Splits(part, part, part), read_left_out(tmp_path)).test) == 4
    for text in ("[]", "{", '{"test": 3}'):
        (tmp_path / "left_out.json").write_text(text)
        with pytest.raises(ModelFolderError, match=r"left_out\.json is damaged"):
            read_left_out(tmp_path)


# What is made of them.


def small(count: int) -> Collection:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    shades = (np.arange(count) % 256).astype(np.uint8)[:, None, None, None]
    pixels = np.broadcast_to(shades, (count, 6, 6, 3))
    return Collection(tree, ArrayImages(pixels.copy()), tree.leaves[np.arange(count) % 3])


def test_in_a_larger_tree_each_image_keeps_its_label() -> None:
    part = small(6)
    larger = with_new_leaves(part.taxonomy, ["dog/corgi", "fish"])
    moved = in_tree(Splits(part, part.subset([1]), part.subset([])), larger)
    assert told(moved.train) == ["cat", "dog/beagle", "dog/pug"] * 2
    assert told(moved.validation) == ["dog/beagle"] and not len(moved.test)
    assert moved.train.taxonomy is larger
    with pytest.raises(LabeltreeError, match="'fish' is not in"):
        in_tree(Splits(moved.train, moved.validation, moved.test), part.taxonomy)


def test_replayed_images_are_counted_and_come_after_the_new_ones(trained: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    recipe = going_on(trained / "puggles/labels.csv", trained / "base", replay=2)
    images = PreparedImages.from_recipe(
        recipe, trained / "out", make_accelerator(recipe), None, False, console
    )
    labels = told(images.splits.train)
    new = labels.count("animal/dog/beagle; animal/dog/pug")
    assert set(labels[:new]) == {"animal/dog/beagle; animal/dog/pug"}
    assert images.old is not None
    kinds = set(told(images.old.train))  # a few are known as a dog only
    for kind in kinds:
        assert labels[new:].count(kind) == min(2, told(images.old.train).count(kind))
    assert len(labels) - new == len(labels[new:])
    assert f"{len(labels) - new} old training images come along" in console.file.getvalue()
    # Those that are measured on never come along.
    measured = {*names(images.old.validation), *names(images.old.test)}
    assert not measured & set(names(images.splits.train)[new:])
    assert told(images.splits.test) == ["animal/dog/beagle; animal/dog/pug"] * 2
    assert images.whole_train is images.splits.train


def test_without_replay_nothing_comes_along() -> None:
    new = small(3)
    assert replayed(new, None, going_on(Path("any")), SILENT) is new


@pytest.mark.parametrize("count", [1, 62, 512, 513, 1100])
def test_the_sample_is_from_all_over_the_old_images(trained: Path, count: int) -> None:
    """At most 512, evenly spaced, in order, and as evaluation sees them."""
    base, part = loaded(trained / "base"), small(count)
    step = -(-count // 512)
    batches = list(sample_batches(base, part))
    targets = np.concatenate([labels.numpy() for _, labels in batches])
    np.testing.assert_array_equal(targets, part.targets[::step])
    assert len(targets) <= 512
    mean, std = (
        np.array(values) for values in (base.model.preprocessing.mean, base.model.preprocessing.std)
    )
    shades = np.concatenate([images.numpy() for images, _ in batches])
    expected = ((np.arange(count)[::step] % 256)[:, None] / 255 - mean) / std
    assert shades.shape[2:] == (16, 16)
    np.testing.assert_allclose(shades.mean((2, 3)), expected, atol=1e-4)
