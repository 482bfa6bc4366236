import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run_command
from PIL import Image
from small_folder import write_small_folder

from labeltree.methods import make_method
from labeltree.runs.model_folder import load_model, save_model

QUICK = (
    "--set", "loading.image_size=16", "--set", "loading.batch_size=8",
    "--set", "training.image_sizes=[]", "--epochs", "2",
)  # fmt: skip


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "my photos")


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from labeltree.recipes import choose_recipe
    from labeltree.runs.training import run_training

    out = tmp_path_factory.mktemp("runs") / "run"
    settings = [QUICK[1], QUICK[3], QUICK[5], "training.epochs=2"]
    run_training(choose_recipe(str(photos)).with_settings(settings), out)
    return out


def test_train_prints_what_it_chose_and_where_things_lie(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a run"
    result = run_command(capsys, "train", photos, "--out", out, "--method", "merged", *QUICK)
    assert result.code == 0, result.err
    assert "memory:" in result.out and "top-1" in result.out
    assert str(out / "report.html") in result.out
    assert (out / "report.html").stat().st_size > 0


@pytest.mark.usefixtures("without_pictures")
def test_evaluate_writes_a_report_only_where_asked(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "evaluate", run, photos)
    assert result.code == 0 and "(test)" in result.out
    result = run_command(capsys, "evaluate", run / "model", photos)
    assert result.code == 0 and "(test)" in result.out
    alone = shutil.copytree(run / "model", tmp_path / "alone")
    result = run_command(capsys, "evaluate", alone, photos, "--out", tmp_path / "e")
    assert result.code == 0 and "(all)" in result.out
    assert json.loads((tmp_path / "e" / "record.json").read_text())["kind"] == "evaluate"
    again = run_command(capsys, "evaluate", run, photos, "--out", tmp_path / "e")
    assert again.code == 2 and "--overwrite" in again.err


def test_predict_text_has_every_step_and_a_reason(
    photos: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = photos / "plant/oak/00.png"
    result = run_command(capsys, "predict", run, image, "--target-accuracy", "0")
    assert result.code == 0
    name, steps, reason = result.out.splitlines()
    assert name == str(image) and " › " in steps and reason.strip()


def test_predict_json_and_csv(photos: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = photos / "plant"
    result = run_command(capsys, "predict", run, folder, "--json")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert len(lines) == 24
    assert set(lines[0]) == {"image", "path", "probability", "steps", "beyond", "reason"}
    result = run_command(capsys, "predict", run, folder, "--csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["image"] for row in rows] == [line["image"] for line in lines]
    assert [row["answer"] for row in rows] == [line["path"] for line in lines]


def test_predict_reads_standard_input_and_globs(
    photos: Path, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = sorted(photos.glob("plant/fern/*.png"))[:2]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{path}\n" for path in paths)))
    result = run_command(capsys, "predict", run, "-", f"{photos}/plant/oak/*1.png", "--csv")
    assert len(result.out.splitlines()) == 1 + 2 + 2


def test_predict_is_told_what_is_known(
    photos: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = photos / "plant/oak/00.png"
    result = run_command(capsys, "predict", run, image, "--given", "animal/dog", "--json")
    assert json.loads(result.out)["path"].startswith("animal/dog")
    wrong = run_command(capsys, "predict", run, image, "--given", "animal/dgo")
    assert wrong.code == 2 and "did you mean 'animal/dog'" in wrong.err
    assert len(wrong.err.splitlines()) == 1


@pytest.mark.usefixtures("without_pictures")
def test_evaluate_is_told_a_level(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "told"
    result = run_command(capsys, "evaluate", run, photos, "--given", "level 1", "--out", out)
    assert result.code == 0 and "level 1 given" in result.out
    assert json.loads((out / "record.json").read_text())["decoding"]["given"]["depth"] == 1
    assert "with the label at level 1 given" in (out / "report.html").read_text()
    wrong = run_command(capsys, "evaluate", run, photos, "--given", "levle 1")
    assert wrong.code == 2 and "did you mean 'level 1'" in wrong.err
    assert len(wrong.err.splitlines()) == 1


def test_views_are_asked_for(photos: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = photos / "plant/oak/00.png"
    answers = {
        crops: run_command(capsys, "predict", run, image, "--json", "--crops", crops).out
        for crops in ("one", "ten")
    }
    assert answers["one"] != answers["ten"]
    assert answers["one"] == run_command(capsys, "predict", run, image, "--json").out
    assert run_command(capsys, "evaluate", run, photos, "--crops", "flip").code == 0
    assert run_command(capsys, "evaluate", run, photos, "--crops", "eleven").code == 2


@pytest.mark.usefixtures("without_pictures")
def test_experts_are_chosen(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_model(run)
    plan = model.architecture.replace(method="routed", method_options={"depth": 1})
    method = make_method(plan.method, model.taxonomy, plan.backbone, plan.method_options)
    save_model(replace(model, method=method, architecture=plan), tmp_path / "model")
    command = ("predict", tmp_path, photos / "plant/oak", "--json", "--target-accuracy", "0")
    answers = {
        routing: run_command(capsys, *command, "--routing", routing).out
        for routing in ("soft", "top-2", "hard")
    }
    assert answers["soft"] == answers["top-2"] == run_command(capsys, *command).out
    assert answers["hard"] != answers["soft"]  # of two branches, one is asked
    command = ("evaluate", tmp_path, photos, "--out", tmp_path / "hard", "--routing", "hard")
    assert run_command(capsys, *command).code == 0
    record = json.loads((tmp_path / "hard" / "record.json").read_text())
    assert record["model"]["routing"] == "hard"
    for wrong, remedy in ((tmp_path, "at most top-2"), (run, "--method routed")):
        result = run_command(capsys, "evaluate", wrong, photos, "--routing", "top-3")
        assert result.code == 2 and remedy in result.err
        assert len(result.err.splitlines()) == 1


def test_predict_tells_damaged_images_and_answers_the_others(
    photos: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    Image.new("L", (3, 500), 9).save(tmp_path / "thin.png")
    images = (tmp_path / "bad.png", tmp_path / "thin.png")
    result = run_command(capsys, "predict", run, *images)
    assert result.code == 2 and "bad.png" in result.err and "thin.png" in result.out
    assert run_command(capsys, "predict", run, *images, "--skip-bad-images").code == 0


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_answers_in_any_encoding(
    encoding: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from labeltree.cli.answers import print_answers
    from labeltree.prediction import FileAnswer

    name = "é\n\udce9.png"  # a new line, and a byte that is no text
    written = io.TextIOWrapper(io.BytesIO(), encoding, "backslashreplace")
    monkeypatch.setattr("sys.stdout", written)
    print_answers([FileAnswer(name, None, "damaged")], "json")
    written.seek(0)
    assert json.loads(written.read())["image"] == name


WRONG = {
    "no such data": (["train", "nowhere"], "no such folder"),
    "known set misspelt": (["train", "cifar10o"], "'cifar10'"),
    "two budgets": (["train", "glyphs", "--epochs", "1", "--minutes", "1"], "one dial"),
    "no budget": (["train", "glyphs", "--epochs", "0"], "greater than 0"),
    "unknown method": (["train", "glyphs", "--method", "flatt"], "'flat'"),
    "unknown backbone": (["train", "glyphs", "--backbone", "slimm"], "'slim'"),
    "endless budget": (["train", "glyphs", "--epochs", "inf"], "finite"),
    "missing recipe": (["train", "glyphs", "--recipe", "no.yaml"], "no.yaml: no such recipe"),
    "names before data": (["train", "nowhere", "--backbone", "slimm"], "'slim'"),
    "options before data": (["train", "nowhere", "--set", "method_options.x=1"], "'x'"),
    "unknown recipe": (["train", "glyphs", "--recipe", "slimm"], "'slim'"),
    "unknown key": (["train", "glyphs", "--set", "training.epoch=1"], "'epochs'"),
    "unknown group": (["train", "glyphs", "--set", "trainig.epochs=1"], "'training'"),
    "endless image": (["train", "glyphs", "--set", "loading.image_size=100000"], "4096"),
    "endless seed": (["train", "glyphs", "--seed", "4294967296"], "less than 4294967296"),
    "setting without =": (["train", "glyphs", "--set", "epochs"], "key=value"),
    "wrong type": (["train", "glyphs", "--set", "training.seed=x"], "integer"),
    "resume without out": (["train", "glyphs", "--resume"], "--out"),
    "resume and overwrite": (["train", "x", "--out", "y", "--resume", "--overwrite"], "one"),
    "no model": (["predict", "nowhere", "x.png"], "no such model folder"),
    "json and csv": (["predict", "m", "x.png", "--json", "--csv"], "one of them"),
    "unknown command": (["trian"], "No such command"),
    "unknown option": (["train", "glyphs", "--epoch", "1"], "--epochs"),
    "demo over something": (["demo", "--out", "."], "give an --out that does not"),
    "missing tree": (["taxonomy", "check", "nowhere.csv"], "nowhere.csv"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_end_with_2_and_a_remedy(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, remedy = WRONG[case]
    monkeypatch.chdir(tmp_path)
    result = run_command(capsys, *arguments)
    assert result.code == 2
    assert remedy in result.err
    assert "Traceback" not in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("bakbone: slim", "did you mean 'backbone'"), ("1: 2", "unknown key '1'"), ("[]", "no recipe"),
     ("a: [b", "cannot be read"), ("", "no recipe")],
)  # fmt: skip
def test_recipe_edited_by_hand(
    text: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.yaml").write_text(text)
    result = run_command(capsys, "train", "glyphs", "--recipe", tmp_path / "my.yaml")
    assert result.code == 2 and f"{tmp_path / 'my.yaml'}: " in result.err
    assert complaint in result.err


def test_cycle_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tree.csv").write_text("parent,child\na,b\nb,c\nc,a\n")
    result = run_command(capsys, "taxonomy", "check", tmp_path / "tree.csv")
    assert result.code == 2 and "cycle" in (result.out + result.err)


def test_model_with_a_damaged_file(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(run / "model", tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").write_bytes(b"\0" * 9)
    result = run_command(capsys, "predict", tmp_path / "model", tmp_path / "x.png")
    assert result.code == 2 and "model.safetensors" in result.err
