"""Parts of a page that are no figures: single numbers, and tables of settings and circumstances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labeltree.reports.charts import Table
from labeltree.reports.record import Json
from labeltree.reports.words import compact, count


@dataclass(frozen=True)
class KeyNumber:
    """A number, what it is, and what to hold it against."""

    value: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """A table with its heading."""

    title: str
    table: Table


def facts_of(parts: Mapping[str, Any]) -> list[Facts]:
    """A table per heading; parts that are empty or no mapping are left out."""
    return [Facts(name, table) for name, part in parts.items() if (table := table_of(part))]


def environment_of(record: Json) -> Json:
    """With what, when and on what a record was made."""
    made = {key: record.get(key) for key in ("labeltree", "commit", "date") if record.get(key)}
    return made | (record.get("hardware") or {})


def table_of(part: Any) -> Table | None:
    """A row per key of a mapping; None where there is none."""
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
