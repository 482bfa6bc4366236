"""Which library computes the model that is served."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from labeltree.data.config import Crops
from labeltree.errors import (
    ConfigError,
    LabeltreeError,
    MissingExtraError,
    ModelFolderError,
    suggestion,
)
from labeltree.prediction import open_predictor
from labeltree.runtime import Predictor

BACKENDS = ("auto", "pytorch", "onnxruntime")
_EXPORTING = ("onnx", "onnxscript", "onnxruntime")


def open_backend(
    path: Path,
    backend: str = "auto",
    *,
    crops: Crops | None = None,
    routing: str | None = None,
    threads: int | None = None,
    say: Callable[[str], None] = print,
) -> Predictor:
    """A model that is ready to be served.

    Args:
        path: a run folder, a model folder, or a file that `labeltree export` wrote.
        backend: one of `BACKENDS`. `onnxruntime` exports a model folder to a file that is gone
            once it is loaded; `auto` does so if all that it takes is installed, the model allows
            it, and it asks all of its experts: an exported file always computes all of them.
        crops: see `open_predictor`.
        routing: likewise.
        threads: likewise.
        say: told why `auto` did not take ONNX Runtime.

    Raises:
        ConfigError: no such backend, or an exported file and PyTorch.
        MissingExtraError: what the backend needs is not installed.
        LabeltreeError: as `open_predictor` and `export_model`.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"unknown backend {backend!r}; {suggestion(backend, BACKENDS)}")
    asked: dict[str, Any] = {"crops": crops, "routing": routing}
    if not path.is_dir():
        if backend == "pytorch":
            raise ConfigError(f"{path}: PyTorch serves model folders; leave --backend out")
        return open_predictor(path, threads=threads, **asked)
    missing = [name for name in _EXPORTING if find_spec(name) is None]
    some = backend == "auto" and _asks_some(path, routing)
    if backend == "pytorch" or some or (backend == "auto" and missing):
        if some and not missing:
            say("PyTorch serves this model: exported, it would compute the experts it does not ask")
        return open_predictor(path, threads=threads, **asked)
    if missing:
        raise MissingExtraError(
            f"--backend onnxruntime needs {missing[0]}: pip install 'labeltree[export]'"
        )
    try:
        return _exported(path, threads, asked)
    except LabeltreeError as error:
        if backend == "onnxruntime":
            raise
        predictor = open_predictor(path, threads=threads, **asked)
        say(f"PyTorch serves this model, since it cannot be exported: {error}")
        return predictor


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


def _exported(path: Path, threads: int | None, asked: dict[str, str | None]) -> Predictor:
    """Exported by a process of its own: this one needs neither PyTorch nor its memory."""
    from labeltree.runtime.exported import load_exported

    with tempfile.TemporaryDirectory(prefix="labeltree-") as folder:
        file = Path(folder) / "model.onnx"
        command = [sys.executable, "-m", "labeltree", "export", str(path), "--out", str(file)]
        for option, value in asked.items():
            command += [] if value is None else [f"--{option}", value]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
            reason = lines[-1].removeprefix("error: ") if lines else done.stderr.strip()[-200:]
            raise ModelFolderError(reason or f"{path}: the export ended with {done.returncode}")
        return replace(load_exported(file, threads), name=path.name)
