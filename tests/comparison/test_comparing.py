import csv
import json
from pathlib import Path
from typing import Any

import pytest
from compared_runs import DIGEST, TARGETS, write_answers

from labeltree.comparison import compared, read_entries, run_compare
from labeltree.comparison.file_names import file_names, slug
from labeltree.errors import ConfigError, ModelFolderError, OutputExistsError
from labeltree.reports.study.record import StudyRecord, parse
from labeltree.taxonomy import Taxonomy

ROW = {
    "dataset", "model", "seed", "method", "backbone", "run", "top1", "low", "high", "top5",
    "train_top1", "validation_top1", "epochs", "seconds_per_epoch", "training_seconds", "params",
    "weight_mb", "peak_memory_mb", "macs", "images_per_second", "image_size", "images", "classes",
}  # fmt: skip


def compare(tmp_path: Path, *runs: Path, **options: Any) -> dict[str, Any]:
    (tmp_path / "out").mkdir()
    return compared(read_entries(runs, **options), tmp_path / "out")


def words(sentences: list[str]) -> str:
    return "\n".join(sentences).replace("\u202f", " ")


def test_a_row_for_each_run(tmp_path: Path) -> None:
    found = compare(tmp_path, write_answers(tmp_path / "a", [0, 1]))
    (row,) = found["rows"]
    assert set(row) == ROW
    assert row["top1"] == 0.75 and row["low"] < 0.75 < row["high"] and row["top5"] is None
    assert (row["train_top1"], row["validation_top1"]) == (0.75, 0.75)
    assert (row["params"], row["weight_mb"], row["macs"]) == (1000, 0.004, 1e6)
    assert (row["image_size"], row["images"], row["classes"]) == (32, 8, 3)
    assert (row["epochs"], row["seconds_per_epoch"], row["training_seconds"]) == (2.0, 1.5, 3.0)
    assert (row["run"], row["method"], row["backbone"]) == ("a", "flat", "slim")


def test_one_run_alone_has_no_tests(tmp_path: Path) -> None:
    found = compare(tmp_path, write_answers(tmp_path / "a", [0, 1]))
    assert found["tests"] == [] and [table["name"] for table in found["tables"]] == [
        "accuracy",
        "training",
        "costs",
    ]
    assert words(found["conclusions"]) == (
        "On photos slim reaches a top-1 accuracy of 75.00 % (one run)."
    )


def test_what_was_not_measured_is_null(tmp_path: Path) -> None:
    run = write_answers(
        tmp_path / "a", kind="evaluate", change=lambda record: record.update(cost=None)
    )
    (row,) = compare(tmp_path, run)["rows"]
    absent = {name for name, value in row.items() if value is None}
    assert absent == {
        "top5", "train_top1", "validation_top1", "epochs", "seconds_per_epoch", "training_seconds",
        "weight_mb", "peak_memory_mb", "macs", "images_per_second", "image_size",
    }  # fmt: skip


