"""Static quantisation by ONNX Runtime of the part of a graph that is worth it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.errors import MissingExtraError, with_extra
from labeltree.exporting.formats import quiet
from labeltree.runtime.exported import INPUT

PRODUCTS = ("Conv", "Gemm", "MatMul")
"""Where the time goes; the others are computed in 8 bits where they lie between them."""

BETWEEN = ("Add", "Mul", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat", "Relu", "Clip")


def quantise(path: Path, batches: Iterable[NDArray[np.uint8]]) -> None:
    """Replace an ONNX file by one whose convolutions multiply 8-bit numbers.

    Weights have a scale for each channel. Normalisation, the first convolution, the classifiers
    and all that makes probabilities of logits stay in float32: they take next to no time, and
    there most of the accuracy is lost. Weights have 7 bits, since processors without VNNI add up
    products of 8 bits in 16, which may overflow: so a file answers alike on all of them.

    Args:
        path: the file.
        batches: all views of images, `(B, V, S, S, 3)`.

    Raises:
        MissingExtraError: what is needed is not installed.
    """
    try:
        import onnx
        from onnxruntime import quantization
        from onnxruntime.quantization.shape_inference import (
            quant_pre_process,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"int8 needs {error.name}: {with_extra('export')}") from None
    with tempfile.TemporaryDirectory() as scratch, quiet():
        prepared = str(Path(scratch) / "prepared.onnx")
        quant_pre_process(str(path), prepared, skip_symbolic_shape=True)
        model = onnx.load(prepared)
        views = len(model.graph.input[0].type.tensor_type.shape.dim) > 4
        quantization.quantize_static(
            prepared,
            str(path),
            _Reader(batches, views),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=[*PRODUCTS, *BETWEEN],
            nodes_to_exclude=left_in_float32(model.graph),
            per_channel=True,
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )


def left_in_float32(graph: Any) -> list[str]:
    """Names of the nodes before the second products and after those before the last.

    Args:
        graph: of an ONNX model, its nodes in an order in which they can be computed.
    """
    makers = {name: node for node in graph.node for name in node.output}
    before: dict[str, bool] = {}  # whether a product leads to the node
    for node in graph.node:
        sources = [makers[name] for name in node.input if name in makers]
        before[node.name] = any(
            source.op_type in PRODUCTS or before[source.name] for source in sources
        )
    after: dict[str, bool] = dict.fromkeys(before, False)  # whether the node leads to a product
    for node in reversed(graph.node):
        for source in (makers[name] for name in node.input if name in makers):
            after[source.name] |= node.op_type in PRODUCTS or after[node.name]
    return [name for name in before if not (before[name] and after[name])]


class _Reader:
    """What ONNX Runtime asks for batches until there are no more."""

    def __init__(self, batches: Iterable[NDArray[np.uint8]], views: bool) -> None:
        self._feeds: Iterator[dict[str, NDArray[np.uint8]]] = (
            {INPUT: np.ascontiguousarray(batch if views else batch[:, 0])} for batch in batches
        )

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """The next batch."""
        return next(self._feeds, None)
