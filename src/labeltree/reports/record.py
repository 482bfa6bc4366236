"""`record.json`: the file that every report begins with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labeltree.errors import ModelFolderError

Json = dict[str, Any]

RECORD, FORMAT = "record.json", 1


def read_record(folder: Path) -> Json:
    """Read the record in the folder of a run or a study.

    Raises:
        ModelFolderError: there is none, it is damaged, or a newer labeltree wrote it.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        raise ModelFolderError(
            f"{path} does not exist: a report needs the folder of a finished run, study or "
            "comparison, made by 'labeltree train', 'labeltree evaluate', 'labeltree study' or "
            "'labeltree compare'"
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelFolderError(f"{path} is damaged ({error}): run again what made it") from None
    if not isinstance(record, dict):
        raise ModelFolderError(f"{path} holds no record: run again what made it")
    if (found := record.get("format", FORMAT)) != FORMAT:
        raise ModelFolderError(
            f"{path} has format {found!r}; expected {FORMAT}: use the labeltree that wrote it, or "
            "a newer one"
        )
    return record
