import json
import shutil
from pathlib import Path

import pytest
from compared_runs import write_answers

from labeltree.comparison.folders import read_run, run_folders
from labeltree.errors import ConfigError, LabeltreeError, ModelFolderError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_answers(tmp_path / "run")


def study_of(folder: Path, *names: str) -> Path:
    for name in names:
        write_answers(folder / "members" / name)
    members = [{"name": name, "folder": f"members/{name}"} for name in names]
    record = {"format": 1, "kind": "study", "members": members}
    (folder / "record.json").write_text(json.dumps(record))
    return folder


def test_a_study_stands_for_its_members(run: Path, tmp_path: Path) -> None:
    study = study_of(tmp_path / "study", "b", "a")
    write_answers(study / "members" / "of another scale")
    assert run_folders([study, run]) == [study / "members/b", study / "members/a", run]


def test_one_run_twice(run: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(run)
    for again in (run, tmp_path / "link", run / ".." / "run"):
        with pytest.raises(ConfigError, match="is given twice"):
            run_folders([run, again])
    with pytest.raises(ConfigError, match="is given twice"):
        run_folders([study_of(tmp_path / "study", "a"), tmp_path / "study/members/a"])
    with pytest.raises(ConfigError, match="nothing to compare"):
        run_folders([])


def refused(folder: Path) -> str:
    with pytest.raises(LabeltreeError) as refusal:
        read_run(*run_folders([folder]))
    told = str(refusal.value)
    assert "\n" not in told and str(folder) in told
    return told


def test_folders_that_are_no_runs(run: Path, tmp_path: Path) -> None:
    assert "is no folder; expected the folder of a finished run" in refused(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "has no record.json" in refused(tmp_path / "empty")
    (tmp_path / "unfinished/members").mkdir(parents=True)
    assert "--resume" in refused(tmp_path / "unfinished")
    model = run / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    assert f"is a model folder, which holds no answers; give {run}, or measure" in refused(model)
    alone = shutil.copytree(model, tmp_path / "alone")
    assert f"no answers; measure the model: labeltree evaluate {alone} DATA" in refused(alone)


def test_records_of_another_kind(tmp_path: Path) -> None:
    for kind in ("audit", "comparison"):
        folder = tmp_path / kind
        folder.mkdir()
        (folder / "record.json").write_text(json.dumps({"kind": kind}))
        assert f"of kind {kind!r}" in refused(folder)
    (tmp_path / "study").mkdir()
    for members in ('[{"name": "a"}]', "5", '{"a": 1}', "null"):
        (tmp_path / "study/record.json").write_text(f'{{"kind": "study", "members": {members}}}')
        assert "does not tell the folders of its members" in refused(tmp_path / "study")


@pytest.mark.parametrize("name", ["predictions.npz", "taxonomy.json"])
def test_a_missing_part(run: Path, name: str) -> None:
    (run / name).unlink()
    assert f"{name} is missing" in refused(run)
    assert "labeltree evaluate MODEL DATA --out FOLDER" in refused(run)


@pytest.mark.parametrize("name", ["predictions.npz", "taxonomy.json", "record.json"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"[1, 2]"])
def test_a_damaged_part(run: Path, name: str, content: bytes) -> None:
    (run / name).write_bytes(content)
    assert name in refused(run)


@pytest.mark.parametrize(
    ("rows", "damage"),
    [
        ("epoch,seconds\n1,2\n2\n", "line 3 is damaged: expected 2 numbers, got '2'"),
        ("epoch,seconds\n1,2,3\n", "line 2 is damaged: expected 2 numbers, got '1', '2', '3'"),
        ("epoch,seconds\n1,x\n", "line 2 is damaged: expected 2 numbers, got '1', 'x'"),
        ("epoch,seconds\nnan,1\n", "line 2 is damaged: it tells no epoch"),
        ("seconds\n1\n", "line 1 is damaged: no column 'epoch'"),
    ],
)
def test_a_damaged_table_of_epochs(run: Path, rows: str, damage: str) -> None:
    (run / "metrics.csv").write_text(rows)
    assert f"metrics.csv {damage}" in refused(run)


def test_epochs_that_were_not_measured(run: Path) -> None:
    for text in ("", "epoch,train_loss\n", "epoch,train_loss,seconds\n1,nan,\n2,inf,1e400\n"):
        (run / "metrics.csv").write_text(text)
        assert read_run(run).predictions is not None


def test_a_record_with_parts_of_the_wrong_shape(tmp_path: Path) -> None:
    run = write_answers(tmp_path / "run", change=lambda record: record.update(test=[1]))
    with pytest.raises(ModelFolderError, match=r"damaged at 'test'"):
        read_run(run)


def test_no_test_images(tmp_path: Path) -> None:
    run = write_answers(tmp_path / "run", targets=["cat"])
    import numpy as np

    np.savez(run / "predictions.npz", targets=np.zeros(0, int), probabilities=np.zeros((0, 5)))
    assert "the run had no test images" in refused(run)


def test_label_sets_need_images_with_one_class(tmp_path: Path) -> None:
    both = write_answers(tmp_path / "both", method="multilabel", targets=["dog", "dog"])
    assert "shows one class alone" in refused(both)
    some = write_answers(tmp_path / "some", method="multilabel", targets=["dog", "cat"])
    assert read_run(some).predictions is not None
