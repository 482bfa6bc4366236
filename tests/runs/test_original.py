"""What became of the answers for the old images, against both models asked by hand."""

import io
import json
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from new_images import write_corgis
from rich.console import Console
from small_streaming import base_recipe, going_on, write_base

from labeltree.data.collection import Collection
from labeltree.probabilities import load_probabilities, save_probabilities
from labeltree.runs import original
from labeltree.runs.going_on import load_base
from labeltree.runs.model_folder import Model, load_model
from labeltree.runs.original import answers_before, answers_to_old
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.training import run_training
from labeltree.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`base`, and `out` that went on with images of a breed that `base` does not know."""
    folder = write_base(tmp_path_factory.mktemp("work")).parent
    corgis = write_corgis(folder / "corgis")
    recipe = going_on(corgis, new_labels=True).with_settings(["training.epochs=4"])
    record = run_training(recipe, folder / "out")
    assert record is not None
    return folder


@pytest.fixture
def work(trained: Path, tmp_path: Path) -> Path:
    """A base that a test may change."""
    shutil.copytree(trained / "base", tmp_path / "base")
    return tmp_path


def prepared(data: Path, out: Path, **streaming: object) -> PreparedImages:
    recipe = going_on(data, **streaming)
    console = Console(quiet=True)
    return PreparedImages.from_recipe(recipe, out, Accelerator(cpu=True), None, False, console)


def run_record(trained: Path) -> dict:
    return json.loads((trained / "out/record.json").read_text())


def puggles(trained: Path) -> Path:
    return trained / "puggles/labels.csv"


def asked(model: Model, part: Collection) -> np.ndarray:
    """Node probabilities, one image at a time."""
    shape = model.preprocessing
    mean, std = (torch.tensor(values)[:, None, None] for values in (shape.mean, shape.std))
    rows = []
    for i in range(len(part)):
        image = part.images.read(i).resize((shape.image_size,) * 2, 2)  # bilinear, as the loaders
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
        with torch.no_grad():
            outputs = model.method(((pixels - mean) / std)[None])
            rows.append(model.method.node_probabilities(outputs)[0].numpy())
    return np.array(rows)


def by_hand(model: Model, part: Collection) -> list[tuple[str, int]]:
    """The path of each image whose label is a leaf, and how many leaves come before its own."""
    tree, found = model.taxonomy, []
    for row, target in zip(asked(model, part), part.targets, strict=True):
        path = part.taxonomy.paths[target]
        node = tree.find(path)
        if tree.is_leaf[node]:
            order = sorted(tree.leaves.tolist(), key=lambda leaf: -row[leaf])
            found.append((path, order.index(node)))
    return found


def accuracies(ranks: list[int]) -> dict[str, float]:
    return {
        "top1": sum(rank < 1 for rank in ranks) / len(ranks),
        "top5": sum(rank < 5 for rank in ranks) / len(ranks),
    }


def test_the_record_is_that_of_both_models_asked_by_hand(trained: Path) -> None:
    record = run_record(trained)["original"]
    images = prepared(trained / "corgis", trained / "unused", new_labels=True)
    old, new = load_model(trained / "base"), load_model(trained / "out")
    assert images.old is not None
    for split in ("validation", "test"):
        part = getattr(images.old, split)
        before, after = by_hand(old, part), by_hand(new, part)
        assert record[split]["images"] == len(before)
        for key, ranks in (("before", before), ("after", after)):
            assert record[split][key] == accuracies([rank for _, rank in ranks])
    assert record["test"]["before"] != record["test"]["after"]
    assert record["test"]["images"] == len(images.old.test) - 1  # one is known as a dog only
    for key, name in (("classes", lambda path: path), ("branches", lambda p: p.split("/")[0])):
        groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for which, ranks in enumerate((before, after)):
            for path, rank in ranks:
                groups[name(path)][which].append(rank)
        rows = {row["path"]: row for row in record[key]}
        assert rows.keys() == groups.keys()
        for path, (first, second) in groups.items():
            assert rows[path]["images"] == len(first)
            assert rows[path]["before"] == accuracies(first)
            assert rows[path]["after"] == accuracies(second)
    tree = old.taxonomy
    for rows in (record["classes"], record["branches"]):  # in the order of the tree
        numbers = [tree.find(row["path"]) for row in rows]
        assert numbers == sorted(numbers)


def test_a_model_that_learned_nothing_answers_as_before(trained: Path) -> None:
    images = prepared(puggles(trained), trained / "unused")
    assert images.base is not None
    found = answers_to_old(images, images.base.method)
    assert found is not None
    for split in ("validation", "test"):
        np.testing.assert_array_equal(found.before[split], found.after[split])
    assert found.validation_scores.probabilities.shape[0] == len(found.validation)
    assert found.validation_scores.presence is not None
    record = found.to_record()
    assert record["test"]["before"] == record["test"]["after"]
    model = load_model(trained / "base")
    np.testing.assert_allclose(
        found.validation_scores.probabilities, asked(model, found.validation), atol=1e-5
    )


def test_of_a_training_that_did_not_go_on_there_is_nothing_to_tell(
    trained: Path, tmp_path: Path
) -> None:
    recipe = base_recipe(trained / "photos")
    images = PreparedImages.from_recipe(
        recipe, tmp_path, Accelerator(cpu=True), None, False, Console(quiet=True)
    )
    method = load_model(trained / "base").method
    assert answers_to_old(images, method) is None and answers_before(images) == {}
    gone = replace(prepared(puggles(trained), trained / "unused"), old=None)
    assert answers_to_old(gone, method) is None and answers_before(gone)


# What the old run kept.


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images are asked about, by call."""
    found: list[int] = []
    ask = original.node_probabilities

    def noting(method, loader, accelerator):
        found.append(loader.num_images)
        return ask(method, loader, accelerator)

    monkeypatch.setattr(original, "node_probabilities", noting)
    return found


