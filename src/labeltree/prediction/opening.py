"""Open a trained model by what it is: a model folder or an exported file."""

from __future__ import annotations

import os
from pathlib import Path

from labeltree.data.config import Crops
from labeltree.errors import ConfigError, MissingExtraError, ModelFolderError, with_extra
from labeltree.runtime import Predictor

_CONFIG = "config.json"
_NOT_READ = {".ts": "TorchScript", ".pt2": "torch.export"}
"""Files of `labeltree export` for other programs: torch unpickles parts of them."""


def open_predictor(
    path: Path,
    *,
    crops: Crops | None = None,
    routing: str | None = None,
    known: str | None = None,
    threads: int | None = None,
) -> Predictor:
    """A model that is ready to be asked.

    Args:
        path: a run folder or model folder (PyTorch computes it), or a file that `labeltree export`
            wrote (ONNX Runtime does; no torch is needed).
        crops: other views than those that it was fitted with.
        routing: which experts of a routed model answer.
        known: path of a node that all images are at or below: of a routed model all experts answer
            then.
        threads: of the backend; None is its own choice.

    Raises:
        ModelFolderError: there is no such model, it is damaged, or of a format that is not read.
        ConfigError: an exported file is asked for what is fixed in it; or as `Model.asking`.
        MissingExtraError: what computes it is not installed.
        TaxonomyError: there is no node `known`.
    """
    if path.is_file():
        return _exported(path, crops, routing, known, threads)
    if not path.is_dir():
        raise ModelFolderError(f"{path}: no such model folder or exported file")
    # Told without torch, too, and not only after the seconds that importing it takes.
    if not any((place / _CONFIG).is_file() for place in (path, path / "model")):
        raise ModelFolderError(
            f"{path}: no model here, {_CONFIG} is missing; give the folder that "
            "`labeltree train --out` wrote"
        )
    try:
        import torch

        from labeltree.runs.model_folder import load_model
        from labeltree.runs.torch_predictor import TorchPredictor
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{path}: a model folder needs {error.name}: {with_extra('train')}, or use the file "
            "that `labeltree export` makes of it"
        ) from None
    if threads is not None:
        torch.set_num_threads(threads)
    model = load_model(path)
    if crops is not None:
        model = model.with_crops(crops)
    name = Path(os.path.abspath(path)).name  # noqa: PTH100 (also of `.`, and a link keeps its own)
    told = known is not None and model.taxonomy.find(known) != 0  # at the root, nothing is known
    return TorchPredictor(model.asking(routing, told), name)


def _exported(
    path: Path, crops: Crops | None, routing: str | None, known: str | None, threads: int | None
) -> Predictor:
    if (kind := _NOT_READ.get(path.suffix.lower())) is not None:
        raise ModelFolderError(
            f"{path} is a {kind} file for other programs, which labeltree does not read; give the "
            "model folder, or a file of `labeltree export MODEL --to onnx`"
        )
    from labeltree.runtime.exported import load_exported

    for option, value in (("--crops", crops), ("--routing", routing)):
        if value is not None:
            raise ConfigError(
                f"{option} {value}: what {path.name} looks at and asks was settled when it was "
                f"exported; leave {option} out, or export it again with {option}"
            )
    predictor = load_exported(path, threads)
    if known is not None:
        predictor.check_told(predictor.taxonomy.find(known))
    return predictor
