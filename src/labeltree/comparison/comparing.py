"""The parts of a record that compare runs, and the files beside it.

```
curves.csv                           a row per run and epoch
confusion_<dataset>_<model>.csv      images by label (rows) and answer; of the lowest seed
misclassified_<dataset>_<model>.csv  its wrong answers, the surest first
examples/<dataset>_<model>/          thumbnails of some of them
```
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labeltree.comparison.choices import choice_of
from labeltree.comparison.conclusions import conclusions
from labeltree.comparison.confusion_files import write_confusion
from labeltree.comparison.curves import CURVES, curves_of, write_curves
from labeltree.comparison.data_sets import DataSet, data_sets
from labeltree.comparison.entries import Entry
from labeltree.comparison.file_names import file_names
from labeltree.comparison.mistake_files import write_mistakes
from labeltree.comparison.pairs import compare_pairs
from labeltree.comparison.tables import tables
from labeltree.reports.examples import EXAMPLES
from labeltree.runs.results import PER_PAIR

_MATRIX, _MISTAKES = "confusion", "misclassified"


def compared(entries: Sequence[Entry], out: Path) -> dict[str, Any]:
    """Compare runs.

    Args:
        entries: at least one; those of one data set have the same taxonomy.
        out: a folder that exists, for the files; those of an earlier comparison go.

    Returns:
        `conclusions`, `rows`, `curves`, `tests`, `choices`, `matrices`, `mistakes`, `tables`; see
        docs/formats.md.
    """
    sets = data_sets(entries)
    tests = {data.name: compare_pairs(data) for data in sets}
    choices = {data.name: choice_of(data, tests[data.name]) for data in sets}
    all_tests = [test for of_one in tests.values() for test in of_one]
    curves = [epoch for data in sets for entry in data.entries for epoch in curves_of(entry)]
    remove_earlier(out)
    write_curves(out / CURVES, curves)
    return {
        "conclusions": [
            sentence
            for data in sets
            for sentence in conclusions(data, tests[data.name], choices[data.name])
        ],
        "rows": [row for data in sets for row in data.rows],
        "curves": curves,
        "tests": all_tests,
        "choices": list(choices.values()),
        **_files(sets, out),
        "tables": tables(sets, all_tests),
    }


def remove_earlier(out: Path) -> None:
    """Of models that are no longer compared nothing is left in `out`."""
    for pattern in (f"{_MATRIX}_*.csv", f"{_MISTAKES}_*.csv"):
        for path in out.glob(pattern):
            path.unlink()
    shutil.rmtree(out / EXAMPLES, ignore_errors=True)


def _files(sets: Sequence[DataSet], out: Path) -> dict[str, Any]:
    """Confusion matrices and mistakes of each model's run of the lowest seed."""
    shown = [next(iter(runs.values())) for data in sets for runs in data.models.values()]
    matrices, mistakes = [], []
    names = file_names([(entry.dataset, entry.model) for entry in shown])
    for entry, name in zip(shown, names, strict=True):
        found = entry.predictions
        whose = {"dataset": entry.dataset, "model": entry.model, "seed": entry.seed}
        matrix, table = out / f"{_MATRIX}_{name}.csv", out / f"{_MISTAKES}_{name}.csv"
        images = write_confusion(matrix, found.taxonomy, found.targets, found.answers)
        pictures = write_mistakes(table, found, entry.run, out / EXAMPLES / name)
        matrices.append({**whose, "file": matrix.name, "images": images})
        mistakes.append({**whose, "file": table.name, "pictures": pictures, "per_pair": PER_PAIR})
    return {"matrices": matrices, "mistakes": mistakes}
