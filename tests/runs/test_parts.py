import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import run_command
from hypothesis import given
from hypothesis import strategies as st
from in_this_process import in_this_process
from small_folder import small_recipe, write_small_folder
from strategies import taxonomies

from labeltree.data.collection import Collection
from labeltree.data.images import ArrayImages
from labeltree.data.opening import open_source
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.data.splits import split
from labeltree.data.statistics import channel_statistics
from labeltree.errors import ConfigError, DataError, ModelFolderError
from labeltree.prediction import predict_files
from labeltree.probabilities import load_probabilities
from labeltree.recipes import Recipe
from labeltree.runs import parts as parts_module
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import load_model
from labeltree.runs.part_tasks import inside, plan_tasks
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runs.training import run_training
from labeltree.taxonomy import Taxonomy

PARTS = {"router": "", "animal": "animal", "plant": "plant"}


def per_category(folder: Path, **training: object) -> Recipe:
    return small_recipe(folder, **training).replace(method="per_category")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "my photos é")


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / "run"
    record = run_training(per_category(photos), out, jobs=2)
    return out, record


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder).method.state_dict()


def test_each_part_is_a_run_of_its_own(run) -> None:
    out, _ = run
    assert {path.name for path in (out / "parts").iterdir()} == PARTS.keys()
    for name, branch in PARTS.items():
        recipe = Recipe.from_yaml(out / "parts" / name / "recipe.yaml")
        assert recipe.method == "flat"
        scope = ScopeConfig(branch=branch) if branch else ScopeConfig(depth=1)
        assert recipe.scope == scope
        assert (out / "parts" / name / "checkpoints" / "last.safetensors").is_file()
    names = {path.name for path in out.iterdir()}
    assert names >= {"recipe.yaml", "model", "record.json", "predictions.npz", "examples"}
    assert not names & {"metrics.csv", "checkpoints"}


def test_the_record_adds_up_the_parts(run) -> None:
    out, record = run
    parts = [json.loads((out / "parts" / name / "record.json").read_text()) for name in PARTS]
    for key in ("steps", "images_seen"):
        assert record["training"][key] == sum(part["training"][key] for part in parts)
    assert record["training"]["networks"] == 3
    assert record["training"]["epochs"] == 2
    assert record["model"]["parameters"] == sum(part["model"]["parameters"] for part in parts)
    told = [(part["name"], part["branch"], part["classes"]) for part in record["parts"]]
    assert told == [("router", None, 2), ("animal", "animal", 3), ("plant", "plant", 2)]
    assert [part["images"] for part in record["parts"]] == [part["data"]["train"] for part in parts]
    assert record["data"]["train"] == record["parts"][0]["images"]


