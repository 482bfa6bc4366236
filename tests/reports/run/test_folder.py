"""Reading a run folder: what is there, and one clear line for what is damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports.run.folder import read_run_folder


def test_all_parts_are_read(full_run: Path) -> None:
    run = read_run_folder(full_run)
    assert run.split == "test" and [row["depth"] for row in run.levels] == [1, 2, 3]
    assert run.taxonomy is not None and run.taxonomy.num_leaves == 7
    assert run.predictions is not None and len(run.predictions) == 600
    assert run.epochs["epoch"].tolist() == list(range(1, 19))
    assert all(path.stem == str(index) for index, path in run.examples.items())


def test_answers_are_the_most_probable_leaves(full_run: Path) -> None:
    predictions = read_run_folder(full_run).predictions
    assert predictions is not None
    with np.load(full_run / "predictions.npz") as arrays:
        leaves = arrays["probabilities"][:, predictions.taxonomy.leaves].astype(float)
    assert (predictions.answers == predictions.taxonomy.leaves[leaves.argmax(axis=1)]).all()
    assert predictions.confidences == pytest.approx(leaves.max(axis=1))
    assert (predictions.wrong == (predictions.answers != predictions.targets)).all()


@pytest.mark.parametrize("text", ["{", "[1]", "", "\udcff"])
def test_a_damaged_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelFolderError, match=r"record\.json .*run again what made it"):
        read_run_folder(tmp_path)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"test": []}, "test"),
        ({"test": {"levels": ["breed"]}}, r"test\.levels\.0"),
        ({"validation": {"levels": [{"depth": [1]}]}}, r"validation\.levels\.0\.depth"),
        ({"alpha_sweep": "none"}, "alpha_sweep"),
        ({"alpha_sweep": {"test": [{"alpha": 1, "errors": 0.5}]}}, r"alpha_sweep\.test\.0\.errors"),
        ({"alpha_sweep": {"validation": [7]}}, r"alpha_sweep\.validation\.0"),
        ({"back_off": [1]}, "back_off"),
        ({"back_off_curve": [{"parameter": 1}, [1, 2]]}, r"back_off_curve\.1"),
        ({"reliability": {"low": 0}}, "reliability"),
        ({"hardware": "a fast one"}, "hardware"),
        ({"recipe": [1, 2]}, "recipe"),
    ],
)
def test_a_part_of_another_shape(record: dict, place: str, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(json.dumps(record))
    with pytest.raises(ModelFolderError, match=f"damaged at '{place}': .*Run again") as caught:
        read_run_folder(tmp_path)
    assert "\n" not in str(caught.value)


def test_parts_that_are_null_were_not_measured(tmp_path: Path) -> None:
    parts = ("test", "alpha_sweep", "back_off", "back_off_curve", "reliability", "recipe")
    (tmp_path / "record.json").write_text(json.dumps(dict.fromkeys(parts)))
    assert read_run_folder(tmp_path).levels == []


@pytest.mark.parametrize("content", [b"epoch,seconds\n1,\xff\n", b"\xff\xfe"])
def test_epochs_that_are_no_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.json").write_text("{}")
    (tmp_path / "metrics.csv").write_bytes(content)
    with pytest.raises(ModelFolderError, match=r"metrics\.csv is damaged"):
        read_run_folder(tmp_path)


def test_no_record(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"record\.json does not exist"):
        read_run_folder(tmp_path)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"a.png\n b\xe2\x80\xa8.png\n\xff\n", ("a.png", " b\u2028.png", "\ufffd")),
        (b"a.png\n", ()),  # of other images
        (b"", ()),
        (None, ()),
    ],
)
def test_names_of_images(make_run, content: bytes | None, names: tuple[str, ...]) -> None:
    folder = make_run(images=3)
    if content is not None:
        (folder / "test_images.txt").write_bytes(content)
    assert read_run_folder(folder).names == names


def damage(folder: Path, **changes: np.ndarray | None) -> None:
    with np.load(folder / "predictions.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files} | changes
    np.savez(folder / "predictions.npz", **{k: v for k, v in kept.items() if v is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"probabilities": np.zeros((50, 3))},
        {"targets": np.full(50, 99)},
        {"targets": np.full(50, -1)},
        {"targets": None},
        {"probabilities": None},
        {"probabilities": None, "answers": np.zeros(50, int), "confidences": np.zeros(7)},
        {"probabilities": np.array([{}])},  # would need pickle
    ],
)
def test_predictions_that_do_not_fit(make_run, changes: dict) -> None:
    folder = make_run(images=50)
    damage(folder, **changes)
    with pytest.raises(ModelFolderError, match=r"predictions\.npz is damaged or does not fit"):
        read_run_folder(folder)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.5])
def test_what_can_be_no_probability(make_run, bad: float) -> None:
    folder = make_run(images=50)
    with np.load(folder / "predictions.npz") as arrays:
        values, targets = arrays["probabilities"].copy(), arrays["targets"]
    values[7, 2] = bad
    damage(folder, probabilities=values)
    with pytest.raises(ModelFolderError, match="probabilities of image 7 are negative, infinite"):
        read_run_folder(folder)
    damage(folder, probabilities=None, answers=targets, confidences=np.full(50, bad))
    with pytest.raises(ModelFolderError, match="confidences of image 0 are negative, infinite"):
        read_run_folder(folder)


def test_answers_that_are_no_classes(make_run) -> None:
    folder = make_run(images=50)
    leaf = read_run_folder(folder).taxonomy.leaves[0]
    answers = np.full(50, leaf)
    answers[3] = 0
    damage(folder, probabilities=None, answers=answers, confidences=np.ones(50))
    with pytest.raises(ModelFolderError, match="the answer to image 3 is no class: 0"):
        read_run_folder(folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x93NUMPY"])
def test_predictions_that_are_no_archive(make_run, content: bytes) -> None:
    folder = make_run(images=50)
    (folder / "predictions.npz").write_bytes(content)
    with pytest.raises(ModelFolderError, match=r"predictions\.npz"):
        read_run_folder(folder)


def test_predictions_that_do_not_decompress(make_run) -> None:
    path = make_run(images=50) / "predictions.npz"
    with np.load(path) as arrays:
        np.savez_compressed(path, **dict(arrays))
    whole = path.read_bytes()
    for place in range(100, len(whole), len(whole) // 20):
        path.write_bytes(whole[:place] + b"\xff" * 20 + whole[place + 20 :])
        with pytest.raises(ModelFolderError, match=r"predictions\.npz"):
            read_run_folder(path.parent)


def test_damaged_pictures_are_left_out(make_run) -> None:
    folder = make_run(images=100)
    kept = read_run_folder(folder).examples
    (folder / "examples" / "7000.png").write_bytes(b"")
    (folder / "examples" / "7001.png").write_bytes(b"<svg onload=alert(1)>")
    (folder / "examples" / "notes.png").write_bytes(next(iter(kept.values())).read_bytes())
    assert read_run_folder(folder).examples == kept


def test_blank_and_cut_rows_of_the_epochs(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(json.dumps({}))
    (tmp_path / "metrics.csv").write_text("epoch,train_loss,note\n1,,x\n2,0.5")
    epochs = read_run_folder(tmp_path).epochs
    assert epochs["epoch"].tolist() == [1, 2]
    assert np.isnan(epochs["train_loss"][0]) and epochs["train_loss"][1] == 0.5
    assert np.isnan(epochs["note"]).all()
