"""Write a graph in each format and read it back: one file that holds the metadata, too."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import fx
from torch.export import Dim, ExportedProgram

from labeltree.errors import ConfigError, LabeltreeError, MissingExtraError, with_extra
from labeltree.exporting.graph import Graph
from labeltree.exporting.names import Name
from labeltree.runtime.exported import INPUT, load_exported
from labeltree.runtime.metadata import KEY

Run = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], ...]]
"""From images, as `Graph.forward` takes them, to its outputs."""

ONNX_BYTES = 2**31 - 1


def program_of(graph: Graph, images: NDArray[np.uint8]) -> ExportedProgram:
    """The graph without Python, for batches of any size.

    Args:
        graph: see `Graph`.
        images: two at least, of the right shape; what they show does not matter.

    Raises:
        ConfigError: a network whose steps depend on what it sees.
    """
    example = (torch.from_numpy(images),)
    shapes = ({0: Dim("batch", min=1)},)
    with quiet():
        try:
            return torch.export.export(graph, example, dynamic_shapes=shapes, strict=True)
        except Exception:  # of many kinds: some networks can only be followed without compiling
            try:
                return torch.export.export(graph, example, dynamic_shapes=shapes, strict=False)
            except Exception as error:
                raise ConfigError(
                    f"this network cannot be exported by torch.export: {_first_line(error)}; "
                    "export one with another backbone, or use the model folder"
                ) from error


def write(
    program: ExportedProgram, outputs: tuple[str, ...], to: Name, path: Path, text: str
) -> None:
    """Write a file.

    Args:
        program: see `program_of`.
        outputs: their names.
        to: the format.
        path: of the file.
        text: the metadata, as JSON.

    Raises:
        ConfigError: it does not fit into the format.
        MissingExtraError: what writes the format is not installed.
    """
    try:
        _WRITERS[to](program, outputs, path, text)
    except (LabeltreeError, OSError):
        raise
    except Exception as error:  # of many kinds, from other people's code
        raise ConfigError(
            f"this network cannot be written as {to}: {_first_line(error.__cause__ or error)}; "
            "try another format with --to, or use the model folder"
        ) from error


def read(path: Path, to: Name) -> Run:
    """The function that a file holds."""
    return _READERS[to](path)


@contextmanager
def quiet() -> Iterator[None]:
    """What exporters warn of, such as their own old age, helps nobody who runs a command."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _first_line(error: BaseException) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    lines = plain.splitlines() or [type(error).__name__]
    return lines[0][:200]


def _write_onnx(program: ExportedProgram, outputs: tuple[str, ...], path: Path, text: str) -> None:
    try:
        import onnx
        import onnxscript  # noqa: F401  torch.onnx needs it
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"ONNX files need {error.name}: {with_extra('export')}") from None
    with quiet():
        exported = torch.onnx.export(
            program,
            (),
            dynamo=True,
            input_names=[INPUT],
            output_names=list(outputs),
            external_data=False,
            verbose=False,
        )
    assert exported is not None
    model = exported.model_proto
    if model.ByteSize() > ONNX_BYTES:
        raise ConfigError(
            f"the model has {model.ByteSize() / 2**30:.1f} GiB and one ONNX file holds 2; export "
            "it with --to torch"
        )
    graph = model.graph
    del graph.value_info[:], graph.metadata_props[:]
    for node in graph.node:  # says which line of whose code it comes from
        del node.metadata_props[:]
        node.ClearField("doc_string")
    for put in (*graph.input, *graph.output):
        put.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.helper.set_model_props(model, {KEY: text})
    onnx.save(model, str(path))


def describe_onnx(path: Path, text: str) -> None:
    """Replace the metadata of an ONNX file."""
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    onnx.helper.set_model_props(model, {KEY: text})
    onnx.save(model, str(path))


def _read_onnx(path: Path) -> Run:
    exported = load_exported(path)
    return lambda images: tuple(exported.session.run(None, {INPUT: images}))


def _write_torchscript(
    program: ExportedProgram, outputs: tuple[str, ...], path: Path, text: str
) -> None:
    with quiet():
        scripted = torch.jit.script(_plain(program))
        torch.jit.save(scripted, str(path), _extra_files={KEY: text})


def _plain(program: ExportedProgram) -> fx.GraphModule:
    """The steps of a program as torch.jit.script understands them.

    Not torch.jit.trace: what a method asks of the size of a batch would become a constant.
    """
    module = program.module()
    assert isinstance(module, fx.GraphModule)
    graph = module.graph
    for node in list(graph.nodes):
        target = node.target
        if isinstance(target, torch._ops.OpOverload):
            node.target = target.overloadpacket
        if "assert" in str(target) or "guard" in str(target):
            graph.erase_node(node)
    graph.set_codegen(fx.graph.CodeGen())  # plain arguments and results
    return fx.GraphModule(module, graph)


def _read_torchscript(path: Path) -> Run:
    with quiet():
        return _called(torch.jit.load(str(path), map_location="cpu"))


def _write_torch(program: ExportedProgram, outputs: tuple[str, ...], path: Path, text: str) -> None:
    with quiet(), path.open("wb") as file:
        torch.export.save(program, file, extra_files={KEY: text})


def _read_torch(path: Path) -> Run:
    with quiet(), path.open("rb") as file:
        return _called(torch.export.load(file).module())


def _called(module: Callable[[torch.Tensor], Sequence[torch.Tensor]]) -> Run:
    def run(images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        with torch.no_grad():
            return tuple(output.numpy() for output in module(torch.from_numpy(images)))

    return run


_Writer = Callable[[ExportedProgram, tuple[str, ...], Path, str], None]

_WRITERS: dict[Name, _Writer] = {
    "onnx": _write_onnx,
    "torchscript": _write_torchscript,
    "torch": _write_torch,
}
_READERS: dict[Name, Callable[[Path], Run]] = {
    "onnx": _read_onnx,
    "torchscript": _read_torchscript,
    "torch": _read_torch,
}
