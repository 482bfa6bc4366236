"""Exported files made by hand, without torch: they answer the same for every image."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from labeltree.decoding import Decoder
from labeltree.runtime import Preprocessing
from labeltree.runtime.metadata import KEY, ExportMetadata, StoredTaxonomy
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])
LEAVES = np.array([[0.2, 0.5, 0.3]], np.float32)
SHAPE = Preprocessing(image_size=8, mean=(0.5,) * 3, std=(0.25,) * 3)


def small_metadata(**changes: Any) -> dict[str, Any]:
    """The JSON of such a file."""
    metadata = ExportMetadata(
        format=1,
        name="small",
        taxonomy=StoredTaxonomy.of(TREE),
        nodes=TREE.paths,
        labels=tuple(TREE.paths[leaf] for leaf in TREE.leaves),
        preprocessing=SHAPE,
        decoding=Decoder(1.5, parameter=0.6, target_accuracy=0.9).to_dict(),
        precision="float32",
        weights="",
        versions={},
    )
    return metadata.model_dump(mode="json") | changes


def small_graph(
    row: np.ndarray | None = None, shape: tuple[Any, ...] = ("batch", 8, 8, 3)
) -> onnx.ModelProto:
    """A constant row of probabilities for each image; no metadata."""
    row = TREE.roll_up(LEAVES) if row is None else row
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels", "nothing"], ["dark"]),
        helper.make_node("ReduceSum", ["dark", "axes"], ["sums"], keepdims=1),
        helper.make_node("Reshape", ["sums", "column"], ["zero"]),
        helper.make_node("Add", ["zero", "row"], ["probabilities"]),
    ]
    tables = {
        "nothing": np.zeros(1, np.float32),
        "axes": np.arange(1, len(shape)),
        "column": np.array([-1, 1]),
        "row": row,
    }
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, shape)],
        [
            helper.make_tensor_value_info(
                "probabilities", TensorProto.FLOAT, ("batch", row.shape[1])
            )
        ],
        [numpy_helper.from_array(value, name) for name, value in tables.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def write_small_exported(
    path: Path, metadata: Any = None, graph: onnx.ModelProto | None = None
) -> Path:
    """A file that `load_exported` reads, unless what is given does not fit."""
    graph = graph or small_graph()
    metadata = small_metadata() if metadata is None else metadata
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    helper.set_model_props(graph, {KEY: text})
    onnx.save(graph, str(path))
    return path
