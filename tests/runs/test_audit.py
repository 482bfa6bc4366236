"""The folder of an audit: what it holds, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_folder import small_recipe, write_small_folder

from labeltree.audit import audit
from labeltree.data.images import ArrayImages
from labeltree.errors import ConfigError, DataError, ModelFolderError, OutputExistsError
from labeltree.runs import audit as audit_run
from labeltree.runs import audit_tables, run_evaluation, run_training
from labeltree.runs.audit import run_audit
from labeltree.runs.audit_record import figures, pictured
from labeltree.spreadsheet import write_table
from labeltree.taxonomy import Taxonomy

Json = dict[str, Any]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_folder(tmp_path_factory.mktemp("data") / "photos")


@pytest.fixture(scope="module")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    run_training(small_recipe(photos), out)
    return out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_folder_holds_what_its_record_says(run: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit"
    record = run_audit(run, str(photos), which="train", out=out)
    assert json.loads((out / "record.json").read_text()) == record
    json.dumps(record, allow_nan=False)
    assert (record["kind"], record["name"], record["model"]["folder"]) == ("audit", "run", str(run))
    assert record["data"]["split"] == "train" and "memorised" in record["notes"][0]
    assert [level["file"] for level in record["levels"]] == [
        "leakage_level-1.csv",
        "leakage_level-2.csv",
    ]
    for level, part in zip(record["levels"], record["accounting"], strict=True):
        counts = part["counts"]
        assert counts["wrong"] == counts["within"] + counts["between"]
        assert part["between"] == level["leaked"] == counts["between"] / counts["images"]
        assert sum(branch["images"] for branch in level["branches"]) == counts["images"]
        assert sum(flow["images"] for flow in level["flows"]) == counts["between"]
        table = rows_of(out / level["file"])
        assert len(table) == level["categories"] == len(table[0]) - 1
        assert sum(int(n) for row in table for n in list(row.values())[1:]) == counts["images"]
    for part in ("within", "across"):
        for pair in record["pairs"][part]:
            assert len(pair["pictures"]) == len(pair["labels"]) == min(pair["images"], 6)
    pairs = rows_of(out / "confused_pairs.csv")
    assert len(pairs) == sum(len(part) for part in record["pairs"].values())
    suspicious = rows_of(out / "suspicious_labels.csv")
    assert len(suspicious) == record["suspects_in_all"]
    assert len(rows_of(out / "misfits.csv")) == record["misfits_in_all"]
    there = {int(path.stem) for path in (out / "examples").iterdir()}
    assert there == set(pictured(record))
    for path in (out / "examples").iterdir():
        with Image.open(path) as picture:
            assert max(picture.size) <= 96
    assert (out / "taxonomy.json").is_file()


def test_the_test_split_is_what_evaluate_measures(run: Path, photos: Path, tmp_path: Path) -> None:
    measured = run_evaluation(run, str(photos))
    record = run_audit(run, str(photos), out=tmp_path / "audit")
    assert record["data"]["split"] == measured["data"]["split"] == "test"
    assert record["data"]["images"] == measured["test"]["images"]
    assert [one["top1"] for one in record["accuracy"]] == [
        level["top1"] for level in measured["test"]["levels"]
    ]
    assert not any("memorised" in note for note in record["notes"])


def test_a_model_without_its_run_may_have_seen_the_images(
    run: Path, photos: Path, tmp_path: Path
) -> None:
    inside = run_audit(run / "model", str(photos), out=tmp_path / "inside")
    assert inside["data"]["split"] == "test"
    assert not any("memorised" in note for note in inside["notes"])
    alone = tmp_path / "alone"
    shutil.copytree(run / "model", alone)
    for split, called in (("auto", "all"), ("test", "test")):
        record = run_audit(alone, str(photos), which=split, out=tmp_path / called)
        assert record["data"]["split"] == called
        assert "Nothing tells whether the model has seen these images" in record["notes"][0]


def test_what_it_replaces(run: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit"
    run_audit(run, str(photos), out=out)
    (out / "mine.txt").touch()
    with pytest.raises(OutputExistsError, match="already holds an audit; add --overwrite"):
        run_audit(run, str(photos), out=out)
    run_audit(run, str(photos), out=out, overwrite=True)
    assert not (out / "mine.txt").exists()
    with pytest.raises(ModelFolderError, match="holds no evaluation"):
        run_evaluation(run, str(photos), out=out, overwrite=True)
    for folder in (run, run / "model", tmp_path):
        with pytest.raises(ModelFolderError, match="holds no audit"):
            run_audit(run, str(photos), out=folder, overwrite=True)
    with pytest.raises(ConfigError, match="lies in the data folder"):
        run_audit(run, str(photos), out=photos / "audit")
    (out / "record.json").write_text("[]")
    with pytest.raises(ModelFolderError, match="holds no audit"):
        run_audit(run, str(photos), out=out, overwrite=True)


def test_an_evaluation_is_not_replaced(run: Path, photos: Path, tmp_path: Path) -> None:
    run_evaluation(run, str(photos), out=tmp_path / "e")
    with pytest.raises(ModelFolderError, match="holds no audit"):
        run_audit(run, str(photos), out=tmp_path / "e", overwrite=True)


def test_labels_that_are_not_in_the_tree(run: Path, photos: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "animal/catt").mkdir(parents=True)
    shutil.copy(photos / "animal/cat/00.png", other / "animal/catt/1.png")
    with pytest.raises(DataError, match="'animal/catt' is not in the taxonomy; did you mean"):
        run_audit(run, str(other), out=tmp_path / "audit")
    assert not (tmp_path / "audit").exists()


def test_few_images_all_right(
    run: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three images of a cat that are surely cats: every list is empty, and the notes say why."""
    few = tmp_path / "few"
    (few / "animal").mkdir(parents=True)
    shutil.copytree(photos / "animal/cat", few / "animal/cat")
    for path in sorted((few / "animal/cat").iterdir())[3:]:
        path.unlink()

    def sure(model: Any, images: Any) -> np.ndarray:
        tree = model.taxonomy
        return tree.roll_up(np.eye(tree.num_leaves, dtype=np.float32))[
            tree.leaf_index[images.targets]
        ]

    monkeypatch.setattr(audit_run, "raw_probabilities", sure)
    record = run_audit(run, str(few), out=tmp_path / "audit")
    assert record["data"]["split"] == "all" and record["data"]["images"] == 3
    assert record["pairs"] == {"within": [], "across": []}
    assert record["misfits"] == record["suspects"] == []
    assert [level["flows"] for level in record["levels"]] == [[], []]
    assert len(record["notes"]) == 2
    assert list((tmp_path / "audit" / "examples").iterdir()) == []
    header = (tmp_path / "audit" / "misfits.csv").read_bytes()
    assert header.count(b"\r\n") == 1


