"""An exported file as a `Predictor`, computed by ONNX Runtime: no torch, no ONNX package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeltree.decoding import Decoder, SetDecoder
from labeltree.decoding.blocks import num_threads
from labeltree.errors import ConfigError, MissingExtraError, ModelFolderError, with_extra
from labeltree.runtime.metadata import KEY, ExportMetadata
from labeltree.runtime.onnx_file import read_metadata
from labeltree.runtime.predictor import Predicted
from labeltree.runtime.preprocessing import Preprocessing
from labeltree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

INPUT, PROBABILITIES, PRESENCE = "images", "probabilities", "presence"

_ADDS_UP = 1e-3  # parents and the sums of their children may differ by rounding, also that of int8


@dataclass(frozen=True, eq=False)
class ExportedModel:
    """See `labeltree.runtime.Predictor`; safe to call from several threads.

    Attributes:
        name: of the file.
        metadata: all that it tells of itself.
    """

    name: str
    metadata: ExportMetadata
    taxonomy: Taxonomy
    decoder: Decoder
    sets: SetDecoder | None
    session: InferenceSession
    backend: str = "onnxruntime"

    @property
    def preprocessing(self) -> Preprocessing:
        """What the network looks at."""
        return self.metadata.preprocessing

    @property
    def fitted_with(self) -> str:
        """What the decoder's promise holds for, if not for the answers that are given."""
        return self.metadata.fitted_with

    def check_told(self, node: int) -> None:
        """Make sure that no expert is left out below a node that is known.

        Args:
            node: number of the node; at the root, nothing is known.

        Raises:
            ConfigError: some are.
        """
        routing = self.metadata.routing
        if node and routing not in (None, "soft"):
            raise ConfigError(
                f"{self.name} asks {routing} experts, which leaves out some that a known label may "
                "need; export the model again with --routing soft"
            )

    def __call__(self, views: NDArray[np.uint8]) -> Predicted:
        """See `labeltree.runtime.Predictor`.

        Raises:
            ModelFolderError: what the file computes does not have the shape that it promised.
        """
        images = views[:, 0] if self.preprocessing.crops == "one" else views
        names = [PROBABILITIES] if self.sets is None else [PROBABILITIES, PRESENCE]
        said = self.session.run(names, {INPUT: np.ascontiguousarray(images)})
        tree = self.taxonomy
        for name, values, width in zip(names, said, (len(tree), tree.num_leaves), strict=False):
            if values.shape != (len(views), width) or values.dtype != np.float32:
                raise _damaged(self.name, f"{name} has shape {values.shape}")
        return Predicted(*said)


def load_exported(path: Path, threads: int | None = None) -> ExportedModel:
    """Read a file that `labeltree export --to onnx` wrote; ready to predict, on the CPU.

    Nothing but this file is read, and one blank image is looked at, so that a file that is damaged
    or was tampered with is refused here and not later.

    Args:
        path: the file.
        threads: for the work within a batch; None is `OMP_NUM_THREADS`, else all cores at hand.

    Raises:
        ModelFolderError: damaged, or not such a file.
        MissingExtraError: ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise MissingExtraError(
            f"{path.name} needs ONNX Runtime: {with_extra('runtime')}"
        ) from None
    try:
        file = path.read_bytes()
    except OSError as error:
        raise ModelFolderError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        metadata = _read(file)
        tree, decoder = metadata.tree(), Decoder.from_dict(metadata.decoding)
        sets = metadata.decoding.get("label_sets")
        sets = None if sets is None else SetDecoder.from_dict(tree, sets)
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(path, error) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or num_threads()
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take the cores from decoding and from HTTP.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what matters is raised, too
    options.add_session_config_entry("session.load_model_format", "ONNX")  # whatever it looks like
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # of many classes that share no base
        raise _damaged(path, error) from None
    model = ExportedModel(path.name, metadata, tree, decoder, sets, session)
    _check(path, model)
    return model


def _read(file: bytes) -> ExportMetadata:
    found = read_metadata(file)
    if KEY not in found:
        raise ValueError("it tells nothing of a label tree")
    stored = json.loads(found[KEY])
    if not isinstance(stored, dict):
        raise ValueError("its metadata are no JSON object")
    return ExportMetadata(**stored)


def _check(path: Path, model: ExportedModel) -> None:
    """Raise ModelFolderError unless the graph is one for this tree."""
    shape, tree = model.preprocessing, model.taxonomy
    side = shape.image_size
    views = () if shape.crops == "one" else (shape.num_views,)
    inputs = {put.name: (put.type, tuple(put.shape[1:])) for put in model.session.get_inputs()}
    if inputs != {INPUT: ("tensor(uint8)", (*views, side, side, 3))}:
        raise _damaged(path, f"its inputs are {inputs}")
    widths = {PROBABILITIES: (len(tree),)}
    if model.sets is not None:
        widths[PRESENCE] = (tree.num_leaves,)
    outputs = {put.name: tuple(put.shape[1:]) for put in model.session.get_outputs()}
    if outputs != widths:
        raise _damaged(path, f"its outputs are {outputs}, its taxonomy needs {widths}")
    try:
        said = model(np.zeros((1, shape.num_views, side, side, 3), np.uint8))
    except Exception as error:  # whatever ONNX Runtime raises; ours are passed on
        raise (error if isinstance(error, ModelFolderError) else _damaged(path, error)) from None
    if not all(np.isfinite(values).all() for values in said if values is not None):
        raise _damaged(path, "some weights are not numbers")
    summed = tree.roll_up(said.probabilities[:, tree.leaves])
    if abs(summed - said.probabilities).max() > _ADDS_UP or abs(summed[0, 0] - 1) > _ADDS_UP:
        raise _damaged(path, "its probabilities do not add up along its taxonomy")


def _damaged(file: Path | str, error: Exception | str) -> ModelFolderError:
    reason = " ".join(str(error).split())
    return ModelFolderError(
        f"{file}: damaged or not from `labeltree export` ({reason[:200]}); export the model again"
    )
