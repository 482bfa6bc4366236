"""One file with a row for each image, in every form."""

import csv
import errno
import json
import os
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from colour_predictor import ColourPredictor, animals, write_pictures
from rich.console import Console

from labeltree.data.sources.cells import as_labels
from labeltree.decoding import SetDecoder
from labeltree.errors import ConfigError, DataError, OutputExistsError
from labeltree.prediction import NamedImages, Question, Written, predict_files, predict_to_file
from labeltree.prediction.parts import Parts
from labeltree.prediction.progress import Answering

COUNT = 23


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_pictures(tmp_path / "photos", animals(COUNT))
    (tmp_path / "model.onnx").write_bytes(b"a model")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("labeltree.prediction.to_file.PART_ROWS", 6)
    return tmp_path


def write(out: str, question: Question | None = None, *sources: str, **options: Any) -> Written:
    images = NamedImages(sources or ("photos",), options.pop("column", None))
    options = {"batch_size": 4, **options}
    predictor = options.pop("predictor", None) or ColourPredictor()
    model = Path("model.onnx")
    return predict_to_file(predictor, model, images, Path(out), question or Question(), **options)


def read(out: str) -> list[dict[str, Any]]:
    """Rows as Python has them; numbers of CSV become numbers."""
    if out.endswith(".parquet"):
        return pq.read_table(out).to_pylist()
    with Path(out).open(encoding="utf-8", newline="") as file:
        return [json.loads(line) for line in file] if "json" in out else list(csv.DictReader(file))


@pytest.mark.parametrize("out", ["p.parquet", "p.jsonl"])
def test_a_row_for_each_image(work: Path, out: str) -> None:
    done = write(out, Question(top=2, nodes=True))
    expected = list(predict_files(ColourPredictor(), [f"photos/{name}" for name in animals(COUNT)]))
    rows = read(out)
    assert [row["image"] for row in rows] == [file.image for file in expected]
    assert (done.images, done.before) == (COUNT, 0)
    assert done.problems == sum(file.answer is None for file in expected) > 0
    tree = ColourPredictor().taxonomy
    for row, file in zip(rows, expected, strict=True):
        assert row["problem"] == file.problem
        if file.answer is None:
            assert {row[name] for name in row if name not in ("image", "problem")} == {None}
            continue
        answer = file.answer
        assert (row["path"], row["reason"]) == (answer.path, answer.reason)
        assert row["probability"] == pytest.approx(answer.probability)
        assert row["depth"] == len(row["steps"]) == len(answer.steps)
        assert row["steps"] == [path for path, _ in answer.steps]
        assert row["step_probabilities"] == pytest.approx([p for _, p in answer.steps])
        nodes = dict(zip(tree.paths, row["nodes"], strict=True))
        assert all(nodes[path] == pytest.approx(p) for path, p in answer.steps)
        leaves = sorted(-nodes[tree.paths[leaf]] for leaf in tree.leaves)[:2]
        assert row["top_probabilities"] == pytest.approx([-value for value in leaves])
        assert [nodes[path] for path in row["top"]] == row["top_probabilities"]
    assert sorted(path.name for path in work.iterdir()) == ["model.onnx", out, "photos"]


def test_csv_says_the_same(work: Path) -> None:
    write("p.csv")
    write("p.jsonl")
    for cells, row in zip(read("p.csv"), read("p.jsonl"), strict=True):
        assert list(cells) == list(row)
        for name, value in row.items():
            if value is None:
                assert cells[name] == ""
            elif isinstance(value, list) and name.endswith("probabilities"):
                assert [float(part) for part in cells[name].split(";")] == pytest.approx(
                    value, 1e-5
                )
            elif isinstance(value, list):
                parts = as_labels(cells[name], "/", "here")
                assert ["/".join(part) for part in parts] == value
            else:
                assert cells[name] == (f"{value:.6g}" if isinstance(value, float) else str(value))


