"""Real trainings in processes of their own; small enough to take seconds."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from in_this_process import in_this_process
from rich.console import Console
from small_folder import write_small_folder
from small_study import members, small_study

from labeltree.data.division import DivisionConfig
from labeltree.data.opening import open_source
from labeltree.data.scope import ScopeConfig
from labeltree.errors import (
    ConfigError,
    DataError,
    LabeltreeError,
    ModelFolderError,
    OutputExistsError,
    TrainingInterruptedError,
)
from labeltree.studies import running
from labeltree.studies.members import member_folder
from labeltree.studies.running import run_study
from labeltree.studies.study import Member, Scale

SCRIPT = """
import sys
from pathlib import Path
from small_study import small_study
from labeltree.studies.running import run_study
if __name__ == "__main__":
    run_study(small_study(epochs=4000.0), "smoke", Path(sys.argv[1]), seeds=2, jobs=2)
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study") / "out"
    run_study(small_study(), "smoke", out, jobs=2)
    return out


def times(out: Path) -> dict[str, int]:
    return {file.parent.name: file.stat().st_mtime_ns for file in out.glob("members/*/record.json")}


def test_the_record_names_every_member(done: Path) -> None:
    record = json.loads((done / "record.json").read_text())
    assert record["kind"] == "study" and record["scale"] == "smoke"
    assert [member["seed"] for member in record["members"]] == [0, 1]
    assert all((done / member["folder"] / "record.json").is_file() for member in record["members"])
    assert record["training_seconds"] == pytest.approx(
        sum(member["seconds"] for member in record["members"]), abs=0.2
    )
    assert record["rows"] == [[240, record["rows"][0][1]]] * 2


def test_members_carry_their_cost_unless_they_were_trained_before_it_was_measured(
    done: Path, tmp_path: Path
) -> None:
    shutil.copytree(done, tmp_path / "out")
    files = [tmp_path / "out" / one["folder"] / "record.json" for one in members_of(done)]
    old, new = (json.loads(file.read_text()) for file in files)
    del old["cost"]
    files[0].write_text(json.dumps(old))
    run_study(small_study(), "smoke", tmp_path / "out", resume=True)
    assert [one["cost"] for one in members_of(tmp_path / "out")] == [None, new["cost"]]
    assert new["cost"]["macs"] > 0


def members_of(out: Path) -> list[dict]:
    return json.loads((out / "record.json").read_text())["members"]


def test_members_are_trained_once(done: Path) -> None:
    before = times(done)
    shown = io.StringIO()
    with in_this_process():
        run_study(small_study(), "smoke", done, seeds=3, resume=True, console=Console(file=shown))
    after = times(done)
    assert len(before) == 2 and len(after) == 3
    assert before.items() <= after.items()
    assert "2 of 3 members are trained already" in shown.getvalue()


def expert_and_router() -> list[Member]:
    """Of the first family of glyphs; the expert, which is given first, learns after the router."""
    router, expert = members(2)
    recipe = router.recipe.replace(scope=ScopeConfig(depth=1), answer_training=True)
    router = replace(router, recipe=recipe)
    tree = open_source(recipe.data, **recipe.data_options).taxonomy
    folder = Path("..") / member_folder(Path(), router.name, recipe).name
    division = DivisionConfig(router=folder, group=tree.paths[1])
    own = expert.recipe.replace(scope=ScopeConfig(branch=tree.paths[1]), division=division)
    return [replace(expert, recipe=own, after=(router.name,)), router]


def test_a_member_waits_for_those_it_comes_after(tmp_path: Path) -> None:
    scale = Scale("tiny", 2, lambda asked: expert_and_router())
    study = replace(small_study(), scales={"smoke": scale})
    record = run_study(study, "smoke", tmp_path, jobs=2)
    begun, before = (tmp_path / member["folder"] for member in record["members"])
    assert [member["seed"] for member in record["members"]] == [1, 0]
    ended = (before / "record.json").stat().st_mtime_ns
    assert (begun / "recipe.yaml").stat().st_mtime_ns > ended
    with np.load(before / "training_answers.npz") as stored:
        targets = stored["targets"]
    np.savez(before / "training_answers.npz", answers=np.full_like(targets, 2), targets=targets)
    with pytest.raises(ModelFolderError, match=f"{begun.name}: learned from what another router"):
        run_study(study, "smoke", tmp_path, resume=True)
    shutil.rmtree(begun)  # whom it comes after is trained already
    shown = io.StringIO()
    with in_this_process():
        run_study(study, "smoke", tmp_path, resume=True, console=Console(file=shown))
    assert (begun / "record.json").is_file()
    assert (before / "record.json").stat().st_mtime_ns == ended
    assert "note     slim seed 1: the router never chose" in shown.getvalue()


