import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import load_file
from small_folder import small_recipe, write_small_folder

from labeltree.errors import (
    BadImageError,
    ConfigError,
    DataError,
    ModelFolderError,
    OutputExistsError,
)
from labeltree.methods import METHODS
from labeltree.metrics import top_k_accuracy
from labeltree.prediction import predict_files
from labeltree.probabilities import load_probabilities
from labeltree.recipes import Recipe
from labeltree.runs import run_folder
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import load_model
from labeltree.runs.run_folder import begin
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runs.training import run_training
from labeltree.taxonomy import load_taxonomy


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "my photos é")


@pytest.fixture(scope="module", params=[m for m, entry in METHODS.items() if entry.parts is None])
def run(request: pytest.FixtureRequest, photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / request.param
    record = run_training(small_recipe(photos).replace(method=request.param), out)
    return out, record


def test_run_folder_holds_what_the_design_names(run) -> None:
    out, record = run
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "recipe.yaml", "model", "metrics.csv", "record.json", "taxonomy.json", "predictions.npz",
        "test_images.txt", "examples", "checkpoints",
    }  # fmt: skip
    assert {path.name for path in (out / "model").iterdir()} == {
        "config.json", "taxonomy.json", "model.safetensors",
    }  # fmt: skip
    assert json.loads((out / "record.json").read_text()) == json.loads(json.dumps(record))
    with (out / "metrics.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]


def test_record_says_what_was_done_and_measured(run) -> None:
    _, record = run
    assert record["data"]["train"] + record["data"]["validation"] + record["data"]["test"] == 62
    assert record["training"]["epochs"] == 2
    assert [level["level"] for level in record["test"]["levels"]] == [
        "level 1", "level 2", "level 3",
    ]  # fmt: skip
    assert len(record["alpha_sweep"]["test"]) == 21
    assert record["hardware"]["torch"] and record["command"]


def test_written_probabilities_are_coherent(run) -> None:
    out, _ = run
    taxonomy = load_taxonomy(out / "taxonomy.json")
    with np.load(out / "predictions.npz", allow_pickle=False) as file:
        probabilities, targets = file["probabilities"], file["targets"]
    assert len(probabilities) == len(targets)
    names = (out / "test_images.txt").read_text(encoding="utf-8").splitlines()
    assert [Path(name).is_file() for name in names] == [True] * len(targets)
    leaves = probabilities[:, taxonomy.leaves].astype(np.float64)
    np.testing.assert_allclose(taxonomy.roll_up(leaves), probabilities, atol=3e-3)


def test_recipe_in_the_folder_is_enough_to_run_again(run, tmp_path: Path) -> None:
    out, _ = run
    run_training(Recipe.from_yaml(out / "recipe.yaml"), tmp_path / "again")
    first, second = (
        load_file(folder / "model" / "model.safetensors") for folder in (out, tmp_path / "again")
    )
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_model_folder_predicts_what_the_run_measured(run, photos: Path) -> None:
    out, record = run
    again = run_evaluation(out, str(photos))
    assert [again["test"], again["back_off"]] == [record["test"], record["back_off"]]
    paths = sorted(str(path) for path in photos.rglob("*.png"))[:5]
    answers = list(predict_files(TorchPredictor(load_model(out / "model")), paths))
    assert [answer.image for answer in answers] == paths
    for answer in answers:
        chances = [probability for _, probability in answer.answer.steps + answer.answer.beyond]
        assert chances == sorted(chances, reverse=True)


def test_its_own_data_is_known_however_it_is_spelt(
    run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, record = run
    monkeypatch.chdir(photos.parent)
    shutil.copytree(photos, tmp_path / "moved")
    for spelling in (f"{photos.name}/", f"./{photos.name}", str(tmp_path / "moved")):
        again = run_evaluation(out, spelling)
        assert (again["data"]["split"], again["test"]) == ("test", record["test"])
    (tmp_path / "moved" / "plant/oak/00.png").unlink()
    assert run_evaluation(out, str(tmp_path / "moved"))["data"]["split"] == "all"


def test_data_that_changed_are_neither_measured_nor_trained_on(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "data", per_class=4)
    recipe = small_recipe(folder, epochs=1)
    run_training(recipe, tmp_path / "run")
    (folder / "plant/oak/00.png").rename(folder / "plant/oak/new.png")
    with pytest.raises(DataError, match=r"no longer as it was.*restore it"):
        run_evaluation(tmp_path / "run", str(folder))
    with pytest.raises(DataError, match=r"no longer as it was.*new run"):
        run_training(recipe, tmp_path / "run", resume=True)


def test_nothing_is_overwritten(run, photos: Path) -> None:
    out, _ = run
    before = (out / "record.json").read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        run_training(small_recipe(photos), out)
    assert (out / "record.json").read_bytes() == before


def test_a_run_that_began_meanwhile_is_not_removed(photos: Path, tmp_path: Path) -> None:
    recipe = small_recipe(photos)
    begin(tmp_path / "run", recipe, {}, overwrite=False)
    with pytest.raises(OutputExistsError, match="--overwrite"):
        begin(tmp_path / "run", recipe, {}, overwrite=False)
    assert (tmp_path / "run" / "recipe.yaml").exists()


def test_resume_with_another_recipe_names_the_difference(run, photos: Path) -> None:
    out, record = run
    recipe = Recipe(**record["recipe"])
    other = recipe.replace(training=recipe.training.replace(seed=5))
    with pytest.raises(ConfigError, match=r"training\.seed"):
        run_training(other, out, resume=True)


def test_a_folder_that_is_no_run_is_never_removed(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(ModelFolderError, match="is no run folder"):
        run_training(small_recipe(photos), tmp_path, overwrite=True)
    assert (tmp_path / "precious.txt").exists()


def test_a_run_does_not_become_a_label_of_its_data(run, photos: Path) -> None:
    for out in (photos / "run", photos / "plant" / ".." / "run", photos):
        with pytest.raises(ConfigError, match="lies in the data folder"):
            run_training(small_recipe(photos), out)
        with pytest.raises(ConfigError, match="lies in the data folder"):
            run_evaluation(run[0], str(photos), out=out)
    assert not (photos / "run").exists()


def test_damaged_images_stop_the_run_before_training_or_are_skipped(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "data", per_class=6)
    (folder / "plant/oak/empty.jpg").write_bytes(b"")
    (folder / "plant/oak/cut.png").write_bytes((folder / "plant/oak/00.png").read_bytes()[:60])
    with pytest.raises(BadImageError, match=r"2 damaged images.*--skip-bad-images"):
        run_training(small_recipe(folder), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    record = run_training(small_recipe(folder, epochs=1), tmp_path / "run", skip_bad_images=True)
    assert record["data"]["skipped_images"] == 2


def test_a_run_without_validation_images(photos: Path, tmp_path: Path) -> None:
    recipe = small_recipe(photos, epochs=1)
    recipe = recipe.replace(split=recipe.split.replace(validation_fraction=0))
    record = run_training(recipe, tmp_path / "run")
    assert record["data"]["validation"] == 0 and record["test"]["images"] > 0
    json.loads((tmp_path / "run" / "record.json").read_text(), parse_constant=pytest.fail)


def test_minutes_become_epochs(photos: Path, tmp_path: Path) -> None:
    recipe = small_recipe(photos, epochs=None, minutes=0.002)
    record = run_training(recipe, tmp_path / "run")
    written = Recipe.from_yaml(tmp_path / "run" / "recipe.yaml")
    assert written.training.minutes is None
    assert written.training.epochs == record["training"]["epochs"] > 0
    again = run_training(recipe, tmp_path / "run", resume=True)
    assert again["training"]["epochs"] == record["training"]["epochs"]


@pytest.mark.parametrize("how", ["resume", "overwrite"])
def test_a_run_that_another_process_trains_is_left_alone(
    run, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "_PATIENCE", 0.1)
    out, record = run
    with FileLock(out / "lock"), pytest.raises(OutputExistsError, match="another process"):
        run_training(Recipe(**record["recipe"]), out, **{how: True})
    assert (out / "record.json").is_file()


def test_a_run_keeps_what_the_method_said(run) -> None:
    out, record = run
    for split in ("validation", "test"):
        kept = load_probabilities(out / "node_probabilities" / f"{split}.npz")
        assert len(kept) == record["data"][split]
        assert kept.targets is not None
    answers = top_k_accuracy(kept.taxonomy, kept.probabilities, kept.targets)
    levels = record["test_before_decoding"]["levels"]
    assert [level["top1"] for level in levels] == pytest.approx(answers)
