"""The scores with their meaning, the configuration and the environment, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labeltree.reports.charts import Table
from labeltree.reports.run_folder import Json, RunFolder
from labeltree.reports.words import compact, count, decimal, known, percent

# key in a record: name, meaning, whether it is a share
SCORES = {
    "fpa": ("full-path accuracy (FPA)", "images right at every level at once", True),
    "tice": ("inconsistency (TICE)", "images whose levels' answers are not on one path", True),
    "ahd@1": (
        "hierarchical distance (AHD@1)",
        "levels between the classes and the label that holds both answer and truth; 0 if right",
        False,
    ),
    "ahd@5": ("AHD@5", "the same for the five most probable classes", False),
    "mistake_severity": ("mistake severity", "AHD@1 of the mistakes alone", False),
    "hierarchical_precision": (
        "hierarchical precision",
        "answered labels, with those above, that are true",
        True,
    ),
    "hierarchical_recall": (
        "hierarchical recall",
        "true labels, with those above, that are answered",
        True,
    ),
    "hierarchical_f1": ("hierarchical F1", "harmonic mean of the two", True),
    "ece": ("calibration error (ECE)", "gap between confidence and accuracy, mean", True),
}


@dataclass(frozen=True)
class Facts:
    """A table with its heading."""

    title: str
    table: Table


def score_table(run: RunFolder) -> Table | None:
    """Every score but those per level, with what it is; also before decoding if that was kept."""
    columns = {run.split: run.scores}
    if before := run.record.get(f"{run.split}_before_decoding"):
        columns["before decoding"] = before
    rows = tuple(
        (name, meaning, *(_score(values.get(key), share) for values in columns.values()))
        for key, (name, meaning, share) in SCORES.items()
        if known(run.scores.get(key))
    )
    return Table(("score", "meaning", *columns), rows, 2) if rows else None


def _score(value: float | None, share: bool) -> str:
    return percent(value) if share else decimal(value)


def fact_tables(run: RunFolder) -> list[Facts]:
    """What was run on what: the parts of the record that are there."""
    record = run.record
    parts = {
        "Data": record.get("data"),
        "Model and training": {**(record.get("model") or {}), **(record.get("training") or {})},
        "Decoding": record.get("decoding"),
        "Environment": {
            key: record.get(key) for key in ("labeltree", "commit", "date") if record.get(key)
        }
        | (record.get("hardware") or {}),
    }
    return [Facts(name, table) for name, part in parts.items() if (table := _table(part))]


def recipe_table(run: RunFolder) -> Table | None:
    """The resolved configuration, a row per key."""
    return _table(run.record.get("recipe"))


def _table(part: Json | None) -> Table | None:
    rows = tuple(flat_rows(part)) if isinstance(part, dict) else ()
    return Table((), rows, 2) if rows else None


def flat_rows(part: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys of a nested configuration, dotted, with their values in words."""
    for key, value in part.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from flat_rows(value, f"{name}.")
        else:
            yield name, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int):
        return count(value)
    if isinstance(value, float):
        return compact(value) if abs(value) < 1000 else count(value)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one) for one in value) or "none"
    return str(value)
