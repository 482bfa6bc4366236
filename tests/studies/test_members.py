import json
from pathlib import Path

import numpy as np
import pytest
from small_study import members

from labeltree.errors import ModelFolderError
from labeltree.probabilities import save_probabilities
from labeltree.studies.members import (
    TrainedMember,
    is_finished,
    member_folder,
    read_member_record,
)
from labeltree.taxonomy import Taxonomy

RECORD = {
    "training": {}, "model": {}, "data": {"test": 2}, "commit": None, "date": "",
    "test_before_decoding": {},
}  # fmt: skip
TREE = Taxonomy.from_paths(["cat/manx", "dog/pug"])


def written(folder: Path, recipe, record: str = "{}") -> Path:
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(recipe.to_yaml())
    (folder / "record.json").write_text(record)
    return folder


def test_another_configuration_is_another_folder(tmp_path: Path) -> None:
    (one,) = members(1)
    longer = one.recipe.replace(training=one.recipe.training.replace(epochs=2))
    folders = {member_folder(tmp_path, "slim / ü 0", recipe) for recipe in (one.recipe, longer)}
    assert len(folders) == 2
    assert all(folder.name.startswith("slim-0-") for folder in folders)
    assert member_folder(tmp_path, one.name, one.recipe) in {
        member_folder(tmp_path, one.name, one.recipe.replace())
    }


def test_finished_is_what_has_a_record(tmp_path: Path) -> None:
    (one,) = members(1)
    folder = written(tmp_path / "a", one.recipe)
    assert is_finished(folder)
    (folder / "record.json").unlink()
    assert not is_finished(folder)


def test_a_folder_of_another_configuration_is_refused(tmp_path: Path) -> None:
    (one,) = members(1)
    other = one.recipe.replace(training=one.recipe.training.replace(label_smoothing=0.2))
    folder = written(tmp_path / "a", other)
    with pytest.raises(ModelFolderError, match=r"other values of training\.label_smoothing"):
        read_member_record(folder, one.recipe)


def test_what_the_images_decide_is_no_other_configuration(tmp_path: Path) -> None:
    (one,) = members(1)
    settled = one.recipe.replace(loading=one.recipe.loading.replace(image_size=16))
    folder = written(tmp_path / "a", settled, json.dumps(RECORD))
    assert read_member_record(folder, one.recipe) == RECORD


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (one,) = members(1)
    folder = written(tmp_path / "a", one.recipe, '{"kind": ')
    with pytest.raises(ModelFolderError, match=r"record\.json is damaged"):
        read_member_record(folder, one.recipe)


@pytest.mark.parametrize("record", ["[]", "{}", '{"training": 1}'])
def test_a_record_of_something_else_is_named(tmp_path: Path, record: str) -> None:
    (one,) = members(1)
    folder = written(tmp_path / "a", one.recipe, record)
    with pytest.raises(ModelFolderError, match="not the record of a training; remove"):
        read_member_record(folder, one.recipe)


def test_a_member_without_its_recipe_is_named(tmp_path: Path) -> None:
    (one,) = members(1)
    folder = written(tmp_path / "a", one.recipe)
    (folder / "recipe.yaml").unlink()
    with pytest.raises(ModelFolderError, match="no such recipe file; remove"):
        read_member_record(folder, one.recipe)


@pytest.mark.parametrize(
    ("rows", "targets", "message"),
    [(0, [], "does not hold the 2"), (3, [3, 4, 3], "does not hold the 2"), (2, None, "labelled")],
)
def test_probabilities_of_other_images_are_refused(tmp_path, rows, targets, message) -> None:
    folder = tmp_path / "node_probabilities"
    folder.mkdir()
    values = np.tile(np.array([[1, 0.5, 0.5, 0.5, 0.5]], dtype=np.float32), (rows, 1))
    kept = None if targets is None else np.array(targets, dtype=np.int64)
    save_probabilities(folder / "test.npz", TREE, values, kept)
    with pytest.raises(ModelFolderError, match=message):
        TrainedMember("a", {}, tmp_path, RECORD).probabilities("test")


@pytest.mark.parametrize("content", [None, b"PK damaged"])
def test_lost_or_damaged_probabilities_say_what_helps(tmp_path, content) -> None:
    (tmp_path / "node_probabilities").mkdir()
    if content is not None:
        (tmp_path / "node_probabilities" / "test.npz").write_bytes(content)
    with pytest.raises(ModelFolderError, match=r"remove .* to train it again"):
        TrainedMember("a", {}, tmp_path, RECORD).probabilities("test")
