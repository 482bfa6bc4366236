"""Which library computes the model that is served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from labeltree.data.config import Crops
from labeltree.errors import (
    ConfigError,
    LabeltreeError,
    MissingExtraError,
    ModelFolderError,
    suggestion,
    with_extra,
)
from labeltree.prediction import open_predictor
from labeltree.runtime import Predictor

BACKENDS = ("auto", "pytorch", "onnxruntime")
_EXPORTING = ("onnx", "onnxscript", "onnxruntime")


@dataclass(frozen=True)
class Backend:
    """What computes the model that is served; every process opens its own.

    Attributes:
        path: a run folder, a model folder, or a file that `labeltree export` wrote.
        name: what the model is called; None is its own choice.
        crops: see `open_predictor`.
        routing: likewise.
    """

    path: Path
    name: str | None = None
    crops: Crops | None = None
    routing: str | None = None

    def open(self, threads: int | None = None) -> Predictor:
        """The model, ready to be asked; raises what `open_predictor` does."""
        found = open_predictor(self.path, crops=self.crops, routing=self.routing, threads=threads)
        return found if self.name is None else replace(found, name=self.name)  # type: ignore[type-var]


def choose_backend(
    path: Path,
    backend: str,
    folder: Path,
    *,
    crops: Crops | None = None,
    routing: str | None = None,
    say: Callable[[str], None] = print,
) -> Backend:
    """Settle which library serves a model.

    Args:
        path: a run folder, a model folder, or a file that `labeltree export` wrote.
        backend: one of `BACKENDS`. `onnxruntime` exports a model folder; `auto` does so if all
            that it takes is installed, the model allows it, and it asks all of its experts: an
            exported file always computes all of them.
        folder: takes the exported file; has to be there for as long as the backend is opened.
        crops: see `open_predictor`.
        routing: likewise.
        say: told why `auto` did not take ONNX Runtime.

    Raises:
        ConfigError: no such backend, or an exported file and PyTorch.
        MissingExtraError: what the backend needs is not installed.
        LabeltreeError: as `export_model`.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"unknown backend {backend!r}; {suggestion(backend, BACKENDS)}")
    as_it_is = Backend(path, None, crops, routing)
    if not path.is_dir():
        if backend == "pytorch":
            raise ConfigError(f"{path}: PyTorch serves model folders; leave --backend out")
        return as_it_is
    missing = [name for name in _EXPORTING if find_spec(name) is None]
    some = backend == "auto" and _asks_some(path, routing)
    if backend == "pytorch" or some or (backend == "auto" and missing):
        if some and not missing:
            say("PyTorch serves this model: exported, it would compute the experts it does not ask")
        return as_it_is
    if missing:
        raise MissingExtraError(f"--backend onnxruntime needs {missing[0]}: {with_extra('export')}")
    try:
        file = _export(path, folder, {"crops": crops, "routing": routing})
    except LabeltreeError as error:
        if backend == "onnxruntime":
            raise
        say(f"PyTorch serves this model, since it cannot be exported: {error}")
        return as_it_is
    return Backend(file, Path(os.path.abspath(path)).name)  # noqa: PTH100 (see open_predictor)


def _asks_some(path: Path, routing: str | None) -> bool:
    """Whether a model leaves out experts; a folder that cannot be read is others' to tell."""
    if routing is None:
        place = path / "model" if (path / "model").is_dir() else path
        try:
            config = json.loads((place / "config.json").read_text(encoding="utf-8"))
            routing = config["architecture"].get("method_options", {}).get("routing")
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
    return routing not in (None, "soft")


def _export(path: Path, folder: Path, asked: dict[str, str | None]) -> Path:
    """By a process of its own: this one needs neither PyTorch nor its memory."""
    file = folder / "model.onnx"
    command = [sys.executable, "-m", "labeltree", "export", str(path), "--out", str(file)]
    for option, value in asked.items():
        command += [] if value is None else [f"--{option}", value]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        reason = lines[-1].removeprefix("error: ") if lines else done.stderr.strip()[-200:]
        raise ModelFolderError(reason or f"{path}: the export ended with {done.returncode}")
    return file