@pytest.mark.parametrize(("asked", "at_once"), [(None, 1), (2, 2)])
def test_a_scale_may_say_how_many_train_at_once(
    asked: int | None, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where speed is a result, trainings must not share a GPU."""

    def stopped(jobs: object, number: int, *others: object) -> None:
        assert number == at_once
        raise TrainingInterruptedError

    monkeypatch.setattr(running, "train_side_by_side", stopped)
    scale = Scale("tiny", 2, lambda asked: members(asked.seeds), jobs=1)
    study = replace(small_study(), scales={"smoke": scale})
    with pytest.raises(TrainingInterruptedError, match="every member is saved"):
        run_study(study, "smoke", tmp_path / "out", jobs=asked)


def test_another_configuration_is_trained_anew(done: Path) -> None:
    before = times(done)
    with in_this_process():
        run_study(small_study(epochs=0.5), "smoke", done, seeds=1, resume=True)
    assert len(times(done)) == len(before) + 1


def test_a_folder_with_members_needs_resume(done: Path) -> None:
    with pytest.raises(OutputExistsError, match="--resume"):
        run_study(small_study(), "smoke", done)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LabeltreeError, match="holds no study"):
        run_study(small_study(), "smoke", tmp_path, resume=True)


def test_members_of_other_data_are_refused(tmp_path: Path) -> None:
    data = write_small_folder(tmp_path / "data")
    study = small_study(data=str(data))
    with in_this_process():
        run_study(study, "smoke", tmp_path / "out", seeds=1)
    next(data.rglob("*.png")).unlink()
    with pytest.raises(DataError, match="trained on other images"):
        run_study(study, "smoke", tmp_path / "out", seeds=1, resume=True)


@pytest.mark.parametrize(
    ("scale", "numbers", "message"),
    [
        ("smok", {}, "did you mean 'smoke'"),
        ("smoke", {"seeds": 0}, "from 1 up"),
        ("smoke", {"jobs": 0}, "from 1 up"),
    ],
)
def test_bad_arguments(tmp_path: Path, scale: str, numbers: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_study(small_study(), scale, tmp_path / "out", **numbers)


def test_missing_data_are_told_before_a_process_starts(tmp_path: Path) -> None:
    missing = small_study(data=str(tmp_path / "nothing"))
    with pytest.raises(LabeltreeError, match="nothing"):
        run_study(missing, "smoke", tmp_path / "out", seeds=1)
    assert not (tmp_path / "out").exists()


def test_a_member_that_fails_is_named(tmp_path: Path) -> None:
    data = write_small_folder(tmp_path / "data")
    next(data.rglob("*.png")).write_bytes(b"no image")
    with pytest.raises(LabeltreeError, match=r"slim seed 0: .*png"):
        run_study(small_study(data=str(data)), "smoke", tmp_path / "out", seeds=1)


def begun(tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A study that would take long, as a process of its own, its members in training."""
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(SCRIPT)
    places = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, script, out],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300  # on a very busy machine, too
    while len(list(out.glob("members/*/metrics.csv"))) < 2:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(process.communicate()[1])
        time.sleep(0.05)
    return process, out


def assert_unlocked(out: Path) -> None:
    """Nobody trains in any member's folder, or will stop within a minute."""
    from filelock import FileLock

    for lock in out.glob("members/*/lock"):
        FileLock(lock).acquire(timeout=60).lock.release()


def test_ctrl_c_saves_every_member(tmp_path: Path) -> None:
    process, out = begun(tmp_path)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert "every member is saved" in error
    assert len(list(out.glob("members/*/checkpoints/last.safetensors"))) == 2
    assert_unlocked(out)


def test_members_end_with_a_killed_study(tmp_path: Path) -> None:
    process, out = begun(tmp_path)
    process.kill()
    process.communicate()
    assert_unlocked(out)
    assert len(list(out.glob("members/*/checkpoints/last.safetensors"))) == 2