def found_in(tree: Taxonomy, leaves: np.ndarray, targets: np.ndarray) -> Any:
    return audit(tree, tree.roll_up(leaves), targets)


def test_names_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(
        ["=1+1/a,b", '=1+1/say "x"', "@sum/-1", "'tis/é"], ["the level/rank", "class"]
    )
    leaves = np.roll(np.eye(4), 1, axis=1) * 0.96 + 0.01
    found = found_in(tree, leaves, tree.leaves)
    images = ArrayImages(np.zeros((4, 8, 8, 3), dtype=np.uint8), label="+photo")
    paths = audit_tables.write_tables(tmp_path, found, images)
    assert paths[0].name == "leakage_the-level-rank.csv"
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    suspects = rows_of(tmp_path / "suspicious_labels.csv")
    assert {row["label"].removeprefix("'") for row in suspects} <= set(tree.paths)
    assert {row["image"] for row in suspects} == {f"'+photo {n}" for n in range(4)}


def test_cells_come_back(tmp_path: Path) -> None:
    words = ["=1+1", "-a", "+a", "@a", "'a", "''", "\ta", 'q"u', "a,b", "two\nlines", "犬", ""]
    write_table(tmp_path / "t.csv", ["word"], [[word] for word in words])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        back = [row[0] if row else "" for row in csv.reader(file)][1:]
    assert [cell.removeprefix("'") for cell in back] == words
    assert (tmp_path / "t.csv").read_bytes().endswith(b"\r\n")


def test_very_many_categories_are_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_tables, "_WIDEST", 2)
    tree = Taxonomy.from_paths(["a/1", "b/2", "c/3"])
    found = found_in(tree, np.eye(3)[[0, 1, 1]], tree.leaves)
    images = ArrayImages(np.zeros((3, 8, 8, 3), dtype=np.uint8))
    (path, *_) = audit_tables.write_tables(tmp_path, found, images)
    assert [tuple(row.values()) for row in rows_of(path)] == [
        ("a", "a", "1"),
        ("b", "b", "1"),
        ("c", "b", "1"),
    ]


def test_levels_of_one_name_have_files_of_their_own() -> None:
    tree = Taxonomy.from_paths(["a/b/c"], ["Rank 1", "rank_1", "rank 1"])
    found = found_in(tree, np.ones((1, 1)), tree.leaves)
    images = ArrayImages(np.zeros((1, 8, 8, 3), dtype=np.uint8))
    record: Json = figures(found, tree.roll_up(np.ones((1, 1))), images)
    assert [level["file"] for level in record["levels"]] == [
        "leakage_1_rank-1.csv",
        "leakage_rank_1.csv",
    ]


def test_one_level_has_no_branches() -> None:
    tree = Taxonomy.from_paths(["a", "b"])
    found = found_in(tree, np.eye(2), tree.leaves)
    images = ArrayImages(np.zeros((2, 8, 8, 3), dtype=np.uint8))
    record: Json = figures(found, tree.roll_up(np.eye(2)), images)
    assert record["levels"] == record["accounting"] == []
    assert record["accuracy"] == [{"level": "level 1", "top1": 1.0, "images": 2}]
