"""`labeltree compare`: a folder with the comparison of runs.

```
comparison/
  record.json        the figures, also in words
  curves.csv, confusion_*.csv, misclassified_*.csv, examples/   see `comparing`
  report.html, figures/, tables.md   the page
```
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from labeltree.comparison.comparing import compared, remove_earlier
from labeltree.comparison.entries import Entry
from labeltree.comparison.reading import read_entries
from labeltree.errors import ConfigError
from labeltree.reports.words import listed, plural, printable
from labeltree.runs.claiming import claim_folder
from labeltree.runs.environment import environment
from labeltree.runs.results import RECORD
from labeltree.runs.telling import tell
from labeltree.writing import write_text

KIND = "comparison"
_PAGE = ("report.html", "figures", "tables.md")  # of the record that goes
_NAMED = 4  # models or data sets in a title


def run_compare(
    folders: Sequence[Path],
    out: Path,
    *,
    mapping: Path | None = None,
    apart: bool = False,
    overwrite: bool = False,
    console: Console | None = None,
) -> dict[str, Any]:
    """Compare runs and write `record.json` and the files beside it into `out`.

    Args:
        folders: of runs; a study stands for its members.
        out: the folder of the comparison.
        mapping: a table from the labels of other runs to those of the first.
        apart: show runs with other labels as another data set.
        overwrite: replace a comparison that `out` holds; other files there stay.
        console: where to tell what happens; None is silent.

    Returns:
        The record.

    Raises:
        LabeltreeError: whatever the user can mend; see `read_entries`.
    """
    console = console or Console(quiet=True)
    claim_folder(out, KIND, overwrite)
    entries = read_entries(folders, mapping, apart)
    for path in [*(entry.run.path for entry in entries), *([mapping] if mapping else [])]:
        if path.resolve().is_relative_to(out.resolve()):
            raise ConfigError(
                f"{path} lies in {out}, where the comparison goes; choose another --out"
            )
    tell(console, "runs", _told(entries))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".comparison-") as unfinished:
        record = _written(entries, Path(unfinished), mapping)
        _replace(out, Path(unfinished))
    return record


def _written(entries: Sequence[Entry], out: Path, mapping: Path | None) -> dict[str, Any]:
    """The record, written with the files beside it into a folder that exists."""
    record = {
        "format": 1,
        "kind": KIND,
        "name": KIND,
        "title": _title(entries),
        **environment(),
        "settings": {
            "runs": ", ".join(printable(str(entry.run.path)) for entry in entries),
            **({"labels mapped by": printable(str(mapping))} if mapping is not None else {}),
        },
        **compared(entries, out),
    }
    write_text(
        out / RECORD, json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    )
    return record


def _replace(out: Path, new: Path) -> None:
    """Put a comparison in the place of an earlier one; what is not of comparisons stays."""
    out.mkdir(exist_ok=True)
    remove_earlier(out)
    for name in _PAGE:
        _remove(out / name)
    # The record last, so that it stands for the whole.
    for path in sorted(new.iterdir(), key=lambda path: path.name == RECORD):
        path.replace(out / path.name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _told(entries: Sequence[Entry]) -> str:
    models = {(entry.dataset, entry.model) for entry in entries}
    return (
        f"{plural(len(entries), 'run')} of {plural(len(models), 'model')} on "
        f"{_some([entry.dataset for entry in entries])}"
    )


def _title(entries: Sequence[Entry]) -> str:
    """What is compared, on what."""
    models = _some([entry.model for entry in entries])
    return f"{models} on {_some([entry.dataset for entry in entries])}"


def _some(names: Sequence[str]) -> str:
    """Each name once; of many the first few."""
    once = list(dict.fromkeys(names))
    more = len(once) - _NAMED
    return listed([*once[:_NAMED], f"{more:,} more"] if more > 0 else once)