def test_a_spreadsheet_runs_nothing(work: Path) -> None:
    (work / "t.csv").write_text("image\n=cmd()\n+1.png\n")
    write("p.csv", None, "t.csv")
    assert [row["image"] for row in read("p.csv")] == ["'=cmd()", "'+1.png"]
    assert all(row["problem"].endswith("no such file") for row in read("p.csv"))


def test_sets_of_labels(work: Path) -> None:
    predictor = ColourPredictor(SetDecoder((0.5, 0.4, 0.3)))
    write("p.parquet", predictor=predictor)
    rows = {row["image"]: row for row in read("p.parquet")}
    assert rows["photos/dog 003.png"]["labels"] == ["dog/beagle", "dog/pug"]
    assert len(rows["photos/dog 003.png"]["presence"]) == 2
    write("q.parquet")
    assert "labels" not in read("q.parquet")[0]


def test_types_and_what_the_file_says_of_itself(work: Path) -> None:
    write("p.parquet", Question(nodes=True))
    schema = pq.read_schema("p.parquet")
    assert str(schema.field("nodes").type) == "fixed_size_list<element: float>[5]"
    about = json.loads(schema.metadata[b"labeltree"])
    tree = ColourPredictor().taxonomy
    assert about == {"format": 1, "model": "colours", "nodes": list(tree.paths)}
    assert str(schema.field("step_probabilities").type) == "list<element: float>"


def test_names_that_are_no_text(work: Path) -> None:
    for ending in ("csv", "jsonl", "parquet"):
        folder = work / ending
        folder.mkdir()
        (work / "photos" / animals(COUNT)[0]).rename(folder / os.fsdecode(b"\xe9.png"))
        write(f"p.{ending}", None, ending)
        (row,) = read(f"p.{ending}")
        assert row["image"] == f"{ending}/\\udce9.png"
        (folder / os.fsdecode(b"\xe9.png")).rename(work / "photos" / animals(COUNT)[0])


def test_only_damaged_images(work: Path) -> None:
    write_pictures(work / "bad", ["bad 1.png", "bad 2.png"])
    assert write("p.parquet", Question(nodes=True), "bad").problems == 2
    assert [row["path"] for row in read("p.parquet")] == [None, None]


