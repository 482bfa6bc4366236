"""Runs that went on from a base that was trained again since are found, and named."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from in_this_process import in_this_process
from safetensors.numpy import load_file, save_file
from small_streaming import base_recipe, going_on, write_base

from labeltree.errors import ModelFolderError
from labeltree.runs.same_base import base_folder, check_same_base, keep_base
from labeltree.runs.training import run_training
from labeltree.studies.members import TrainedMember, member_folder
from labeltree.studies.running import run_study
from labeltree.studies.study import Asked, Member, Scale, Study

ANY = Path("any data")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`base`, and `out` that went on from it."""
    folder = write_base(tmp_path_factory.mktemp("work")).parent
    run_training(going_on(folder / "puggles/labels.csv"), folder / "out")
    return folder


@pytest.fixture
def work(trained: Path, tmp_path: Path) -> Path:
    for name in ("base", "out"):
        shutil.copytree(trained / name, tmp_path / name)
    return tmp_path


def train_again(run: Path) -> None:
    """Other weights of the same network."""
    path = run / "model/model.safetensors"
    weights = load_file(path)
    first = next(name for name, value in weights.items() if value.dtype == np.float32)
    weights[first] = weights[first] + 1
    save_file(weights, path)


def test_a_base_is_named_from_the_folder_of_the_run() -> None:
    assert base_folder(going_on(ANY, "../base"), Path("runs/new")) == Path("runs/base")
    assert base_folder(going_on(ANY, "/there/base"), Path("runs/new")) == Path("/there/base")
    assert base_folder(going_on(ANY, "../../base"), Path("runs/new")) == Path("base")


def test_the_same_weights_are_no_other_base(work: Path) -> None:
    recipe = going_on(ANY)
    check_same_base([(recipe, work / "out"), (base_recipe(ANY), work / "base")])
    # Where the model lies, and what else is in its folder, does not count.
    shutil.copytree(work / "base/model", work / "moved")
    keep_base(going_on(ANY, "../moved"), work / "out")
    check_same_base([(recipe, work / "out")])
    (work / "base/report.html").write_text("another page")
    check_same_base([(recipe, work / "out")])


def test_other_weights_are_another_base(work: Path) -> None:
    train_again(work / "base")
    with pytest.raises(
        ModelFolderError, match="trained again or replaced since; remove that folder"
    ) as info:
        check_same_base([(base_recipe(ANY), work / "base"), (going_on(ANY), work / "out")])
    assert str(info.value).startswith(str(work / "out")) and "\n" not in str(info.value)
    shutil.copytree(work / "out", work / "second")
    with pytest.raises(ModelFolderError, match=r"remove those folders .* train them again") as info:
        check_same_base([(going_on(ANY), work / name) for name in ("out", "second")])
    assert str(work / "out") in str(info.value) and str(work / "second") in str(info.value)


def test_nothing_is_said_of_what_nobody_knows(work: Path) -> None:
    runs = [(going_on(ANY), work / "out")]
    for text in ("", "{", "[]", "3", '{"else": 1}'):
        (work / "out/base.json").write_text(text)
        check_same_base(runs)
    (work / "out/base.json").unlink()
    check_same_base(runs)
    check_same_base([(going_on(ANY), work / "not begun")])
    keep_base(going_on(ANY), work / "out")
    shutil.rmtree(work / "base")  # not trained yet, or gone: told where it is loaded
    check_same_base(runs)


def test_only_a_run_that_goes_on_keeps_a_digest(work: Path, tmp_path: Path) -> None:
    keep_base(base_recipe(ANY), tmp_path)
    assert not (tmp_path / "base.json").exists() and not (work / "base/base.json").exists()
    kept = json.loads((work / "out/base.json").read_text())
    keep_base(going_on(ANY, work / "base"), tmp_path)
    assert json.loads((tmp_path / "base.json").read_text()) == kept


def test_a_run_is_not_resumed_from_another_base(work: Path, trained: Path) -> None:
    recipe = going_on(trained / "puggles/labels.csv")
    record = run_training(recipe, work / "out", resume=True)
    assert record is not None
    again = base_recipe(trained / "photos").with_settings(["training.seed=3"])
    run_training(again, work / "base", overwrite=True)
    with pytest.raises(ModelFolderError, match="trained again or replaced since") as info:
        run_training(recipe, work / "out", resume=True)
    assert str(info.value).startswith(f"{work / 'out'}: ")
    assert "remove that folder and add --resume" in str(info.value)
    shutil.rmtree(work / "out")  # the remedy
    assert run_training(recipe, work / "out", resume=True) is not None


def tiny_study(folder: Path) -> Study:
    """A base, and a network that goes on from it; its loss is spelt out."""

    def members(asked: Asked) -> list[Member]:
        options = {"loss": "binary-cross-entropy"}
        base = Member({"model": "base"}, base_recipe(folder / "photos", method_options=options))
        place = Path("..") / member_folder(Path(), base.name, base.recipe).name
        recipe = going_on(folder / "puggles/labels.csv", place).replace(method_options=options)
        return [base, Member({"model": "went on"}, recipe, (base.name,))]

    def measure(trained: Sequence[TrainedMember]) -> dict[str, object]:
        return {"conclusions": [], "rows": [member.record["data"]["test"] for member in trained]}

    scales = {"smoke": Scale("tiny", 1, members)}
    return Study("tiny", "A tiny study", "nowhere", scales, measure)


def test_a_study_finds_members_that_went_on_from_another_base(
    trained: Path, tmp_path: Path
) -> None:
    def run() -> dict:
        with in_this_process():
            return run_study(tiny_study(trained), "smoke", tmp_path / "study", resume=True)

    record = run()
    assert record["rows"] == [12, 2]
    assert run()["rows"] == [12, 2]
    base, went_on = (tmp_path / "study" / member["folder"] for member in record["members"])
    train_again(base)
    with pytest.raises(ModelFolderError, match="trained again or replaced since") as info:
        run()
    assert str(info.value).startswith(f"{went_on}: ")
    shutil.rmtree(went_on)
    run()
    shutil.rmtree(base)  # trained again by the study itself: with the same seed it is the same
    with pytest.raises(ModelFolderError, match="trained again or replaced since"):
        run()  # as the one that was tampered with is gone
