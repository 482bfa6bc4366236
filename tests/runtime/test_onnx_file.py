from contextlib import suppress

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from small_exported import small_graph

from labeltree.runtime.onnx_file import read_metadata

MODEL = small_graph()
helper.set_model_props(MODEL, {"labeltree": '{"ä": 1}', "other": ""})
FILE = MODEL.SerializeToString()


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_metadata_are_those_that_onnx_wrote(props: dict[str, str]) -> None:
    model = small_graph()
    helper.set_model_props(model, props)
    assert read_metadata(model.SerializeToString()) == props


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        read_metadata(content)


@given(st.integers(0, len(FILE) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place: int, byte: int) -> None:
    changed = bytearray(FILE)
    changed[place] = byte
    with suppress(ValueError):
        read_metadata(bytes(changed))


def external() -> onnx.TensorProto:
    tensor = numpy_helper.from_array(np.ones(1, np.float32), "w")
    onnx.external_data_helper.set_external_data(tensor, "../../etc/passwd")
    tensor.ClearField("raw_data")
    return tensor


def graph_of(*nodes: onnx.NodeProto) -> onnx.GraphProto:
    return helper.make_graph(list(nodes), "g", [], [])


def node_with(**attributes: object) -> onnx.NodeProto:
    return helper.make_node("X", [], ["y"], **attributes)


def models() -> dict[str, onnx.ModelProto]:
    weights = graph_of()
    weights.initializer.append(external())
    sparse = graph_of()
    sparse.sparse_initializer.append(
        helper.make_sparse_tensor(
            external(), helper.make_tensor("i", TensorProto.INT64, [1], [0]), [3]
        )
    )
    found = {
        "initializer": helper.make_model(weights),
        "sparse": helper.make_model(sparse),
        "attribute": helper.make_model(graph_of(node_with(value=external()))),
        "attributes": helper.make_model(graph_of(node_with(values=[external()]))),
        "branch": helper.make_model(graph_of(node_with(then=weights))),
        "branches": helper.make_model(graph_of(node_with(cases=[weights]))),
        "function": helper.make_model(graph_of()),
    }
    function = helper.make_function(
        "d", "f", [], ["y"], [node_with(value=external())], [helper.make_opsetid("", 18)]
    )
    found["function"].functions.append(function)
    return found


@pytest.mark.parametrize("name", models())
def test_weights_elsewhere_are_found_wherever_they_hide(name: str) -> None:
    with pytest.raises(ValueError, match="other files"):
        read_metadata(models()[name].SerializeToString())


def test_graphs_without_end_are_refused() -> None:
    graph = graph_of()
    for _ in range(30):
        graph = graph_of(node_with(then=graph))
    with pytest.raises(ValueError, match="without end"):
        read_metadata(helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize("kind", ["Loop", "If", "Scan", "SequenceMap", "ConstantOfShape"])
def test_nodes_that_may_run_for_ever_or_fill_the_memory_are_refused(kind: str) -> None:
    node = helper.make_node(kind, [], ["y"])
    inner = helper.make_model(graph_of(node_with(then=graph_of(node))))
    for model in (helper.make_model(graph_of(node)), inner):
        with pytest.raises(ValueError, match=f"a node {kind}, which no export has"):
            read_metadata(model.SerializeToString())


def test_functions_are_refused() -> None:
    model = helper.make_model(graph_of())
    function = helper.make_function(
        "d", "f", [], ["y"], [node_with()], [helper.make_opsetid("", 18)]
    )
    model.functions.append(function)
    with pytest.raises(ValueError, match="functions of its own"):
        read_metadata(model.SerializeToString())
