"""What a model answers once it is told an ancestor of the label."""

from pathlib import Path

import numpy as np
import pytest
from small_folder import small_recipe, write_small_folder

from labeltree.errors import ConfigError
from labeltree.prediction import predict_files
from labeltree.probabilities import load_probabilities
from labeltree.reports.run.console import results_table
from labeltree.reports.run.folder import read_run_folder
from labeltree.reports.run.headline import key_numbers, sentences
from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import load_model
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runs.training import run_training


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module", params=["flat", "merged"])
def run(request: pytest.FixtureRequest, photos: Path, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("runs") / request.param
    run_training(small_recipe(photos, epochs=1).replace(method=request.param), out)
    return out


def evaluated(run: Path, photos: Path, out: Path, level: str | None):
    """The record, and the probabilities that were measured."""
    record = run_evaluation(run, str(photos), which="train", out=out, given_level=level)
    with np.load(out / "predictions.npz", allow_pickle=False) as file:
        return record, file["probabilities"].astype(float), file["targets"]


def test_the_answer_is_the_best_within_the_true_category(
    run: Path, photos: Path, tmp_path: Path
) -> None:
    tree = load_model(run).taxonomy
    _, plain, targets = evaluated(run, photos, tmp_path / "plain", None)
    record, told, _ = evaluated(run, photos, tmp_path / "told", "level 1")
    true = tree.ancestor_at(targets, 1)
    inside = tree.is_at_or_below(tree.leaves[None], true[:, None])
    leaves = np.where(inside, plain[:, tree.leaves], 0)
    expected = leaves / leaves.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(told[:, tree.leaves], expected, atol=5e-3)  # kept as float16
    right = tree.leaves[expected.argmax(axis=1)] == targets
    deepest = record["test"]["levels"][-1]
    decided = tree.is_leaf[targets]
    assert deepest["top1"] == pytest.approx(right[decided].mean())
    assert record["test"]["levels"][0]["top1"] == 1


def test_the_record_and_its_report_say_what_was_told(
    run: Path, photos: Path, tmp_path: Path
) -> None:
    record, _, targets = evaluated(run, photos, tmp_path / "told", "2")
    tree = load_model(run).taxonomy
    decided = int((tree.is_leaf[targets] & (tree.depths[targets] <= 2)).sum())
    assert record["decoding"]["given"] == {"level": "level 2", "depth": 2, "decided": decided}
    assert 0 < decided < len(targets)  # plants are leaves at this level already
    folder = read_run_folder(tmp_path / "told")
    assert [row["depth"] for row in folder.levels] == [3]
    assert "with the label at level 2 given" in sentences(folder)[0]
    assert "right label at level 2" not in {number.name for number in key_numbers(folder)}
    assert "level 2 given" in str(results_table(record).title)
    stored = load_probabilities(tmp_path / "told" / "node_probabilities" / "test.npz")
    told = tree.ancestor_at(targets, 2)
    assert (stored.probabilities[np.arange(len(told)), told] == 1).all()


def test_without_a_level_nothing_is_told(run: Path, photos: Path) -> None:
    assert "given" not in run_evaluation(run, str(photos))["decoding"]


@pytest.mark.parametrize("level", ["level 4", "4", "kind", "level 3"])
def test_a_level_that_cannot_be_told_is_refused_before_any_image(
    run: Path, level: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        run_evaluation(run, str(tmp_path / "nowhere"), given_level=level)


def test_answers_lie_below_what_is_known(run: Path, photos: Path) -> None:
    model = load_model(run)
    paths = [str(path) for path in sorted(photos.glob("plant/*/0*.png"))]
    for known in ("animal", "animal/dog", "plant/oak"):
        for file in predict_files(TorchPredictor(model), paths, model.taxonomy.find(known)):
            assert file.answer is not None
            assert (file.answer.path + "/").startswith(known + "/")
            steps = dict(file.answer.steps)
            assert steps[known] == 1 and file.answer.probability <= 1
