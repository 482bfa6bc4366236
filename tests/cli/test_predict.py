"""`labeltree predict … --out FILE`, with a model that needs no network."""

import csv
import io
import json
from pathlib import Path

import pytest
from colour_predictor import ColourPredictor, animals, write_pictures
from command_line import run_command


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """20 pictures, four of them damaged, and a model."""
    write_pictures(tmp_path / "photos", animals(20))
    (tmp_path / "m.onnx").write_bytes(b"a model")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("labeltree.prediction.open_predictor", lambda *_, **__: ColourPredictor())
    return tmp_path


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_damaged_images_are_rows_and_no_error(
    ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_command(capsys, "predict", "m.onnx", "photos", "--out", f"p.{ending}")
    assert (result.code, result.out) == (0, "")
    assert f"p.{ending}: 20 images (4 could not be read), at " in result.err
    again = run_command(capsys, "predict", "m.onnx", "photos", "--out", f"p.{ending}")
    assert again.code == 2 and "--overwrite" in again.err
    options = ("--out", f"p.{ending}", "--overwrite")
    assert run_command(capsys, "predict", "m.onnx", "photos", *options).code == 0


def test_options_reach_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text("a,image\nphotos/cat 000.png,x.png\n")
    options = ("--column", "a", "--top", "1", "--nodes", "--batch-size", "3")
    command = ("predict", "m.onnx", "t.csv", "--out", "p.jsonl", *options)
    assert run_command(capsys, *command, "--given", "dog", "--target-accuracy", "0").code == 0
    row = json.loads(Path("p.jsonl").read_text())
    assert row["image"] == "photos/cat 000.png"
    assert row["path"].startswith("dog/") and row["top"] == [row["path"]]
    assert len(row["nodes"]) == 5 and row["nodes"][1] == 0


def test_a_second_start_says_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeltree.prediction.to_file.PART_ROWS", 6)
    command = ("predict", "m.onnx", "photos", "--out", "p.csv", "--batch-size", "3")
    ask, asked = ColourPredictor.__call__, []

    def stopped(self: ColourPredictor, views):
        asked.append(views)
        if len(asked) == 4:
            raise OSError(28, "No space left on device", "somewhere")
        return ask(self, views)

    monkeypatch.setattr(ColourPredictor, "__call__", stopped)
    result = run_command(capsys, *command)
    assert result.code == 2 and len(result.err.splitlines()) == 1
    assert "error: p.csv: No space left on device; 12 answers are kept" in result.err
    again = run_command(capsys, *command)
    assert again.code == 0 and "going on after 12 images" in again.err
    assert "20 images (4 could not be read), 8 of them now" in again.err
    with Path("p.csv").open(newline="") as file:
        assert [row["image"] for row in csv.DictReader(file)] == [
            f"photos/{name}" for name in animals(20)
        ]


@pytest.mark.parametrize(
    ("batches", "rest"), [(1, "no answer is kept yet"), (4, "the same command goes on")]
)
def test_an_interruption_says_how_to_go_on(
    batches: int, rest: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeltree.prediction.to_file.PART_ROWS", 6)
    command = ("predict", "m.onnx", "photos", "--out", "p.csv", "--batch-size", "3")
    ask, asked = ColourPredictor.__call__, []

    def interrupted(self: ColourPredictor, views):
        asked.append(views)
        if len(asked) == batches:
            raise KeyboardInterrupt
        return ask(self, views)

    with monkeypatch.context() as patch:
        patch.setattr(ColourPredictor, "__call__", interrupted)
        result = run_command(capsys, *command)
    assert (result.code, result.out) == (130, "")
    assert result.err == f"p.csv: interrupted; {rest}\n"
    again = run_command(capsys, *command)
    assert again.code == 0 and ("going on after" in again.err) == (batches == 4)


def test_printed_forms_take_tables_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("t.jsonl").write_text('{"image": "photos/cat 000.png"}\n{"image": "no.png"}\n')
    result = run_command(capsys, "predict", "m.onnx", "t.jsonl", "--csv")
    assert result.code == 2 and "1 of 2 images could not be read" in result.err
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [(row["image"], row["answer"]) for row in rows] == [
        ("photos/cat 000.png", "cat"), ("no.png", ""),
    ]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    result = run_command(capsys, "predict", "m.onnx", "-")
    assert result.code == 2 and "no image in standard input" in result.err


def test_printed_numbers_are_those_of_files(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_command(capsys, "predict", "m.onnx", "photos", "--csv", "--skip-bad-images").out
    assert run_command(capsys, "predict", "m.onnx", "photos", "--out", "p.csv").code == 0
    with Path("p.csv").open(newline="") as file:
        written = [(row["image"], row["path"], row["probability"]) for row in csv.DictReader(file)]
    rows = csv.DictReader(io.StringIO(printed))
    assert [(row["image"], row["answer"], row["probability"]) for row in rows] == written
    assert any(len(chance) > 6 for _, _, chance in written)


WRONG = {
    "two forms": (["photos", "--out", "p.csv", "--json"], "give one of them"),
    "top of nothing": (["photos", "--top", "3"], "add --out"),
    "nodes of nothing": (["photos", "--nodes"], "add --out"),
    "overwrite nothing": (["photos", "--overwrite"], "add --out"),
    "skip rows": (["photos", "--out", "p.csv", "--skip-bad-images"], "leave it out"),
    "unknown ending": (["photos", "--out", "p.xls"], ".parquet, .csv, .jsonl"),
    "no batch": (["photos", "--batch-size", "0"], "from 1 on"),
    "no share": (["photos", "--target-accuracy", "1.1"], "from 0 to 1"),
    "no such label": (["photos", "--given", "dgo"], "did you mean 'dog'"),
    "in a source": (["photos", "--out", "photos/p.csv"], "choose another place"),
    "nodes in a cell": (["photos", "--out", "p.csv", "--nodes"], ".jsonl"),
    "nothing": (["nowhere"], "no such file or folder"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use(case: str, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, remedy = WRONG[case]
    result = run_command(capsys, "predict", "m.onnx", *arguments)
    assert result.code == 2 and remedy in result.err, result.err
    assert len(result.err.splitlines()) == 1
    assert sorted(path.name for path in work.iterdir()) == ["m.onnx", "photos"]