def test_top_5_is_of_the_same_images_as_top_1_or_not_told(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths([f"{kind}/{name}" for kind in "xy" for name in "abc"])
    classes = [tree.paths[leaf] for leaf in tree.leaves]
    runs = [
        write_answers(tmp_path / name, [0], tree=tree, targets=targets, backbone=name)
        for name, targets in (("a", classes), ("b", ["x", *classes[1:]]))
    ]
    rows = compare(tmp_path, *runs)["rows"]
    # Of wrong answers all other classes are alike: the fifth place may be the label's or not.
    assert rows[0]["top5"] in (5 / 6, 1.0) and rows[1]["top5"] is None


def test_curves(tmp_path: Path) -> None:
    found = compare(tmp_path, write_answers(tmp_path / "a", seed=3, epochs=2))
    assert found["curves"][1] == {
        "dataset": "photos", "model": "slim", "seed": 3, "epoch": 2, "seconds": 1.5,
        "images_per_second": 40, "train_loss": 1, "train_top1": 0.75, "validation_loss": None,
        "validation_top1": 0.5, "validation_top5": 1,
    }  # fmt: skip
    with (tmp_path / "out/curves.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"] and rows[0]["validation_loss"] == ""


def test_files_are_of_the_lowest_seed(tmp_path: Path) -> None:
    runs = [
        write_answers(tmp_path / "a2", [0, 1], seed=2),
        write_answers(tmp_path / "a1", [5], seed=1),
        write_answers(tmp_path / "b", [4], backbone="timm:odd/name+x"),
    ]
    found = compare(tmp_path, *runs)
    assert [(one["model"], one["seed"], one["file"]) for one in found["matrices"]] == [
        ("slim", 1, "confusion_photos_slim.csv"),
        ("timm:odd/name+x", 0, "confusion_photos_timm-odd-name-x.csv"),
    ]
    mistakes = found["mistakes"]
    assert [one["file"] for one in mistakes] == [
        "misclassified_photos_slim.csv",
        "misclassified_photos_timm-odd-name-x.csv",
    ]
    for one in (*found["matrices"], *mistakes):
        assert (tmp_path / "out" / one["file"]).is_file()
    assert [one["images"] for one in found["matrices"]] == [8, 8]
    assert {one["per_pair"] for one in mistakes} == {4}
    (picture,) = mistakes[0]["pictures"]
    assert picture["truth"] == "dog/pug" and picture["answer"] == "cat"
    assert (tmp_path / "out" / picture["picture"]).is_file()
    assert picture["picture"].startswith("examples/photos_slim/")


def test_an_earlier_comparison_leaves_nothing(tmp_path: Path) -> None:
    compare(tmp_path, write_answers(tmp_path / "a", [1]))
    (tmp_path / "out/notes.csv").touch()
    compared(read_entries([write_answers(tmp_path / "b", backbone="b")]), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "confusion_photos_b.csv", "curves.csv", "misclassified_photos_b.csv", "notes.csv",
    ]  # fmt: skip


def test_it_says_what_is_more_than_chance(tmp_path: Path) -> None:
    many = ["cat", "dog/pug"] * 100
    runs = [
        write_answers(tmp_path / "a", range(10), targets=many, backbone="good", macs=2e6),
        write_answers(tmp_path / "b", range(40), targets=many, backbone="bad", macs=1e6),
    ]
    told = words(compare(tmp_path, *runs)["conclusions"])
    assert (
        "On photos good is the most accurate, with a top-1 accuracy of 95.00 % (one run), 15.00 "
        "points above bad, more than chance explains (McNemar's test of two networks, p < 0.001)."
    ) in told
    assert "Recommended on photos: good. good reaches 95.00 %, the most of all" in told


def test_equally_accurate_ones_are_said_to_be(tmp_path: Path) -> None:
    runs = [
        write_answers(tmp_path / name, [wrong], backbone=name, macs=macs)
        for name, wrong, macs in (("a", 0, 2e6), ("b", 3, 1e6))
    ]
    told = words(compare(tmp_path, *runs)["conclusions"])
    assert told == (
        "On photos b and a are equally accurate, with a top-1 accuracy of 87.50 %.\n"
        "Recommended on photos: b. b reaches 87.50 %, as much as any, and none costs less."
    )


def test_it_says_what_was_not_tested_on_the_same_images(tmp_path: Path) -> None:
    own = {"train": DIGEST["train"]}
    split = lambda record: record["recipe"]["split"].update(seed=9)  # noqa: E731
    runs = [
        write_answers(tmp_path / "a", [0], backbone="x", identity=own),
        write_answers(tmp_path / "b", [1], backbone="y", identity=own, change=split),
    ]
    found = compare(tmp_path, *runs)
    assert found["tests"] == []
    assert "Tested alike: x (seed 0); y (seed 0)." in words(found["conclusions"])


def test_it_says_that_a_t_test_over_splits_is_too_sure(tmp_path: Path) -> None:
    def split(seed: int) -> Any:
        return lambda record: record["recipe"]["split"].update(seed=seed)

    own = {"train": DIGEST["train"]}
    runs = [
        write_answers(tmp_path / f"{n}{s}", range(w), backbone=n, identity=own, change=split(s))
        for n, w in (("x", 1), ("y", 2))
        for s in (0, 1)
    ]
    found = compare(tmp_path, *runs)
    assert [test["kind"] for test in found["tests"]] == ["mcnemar", "t"]
    assert "its p-values are too small" in words(found["conclusions"])
    seeds = [write_answers(tmp_path / f"s{s}", backbone="x", seed=s) for s in (0, 1)]
    more = [write_answers(tmp_path / f"t{s}", [s], backbone="y", seed=s) for s in (0, 1)]
    found = compared(read_entries([*seeds, *more]), tmp_path / "out")
    assert found["tests"] and "too small" not in words(found["conclusions"])


def test_it_says_what_is_taken_for_granted(tmp_path: Path) -> None:
    runs = [
        write_answers(tmp_path / "a", [0], backbone="x", targets=[*TARGETS, "dog"]),
        write_answers(
            tmp_path / "b", [1], backbone="y", kind="evaluate", targets=[*TARGETS, "dog"]
        ),
    ]
    told = words(compare(tmp_path, *runs)["conclusions"])
    assert "Nothing tells for sure which images of photos" in told and "on: y (seed 0)." in told
    assert "1 test image of photos (of 9) is not labelled with one class" in told


def test_it_says_what_was_measured_on_training_images(tmp_path: Path) -> None:
    run = write_answers(
        tmp_path / "a", kind="evaluate", change=lambda record: record["data"].update(split="train")
    )
    told = words(compare(tmp_path, run)["conclusions"])
    assert "slim (a) was measured on training images, which it may have memorised" in told


def test_tables_are_those_of_reports(tmp_path: Path) -> None:
    runs = [
        write_answers(tmp_path / f"{model}{seed}", range(n + seed), backbone=model, seed=seed)
        for model, n in (("a", 1), ("b", 4))
        for seed in (0, 1)
    ]
    found = compare(tmp_path, *runs)
    tables = {table.name: table for table in parse(StudyRecord, found).tables}
    assert list(tables) == ["accuracy", "training", "costs", "tests-seeds", "tests-images"]
    first = [(cell or "").replace("\u202f", " ") for cell in tables["accuracy"].rows[0]]
    assert first[:5] == ["photos", "a", "81.25 ± 8.84 %", "–", "–"]
    # All pairs differ alike: nothing can be tested.
    assert tables["tests-seeds"].rows[0][3:] == ("+37.50", "–", "–", "–", "2")
    assert tables["tests-images"].rows[0][3:7] == ("+37.50", "−4.51 to +64.51", "3", "0")


def test_the_record_is_whole_and_holds_no_nan(tmp_path: Path) -> None:
    runs = [write_answers(tmp_path / name, backbone=name) for name in "ab"]
    out = tmp_path / "comparisons/of two"
    record = run_compare(runs, out)
    assert json.loads((out / "record.json").read_text()) == json.loads(json.dumps(record))
    assert (record["kind"], record["name"], record["format"]) == ("comparison", "comparison", 1)
    assert record["title"] == "a and b on photos"
    assert {"labeltree", "date", "commit", "command", "hardware", "settings"} <= record.keys()


def test_characters_that_no_file_can_hold(tmp_path: Path) -> None:
    odd = lambda record: record["model"].update(backbone="a\ud800b")  # noqa: E731
    run = write_answers(tmp_path / "a", [0], change=odd)
    record = run_compare([run], tmp_path / "out")
    assert (record["rows"][0]["backbone"], record["rows"][0]["model"]) == ("a b", "a b")
    assert json.loads((tmp_path / "out/record.json").read_text())["rows"] == record["rows"]


def test_what_is_in_the_way_stays(tmp_path: Path) -> None:
    runs = [write_answers(tmp_path / name, backbone=name) for name in "ab"]
    out = tmp_path / "out"
    run_compare(runs, out)
    with pytest.raises(OutputExistsError, match="already holds a comparison; add --overwrite"):
        run_compare(runs, out)
    for name in ("mine.txt", "report.html", "confusion_old.csv"):
        (out / name).write_text("of before")
    run_compare([runs[0]], out, overwrite=True)
    assert sorted(path.name for path in out.iterdir()) == [
        "confusion_photos_a.csv", "curves.csv", "mine.txt", "misclassified_photos_a.csv",
        "record.json",
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(ModelFolderError, match="exists and holds no comparison"):
        run_compare(runs, runs[0], overwrite=True)
    inside = write_answers(out / "run")
    with pytest.raises(ConfigError, match="where the comparison goes"):
        run_compare([inside], out, overwrite=True)
    assert inside.is_dir()
    (out / "map.csv").write_text("from,to\n")
    with pytest.raises(ConfigError, match=r"map\.csv lies in .*, where the comparison goes"):
        run_compare(runs, out, mapping=out / "map.csv", overwrite=True)
    assert (out / "map.csv").is_file() and (out / "record.json").is_file()


def test_the_earlier_comparison_stays_until_the_new_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> dict[str, Any]:
        raise ModelFolderError("the disk is full")

    run = write_answers(tmp_path / "a")
    run_compare([run], tmp_path / "out")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr("labeltree.comparison.running.compared", fail)
    with pytest.raises(ModelFolderError, match="full"):
        run_compare([run], tmp_path / "out", overwrite=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_replaced_where_a_run_is_damaged(tmp_path: Path) -> None:
    run = write_answers(tmp_path / "a")
    run_compare([run], tmp_path / "out")
    (run / "predictions.npz").write_bytes(b"")
    with pytest.raises(ModelFolderError, match="damaged"):
        run_compare([run], tmp_path / "out", overwrite=True)
    assert (tmp_path / "out/record.json").is_file()


def test_thousands_of_classes(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths([f"{a:02}/{b:03}" for a in range(20) for b in range(150)])
    targets = [tree.paths[leaf] for leaf in tree.leaves[:40]]
    runs = [
        write_answers(tmp_path / name, range(n), tree=tree, targets=targets, backbone=name)
        for name, n in (("a", 2), ("b", 9))
    ]
    found = compare(tmp_path, *runs)
    assert [row["classes"] for row in found["rows"]] == [3000, 3000]
    assert found["tests"][0]["only_a"] == 7


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a b/c", "a-b-c"),
        ("été", "-t-"),
        ("x" * 300, "x" * 100),
        ("..", ".."),
        ("v1.2_x", "v1.2_x"),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_files_of_different_names_are_different() -> None:
    found = file_names([("a_b", "c"), ("a", "b_c"), ("犬", "x"), ("猫", "x"), ("-", "x-2")])
    assert found == ["a_b_c", "a_b_c-2", "-_x", "-_x-2", "-_x-2-2"]