def tampered(work: Path, how: str) -> None:
    """`test.npz` of the base as it would be of other answers, images or another tree."""
    path = work / "base/node_probabilities/test.npz"
    kept = load_probabilities(path)
    values, targets, tree = kept.probabilities, kept.targets, kept.taxonomy
    assert targets is not None
    if how == "answers":  # all wrong: the true leaf is impossible
        leaves = np.full((len(values), tree.num_leaves), 1 / (tree.num_leaves - 1))
        leaves[np.arange(len(values)), np.maximum(tree.leaf_index[targets], 0)] = 0
        values = tree.roll_up(leaves).astype(np.float32)
    elif how == "targets":
        targets = targets[::-1].copy()
    elif how == "fewer":
        values, targets = values[1:], targets[1:]
    elif how == "no targets":
        targets = None
    elif how == "tree":
        tree = Taxonomy.from_paths([f"x/{path}" for path in tree.paths[1:]])
        leaves = values[:, kept.taxonomy.leaves]
        values = tree.roll_up(leaves.astype(np.float64)).astype(np.float32)
        targets = np.array([tree.find(f"x/{kept.taxonomy.paths[t]}") for t in targets])
    elif how == "damaged":
        path.write_bytes(b"no archive")
        return
    elif how == "gone":
        path.unlink()
        return
    path.unlink()
    save_probabilities(path, tree, values, targets)


def test_kept_answers_are_used_if_they_are_of_these_images(
    work: Path, trained: Path, calls
) -> None:
    images = prepared(puggles(trained), work / "out")
    assert images.base is not None and images.old is not None
    answers_to_old(images, images.base.method)
    assert calls == [len(images.old.test)]  # the new model's; validation is asked for its scores
    tampered(work, "answers")
    found = answers_to_old(images, images.base.method)
    assert found is not None and found.to_record()["test"]["before"]["top1"] == 0
    assert found.to_record()["validation"]["before"]["top1"] is not None


@pytest.mark.parametrize("how", ["targets", "fewer", "no targets", "tree", "damaged", "gone"])
def test_kept_answers_of_other_images_are_not_used(
    how: str, work: Path, trained: Path, calls
) -> None:
    images = prepared(puggles(trained), work / "out")
    assert images.base is not None and images.old is not None
    expected = answers_to_old(images, images.base.method)
    calls.clear()
    tampered(work, how)
    found = answers_to_old(images, images.base.method)
    assert expected is not None and found is not None
    assert found.to_record() == expected.to_record()
    assert calls == [len(images.old.test)] * 2


