"""Several views of each image, from the recipe over the run folder to evaluation and answers."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from small_folder import small_recipe, write_small_folder

from labeltree.errors import ModelFolderError
from labeltree.prediction import predict_files
from labeltree.probabilities import load_probabilities
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import load_model
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runs.training import run_training


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos", per_class=6)


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / "ten"
    recipe = small_recipe(photos, epochs=1)
    recipe = recipe.replace(loading=recipe.loading.replace(crops="ten"))
    return out, run_training(recipe, out)


def test_run_and_model_remember_the_crops(run) -> None:
    out, record = run
    assert record["data"]["crops"] == record["recipe"]["loading"]["crops"] == "ten"
    assert load_model(out).preprocessing.crops == "ten" and load_model(out).preprocessing.mirror


def test_evaluation_sees_what_the_run_measured(run, photos: Path, tmp_path: Path) -> None:
    out, record = run
    again = run_evaluation(out, str(photos), out=tmp_path / "again")
    assert again["test"] == record["test"] and again["data"]["crops"] == "ten"
    theirs, ours = (
        load_probabilities(folder / "node_probabilities/test.npz").probabilities
        for folder in (out, tmp_path / "again")
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_other_crops_can_be_asked_for(run, photos: Path) -> None:
    out, record = run
    one = run_evaluation(out, str(photos), crops="one")
    assert one["data"]["crops"] == "one" and one["test"]["ece"] != record["test"]["ece"]
    model = load_model(out)
    path = str(photos / "animal/cat/00.png")
    (ten,), (single,) = (
        predict_files(TorchPredictor(asked), [path]) for asked in (model, model.with_crops("one"))
    )
    assert ten.answer is not None and single.answer is not None
    assert ten.answer.probability != single.answer.probability


def test_the_decoder_is_fitted_on_the_views_that_are_tested(
    run, photos: Path, tmp_path: Path
) -> None:
    out, _ = run
    stored = load_probabilities(out / "node_probabilities/validation.npz").probabilities
    seen = {
        crops: run_evaluation(
            out, str(photos), which="validation", crops=crops, out=tmp_path / crops
        )
        for crops in ("one", "ten")
    }
    assert {record["data"]["crops"] for record in seen.values()} == {"one", "ten"}
    ten = load_probabilities(tmp_path / "ten/node_probabilities/test.npz").probabilities
    one = load_probabilities(tmp_path / "one/node_probabilities/test.npz").probabilities
    np.testing.assert_allclose(stored, ten, atol=1e-6)
    assert np.abs(stored - one).max() > 1e-4


def test_characters_are_not_mirrored(tmp_path: Path) -> None:
    recipe = small_recipe(Path("glyphs"), epochs=0.01)
    recipe = recipe.replace(
        data_options={"classes": 4, "images_per_class": 10},
        loading=recipe.loading.replace(crops="ten"),
    )
    console = Console(record=True, file=io.StringIO(), width=200)
    record = run_training(recipe, tmp_path / "run", console=console)
    assert record is not None and record["data"]["crops"] == "five"
    assert "crops five" in console.export_text()
    model = load_model(tmp_path / "run")
    assert not model.preprocessing.mirror
    assert model.with_crops("flip").preprocessing.crops == "one"
    assert model.with_crops("multi-scale").preprocessing.crops == "multi-scale-unmirrored"


def test_older_models_saw_one_view_and_unknown_crops_are_refused(run) -> None:
    out, _ = run
    path = out / "model" / "config.json"
    text = path.read_text()
    config = json.loads(text)
    try:
        config["preprocessing"]["crops"] = "eleven"
        path.write_text(json.dumps(config))
        with pytest.raises(ModelFolderError, match="crops"):
            load_model(out)
        del config["preprocessing"]["crops"], config["preprocessing"]["mirror"]
        path.write_text(json.dumps(config))
        assert load_model(out).preprocessing.crops == "one"
    finally:
        path.write_text(text)
