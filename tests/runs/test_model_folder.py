import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from labeltree.decoding import Decoder, SetDecoder
from labeltree.errors import ModelFolderError
from labeltree.methods import METHODS, make_method
from labeltree.runs.model_folder import (
    Architecture,
    Model,
    Preprocessing,
    load_model,
    save_model,
)
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])


def new_model(method: str = "flat") -> Model:
    torch.manual_seed(0)
    network = make_method(method, TREE, "slim").eval()
    shape = Preprocessing(image_size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))
    sets = None if network.exclusive else SetDecoder((0.25, 0.5, 1.0))
    plan = Architecture(method=method, backbone="slim")
    return Model(network, plan, shape, Decoder(1.5), sets=sets)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(new_model(), tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("method", METHODS)
def test_round_trip_gives_the_same_answers(tmp_path: Path, method: str) -> None:
    model = new_model(method)
    save_model(model, tmp_path / "m")
    back = load_model(tmp_path / "m")
    images = torch.randn(2, 3, 16, 16)
    assert back.taxonomy == TREE and back.decoder == model.decoder
    assert back.preprocessing == model.preprocessing and back.sets == model.sets
    with torch.no_grad():
        for ours, theirs in zip(model.method(images), back.method(images), strict=True):
            assert torch.equal(ours, theirs)


def test_config_names_the_labels(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    assert config["id2label"] == {"0": "cat", "1": "dog/beagle", "2": "dog/pug"}
    assert config["label2id"] == {"cat": 0, "dog/beagle": 1, "dog/pug": 2}


def test_a_run_folder_will_do(folder: Path) -> None:
    assert load_model(folder.parent).taxonomy == TREE


@pytest.mark.parametrize(
    ("method", "sets"),
    [
        ("multilabel", None),
        ("flat", {"thresholds": [0.25, 0.5, 1.0]}),
        ("multilabel", {"thresholds": [0.25, 0.5]}),
        ("multilabel", {"thresholds": [0.25, 0.5, 1.5]}),
        ("multilabel", {"thresholds": [0.25, 0.5, None]}),
        ("multilabel", {"threshold": 0.5}),
        ("multilabel", [0.25, 0.5, 1.0]),
    ],
)
def test_thresholds_are_those_of_a_method_with_presence(
    tmp_path: Path, method: str, sets: object
) -> None:
    save_model(new_model(method), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["decoding"].pop("label_sets", None)
    if sets is not None:
        config["decoding"]["label_sets"] = sets
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match=r"config\.json.*copy the model folder") as info:
        load_model(tmp_path)
    assert "\n" not in str(info.value)


def test_a_head_that_grew_comes_back(tmp_path: Path) -> None:
    model = new_model("multilabel")
    options = {"added": [["dog/pug"], ["cat"]]}
    method = make_method("multilabel", TREE, "slim", options).eval()
    plan = model.architecture.replace(method_options=options)
    save_model(replace(model, method=method, architecture=plan), tmp_path)
    back = load_model(tmp_path).method
    images = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(method(images)[0], back(images)[0])
    config = json.loads((tmp_path / "config.json").read_text())
    config["architecture"]["method_options"] = {"added": [["dog/corgi"]]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match="dog/corgi"):
        load_model(tmp_path)


@pytest.mark.parametrize("name", ["config.json", "taxonomy.json", "model.safetensors"])
@pytest.mark.parametrize("keep", [None, 0, 20])
def test_missing_or_damaged_file_is_named(folder: Path, name: str, keep: int | None) -> None:
    path = folder / name
    if keep is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelFolderError, match=name) as info:
        load_model(folder)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": {"method": "flatt", "backbone": "slim"}},
        {"architecture": {"method": "flat", "backbone": "no such net"}},
        {"preprocessing": {"image_size": "big", "mean": [0, 0, 0], "std": [1, 1, 1]}},
        {"decoding": {}},
        {"extra": 1},
        {"preprocessing": {"image_size": 0, "mean": [0, 0, 0], "std": [1, 1, 1]}},
        {"preprocessing": {"image_size": 4, "mean": [0, 0, 0], "std": [1, 1, 1]}},
        {"preprocessing": {"image_size": 16, "mean": [0, 0, 0], "std": [0, 1, 1]}},
        {"id2label": {"0": "cat", "1": "dog"}},
        {"format": 99},
    ],
)
def test_config_that_does_not_fit_is_refused(folder: Path, change: dict) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelFolderError, match=r"config\.json"):
        load_model(folder)


def test_a_strangers_options_open_no_file(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("user,password\nroot,hunter2\n")
    config = json.loads((folder / "config.json").read_text())
    options = {"groups": str(secret)}
    config["architecture"] = {"method": "routed", "method_options": options, "backbone": "slim"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match=r"config\.json.*secret\.csv") as info:
        load_model(folder)
    secret.unlink()
    with pytest.raises(ModelFolderError) as without:
        load_model(folder)
    assert str(info.value) == str(without.value)
    assert "hunter2" not in str(info.value) and "password" not in str(info.value)


def test_groups_that_do_not_fit_the_tree_are_of_the_model_folder(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    options = {"groups": {"a": ["cat"], "b": ["dog/beagle"]}}
    config["architecture"] = {"method": "routed", "method_options": options, "backbone": "slim"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match=r"config\.json.*'dog/pug'"):
        load_model(folder)


def test_weights_of_another_tree_are_refused(folder: Path, tmp_path: Path) -> None:
    other = Taxonomy.from_paths(["a", "b"])
    torch.manual_seed(0)
    method = make_method("flat", other, "slim")
    model = new_model()
    save_model(
        Model(method, model.architecture, model.preprocessing, model.decoder), tmp_path / "o"
    )
    shutil.copy(tmp_path / "o" / "model.safetensors", folder)
    with pytest.raises(ModelFolderError, match=r"model\.safetensors"):
        load_model(folder)


@pytest.mark.parametrize("text", ["[]", "null", "3"])
@pytest.mark.parametrize("name", ["config.json", "taxonomy.json"])
def test_json_that_is_no_object_is_one_remedy(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(ModelFolderError, match=name) as info:
        load_model(folder)
    assert str(info.value).count(name) == 1 and "copy the model folder again" in str(info.value)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    model = new_model()
    next(model.method.parameters()).data[0] = float("nan")
    save_model(model, tmp_path)
    with pytest.raises(ModelFolderError, match="not numbers"):
        load_model(tmp_path)


def test_folder_without_model_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="labeltree train --out"):
        load_model(tmp_path)