def test_the_whole_has_the_weights_of_its_parts_and_answers_as_they_do(run) -> None:
    out, _ = run
    whole = load_model(out)
    images = torch.randn(5, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        outputs = whole.method(images)
        nodes = whole.method.node_probabilities(outputs)
        for (name, branch), logits in zip(PARTS.items(), outputs, strict=True):
            part = load_model(out / "parts" / name)
            assert torch.equal(part.method(images)[0], logits)
            own = part.method.node_probabilities((logits,))
            root = whole.taxonomy.find(branch)
            for node, path in enumerate(part.taxonomy.paths[1:], start=1):
                column = whole.taxonomy.find(f"{branch}/{path}" if branch else path)
                torch.testing.assert_close(nodes[:, column], nodes[:, root] * own[:, node])


def test_all_networks_see_images_as_the_whole_does(run, photos: Path) -> None:
    out, _ = run
    split_config = Recipe.from_yaml(out / "recipe.yaml").split
    splits = split(open_source(str(photos)), **split_config.model_dump())
    mean, std = channel_statistics(splits.train)
    for folder in (out, *(out / "parts" / name for name in PARTS)):
        preprocessing = load_model(folder).preprocessing
        assert (preprocessing.mean, preprocessing.std) == (mean, std)


def test_what_was_measured_of_a_part_is_in_the_whole(run) -> None:
    out, record = run
    whole = load_probabilities(out / "node_probabilities" / "test.npz")
    assert len(whole) == record["data"]["test"]
    root = whole.taxonomy.find("plant")
    chosen = whole.taxonomy.is_at_or_below(whole.targets, np.full(len(whole), root))
    part = load_probabilities(out / "parts/plant/node_probabilities/test.npz")
    below = whole.taxonomy.children(root)
    given = whole.probabilities[chosen, below] / whole.probabilities[chosen, root, None]
    np.testing.assert_allclose(given, part.probabilities[:, 1:], atol=1e-5)


def test_whole_and_parts_are_evaluated_like_any_model(run, photos: Path) -> None:
    out, record = run
    again = run_evaluation(out, str(photos))
    assert [again["test"], again["back_off"]] == [record["test"], record["back_off"]]
    for name in PARTS:
        folder = out / "parts" / name
        own = json.loads((folder / "record.json").read_text())
        again = run_evaluation(folder, str(photos))
        assert again["data"]["split"] == "test"
        assert again["test"] == own["test"]
    paths = sorted(str(path) for path in photos.rglob("*.png"))[:3]
    answers = predict_files(TorchPredictor(load_model(out)), paths)
    assert [answer.image for answer in answers] == paths


def test_only_what_is_missing_is_trained_again(
    run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = run
    shutil.copytree(out, tmp_path / "run")
    for missing in ("record.json", "model", "parts/plant/record.json"):
        path = tmp_path / "run" / missing
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    trained: list[str] = []

    def training(jobs, *arguments, **settings) -> None:
        trained.extend(job.name for job in jobs)
        for job in jobs:
            run_training(job.recipe, job.folder, resume=True)

    monkeypatch.setattr(parts_module, "train_side_by_side", training)
    run_training(per_category(photos), tmp_path / "run", resume=True)
    assert trained == ["plant"]
    before, after = weights(out), weights(tmp_path / "run")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_parts_that_do_not_fit_are_refused(run, photos: Path, tmp_path: Path) -> None:
    out, _ = run
    shutil.copytree(out, tmp_path / "run")
    parts = tmp_path / "run" / "parts"
    shutil.copytree(parts / "router/model", parts / "plant/model", dirs_exist_ok=True)
    with pytest.raises(ModelFolderError, match=r"plant holds another model.*add --resume"):
        run_training(per_category(photos), tmp_path / "run", resume=True)
    (parts / "animal/record.json").write_text("{")
    with pytest.raises(ModelFolderError, match=r"animal.record\.json is damaged.*--resume"):
        run_training(per_category(photos), tmp_path / "run", resume=True)
    (parts / "animal/record.json").write_text("{}")
    with pytest.raises(ModelFolderError, match=r"is not the record of a training"):
        run_training(per_category(photos), tmp_path / "run", resume=True)
    shutil.copy(parts / "router/recipe.yaml", parts / "plant/recipe.yaml")
    (parts / "animal/record.json").unlink()
    with pytest.raises(ConfigError, match=r"plant was begun with other values of scope"):
        run_training(per_category(photos), tmp_path / "run", resume=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method_options": {"depth": 4}}, r"cannot be at depth 4.*choose .*depth=2"),
        ({"method_options": {"depth": 3}}, r"no category has two classes or more.*--method flat"),
        ({"scope": ScopeConfig(branch="plant")}, r"no category has two classes or more"),
    ],
)
def test_trees_without_such_categories(
    photos: Path, tmp_path: Path, change: dict, message: str
) -> None:
    with pytest.raises((ConfigError, DataError), match=message):
        run_training(per_category(photos).replace(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_several_networks_cannot_have(photos: Path, tmp_path: Path) -> None:
    recipe = per_category(photos)
    with pytest.raises(ConfigError, match=r"--epochs 10, instead of minutes"):
        run_training(per_category(photos, epochs=None, minutes=1.0), tmp_path / "run")
    with pytest.raises(ConfigError, match=r"--jobs 0: expected a number from 1 up"):
        run_training(recipe, tmp_path / "run", jobs=0)
    with pytest.raises(ConfigError, match=r"without accelerate launch or torchrun"):
        parts_module.check_command(recipe, num_processes=2, jobs=None)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("options", [{}, {"method": "routed", "options": {"merge_point": 1}}])
def test_one_network_has_no_jobs_which_is_told_before_its_data_are_looked_for(
    tmp_path: Path, options: dict, jobs: int
) -> None:
    recipe = small_recipe(tmp_path / "nothing").replace(
        method=options.get("method", "flat"), method_options=options.get("options", {})
    )
    name = recipe.method
    with pytest.raises(ConfigError, match=rf"--jobs {jobs}: method {name} trains one network here"):
        run_training(recipe, tmp_path / "run", jobs=jobs)


def collection(tree: Taxonomy, paths: list[str]) -> Collection:
    pixels = np.zeros((len(paths), 16, 16, 3), dtype=np.uint8)
    return Collection(tree, ArrayImages(pixels), np.array([tree.find(path) for path in paths]))


def test_a_network_needs_two_labels_to_tell_apart(photos: Path) -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    recipe = per_category(photos)
    for paths in (["cat", "dog/pug", "dog/pug"], ["cat", "dog/pug", "dog"]):
        with pytest.raises(DataError, match="category 'dog' show 1 of 2 classes; a network needs"):
            plan_tasks(recipe, collection(tree, paths))
    with pytest.raises(DataError, match="training images show 1 of 2 categories"):
        plan_tasks(recipe, collection(tree, ["dog/pug", "dog/beagle"]))
    plan = plan_tasks(recipe, collection(tree, ["cat", "dog/pug", "dog", "dog/beagle"]))
    assert [(task.part.name, task.num_images) for task in plan] == [("router", 4), ("dog", 2)]


def test_two_labels_on_one_path_are_nothing_to_tell_apart(photos: Path) -> None:
    tree = Taxonomy.from_paths(["cat", "dog/hound/beagle", "dog/hound/basset", "dog/pug"])
    one_path = ["cat", "dog/hound/beagle", "dog/hound"]
    with pytest.raises(DataError, match="category 'dog' show 1 of 3 classes"):
        plan_tasks(per_category(photos), collection(tree, one_path))
    plan_tasks(per_category(photos), collection(tree, ["cat", "dog/hound", "dog/pug"]))


def test_categories_of_a_branch(photos: Path) -> None:
    whole = Taxonomy.from_paths(["animal/cat", "animal/dog/beagle", "animal/dog/pug", "plant/oak"])
    scope = ScopeConfig(branch="animal")
    tree, _ = scoped_tree(whole, scope)
    recipe = per_category(photos).replace(scope=scope)
    plan = plan_tasks(recipe, collection(tree, ["cat", "dog/pug", "dog/beagle"]))
    scopes = [ScopeConfig(branch="animal", depth=1), ScopeConfig(branch="animal/dog")]
    assert [task.recipe.scope for task in plan] == scopes


@given(tree=taxonomies(), data=st.data())
def test_a_scope_of_a_scope_is_one_scope(tree: Taxonomy, data: st.DataObject) -> None:
    def draw(within: Taxonomy) -> ScopeConfig:
        inner = [within.paths[node] for node in np.flatnonzero(~within.is_leaf)[1:]]
        branch = data.draw(st.sampled_from([None, *inner]))
        below = within.heights[within.find(branch or "")]
        return ScopeConfig(branch=branch, depth=data.draw(st.none() | st.integers(1, int(below))))

    outer = draw(tree)
    middle, first = scoped_tree(tree, outer)
    inner = draw(middle)
    twice, second = scoped_tree(middle, inner)
    once, numbers = scoped_tree(tree, inside(outer, inner))
    assert once.paths == twice.paths
    assert numbers.tolist() == np.where(first >= 0, second[first], -1).tolist()


def test_a_rest_is_not_what_lies_outside_the_branch_of_the_whole() -> None:
    rest = ScopeConfig(branch="dog", rest=True)
    with pytest.raises(ConfigError, match=r"scope\.branch: .*misrouted=reject.* leave out scope"):
        inside(ScopeConfig(branch="animal"), rest)
    assert inside(ScopeConfig(depth=3), rest) == rest.replace(depth=2)


@pytest.mark.usefixtures("without_pictures")
def test_ctrl_c_saves_every_part_and_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_small_folder(tmp_path / "my data")
    (folder / "plant/oak/empty.jpg").write_bytes(b"")
    (tmp_path / "recipe.yaml").write_text(per_category(folder, epochs=15).to_yaml())
    out = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "labeltree", "train", folder, "--recipe", tmp_path / "recipe.yaml",
         "--out", out, "--skip-bad-images", "--jobs", "2"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    while process.poll() is None and not list(out.glob("parts/*/checkpoints/*.safetensors")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err and "what was learned is saved" in err

    name, *arguments = shlex.split(err.strip().splitlines()[-1].partition("Go on with: ")[2])
    assert name == "labeltree"
    with in_this_process():
        result = run_command(capsys, *arguments)
    assert result.code == 0, result.err
    record = json.loads((out / "record.json").read_text())
    assert (record["training"]["epochs"], record["training"]["processes"]) == (15, 2)
    assert record["data"]["skipped_images"] == 1
    rows = (out / "parts/router/metrics.csv").read_text().splitlines()
    assert len(rows) == 16
