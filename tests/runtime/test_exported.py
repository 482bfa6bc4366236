import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from small_exported import (
    LEAVES,
    SHAPE,
    TREE,
    small_graph,
    small_metadata,
    write_small_exported,
)

from labeltree.decoding import Decoder
from labeltree.errors import ConfigError, MissingExtraError, ModelFolderError
from labeltree.runtime import answers
from labeltree.runtime.exported import load_exported


def views(count: int) -> np.ndarray:
    return np.full((count, 1, 8, 8, 3), 7, np.uint8)


def refused(path: Path, because: str) -> None:
    with pytest.raises(ModelFolderError, match=because) as info:
        load_exported(path)
    assert "\n" not in str(info.value) and path.name in str(info.value)


def test_a_file_tells_all_that_answers_need(tmp_path: Path) -> None:
    model = load_exported(write_small_exported(tmp_path / "small.onnx"), threads=1)
    assert model.taxonomy == TREE and model.preprocessing == SHAPE
    assert model.name == "small.onnx" and model.backend == "onnxruntime"
    assert model.decoder == Decoder(1.5, parameter=0.6, target_accuracy=0.9)
    assert model.sets is None and model.fitted_with == ""
    said = model(views(3))
    assert said.presence is None and said.probabilities.dtype == np.float32
    np.testing.assert_allclose(said.probabilities, np.repeat(TREE.roll_up(LEAVES), 3, 0))
    assert [answer.node for answer in answers(model, said)] == [TREE.find("dog")] * 3


def test_no_image_has_no_row(tmp_path: Path) -> None:
    model = load_exported(write_small_exported(tmp_path / "small.onnx"))
    assert model(views(0)).probabilities.shape == (0, 5)


def test_several_views_are_one_more_dimension(tmp_path: Path) -> None:
    shape = SHAPE.replace(crops="ten").model_dump(mode="json")
    path = tmp_path / "ten.onnx"
    graph = small_graph(shape=("batch", 10, 8, 8, 3))
    model = load_exported(write_small_exported(path, small_metadata(preprocessing=shape), graph))
    assert model(np.zeros((2, 10, 8, 8, 3), np.uint8)).probabilities.shape == (2, 5)


def test_experts_that_are_left_out_cannot_be_told(tmp_path: Path) -> None:
    model = load_exported(write_small_exported(tmp_path / "small.onnx"))
    for routing in (None, "soft"):
        replace(model, metadata=model.metadata.replace(routing=routing)).check_told(2)
    hard = replace(model, metadata=model.metadata.replace(routing="hard"))
    hard.check_told(0)
    with pytest.raises(ConfigError, match="--routing soft"):
        hard.check_told(2)


def test_what_it_was_fitted_with_is_told(tmp_path: Path) -> None:
    metadata = small_metadata(routing="hard", fitted_with="with soft routing")
    model = load_exported(write_small_exported(tmp_path / "small.onnx", metadata))
    assert model.fitted_with == "with soft routing"
    assert "with soft routing" in answers(model, model(views(1)))[0].reason


def taxonomy(**changes: Any) -> dict[str, Any]:
    return small_metadata()["taxonomy"] | changes


def chain(count: int) -> dict[str, Any]:
    """A node in a node in a node: its paths are as long as the square of the file."""
    return taxonomy(names=["a"] * count, parents=list(range(count)), level_names=[])


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"format": 2}, "format"),
        ({"format": None}, "format"),
        ({"extra": 1}, "extra"),
        ({"name": None}, "name"),
        ({"nodes": ["", "a", "b", "c", "d"]}, "not those of its taxonomy"),
        ({"labels": ["cat"]}, "not those of its taxonomy"),
        ({"taxonomy": taxonomy(parents=[0, 0, 2])}, "a parent for each name"),
        ({"taxonomy": taxonomy(parents=[0, 0, 2, 9])}, "a parent for each name"),
        ({"taxonomy": taxonomy(parents=[0, 0, 2, -1])}, "a parent for each name"),
        ({"taxonomy": taxonomy(parents=[0, 0, 4, 3])}, "damaged"),
        ({"taxonomy": taxonomy(names=["cat", "cat", "a", "b"])}, "damaged"),
        ({"taxonomy": taxonomy(level_names=["kind"])}, "level names"),
        ({"taxonomy": chain(20_000), "nodes": [], "labels": []}, "characters"),
        ({"taxonomy": []}, "taxonomy"),
        ({"decoding": {}}, "back_off"),
        ({"decoding": 3}, "decoding"),
        ({"decoding": Decoder().to_dict() | {"label_sets": {}}}, "thresholds"),
        ({"preprocessing": {}}, "preprocessing"),
        ({"preprocessing": SHAPE.replace(image_size=9).model_dump()}, "inputs"),
        ({"preprocessing": SHAPE.replace(crops="ten").model_dump()}, "inputs"),
        ({"preprocessing": SHAPE.replace(image_size=10**7).model_dump()}, "inputs"),
        ({"precision": "float64"}, "precision"),
        ({"preprocessing": SHAPE.model_dump() | {"mean": [9, 9, 9]}}, "mean"),
        ({"preprocessing": SHAPE.model_dump() | {"mean": [0.5, -0.1, 0.5]}}, "mean"),
        ({"preprocessing": SHAPE.model_dump() | {"mean": [0.5, "nan", 0.5]}}, "mean"),
    ],
)
def test_metadata_that_do_not_fit_are_refused(
    tmp_path: Path, change: dict[str, Any], because: str
) -> None:
    refused(write_small_exported(tmp_path / "m.onnx", small_metadata(**change)), because)


