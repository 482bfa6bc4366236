import csv
import io
import json
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import Result, run_command
from new_images import PUGGLE, write_corgis, write_puggles, write_table
from small_folder import small_recipe, write_small_folder

from labeltree.errors import TrainingInterruptedError
from labeltree.runs.extending import Asked, extending_recipe
from labeltree.runs.training import run_training

pytestmark = pytest.mark.usefixtures("without_pictures")

SLOWLY = ("--learning-rate", "1e-9", "--epochs", "1")  # nothing is forgotten
FAST = ("--learning-rate", "1", "--protect", "none", "--set", "training.schedule.warmup=0")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "my photos")


@pytest.fixture(scope="module")
def puggles(photos: Path) -> Path:
    return write_puggles(photos, photos.parent / "puggles")


@pytest.fixture(scope="module")
def trained(photos: Path) -> Path:
    """A run of the photos that knows them well."""
    folder = photos.parent / "runs" / "base"
    recipe = small_recipe(photos, epochs=8).replace(method="multilabel", backbone="slim-w16")
    run_training(recipe, folder)
    return folder


@pytest.fixture
def base(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, beside which a test may write; seen from its folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained, tmp_path / "base")
    return Path("base")


def extended(capsys: pytest.CaptureFixture[str], *arguments: object) -> Result:
    result = run_command(capsys, "extend", *arguments)
    assert result.code == 0, result.err
    return result


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that says why."""
    result = run_command(capsys, *arguments)
    assert result.code == 2 and "Traceback" not in result.err
    (line,) = result.err.splitlines()
    return line


def test_what_was_chosen_learned_and_forgotten_is_told(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = extended(capsys, base, puggles, *SLOWLY)
    lines = result.out.splitlines()
    assert lines[0].startswith(f"extend   base learns {puggles}: 1 epoch, learning rate 1e-09, ")
    assert lines[0].endswith("protected by distill=0.3, average=0.3")
    for told in ("base-extended-1: the old test images", "all of them in the top 5", "mAP"):
        assert told in result.out
    assert "stayed at" in lines[-1] and lines[-1].startswith("kept     top-1 accuracy on")
    assert Path("base-extended-1/report.html").exists()
    (animal,) = [line for line in lines if line.startswith("  animal ")]
    assert animal.split().count("0.0") == 2  # neither top-1 nor top-5 moved


def test_it_is_replaced_within_the_bound_and_answers_with_sets(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = extended(capsys, base, puggles, *SLOWLY, "--replace")
    last = "replaced base/model; the old model is in model-before-1 beside it"
    assert result.out.splitlines()[-1] == last
    result = extended(capsys, base / "model", puggles, *SLOWLY, "--replace")
    assert "base-extended-2" in result.out
    history = json.loads(Path("base/model/extensions.json").read_text())
    assert [entry["replaced"] for entry in history] == ["model-before-1", "model-before-2"]

    image = puggles.parent / "00.png"
    name, labels, _, _ = run_command(capsys, "predict", base, image).out.splitlines()
    assert name == str(image) and labels.startswith("    labels ")
    found = json.loads(run_command(capsys, "predict", base, image, "--json").out)
    told = [f"{label['path']} {label['presence']:.2f}" for label in found["labels"]]
    assert labels == f"    labels {', '.join(told)}"
    (row,) = csv.DictReader(io.StringIO(run_command(capsys, "predict", base, image, "--csv").out))
    assert row["labels"].split(";") == [label["path"] for label in found["labels"]]

    shown = run_command(capsys, "evaluate", base, puggles, "--out", "measured").out
    assert "all of them in the top 5" in shown and "labels of an image" in shown
    record = json.loads(Path("measured/record.json").read_text())
    assert record["data"]["split"] == "test" and record["label_sets"]["test"]["images"] > 0


def test_above_the_bound_both_models_stay(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "extend", base, puggles, *FAST, "--bound", "0", "--replace")
    assert told.startswith("error: --replace: top-1 accuracy on")
    assert "fell from" in told and "more than the bound of 0" in told
    assert told.endswith("base-extended-1 is kept")
    assert Path("base-extended-1/model").is_dir() and not Path("base/model-before-1").exists()
    result = extended(capsys, base, puggles, *FAST, "--bound", "100", "--replace")
    assert "model-before-1" in result.out


def test_what_cannot_be_measured_is_not_replaced(
    base: Path, photos: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(base / "model", "alone")
    told = refused(capsys, "extend", "alone", puggles, *SLOWLY, "--replace")
    assert "nothing tells which those are; give its run folder" in told
    assert not Path("alone-extended-1").exists()
    assert "kept " not in extended(capsys, "alone", puggles, *SLOWLY).out
    hidden = photos.rename(photos.with_name("moved"))
    try:
        told = refused(capsys, "extend", base, puggles, *SLOWLY, "--replace")
        assert "cannot be measured without its old images: " in told
        assert "no such folder" in told and told.endswith("or leave --replace out")
        told = refused(capsys, "extend", base, puggles, *SLOWLY, "--protect", "replay")
        assert "no such folder" in told and not Path("base-extended-1").exists()
    finally:
        hidden.rename(photos)
    assert not Path("base/model-before-1").exists()


def test_labels_that_the_model_lacks(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corgis = write_corgis(tmp_path / "corgis")
    told = refused(capsys, "extend", base, corgis, *SLOWLY)
    assert "'animal/dog/corgi'" in told
    assert "--new-labels adds it below animal/dog, beside beagle, pug" in told
    misspelt = (tmp_path / "corgis/animal/dog/corgi").rename(tmp_path / "corgis/animal/dog/beagel")
    assert "did you mean 'animal/dog/beagle'?" in refused(capsys, "extend", base, corgis)
    misspelt.rename(tmp_path / "corgis/animal/dog/corgi")
    nothing_moves = ("--protect", "freeze-norm")  # images of one colour move the means
    extended(capsys, base, corgis, *SLOWLY, *nothing_moves, "--new-labels", "--replace")
    (entry,) = json.loads(Path("base/model/extensions.json").read_text())
    assert entry["new_labels"] == ["animal/dog/corgi"]
    labels = json.loads(Path("base/model/config.json").read_text())["label2id"]
    assert "animal/dog/corgi" in labels
    # Its own images can still be found and measured in the larger tree.
    result = extended(capsys, base, corgis, *SLOWLY, "--out", "next")
    assert "top-1 accuracy on" in result.out


def test_a_model_whose_labels_exclude_each_other_is_converted_as_the_message_says(
    photos: Path, puggles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(photos, tmp_path / "photos")
    recipe = small_recipe(data, epochs=1).replace(backbone="slim-w16")
    run_training(recipe, tmp_path / "flat")
    told = refused(capsys, "extend", tmp_path / "flat", puggles)
    _, *command = shlex.split(told.partition("first: ")[2])
    quick = ("--epochs", "1", "--set", "loading.image_size=16", "--set", "training.image_sizes=[]")
    result = run_command(capsys, *command, *quick, "--out", tmp_path / "converted")
    assert result.code == 0, result.err
    extended(capsys, tmp_path / "converted", puggles, *SLOWLY)


LABELS = {
    "empty": ("", "no label"),
    "the same twice": ("animal/dog/pug;animal/dog/pug", "stands in it twice"),
    "with one above": ("animal/dog/pug;animal/dog", "together with 'animal/dog/pug'"),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_that_contradict_each_other_are_told_by_their_line(
    case: str, base: Path, puggles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell, complaint = LABELS[case]
    folder = shutil.copytree(puggles.parent, tmp_path / "new")
    table = write_table(folder, ["image,labels", f"00.png,{PUGGLE}", f"01.png,{cell}"])
    told = refused(capsys, "extend", base, table)
    assert f"{table} line 3" in told and complaint in told


WRONG = {
    "no model": (["nowhere", "DATA"], "nowhere: no such folder"),
    "no model in it": (["other", "DATA"], "config.json is missing"),
    "no data": (["base", "nowhere"], "no such folder"),
    "no image": (["base", "empty"], "no images"),
    "damaged images": (["base", "damaged", "--skip-bad-images"], "no readable image is left"),
    "unknown protection": (["base", "DATA", "--protect", "distil"], "did you mean 'distill'?"),
    "strength of nothing": (["base", "DATA", "--protect", "replay=0"], "leave replay out"),
    "strength that is no number": (["base", "DATA", "--protect", "replay=x"], "a whole number"),
    "endless strength": (["base", "DATA", "--protect", "l2=inf"], "finite"),
    "strength without meaning": (["base", "DATA", "--protect", "freeze-norm=2"], "no strength"),
    "none and more": (["base", "DATA", "--protect", "none", "--protect", "l2"], "all protections"),
    "too many stages": (["base", "DATA", "--protect", "freeze=9"], "choose 0 to 3"),
    "no budget": (["base", "DATA", "--epochs", "0"], "greater than 0"),
    "no rate": (["base", "DATA", "--learning-rate", "-1"], "greater than 0"),
    "no bound": (["base", "DATA", "--bound", "nan"], "number of points from 0 up"),
    "over itself": (["base", "DATA", "--out", "base", "--overwrite"], "has learned so far"),
    "in itself": (["base", "DATA", "--out", "base/model/x"], "lies in the model folder"),
    "over another": (["base", "DATA", "--out", "other"], "no run folder"),
    "resume and overwrite": (["base", "DATA", "--out", "x", "--resume", "--overwrite"], "give one"),
    "resume what": (["base", "DATA", "--resume"], "--resume needs --out"),
    "another network": (["base", "DATA", "--set", "backbone=slim"], "set backbone=slim-w16"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_end_with_2_and_a_remedy(
    case: str, base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty/animal").mkdir(parents=True)
    Path("damaged/animal/cat").mkdir(parents=True)
    Path("damaged/animal/cat/1.png").write_bytes(b"no image")
    Path("other").mkdir()
    Path("other/file").touch()
    before = {path.name for path in Path().iterdir()}
    arguments, remedy = WRONG[case]
    given = [puggles if argument == "DATA" else argument for argument in arguments]
    assert remedy in refused(capsys, "extend", *given)
    assert {path.name for path in Path().iterdir()} == before


def test_a_finished_run_is_resumed_with_the_same_command(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = (base, puggles, *SLOWLY, "--out", "new")
    extended(capsys, *command)
    weights = Path("new/model/model.safetensors").read_bytes()
    assert "already holds a run" in refused(capsys, "extend", *command)
    told = refused(capsys, "extend", *command, "--resume", "--protect", "l2")
    assert "other values of" in told
    result = extended(capsys, *command, "--resume", "--replace")
    assert Path("new/model/model.safetensors").read_bytes() == weights
    assert Path("base/model/model.safetensors").read_bytes() == weights
    assert "replaced base/model" in result.out
    for more in ((), ("--replace",)):
        result = extended(capsys, *command, "--resume", *more)
        assert result.out == "replaced base holds the model of new already\n"
        assert not Path("base/model/model-before-2").exists()


def test_the_command_that_goes_on_is_this_one(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, again: str, **others: object) -> None:
        raise TrainingInterruptedError(again)

    with monkeypatch.context() as patch:
        patch.setattr("labeltree.runs.training.run_training", interrupted)
        result = run_command(capsys, "extend", base, puggles, *SLOWLY, "--overwrite")
    assert result.code == 130
    name, *command = shlex.split(result.err.strip().removeprefix("error: "))
    assert name == "labeltree"
    assert command == [
        "extend", "base", str(puggles), *SLOWLY, "--out", "base-extended-1", "--resume",
    ]  # fmt: skip
    assert "this command" not in result.out
    result = run_command(capsys, *command)
    assert result.code == 0 and Path("base-extended-1/model").is_dir()


def test_new_images_are_found_from_any_folder(
    base: Path, puggles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shutil.copytree(puggles.parent, "new")
    table = tmp_path / "parts.csv"
    table.write_text("label,parts\n")
    extended(capsys, base, Path("new/labels.csv"), *SLOWLY, "--out", "next")
    asked = Asked(settings=("data_options.combined=parts.csv",))
    recipe = extending_recipe(base, "new", Path("out"), asked)
    assert recipe.data_options == {"combined": str(table)} and recipe.data == str(tmp_path / "new")
    Path("cifar100").mkdir()  # is no place where the name of a known set is one
    assert extending_recipe(base, "cifar100", Path("out"), Asked()).data == "cifar100"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    result = extended(capsys, tmp_path / "next", puggles, *SLOWLY, "--out", "third")
    assert "not looked at" not in result.out and "top-1 accuracy on" in result.out


def test_what_a_run_tells_of_its_images_is_not_told_of_what_took_its_place(
    base: Path, puggles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extended(capsys, base, puggles, *SLOWLY, "--replace")
    for command in (("adapt", base), ("taxonomy", "discover", base)):
        told = refused(capsys, *command)
        assert "told of the model before" in told and "base-extended-1" in told
        assert "add --data DATA" in told
    assert run_command(capsys, "adapt", "base-extended-1").code == 0
