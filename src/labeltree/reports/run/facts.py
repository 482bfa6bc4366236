"""The scores with their meaning, the configuration and the environment, as tables."""

from __future__ import annotations

from labeltree.reports.charts import Table
from labeltree.reports.costs import cost_rows
from labeltree.reports.facts import Facts, environment_of, facts_of, table_of
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import decimal, known, percent

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
    return facts_of(
        {
            "Data": record.get("data"),
            "Model and training": {**(record.get("model") or {}), **(record.get("training") or {})},
            "Cost": _costs(record.get("cost")),
            "Decoding": record.get("decoding"),
            "Environment": environment_of(record),
        }
    )


def _costs(cost: Json | None) -> Json:
    """Each figure with what to know about it."""
    return {
        row.name: f"{row.value} ({row.note})" if row.note else row.value for row in cost_rows(cost)
    }


def recipe_table(run: RunFolder) -> Table | None:
    """The resolved configuration, a row per key."""
    return table_of(run.record.get("recipe"))