def test_a_folder_that_cannot_be_read_is_a_row(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(work / "photos/locked", ["cat 1.png"])
    write_pictures(work / "photos/open", ["cat 2.png"])
    read_folder = os.scandir

    def scandir(path: str) -> object:
        if path == "photos/locked":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return read_folder(path)

    monkeypatch.setattr("os.scandir", scandir)
    done = write("p.jsonl")
    rows = read("p.jsonl")
    assert [row["image"] for row in rows[COUNT:]] == ["photos/locked", "photos/open/cat 2.png"]
    assert rows[COUNT]["problem"] == "photos/locked: folder cannot be read (Permission denied)"
    assert rows[COUNT + 1]["path"] == "cat" and done.images == COUNT + 2


def test_options_change_the_answers(work: Path) -> None:
    write("all.jsonl", Question(target_accuracy=0.0))
    write("told.jsonl", Question(known=ColourPredictor().taxonomy.find("dog"), top=0))
    for leaf, told in zip(read("all.jsonl"), read("told.jsonl"), strict=True):
        if leaf["problem"] is None:
            assert leaf["path"] in ("cat", "dog/beagle", "dog/pug")
            assert told["path"].startswith("dog") and told["top"] == []


WRONG: dict[str, tuple[type[Exception], str, Any]] = {
    "ending": (ConfigError, r"\.parquet, \.csv, \.jsonl", lambda: write("p.xlsx")),
    "no batch": (ConfigError, "from 1 on", lambda: write("p.csv", batch_size=0)),
    "no share": (ConfigError, "from 0 to 1", lambda: Question(target_accuracy=1.5)),
    "not a number": (ConfigError, "from 0 to 1", lambda: Question(target_accuracy=float("nan"))),
    "negative top": (ConfigError, "--top is -1", lambda: Question(top=-1)),
    "nodes in cells": (ConfigError, "does not fit", lambda: write("p.csv", Question(nodes=True))),
    "in a source": (ConfigError, "lies in photos", lambda: write("photos/p.csv")),
    "a folder": (ConfigError, "is a folder", lambda: write("d.csv")),
    "no image": (DataError, "no image in empty", lambda: write("p.csv", None, "empty")),
    "no input": (DataError, "no image in standard input", lambda: write("p.csv", None, "-")),
    "no column": (DataError, "--column", lambda: write("p.csv", None, "t.csv")),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use(work: Path, case: str) -> None:
    kind, complaint, act = WRONG[case]
    for folder in ("empty", "d.csv"):
        (work / folder).mkdir()
    (work / "t.csv").write_text("a\nb\n")
    with pytest.raises(kind, match=complaint) as info:
        act()
    assert "\n" not in str(info.value)
    assert not list(work.glob("*.parts")) and not list(work.glob("p.*"))


def test_the_source_is_not_overwritten(work: Path) -> None:
    (work / "t.csv").write_text("image\nphotos/x.png\n")
    with pytest.raises(ConfigError, match="read itself"):
        write("t.csv", None, "t.csv", overwrite=True)
    assert (work / "t.csv").read_text() == "image\nphotos/x.png\n"


def test_an_output_is_replaced_only_if_that_is_asked_for(work: Path) -> None:
    (work / "p.csv").write_text("mine")
    with pytest.raises(OutputExistsError, match="--overwrite"):
        write("p.csv")
    assert (work / "p.csv").read_text() == "mine" and not list(work.glob("*.parts"))
    write("p.csv", overwrite=True)
    assert len(read("p.csv")) == COUNT


def test_folders_that_are_not_ours_stay(work: Path) -> None:
    (work / "p.csv.parts").mkdir()
    (work / "p.csv.parts/notes.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="in the way"):
        write("p.csv", overwrite=True)
    assert (work / "p.csv.parts/notes.txt").read_text() == "mine"


def test_one_process_at_a_time(work: Path) -> None:
    with Parts(Path("p.csv")), pytest.raises(OutputExistsError, match="another process"):
        write("p.csv")


def test_no_right_to_write(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdir(path: Path, **_: Any) -> None:
        if path.suffix == ".parts":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch, pytest.raises(PermissionError) as info:
        patch.setattr(Path, "mkdir", mkdir)
        write("p.csv")
    assert (info.value.filename, info.value.strerror) == ("p.csv", "Permission denied")


@pytest.mark.parametrize("to_file", [True, False])
def test_no_thread_is_left_when_something_fails(
    work: Path, monkeypatch: pytest.MonkeyPatch, to_file: bool
) -> None:
    """Threads that the garbage collection ends may wait for each other without end."""

    def fails(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ColourPredictor, "__call__", fails)
    paths = [f"photos/{name}" for name in animals(COUNT)] * 99
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt) as info:
        if to_file:
            write("p.csv", None, batch_size=1)
        list(predict_files(ColourPredictor(), paths))
    assert info.tb is not None and set(threading.enumerate()) <= before


def test_no_room(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labeltree.prediction.tables import JsonLines

    parts = []

    def full(self: JsonLines, path: Path, rows: Any) -> None:
        parts.append(path)
        if len(parts) > 2:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(self, path, rows)

    whole = JsonLines.write_part
    monkeypatch.setattr(JsonLines, "write_part", full)
    with pytest.raises(OSError, match="No space left") as info:
        write("p.jsonl")
    assert "16 answers are kept: the same command goes on" in info.value.strerror
    assert info.value.filename == "p.jsonl"
    monkeypatch.setattr(JsonLines, "write_part", whole)
    assert write("p.jsonl").before == 16
    assert [row["image"] for row in read("p.jsonl")] == [f"photos/{n}" for n in animals(COUNT)]


def test_progress_is_told_now_and_then() -> None:
    now = 0.0
    said = Console(file=StringIO(), width=200)
    with Answering(said, 1000, before=100, clock=lambda: now) as progress:
        for done in (110, 400, 410, 900):
            now += 20
            progress.update(done)
    text = said.file.getvalue().splitlines()
    assert text == ["400 of 1,000 images, 7.5/s, 1 min left",
                    "900 of 1,000 images, 10/s, 10 s left"]  # fmt: skip


def test_progress_on_a_terminal() -> None:
    said = Console(file=StringIO(), width=100, force_terminal=True)
    with Answering(said, 1000) as progress:
        progress.update(500)
    assert "500 of 1,000 images" in said.file.getvalue()


def test_odd_names_of_sources(work: Path) -> None:
    write_pictures(work, ["cat.png"])
    (work / "cat.png").rename(work / "~nobody-here.png")
    (work / "round").symlink_to(work / "round")
    assert write("p.csv", None, "~nobody-here.png").problems == 0
    assert write("q.csv", None, "round").problems == 1


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_without_an_image(work: Path, ending: str) -> None:
    folder = work / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "t.csv").write_text("id,image\n1,\n")
    png = (work / "photos" / animals(COUNT)[-1]).read_bytes()
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [None, {"bytes": None, "path": None}, {"bytes": b"", "path": ""}, {"bytes": png}]
    pq.write_table(pa.table({"image": pa.array(cells, kind)}), work / "t.parquet")
    write(f"p.{ending}", None, str(folder.relative_to(work) / "t.csv"), "t.parquet")
    places = ["caf\\udce9/t.csv line 2", *(f"t.parquet row {row}" for row in range(3))]
    found = [(row["image"], row["problem"]) for row in read(f"p.{ending}")]
    assert found[:4] == [(place, f"{place}: no image is given") for place in places]
    assert not found[4][1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_are_not_waited_for(work: Path) -> None:
    write_pictures(work / "odd", ["cat.png"])
    os.mkfifo(work / "odd/a.png")
    (work / "odd/t.jsonl").write_text('{"image": "../odd"}\n')
    write("p.jsonl", None, "odd", "odd/t.jsonl")
    found = [(row["image"], row["problem"]) for row in read("p.jsonl")]
    assert found == [
        ("odd/a.png", "odd/a.png: not a regular file"), ("odd/cat.png", None),
        ("../odd", "odd/../odd: not a regular file"),
    ]  # fmt: skip


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let every image fail in a way that says nothing of the image."""

    def opened(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("labeltree.data.decoding.Image.open", opened)


@pytest.mark.parametrize(
    ("error", "problem"),
    [(OSError(errno.EIO, os.strerror(errno.EIO)), "cannot be read (Input/output error)"),
     (PermissionError(errno.EACCES, "Permission denied"), "cannot be read (Permission denied)"),
     (MemoryError(), "too little memory to read it"),
     (OSError("image file is truncated"), "damaged image (image file is truncated)")],
)  # fmt: skip
def test_only_damage_is_called_so(
    work: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str
) -> None:
    failing(monkeypatch, error)
    write("p.jsonl")
    assert {row["problem"] == f"{row['image']}: {problem}" for row in read("p.jsonl")} == {True}


def test_too_many_open_files_are_no_fault_of_images(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
        with pytest.raises(OSError, match="Too many open files"):
            write("p.jsonl")
    assert write("p.jsonl").images == COUNT


@pytest.mark.parametrize("change", [1, -1])
def test_images_that_change_while_they_are_read(
    work: Path, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    count = NamedImages.count

    def and_then(images: NamedImages) -> int | None:
        found = count(images)
        if change > 0:
            write_pictures(work / "photos", ["pug z.png"])
        else:
            (work / "photos" / animals(COUNT)[-1]).unlink()
        return found

    monkeypatch.setattr(NamedImages, "count", and_then)
    said = Console(file=StringIO(), width=200)
    assert write("p.jsonl", console=said).images == len(read("p.jsonl")) == COUNT + change
    assert f"{COUNT + change} images were found, {COUNT} at first" in said.file.getvalue()
    assert not list(work.glob("*.parts"))
