"""Real kills: no row is lost or doubled, whenever it happens."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from colour_predictor import ColourPredictor, animals, write_pictures

from labeltree.errors import OutputExistsError
from labeltree.prediction import NamedImages, Question, predict_to_file
from labeltree.prediction.parts import Parts
from labeltree.prediction.plan import difference, plan

TESTS = Path(__file__).parent.parent
COUNT = 20


def start(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, TESTS / "predicting_process.py", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("overwrite", [False, True])
def test_killed_before_every_step(tmp_path: Path, overwrite: bool) -> None:
    folder = write_pictures(tmp_path / "photos", animals(COUNT))
    (tmp_path / "out").mkdir()
    asked = "--every-step" + ("-overwrite" if overwrite else "")
    process = start(folder, tmp_path / "out" / "p.jsonl", asked)
    said, _ = process.communicate()
    assert process.returncode == 0
    kills = [json.loads(line) for line in said.splitlines()]
    assert len(kills) > 20
    events = {kill["event"].split()[0] for kill in kills}
    assert {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"} <= events
    everything = [str(folder / name) for name in animals(COUNT)]
    begun = False
    for kill in kills:
        if kill["again"] == 0:
            assert kill["names"] == everything, kill["event"]
            begun = True
        elif begun:  # all was there already, and may not be replaced
            assert kill["whole"] and kill["names"] == everything, kill["event"]
        else:  # nobody knows yet that the old output may be replaced
            assert overwrite and kill["names"] == [], kill["event"]
        assert kill["left"] == ["p.jsonl"], kill["event"]


def test_killed_at_random_and_started_again(tmp_path: Path) -> None:
    folder, out = write_pictures(tmp_path / "photos", animals(60)), tmp_path / "p.parquet"
    kills = 0
    moments = random.Random()  # they differ from run to run; the result may not
    while kills < 3:
        process = start(folder, out, 0.2)
        parts = len(list(tmp_path.glob("p.parquet.parts/0*")))
        while process.poll() is None and len(list(tmp_path.glob("*.parts/0*"))) <= parts:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        process.stdout.close()
        kills += 1
        assert not out.exists()
    assert kills >= 2
    last = start(folder, out, 0.0)
    last.communicate()
    assert last.returncode == 0
    found = pq.read_table(out)
    assert found.column("image").to_pylist() == [str(folder / name) for name in animals(60)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.parquet", "photos"]


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work that was stopped after a part or two."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("labeltree.prediction.to_file.PART_ROWS", 6)
    write_pictures(tmp_path / "photos", animals(COUNT))
    (tmp_path / "model.onnx").write_bytes(b"a model")
    predictor = ColourPredictor()
    ask, asked = ColourPredictor.__call__, []

    def stopped(self, views):
        asked.append(len(views))
        if len(asked) > 4:
            raise KeyboardInterrupt
        return ask(self, views)

    with monkeypatch.context() as patch:
        patch.setattr(ColourPredictor, "__call__", stopped)
        with pytest.raises(KeyboardInterrupt):
            go_on(predictor)
    assert len(list(tmp_path.glob("p.csv.parts/0*.csv"))) == 2
    return tmp_path


def go_on(predictor=None, *, sources=("photos",), column=None, question=None, **options):
    predictor, question = predictor or ColourPredictor(), question or Question()
    images = NamedImages(sources, column, ("photos",))
    model, out = Path("model.onnx"), Path("p.csv")
    return predict_to_file(predictor, model, images, out, question, batch_size=3, **options)


def test_what_was_done_is_not_done_again(begun: Path) -> None:
    predictor = ColourPredictor()
    assert go_on(predictor).before == 12
    assert sum(predictor.batches) < COUNT - 12 + 1


@pytest.mark.parametrize("spelling", ["./photos", "photos/", "./photos//"])
def test_a_source_may_be_spelt_otherwise(begun: Path, spelling: str) -> None:
    assert go_on(sources=(spelling,)).before == 12


def other_model() -> dict:
    Path("model.onnx").write_bytes(b"another")
    return {}


def fewer() -> dict:
    for name in animals(COUNT)[5:]:
        (Path("photos") / name).unlink()
    return {}


def renamed() -> dict:
    (Path("photos") / animals(COUNT)[0]).rename("photos/a.png")
    return {}


CHANGES = {
    "the model has changed": other_model,
    "--top was 5, now 2": lambda: {"question": Question(top=2)},
    "--target-accuracy was not given, now 0.5": lambda: {"question": Question(target_accuracy=0.5)},
    "--crops was not given, now ten": lambda: {"options": {"--crops": "ten"}},
    "--column was not given, now x": lambda: {"column": "x"},
    "there are fewer images now": fewer,
    "the images are not the same": renamed,
}


@pytest.mark.parametrize("reason", CHANGES)
def test_other_work_is_refused_and_can_be_begun_anew(begun: Path, reason: str) -> None:
    changed = CHANGES[reason]()
    with pytest.raises(OutputExistsError, match=f"{reason}.*--overwrite") as info:
        go_on(**changed)
    assert "\n" not in str(info.value)
    assert len(list(begun.glob("p.csv.parts/0*.csv"))) == 2
    done = go_on(**changed, overwrite=True)
    assert done.before == 0 and not list(begun.glob("*.parts"))


def test_other_sources_are_refused(begun: Path) -> None:
    with pytest.raises(OutputExistsError, match=r"images were 'photos', now 'photos photos/\*'"):
        go_on(sources=("photos", "photos/*"))


def test_an_output_of_somebody_else_is_not_replaced_at_the_end(begun: Path) -> None:
    (begun / "p.csv").write_text("theirs")
    with pytest.raises(OutputExistsError, match="exists"):
        go_on()
    assert (begun / "p.csv").read_text() == "theirs"
    (begun / "p.csv").unlink()
    assert go_on().before == 12


def leave_parts(monkeypatch: pytest.MonkeyPatch, **options) -> None:
    """Be killed when the output has its name, and before a part is removed."""
    remove = Parts.remove

    def killed(parts: Parts) -> None:
        if parts.found:
            raise KeyboardInterrupt
        remove(parts)

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            go_on(**options)
    assert Path("p.csv").exists() and list(Path("p.csv.parts").glob("0*"))


def test_what_was_only_to_be_tidied_is_counted(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_parts(monkeypatch)
    done = go_on()
    assert (done.images, done.problems, done.before) == (COUNT, 4, COUNT)
    assert not list(begun.glob("*.parts"))


@pytest.mark.parametrize(
    "other", [{"question": Question(top=1)}, {"sources": ("photos/*",)}, {"sources": ("-",)}]
)
def test_what_was_only_to_be_tidied_is_no_other_work(
    begun: Path, monkeypatch: pytest.MonkeyPatch, other: dict
) -> None:
    from_input = other.get("sources") == ("-",)  # it may name anything now
    leave_parts(monkeypatch, **(other if from_input else {}), overwrite=from_input)
    content = (begun / "p.csv").read_text()
    with pytest.raises(OutputExistsError, match=r"p\.csv exists; add --overwrite"):
        go_on(**other)
    assert not list(begun.glob("*.parts")) and (begun / "p.csv").read_text() == content
    assert go_on(**other, overwrite=True).before == 0


def test_relative_names_mean_other_images_elsewhere(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(begun / "elsewhere/photos", animals(COUNT))
    monkeypatch.chdir(begun / "elsewhere")
    images, model, out = NamedImages(["photos"]), begun / "model.onnx", begun / "p.csv"
    with pytest.raises(OutputExistsError, match=f"it was begun in {begun}, this is {Path.cwd()}"):
        predict_to_file(ColourPredictor(), model, images, out, Question())


def test_absolute_names_mean_the_same_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path / "photos", animals(COUNT))
    sources = (str(tmp_path / "photos"), "~/x", ".")
    plans = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        plans.append([plan(Path(__file__), [s], {}) for s in sources])
    assert [difference(*pair) is None for pair in zip(*plans, strict=True)] == [True, True, False]
