"""Which runs are meant: run folders, and studies that stand for their members."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from labeltree.errors import ConfigError, ModelFolderError
from labeltree.reports.record import read_record
from labeltree.reports.run.folder import RunFolder, read_run_folder
from labeltree.runs.results import PREDICTIONS, RECORD, TAXONOMY

_EXPECTED = (
    "expected the folder of a finished run, made by 'labeltree train', 'labeltree extend' or "
    "'labeltree evaluate --out', or of a study"
)

METRICS = "metrics.csv"
_AGAIN = "run again what made it"
_SHOWN = 4


def run_folders(folders: Sequence[Path]) -> list[Path]:
    """The run folders that are meant, a study's members in its place.

    Raises:
        ModelFolderError: not the folder of a finished run or study.
        ConfigError: no run, or one run twice.
    """
    found = [run for folder in folders for run in _runs_of(Path(folder))]
    if not found:
        raise ConfigError(f"nothing to compare: {_EXPECTED}")
    seen: dict[Path, Path] = {}
    for run in found:
        if run.resolve() in seen:
            raise ConfigError(f"{run} is given twice; a run cannot be compared with itself")
        seen[run.resolve()] = run
    return found


def read_run(folder: Path) -> RunFolder:
    """Read a run folder that holds answers.

    Raises:
        ModelFolderError: it is none, it is damaged, or nothing in it can be compared.
    """
    _check_run(folder)
    run = read_run_folder(folder)
    _check_epochs(folder / METRICS)
    kind = run.record.get("kind", "train")
    if kind not in ("train", "evaluate"):
        raise ModelFolderError(f"{folder} holds a record of kind {kind!r}; {_EXPECTED}")
    for name in (TAXONOMY, PREDICTIONS):
        if not (folder / name).is_file():
            raise ModelFolderError(
                f"{folder / name} is missing, without which a run cannot be compared; measure the "
                "model again: labeltree evaluate MODEL DATA --out FOLDER"
            )
    if run.taxonomy is None or run.predictions is None:
        raise ModelFolderError(
            f"{folder / PREDICTIONS} holds no answer: the run had no test images; measure the "
            "model on some: labeltree evaluate MODEL DATA --out FOLDER"
        )
    several = (run.record.get("model") or {}).get("method") == "multilabel"
    if several and not run.taxonomy.is_leaf[run.predictions.targets].any():
        raise ModelFolderError(
            f"{folder}: none of its test images shows one class alone, so that no single answer "
            "is right or wrong; its own report tells how well label sets are found"
        )
    return run


def _runs_of(folder: Path) -> Iterable[Path]:
    _check_run(folder)
    record = read_record(folder)
    if record.get("kind") != "study":
        return [folder]
    members = record.get("members")
    members = members if isinstance(members, list) else []
    names = [one.get("folder") for one in members if isinstance(one, dict)]
    found = [folder / name for name in names if isinstance(name, str)]
    if not found or len(found) < len(members):
        raise ModelFolderError(
            f"{folder / RECORD} does not tell the folders of its members; run the study again "
            "with --resume: what it trained is kept"
        )
    return found


def _check_epochs(path: Path) -> None:
    """Raise ModelFolderError at the first line of `metrics.csv` that is no row of numbers.

    A report shows what it can of such a table; here its last row is the result of a training.
    """
    if not path.is_file():
        return
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        head = next(rows, [])
        if head and "epoch" not in head:
            raise ModelFolderError(f"{path} line 1 is damaged: no column 'epoch'; {_AGAIN}")
        for cells in filter(None, rows):
            if len(cells) != len(head) or not all(map(_is_number, cells)):
                raise ModelFolderError(
                    f"{path} line {rows.line_num} is damaged: expected {len(head)} numbers, got "
                    f"{', '.join(map(repr, cells[:_SHOWN]))}{', …' * (len(cells) > _SHOWN)}; "
                    f"{_AGAIN}"
                )
            if not math.isfinite(float(cells[head.index("epoch")] or "nan")):
                raise ModelFolderError(
                    f"{path} line {rows.line_num} is damaged: it tells no epoch; {_AGAIN}"
                )


def _is_number(cell: str) -> bool:
    """Whether a cell is one; NaN and an empty one are what was not measured."""
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def _check_run(folder: Path) -> None:
    """Raise ModelFolderError for what cannot be a run, in the words that help most."""
    if not folder.is_dir():
        raise ModelFolderError(f"{folder} is no folder; {_EXPECTED}")
    if (folder / RECORD).is_file():
        return
    if (folder / "config.json").is_file():
        above = folder.resolve().parent
        run = f"give {above}, or " if (above / RECORD).is_file() else ""
        raise ModelFolderError(
            f"{folder} is a model folder, which holds no answers; {run}measure the model: "
            f"labeltree evaluate {folder} DATA --out FOLDER"
        )
    if (folder / "members").is_dir():
        raise ModelFolderError(
            f"{folder} holds a study that is not finished; go on with it with --resume"
        )
    raise ModelFolderError(f"{folder} has no {RECORD}; {_EXPECTED}")