@pytest.mark.parametrize("key", ["format", "name", "precision", "weights", "versions"])
def test_metadata_that_are_missing_are_refused(tmp_path: Path, key: str) -> None:
    metadata = small_metadata()
    del metadata[key]
    refused(write_small_exported(tmp_path / "m.onnx", metadata), key)


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "3", "[" * 100_000])
def test_metadata_that_are_no_json_object_are_refused(tmp_path: Path, text: str) -> None:
    refused(write_small_exported(tmp_path / "m.onnx", text), "damaged")


def test_another_tree_of_as_many_nodes_is_refused(tmp_path: Path) -> None:
    other = {"labeltree_taxonomy": 1, "level_names": ["kind", "breed"]}
    other |= {"names": ["cat", "dog", "beagle", "pug"], "parents": [0, 0, 1, 2]}
    nodes = ["", "cat", "dog", "cat/beagle", "dog/pug"]
    change = {"taxonomy": other, "nodes": nodes, "labels": nodes[3:]}
    refused(write_small_exported(tmp_path / "m.onnx", small_metadata(**change)), "add up")


def test_presence_is_there_if_and_only_if_labels_do_not_exclude_each_other(tmp_path: Path) -> None:
    decoding = Decoder().to_dict() | {"label_sets": {"thresholds": [0.5, 0.5, 0.5]}}
    path = write_small_exported(tmp_path / "m.onnx", small_metadata(decoding=decoding))
    refused(path, "outputs")


@pytest.mark.parametrize(
    ("row", "because"),
    [
        (TREE.roll_up(LEAVES)[:, :4], "outputs"),
        (TREE.roll_up(LEAVES) * np.float32("nan"), "not numbers"),
        (TREE.roll_up(LEAVES) * np.float32(2), "add up"),
    ],
)
def test_a_graph_that_does_not_fit_is_refused(
    tmp_path: Path, row: np.ndarray, because: str
) -> None:
    refused(write_small_exported(tmp_path / "m.onnx", graph=small_graph(row)), because)


def test_outputs_that_are_not_as_promised_are_refused(tmp_path: Path) -> None:
    graph = small_graph(np.zeros((1, 4), np.float32))
    width = graph.graph.output[0].type.tensor_type.shape.dim[1]
    width.ClearField("dim_value")
    width.dim_param = "nodes"
    refused(write_small_exported(tmp_path / "m.onnx", graph=graph), "outputs")
    graph.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 5
    refused(write_small_exported(tmp_path / "n.onnx", graph=graph), "damaged")


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.onnx"
    onnx.save(small_graph(), str(plain))
    refused(plain, "nothing of a label tree")
    for content in (b"", b"not onnx", bytes(100), b"ORTM" * 30, b"PK\x03\x04" * 9):
        plain.write_bytes(content)
        refused(plain, "plain.onnx")
    refused(tmp_path / "absent.onnx", "cannot be read")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = write_small_exported(tmp_path / "m.onnx").read_bytes()
    for keep in range(0, len(whole) - 1, 97):
        (tmp_path / "m.onnx").write_bytes(whole[:keep])
        refused(tmp_path / "m.onnx", "m.onnx")


def test_weights_in_other_files_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(TREE.roll_up(LEAVES).tobytes())
    graph = small_graph()
    row = graph.graph.initializer[-1]
    onnx.external_data_helper.set_external_data(row, "secret")
    row.ClearField("raw_data")
    row.data_location = onnx.TensorProto.EXTERNAL
    refused(write_small_exported(tmp_path / "m.onnx", graph=graph), "in other files")


def test_without_onnx_runtime_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_small_exported(tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="with its extra 'runtime'"):
        load_exported(path)


def test_metadata_are_json_that_others_can_read(tmp_path: Path) -> None:
    import onnxruntime

    path = write_small_exported(tmp_path / "m.onnx")
    found = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map["labeltree"]
    assert json.loads(found)["nodes"] == ["", "cat", "dog", "dog/beagle", "dog/pug"]
