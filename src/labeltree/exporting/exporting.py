"""From a model folder to one file."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import Console

import labeltree
from labeltree.data.config import Crops
from labeltree.errors import ConfigError, ModelFolderError, OutputExistsError
from labeltree.exporting import parity
from labeltree.exporting.formats import program_of, read, write
from labeltree.exporting.graph import Graph
from labeltree.exporting.int8 import Calibration, make_int8
from labeltree.exporting.names import FORMATS, Name, format_of
from labeltree.runs.extensions import model_place
from labeltree.runs.model_folder import WEIGHTS, Model, load_model
from labeltree.runs.telling import tell
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runtime.metadata import ExportMetadata, StoredTaxonomy, fingerprint
from labeltree.writing import whole_file


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: of the file.
        to: its format.
        metadata: what it tells of itself.
        difference: the largest between a probability of the float32 file and PyTorch's.
    """

    path: Path
    to: Name
    metadata: ExportMetadata
    difference: float


def export_model(
    folder: Path,
    out: Path | None = None,
    *,
    to: Name | None = None,
    crops: Crops | None = None,
    routing: str | None = None,
    int8: Calibration | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> Exported:
    """Write a model as one file that gives calibrated node probabilities of uint8 images.

    The file is compared with PyTorch on several batches before it takes its name.

    Args:
        folder: a run folder or the model folder in it.
        out: the file; its folder is made. None is the model's name with the format's suffix, in
            the working directory.
        to: a key of `FORMATS`; None is told by the ending of `out`, and is `onnx` without one.
        crops: the views to average over; None are those that the decoder was fitted with.
        routing: which experts of a routed model answer; None are those that it was trained to ask.
        int8: images to calibrate 8-bit arithmetic with; None leaves float32. Only for ONNX.
        overwrite: replace a file.
        console: where to tell what happens; None is silent.

    Raises:
        ConfigError: unknown format, a name that ends as files of another one do, options that do
            not fit, a network that the format cannot hold, or a file that differs from PyTorch by
            more than 1e-4.
        OutputExistsError: `out` is there, and `overwrite` is not set.
        LabeltreeError: whatever else the user can mend.
    """
    console = console or Console(quiet=True)
    to = format_of(to, out)
    if int8 is not None and to != "onnx":
        raise ConfigError(f"int8 is for ONNX files, not for {to}: leave it out, or choose onnx")
    out = out or Path(f"{_name(folder)}{FORMATS[to].suffix}")
    _check_free(out, overwrite)
    model = load_model(folder)
    if crops is not None:
        model = model.with_crops(crops)
    model = model.asking(routing, told=False)
    metadata = _metadata(model, folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(out) as unfinished:
        difference = _write_float32(model, folder, unfinished, to, metadata)
        if int8 is not None:
            metadata = make_int8(unfinished, metadata, folder, int8, console)
    before = "" if int8 is None else " before int8"
    tell(console, "parity", f"probabilities differ from PyTorch's by {difference:.1g}{before}")
    return Exported(out, to, metadata, difference)


def _write_float32(
    model: Model, folder: Path, path: Path, to: Name, metadata: ExportMetadata
) -> float:
    shape = model.preprocessing
    images = parity.batches(folder, shape)
    graph = Graph(model)
    said = parity.expected(TorchPredictor(model), images)
    views = () if shape.crops == "one" else (shape.num_views,)
    example = np.zeros((2, *views, shape.image_size, shape.image_size, 3), np.uint8)
    program = program_of(graph, example)
    write(program, graph.outputs, to, path, metadata.model_dump_json())
    difference = parity.largest_difference(read(path, to), shape, images, said)
    parity.check(difference, to)
    return difference


def _metadata(model: Model, folder: Path) -> ExportMetadata:
    tree = model.taxonomy
    sets = {} if model.sets is None else {"label_sets": model.sets.to_dict()}
    return ExportMetadata(
        format=1,
        name=_name(folder),
        taxonomy=StoredTaxonomy.of(tree),
        nodes=tree.paths,
        labels=tuple(tree.paths[leaf] for leaf in tree.leaves),
        preprocessing=model.preprocessing,
        decoding=model.decoder.to_dict() | sets,
        precision="float32",
        routing=model.routing,
        fitted_with=f"with {model.fitted_routing} routing" if model.fitted_routing else "",
        weights=fingerprint(model_place(folder) / WEIGHTS),
        versions={"labeltree": labeltree.__version__, "torch": version("torch")},
    )


def _name(folder: Path) -> str:
    """That of the run rather than `model`."""
    folder = folder.resolve()
    return folder.parent.name if folder.name == "model" and folder.parent.name else folder.name


def _check_free(out: Path, overwrite: bool) -> None:
    if out.is_dir():
        raise ModelFolderError(f"{out} is a folder; give the name of a file with --out")
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} is there already; add --overwrite or choose another --out")
