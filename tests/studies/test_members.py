import json
from pathlib import Path

import pytest
from small_study import members

from labeltree.errors import ModelFolderError
from labeltree.studies.members import is_finished, member_folder, read_member_record


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
    folder = written(tmp_path / "a", settled, json.dumps({"kind": "train"}))
    assert read_member_record(folder, one.recipe) == {"kind": "train"}


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (one,) = members(1)
    folder = written(tmp_path / "a", one.recipe, '{"kind": ')
    with pytest.raises(ModelFolderError, match=r"record\.json is damaged"):
        read_member_record(folder, one.recipe)
