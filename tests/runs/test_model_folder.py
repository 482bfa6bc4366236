import json
import os
import re
import shutil
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from labeltree.decoding import Decoder, SetDecoder
from labeltree.errors import ModelFolderError
from labeltree.methods import METHODS, make_method
from labeltree.methods.protocol import Method
from labeltree.runs import stored_weights
from labeltree.runs.model_folder import (
    LARGEST_SIDE,
    Architecture,
    Model,
    Preprocessing,
    load_model,
    save_model,
)
from labeltree.runs.untrusted import MOST_BYTES
from labeltree.taxonomy import Taxonomy, save_taxonomy

Weights = dict[str, torch.Tensor]
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


def test_config_of_no_known_format_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    assert config.pop("format") == 1
    (folder / "config.json").write_text(json.dumps(config))
    assert "format" in refusal(folder)


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


def change_config(folder: Path, part: str, **values: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config[part] = {**config[part], **values}
    path.write_text(json.dumps(config))


def change_taxonomy(folder: Path, **values: object) -> None:
    path = folder / "taxonomy.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def change_weights(folder: Path, change: Callable[[Weights], Weights]) -> None:
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path)


def refusal(folder: Path) -> str:
    """What is wrong with it, in one line."""
    with pytest.raises(ModelFolderError) as info:
        load_model(folder)
    assert "\n" not in str(info.value) and len(str(info.value)) < 600
    return str(info.value)


def first(weights: Weights) -> str:
    return min(name for name, value in weights.items() if value.dtype == torch.float32)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: {**w, "more": torch.zeros(2)}, "1 weights too many, such as more"),
        (lambda w: {k: v for k, v in w.items() if k != first(w)}, "1 weights are missing, such as"),
        (lambda w: {}, r"weights are missing|0 tensors"),
        (lambda w: {**w, first(w): torch.zeros(3)}, r"is F32 \[3\], expected F32"),
        (lambda w: {k: v.half() for k, v in w.items()}, "is F16 .* expected"),
        (lambda w: {**w, first(w): w[first(w)].double()}, "is F64 .* expected F32"),
        (lambda w: {**w, first(w): w[first(w)].int()}, "is I32 .* expected F32"),
        (lambda w: {**w, first(w): w[first(w)] * float("inf")}, "not numbers"),
        (lambda w: {**w, first(w): w[first(w)] * float("nan")}, "not numbers"),
    ],
)
def test_weights_of_another_network_are_refused(
    folder: Path, change: Callable[[Weights], Weights], reason: str
) -> None:
    change_weights(folder, change)
    assert re.search(rf"model\.safetensors: .*{reason}", refusal(folder))


@pytest.mark.parametrize(
    "damage",
    [
        lambda header, rest: struct.pack("<Q", 2**63) + header + rest,
        lambda header, rest: struct.pack("<Q", len(header) + 2**20) + header + rest,
        lambda header, rest: with_header({}, rest),
        lambda header, rest: with_header(bent(header, shape=[2**40, 2**40]), rest),
        lambda header, rest: with_header(bent(header, data_offsets=[0, 2**40]), rest),
        lambda header, rest: with_header(bent(header, dtype="F128"), rest),
        lambda header, rest: struct.pack("<Q", 10**6) + b"[" * 10**6 + rest,
        lambda header, rest: struct.pack("<Q", len(header)) + header + rest[:-1],
        lambda header, rest: struct.pack("<Q", len(header)) + header + rest + b"0",
    ],
)
def test_damaged_headers_are_refused(folder: Path, damage: Callable[[bytes, bytes], bytes]) -> None:
    path = folder / "model.safetensors"
    file = path.read_bytes()
    end = 8 + struct.unpack("<Q", file[:8])[0]
    path.write_bytes(damage(file[8:end], file[end:]))
    assert "model.safetensors" in refusal(folder)


