"""Training that goes on from a trained model: how it begins, what it refuses and what it adds."""

import io
import json
import re
import shlex
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import run_command
from new_images import write_corgis, write_table
from rich.console import Console
from small_folder import CLASSES
from small_streaming import base_recipe, going_on, same, weights, write_base

from labeltree.errors import ConfigError, LabeltreeError, ModelFolderError, TrainingInterruptedError
from labeltree.methods import make_method
from labeltree.recipes import Recipe
from labeltree.runs import one_network
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.going_on import load_base
from labeltree.runs.model_folder import Architecture, Model, load_model, save_model
from labeltree.runs.new_network import check_learns
from labeltree.runs.preparation import PreparedImages
from labeltree.runs.processes import make_accelerator
from labeltree.runs.training import run_training
from labeltree.taxonomy import Taxonomy
from labeltree.training.loop import Trainer


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `photos`, `puggles` and the run `base`."""
    return write_base(tmp_path_factory.mktemp("work")).parent


@pytest.fixture
def puggles(work: Path) -> Path:
    return work / "puggles/labels.csv"


@pytest.fixture
def base(work: Path, tmp_path: Path) -> Path:
    """A base beside which a test may write, or that it may change."""
    return shutil.copytree(work / "base", tmp_path / "base")


def prepared(recipe: Recipe, out: Path) -> tuple[PreparedImages, str]:
    """The images of a run, and what was told about them."""
    console = Console(file=io.StringIO(), width=500)
    images = PreparedImages.from_recipe(recipe, out, make_accelerator(recipe), None, False, console)
    return images, console.file.getvalue()


def train(recipe: Recipe, out: Path, **options: object) -> tuple[dict, str]:
    """The record of a run, and what was told."""
    console = Console(file=io.StringIO(), width=500)
    record = run_training(recipe, out, console=console, **options)
    assert record is not None
    return record, console.file.getvalue()


# What it begins with.


def test_the_network_begins_as_the_base_ended(base: Path, puggles: Path) -> None:
    recipe = going_on(puggles, dropout=0.5)
    found = load_base(recipe, base.parent / "out")
    assert found is not None and (found.folder, found.told_there) == (base, True)
    assert found.recipe == Recipe.from_yaml(base / "recipe.yaml")
    network = found.network(recipe, found.model.taxonomy)
    assert same({k: v.numpy() for k, v in network.state_dict().items()}, weights(base))
    assert network.dropout.p == 0.5 and found.method.dropout.p == 0
    network.head.blocks[0].weight.data.zero_()
    assert found.method.head.blocks[0].weight.abs().sum() > 0  # a copy
    assert load_base(base_recipe(puggles), base.parent / "out") is None


@pytest.mark.parametrize("named", ["../base", "../base/model", "absolute"])
def test_the_base_is_named_from_the_run(named: str, base: Path, puggles: Path) -> None:
    recipe = going_on(puggles, str(base) if named == "absolute" else named)
    for out in ("not there yet", "a/../not there yet"):
        found = load_base(recipe, base.parent / out)
        assert found is not None and found.folder == base and found.recipe is not None


def test_the_input_is_that_of_the_base(base: Path, puggles: Path) -> None:
    """Image size, normalisation, crops and fit; not what the recipe or the new images would say."""
    config = json.loads((base / "model/config.json").read_text())
    config["preprocessing"] |= {"image_size": 18, "crops": "flip", "fit": "pad"}
    (base / "model/config.json").write_text(json.dumps(config))
    recipe = going_on(puggles)
    recipe = recipe.with_settings(["loading.image_size=24", "loading.crops=ten"])
    images, _ = prepared(recipe, base.parent / "out")
    loading = images.recipe.loading
    assert (loading.image_size, loading.crops, loading.fit) == (18, "flip", "pad")
    preprocessing = config["preprocessing"]
    assert images.mean_std == (tuple(preprocessing["mean"]), tuple(preprocessing["std"]))
    ((batch, targets), *_) = images.test.batches(0)
    assert batch.shape == (2 * len(targets), 3, 18, 18)  # two views of each
    # What was settled is settled: asked again, as for a resumed run, it is the same.
    again, _ = prepared(images.recipe, base.parent / "out")
    assert again.recipe == images.recipe


def test_a_base_of_characters_is_never_mirrored(base: Path, puggles: Path) -> None:
    config = json.loads((base / "model/config.json").read_text())
    config["preprocessing"] |= {"mirror": False, "crops": "ten"}
    (base / "model/config.json").write_text(json.dumps(config))
    images, told = prepared(going_on(puggles), base.parent / "out")
    assert images.recipe.loading.augment.flip == "none" and not images.mirror
    assert images.recipe.loading.crops == "five" and "no flip" in told


def test_the_run_learns_from_where_the_base_was(base: Path, puggles: Path) -> None:
    recipe = going_on(puggles).with_settings(["training.optimizer.learning_rate=1e-12"])
    out = base.parent / "out"
    record, told = train(recipe, out)
    before, after = weights(base), weights(out)
    # Batch norm's statistics follow the new images; the weights stay, at such a rate.
    learned = [name for name in before if not re.search("running|tracked", name)]
    assert all(np.abs(before[name] - after[name]).max() < 1e-9 for name in learned)
    assert record["model"]["method"] == "multilabel" and record["label_sets"]["test"]["map"]
    assert "not looked at" not in told
    assert json.loads((out / "base.json").read_text())["weights"]
    written = Recipe.from_yaml(out / "recipe.yaml")
    assert str(written.streaming.base) == "../base" and written.loading.image_size == 16


def test_a_bare_model_folder(work: Path, puggles: Path, tmp_path: Path) -> None:
    """Nothing tells of its images: they are not looked at, and what was fitted on them stays."""
    alone = shutil.copytree(work / "base/model", tmp_path / "alone")
    corgis = write_corgis(tmp_path / "corgis")
    recipe = going_on(corgis, "../alone", new_labels=True)
    record, told = train(recipe, tmp_path / "out")
    assert "note" in told and "the old images are not looked at" in told
    assert "does not tell what it was trained on; give the run folder" in told
    assert "original" not in record and "test_before" not in record["label_sets"]
    old, new = load_model(alone), load_model(tmp_path / "out")
    assert new.decoder == old.decoder
    thresholds = dict(zip(new.taxonomy.leaves, new.sets.thresholds, strict=True))
    for leaf, threshold in zip(old.taxonomy.leaves, old.sets.thresholds, strict=True):
        assert thresholds[new.taxonomy.find(old.taxonomy.paths[leaf])] == threshold
    assert 0 <= thresholds[new.taxonomy.find("animal/dog/corgi")] <= 1
    for protection in ({"elastic": 0.1}, {"replay": 1}):
        with pytest.raises(ModelFolderError, match="does not tell what it was trained on"):
            train(going_on(puggles, "../alone", **protection), tmp_path / "wants them")
        assert not (tmp_path / "wants them").exists()


# What it refuses.


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("method=flat", "method 'flat': .*base was trained with 'multilabel'"),
        ("backbone=slim-w16", "backbone 'slim-w16': .*trained with 'slim-w32'"),
        (
            "method_options.loss=asymmetric",
            "method_options.loss 'asymmetric': .*set method_options.loss=binary-cross-entropy",
        ),
        ("method_options.dropout=0.5", "method_options.dropout 0.5: .*trained with 0.0"),
        ("scope.branch=animal", "scope is set, but training goes on with the tree"),
        ("division={router: ../router, group: a}", "division is set.*leave division out"),
        ("weights=some.safetensors", "weights is set"),
        ("pretrained=true", "pretrained is set"),
    ],
)
def test_another_network_or_tree_is_refused(
    setting: str, complaint: str, work: Path, puggles: Path, tmp_path: Path
) -> None:
    recipe = going_on(puggles, work / "base").with_settings([setting])
    with pytest.raises(ConfigError, match=complaint) as info:
        run_training(recipe, tmp_path / "out")
    assert "\n" not in str(info.value) and not (tmp_path / "out").exists()


def test_a_base_that_is_missing(work: Path, puggles: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no such folder; give the run folder") as info:
        run_training(going_on(puggles, "runs/base"), tmp_path / "out")
    assert str(info.value).startswith(f"{tmp_path / 'out/runs/base'}: ")
    assert f"(streaming.base is runs/base, as named from {tmp_path / 'out'})" in str(info.value)
    with pytest.raises(ModelFolderError, match=r"config\.json is missing"):
        run_training(going_on(puggles, work / "photos"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("kind", ["run", "model"])
@pytest.mark.parametrize("method", ["flat", "merged"])
def test_a_model_of_another_method_is_converted_by_the_command_that_is_told(
    kind: str,
    method: str,
    puggles: Path,
    work: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    other = Path(f"my {method} model")
    options = {"merge_point": 1} if method == "merged" else {}
    run_training(base_recipe(work / "photos", method=method, method_options=options), other)
    if kind == "model":
        shutil.copytree(other / "model", "alone")
        shutil.rmtree(other)
        other = Path("alone")
    with pytest.raises(ConfigError, match=f"trained as '{method}'.* convert it first: ") as info:
        run_training(going_on(puggles, f"../{other}"), Path("out"))
    command = str(info.value).partition("convert it first: ")[2].replace("DATA", f"{work}/photos")
    name, *words = shlex.split(command)
    assert name == "labeltree"
    more = ["--epochs", "1"] if kind == "model" else []
    result = run_command(capsys, *words, *more, "--out", "converted")
    assert result.code == 0, result.err
    record, _ = train(going_on(puggles, "../converted"), Path("out"))
    assert record["original"]["test"]["images"]
    recipe = Recipe.from_yaml(Path("converted/recipe.yaml"))
    model = other if kind == "model" else other / "model"
    assert recipe.weights == model / "model.safetensors"
    assert (recipe.backbone, recipe.loading.image_size) == ("slim-w32", 16)


def test_a_model_of_several_networks_is_trained_anew(
    puggles: Path, work: Path, tmp_path: Path
) -> None:
    base = load_model(work / "base")
    groups = {"a": ["cat", "oak"], "b": ["beagle", "pug", "fern"]}
    method = make_method("routed", base.taxonomy, "slim-w32", {"groups": groups})
    plan = Architecture(method="routed", backbone="slim-w32", method_options={"groups": groups})
    save_model(Model(method, plan, base.preprocessing, base.decoder), tmp_path / "routed")
    with pytest.raises(ConfigError, match="convert it first") as info:
        run_training(going_on(puggles, "../routed"), tmp_path / "out")
    assert str(info.value).endswith(
        "labeltree train DATA --backbone slim-w32 --set loading.image_size=16 --method multilabel"
    )


def test_one_image_at_a_time_is_refused_where_it_has_nothing_to_be_normalised_by() -> None:
    tree = Taxonomy.from_paths(CLASSES)
    recipe = going_on(Path("photos")).replace(backbone="resnet18-w16")
    method = make_method("multilabel", tree, "resnet18-w16")
    side = next(side for side in (32, 16, 8, 4) if not learns_alone(method, side))
    recipe = recipe.with_settings([f"loading.image_size={side}"])
    check_learns(method, recipe, 2)
    with pytest.raises(ConfigError, match="cannot learn from one image"):
        check_learns(method, recipe, 1)
    check_learns(method, recipe.with_settings(["streaming.frozen_batch_norm=true"]), 1)


def learns_alone(method: torch.nn.Module, side: int) -> bool:
    try:
        method.train()(torch.zeros(1, 3, side, side))
    except ValueError:
        return False
    return True


# Interrupted, and resumed.


PROTECTED = {
    "distillation": 1.0,
    "replay": 2,
    "elastic": 0.1,
    "dropout": 0.3,
    "frozen_stages": 1,
    "pull_l1": 1e-3,
}


@pytest.mark.parametrize("frozen_batch_norm", [False, True])
@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_interrupted_within_an_epoch_and_resumed_is_the_same(
    frozen_batch_norm: bool,
    ema: float,
    base: Path,
    puggles: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = going_on(puggles, **PROTECTED, frozen_batch_norm=frozen_batch_norm)
    recipe = recipe.with_settings(
        ["training.epochs=3", "loading.batch_size=4", f"training.ema_decay={ema}"]
    )
    whole, _ = train(recipe, base.parent / "whole")
    step, stops = Trainer._step, iter([2, 7])
    at = next(stops)

    def interrupted(self: Trainer, *arguments: torch.Tensor) -> None:
        step(self, *arguments)
        if self.position.step == at:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Trainer, "_step", interrupted)
    out = base.parent / "stopped"
    with pytest.raises(TrainingInterruptedError, match="at step 2 of"):
        run_training(recipe, out)
    at = next(stops)
    with pytest.raises(TrainingInterruptedError, match="at step 7 of"):
        run_training(recipe, out, resume=True)
    record, _ = train(recipe, out, resume=True)
    assert same(weights(base.parent / "whole"), weights(out))
    for part in ("original", "label_sets", "test", "validation"):
        assert record[part] == whole[part]
    frozen = [name for name in weights(base) if name.startswith("backbone.stages.0.")]
    assert frozen and all(
        np.array_equal(weights(base)[name], weights(out)[name]) for name in frozen
    )
    statistics = [name for name in weights(base) if "running_mean" in name]
    moved = [not np.array_equal(weights(base)[name], weights(out)[name]) for name in statistics]
    assert any(moved) != frozen_batch_norm


def test_minutes_are_rehearsed_with_all_that_protects(
    base: Path, puggles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearse, seen = one_network.epochs_within, []

    def noting(method, loader, config, device, objective=None):
        seen.append(objective)
        return rehearse(method, loader, config, device, objective)

    monkeypatch.setattr(one_network, "epochs_within", noting)
    recipe = going_on(puggles, distillation=1.0, frozen_stages=1, pull_l2=0.1)
    recipe = recipe.replace(training=recipe.training.replace(epochs=None, minutes=0.002))
    record, told = train(recipe, base.parent / "out")
    (objective,) = seen
    assert objective.distillation is not None and len(objective.penalties) == 1
    epochs = record["training"]["epochs"]
    assert epochs > 0 and "0.002 minutes become" in told
    again, _ = train(recipe, base.parent / "out", resume=True)
    assert again["training"]["epochs"] == epochs


# Labels that the base lacks.


def test_new_labels_grow_the_network(base: Path, tmp_path: Path) -> None:
    corgis = write_corgis(tmp_path / "corgis")
    with pytest.raises(LabeltreeError, match="'animal/dog/corgi' is not in the taxonomy"):
        run_training(going_on(corgis), tmp_path / "out")
    recipe = going_on(corgis, new_labels=True)
    recipe = recipe.with_settings(["training.epochs=2", "loading.batch_size=2"])
    record, _ = train(recipe, tmp_path / "out")
    written = Recipe.from_yaml(tmp_path / "out/recipe.yaml")
    assert written.method_options == {"added": [["animal/dog/corgi"]]}
    model = load_model(tmp_path / "out")
    assert model.taxonomy.num_leaves == len(CLASSES) + 1 == record["data"]["classes"]
    assert "original" in record and "test_before" not in record["label_sets"]
    old_leaves = {row["path"] for row in record["original"]["classes"]}
    assert old_leaves <= set(CLASSES)

    # Asked for in the same words, or by the recipe that was written: the same run.
    learned = weights(tmp_path / "out")
    for asked in (recipe, written):
        again, _ = train(asked, tmp_path / "out", resume=True)
        assert again["original"] == record["original"] and same(learned, weights(tmp_path / "out"))

    # The next one adds nothing, or one more.
    more, _ = train(going_on(corgis, "../out", new_labels=True), tmp_path / "more")
    assert more["recipe"]["method_options"] == {"added": [["animal/dog/corgi"]]}
    (corgis / "animal/dog/corgi").rename(corgis / "animal/dog/akita")
    more, _ = train(going_on(corgis, "../out", new_labels=True), tmp_path / "grown")
    assert more["recipe"]["method_options"]["added"] == [["animal/dog/corgi"], ["animal/dog/akita"]]
    assert load_model(tmp_path / "grown").taxonomy.num_leaves == len(CLASSES) + 2


def test_interrupted_while_it_grows(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corgis = write_corgis(tmp_path / "corgis")
    recipe = going_on(corgis, new_labels=True, distillation=0.5, elastic=0.1, pull_l2=0.1)
    recipe = recipe.with_settings(["loading.batch_size=2"])
    train(recipe, tmp_path / "whole")
    step = Trainer._step

    def interrupted(self: Trainer, *arguments: torch.Tensor) -> None:
        step(self, *arguments)
        if self.position.step == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Trainer, "_step", interrupted)
    with pytest.raises(TrainingInterruptedError):
        run_training(recipe, tmp_path / "stopped")
    train(recipe, tmp_path / "stopped", resume=True)
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "stopped"))


def test_the_run_is_evaluated_on_both(
    base: Path, work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corgis = write_corgis(tmp_path / "corgis")
    record, _ = train(going_on(corgis, new_labels=True), tmp_path / "out")
    for data, split in ((corgis, record["data"]["test"]), (work / "photos", 12)):
        result = run_command(capsys, "evaluate", tmp_path / "out", data)
        assert result.code == 0, result.err
        assert run_evaluation(tmp_path / "out", str(data))["data"]["test"] == split
    again = run_evaluation(tmp_path / "out", str(corgis))
    assert again["test"]["levels"] == record["test"]["levels"]
    assert again["label_sets"]["test"] == pytest.approx(record["label_sets"]["test"])


# Sets where they are not taken, or say nothing.


def test_a_method_without_sets_gets_what_labels_have_in_common(
    puggles: Path, tmp_path: Path
) -> None:
    images, told = prepared(base_recipe(puggles, method="flat"), tmp_path / "out")
    assert "images have several labels; method flat learns what they have in common" in told
    assert "--method multilabel learns each" in told
    tree = images.splits.train.taxonomy
    for part in (images.splits.train, images.splits.validation, images.splits.test):
        assert part.sets is None
        assert {tree.paths[target] for target in part.targets} == {"animal/dog"}
    ((_, targets), *_) = images.test.batches(0)
    assert targets.tolist() == [tree.find("animal/dog")] * len(targets)
    images, told = prepared(base_recipe(puggles), tmp_path / "out")
    assert images.splits.train.sets is not None and "several labels" not in told


@pytest.mark.parametrize("method", ["flat", "merged", "category_labels"])
def test_labels_that_have_nothing_in_common_teach_nothing(
    method: str, work: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pairs"
    folder.mkdir()
    rows = ["image,labels"]
    for number in range(12):
        shutil.copy(work / f"photos/animal/cat/{number:02}.png", folder)
        rows.append(f"{number:02}.png,animal/cat;plant/{'oak' if number % 2 else 'fern'}")
    recipe = base_recipe(write_table(folder, rows), method=method)
    recipe = recipe.with_settings(["training.label_smoothing=0"])
    record, _ = train(recipe, tmp_path / "out")
    text = (tmp_path / "out/record.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
    lines = (tmp_path / "out/metrics.csv").read_text().splitlines()
    row = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert float(row["train_loss"]) == pytest.approx(0, abs=1e-6)
    assert float(row["validation_loss"]) == pytest.approx(0, abs=1e-6)
    assert all(level["images"] == 0 and level["top1"] is None for level in record["test"]["levels"])


def test_the_rate_of_the_old_dropout_stays_unless_another_is_asked_for(
    base: Path, puggles: Path
) -> None:
    found = load_base(going_on(puggles), base.parent / "out")
    assert found is not None
    found.method.config = found.method.config.replace(dropout=0.25)
    tree = found.model.taxonomy
    assert found.network(going_on(puggles), tree).dropout.p == 0.25
    assert found.network(going_on(puggles, dropout=0.5), tree).dropout.p == 0.5