@pytest.mark.parametrize("why", ["another model", "other views"])
def test_kept_answers_of_another_model_or_of_other_views_are_not_used(
    why: str, work: Path, trained: Path, calls
) -> None:
    images = prepared(puggles(trained), work / "out")
    assert images.base is not None and images.old is not None
    tampered(work, "answers")
    if why == "another model":
        images = replace(images, base=replace(images.base, told_there=False))
    else:
        loading = images.recipe.loading.replace(crops="flip")
        images = replace(images, recipe=images.recipe.replace(loading=loading))
    found = answers_to_old(images, images.base.method)
    assert found is not None and found.to_record()["test"]["before"]["top1"] != 0
    assert len(calls) == 3


def test_images_with_several_labels_are_measured_apart(trained: Path, tmp_path: Path) -> None:
    """They have no one leaf: what they have in common is an inner node."""
    table = puggles(trained)
    run_training(base_recipe(table), tmp_path / "base")
    said = io.StringIO()
    record = run_training(going_on(table), tmp_path / "out", console=Console(file=said, width=300))
    assert record is not None and "not looked at" not in said.getvalue()
    nothing = {"top1": None, "top5": None}
    images = prepared(table, tmp_path / "unused", base=tmp_path / "base")
    assert images.old is not None
    several = {}
    for split in ("validation", "test"):
        part = getattr(images.old, split)
        several[split] = {"images": len(part)}
        for when, run in (("before", "base"), ("after", "out")):
            model = load_model(tmp_path / run)
            rows = asked(model, part)[:, model.taxonomy.leaves]
            best = np.argsort(-rows, axis=1, kind="stable")[:, :5]
            found = [
                {int(node) for node in shown} <= set(model.taxonomy.leaves[order].tolist())
                for shown, order in zip(part.labels, best, strict=True)
            ]
            # All images show the same leaves, and no other: every one ranks above no negative.
            several[split][when] = {"all_in_top5": np.mean(found), "map": 1.0}
    assert record["original"] == {
        "validation": {
            "images": 0,
            "before": nothing,
            "after": nothing,
            "several": several["validation"],
        },
        "test": {"images": 0, "before": nothing, "after": nothing, "several": several["test"]},
        "branches": [],
        "classes": [],
    }


def test_combinations_that_are_no_longer_found_are_told(trained: Path, tmp_path: Path) -> None:
    run_training(going_on(puggles(trained), trained / "base"), tmp_path / "second")
    images = prepared(
        trained / "corgis", tmp_path / "out", base=tmp_path / "second", new_labels=True
    )
    assert images.base is not None
    tree = images.splits.train.taxonomy
    method = images.base.network(images.recipe, tree)
    ask, pug = method.presence, tree.leaf_index[tree.find("animal/dog/pug")]

    def blind(outputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        found = ask(outputs).clone()
        found[:, pug] = -1  # below all six
        return found

    method.presence = blind  # type: ignore[method-assign]
    found = answers_to_old(images, method)
    assert found is not None
    told = found.to_record()["test"]
    assert told["several"]["images"] == 2 and told["images"] > 2
    assert told["several"]["before"]["all_in_top5"] == 1  # it knows but five leaves
    assert told["several"]["after"]["all_in_top5"] == 0


# The new images, before anything was learned from them.


def test_what_the_old_model_said_of_the_new_images(trained: Path) -> None:
    images = prepared(puggles(trained), trained / "unused")
    model = load_model(trained / "base")
    part = images.splits.test
    logits = np.log(asked(model, part)[:, model.taxonomy.leaves])
    figures = answers_before(images)["test_before"]
    best = np.argsort(-logits, axis=1, kind="stable")[:, 0]
    shown = [{int(node) for node in row} for row in part.labels]
    right = [
        int(model.taxonomy.leaves[place]) in labels
        for place, labels in zip(best, shown, strict=True)
    ]
    assert figures["images"] == len(part) and figures["labels_per_image"] == 2
    assert figures["any_in_top1"] == np.mean(right)
    record = run_record(trained)
    assert "test_before" not in record["label_sets"]  # of labels that it does not know


def test_a_base_beside_itself(trained: Path) -> None:
    """The base is asked on the device of the training, and stays in evaluation mode."""
    images = prepared(puggles(trained), trained / "unused")
    found = load_base(images.recipe, trained / "unused")
    assert found is not None and not found.method.training
    answers_before(images)
    assert images.base is not None and not images.base.method.training