def with_header(header: dict, rest: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def bent(header: bytes, **values: object) -> dict:
    tensors = json.loads(header)
    name = next(name for name in tensors if name != "__metadata__")
    return {**tensors, name: {**tensors[name], **values}}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"parents": [2, 1, 2, 2]}, "breadth-first"),  # a circle
        ({"parents": [0, 2, 2, 2]}, "breadth-first"),  # its own parent
        ({"parents": [0, -1, 2, 2]}, "damaged"),
        ({"parents": [0, 10**30, 2, 2]}, "damaged"),
        ({"parents": [0, 0, 2]}, "damaged"),
        ({"names": ["cat", "dog", "pug", "pug"]}, "'pug' stands twice"),
        ({"names": ["cat", "dog", "a/b", "pug"]}, "holds '/'"),
        ({"names": ["cat", "dog", "corgi", "pug"]}, "not the leaves"),
        ({"names": [], "parents": []}, "at least one label"),
        ({"level_names": ["kind"]}, "level names"),
        ({"names": ["cat", "dog", "beagle"], "parents": [0, 0, 2]}, "not the leaves"),
    ],
)
def test_a_taxonomy_that_is_none_or_another_is_refused(
    folder: Path, values: dict, reason: str
) -> None:
    change_taxonomy(folder, **values)
    assert reason in refusal(folder)


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("preprocessing", {"image_size": LARGEST_SIDE + 1}),
        ("preprocessing", {"image_size": 10**30}),
        ("preprocessing", {"std": [1e-300, 1, 1]}),
        ("preprocessing", {"mean": [1e38, 0, 0], "std": [1e-3, 1, 1]}),
        ("preprocessing", {"crops": "all"}),
        ("decoding", {"temperature": float("nan")}),
        ("decoding", {"temperature": float("inf")}),
        ("label2id", {"cat": 1, "dog/beagle": 0}),
        ("architecture", {"backbone": "slim-w100000"}),
        ("architecture", {"backbone": "preresnet1000000"}),
        ("architecture", {"method_options": {"pretrained": True}}),
        ("architecture", {"method": "routed", "method_options": {"experts": "slim-w100000"}}),
        ("architecture", {"method": "routed", "method_options": {"router": "../../etc"}}),
        ("architecture", {"method": "merged", "method_options": {"merge_point": 10**9}}),
    ],
)
def test_what_no_model_has_is_refused(folder: Path, part: str, values: dict) -> None:
    change_config(folder, part, **values)
    assert re.search(r"(config\.json|model\.safetensors): damaged", refusal(folder))


@pytest.mark.parametrize("method", METHODS)
def test_a_network_that_is_not_in_the_file_takes_no_memory(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(new_model(method), tmp_path)
    change_config(tmp_path, "architecture", backbone="slim-w9996")
    built = []

    def build(*plan: object) -> Method:
        built.append(make_method(*plan))
        return built[-1]

    monkeypatch.setattr(stored_weights, "make_method", build)
    assert "model.safetensors" in refusal(tmp_path)
    assert [{value.device.type for value in each.parameters()} for each in built] == [{"meta"}]


def test_a_network_for_every_leaf_is_refused_before_it_is_built(folder: Path) -> None:
    paths = [f"{group}/{leaf}" for group in range(3000) for leaf in range(2)]
    tree = Taxonomy.from_paths(paths)
    save_taxonomy(tree, folder / "taxonomy.json")
    labels = [tree.paths[leaf] for leaf in tree.leaves]
    change_config(folder, "architecture", method="per_category")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(number): label for number, label in enumerate(labels)}
    config["label2id"] = {label: number for number, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(config))
    assert "3001 networks" in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "taxonomy.json"])
@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"a":' * 200_000, '{"format": ' + "9" * 5000 + "}", "\ud800", "\0"],
    ids=["lists", "objects", "digits", "surrogate", "zero"],
)
def test_json_that_no_reader_takes_is_refused(folder: Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert name in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "taxonomy.json"])
def test_json_without_end_is_not_read(folder: Path, name: str) -> None:
    with (folder / name).open("r+b") as file:
        file.truncate(MOST_BYTES + 1)  # a hole: no disk holds it
    assert "134,217,729 bytes" in refusal(folder)


def test_paths_that_no_memory_holds_are_refused(folder: Path) -> None:
    count = 20_000  # a chain: its paths take 400 million characters
    change_taxonomy(folder, names=["a"] * count, parents=list(range(count)), level_names=None)
    assert "characters" in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "taxonomy.json", "model.safetensors"])
@pytest.mark.parametrize("relative", [True, False])
def test_no_file_outside_the_folder_is_read(folder: Path, name: str, relative: bool) -> None:
    outside = folder.parent / name
    (folder / name).rename(outside)
    (folder / name).symlink_to(Path("..") / name if relative else outside)
    assert re.search(rf"{name}: a link that leaves the model folder", refusal(folder))


def test_the_folder_itself_may_be_a_link_and_links_in_it_may_stay(folder: Path) -> None:
    (folder / "config.json").rename(folder / "kept.json")
    (folder / "config.json").symlink_to("kept.json")
    (folder.parent / "link").symlink_to(folder)
    assert load_model(folder.parent / "link").taxonomy == TREE


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_what_is_no_file_is_not_opened(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)  # reading it would wait for ever
    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize(
    "backbone",
    ["timm:hf-hub:stranger/net", "timm:local-dir:/etc", "timm:resnet10t.c3_in1k", "timm:resnet10t"],
)
def test_nothing_is_downloaded(
    folder: Path, backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*address: object) -> None:
        raise AssertionError(f"a model folder reaches for {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    change_config(folder, "architecture", backbone=backbone)
    assert re.search(r"timm has no network|weights are missing", refusal(folder))
