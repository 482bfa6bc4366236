"""Records beside each other as a Markdown table: a row per method, its seeds taken together."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator

from labeltree.reports.facts import flat_rows
from labeltree.reports.markdown import table_lines
from labeltree.reports.record import Json
from labeltree.reports.run.folder import split_shown
from labeltree.reports.words import MISSING, count, known, large

Read = Callable[[Json], float | None]


def markdown_table(records: list[Json]) -> str:
    """A row per configuration; mean ± standard deviation over runs that differ only in the seed.

    Accuracies and shares are percentages. A column that no record fills is left out.

    Args:
        records: contents of `record.json` files, in the order wanted.
    """
    groups: dict[str, list[Json]] = {}
    for record in records:
        groups.setdefault(_configuration(record), []).append(record)
    columns: dict[str, list[str]] = {}
    for number, group in enumerate(groups.values()):
        for head, cell in _cells(group):
            columns.setdefault(head, [MISSING] * len(groups))[number] = cell
    filled = {head: cells for head, cells in columns.items() if set(cells) != {MISSING}}
    lines = table_lines(list(filled), zip(*filled.values(), strict=True), text_columns=2)
    return "".join(f"{line}\n" for line in lines)


def _configuration(record: Json) -> str:
    """All that the record says of the configuration but its seeds."""
    recipe = flat_rows(record.get("recipe") or {})
    settings = [row for row in recipe if not row[0].endswith("seed")]
    data, model = record.get("data") or {}, record.get("model") or {}
    return json.dumps([data.get("source"), model, _epochs(record), settings], default=str)


def _cells(group: list[Json]) -> Iterator[tuple[str, str]]:
    """Column names with one row's cells."""
    first = group[0]
    model, recipe = first.get("model") or {}, first.get("recipe") or {}
    options = ", ".join(
        f"{k.replace('_', ' ')} {v}" for k, v in (recipe.get("method_options") or {}).items()
    )
    yield "method", f"{model.get('method', MISSING)}{f' ({options})' if options else ''}"
    yield "network", str(model.get("backbone") or MISSING)
    yield "parameters", count(model.get("parameters"))
    yield "multiply–adds", large(_cost("macs")(first))
    yield "epochs", count(_epochs(first))
    yield "runs", str(len(group))
    for depth, level in enumerate(_scores(first).get("levels") or []):
        yield f"{level.get('level', depth + 1)} top-1 %", _mean(group, _level(depth), 100)
    for depth, level in enumerate(_scores(first).get("levels") or []):
        name = f"{level.get('level', depth + 1)} at best α %"
        yield name, _mean(group, _at_best_alpha(depth), 100)
    yield "FPA %", _mean(group, _score("fpa"), 100)
    yield "TICE %", _mean(group, _score("tice"), 100)
    yield "AHD@1", _mean(group, _score("ahd@1"), 1, 3)
    yield "ECE %", _mean(group, _score("ece"), 100)
    yield "images/s", _mean(group, _cost("images_per_second"), 1, 0)
    yield "minutes", _mean(group, lambda r: (r.get("training") or {}).get("seconds"), 1 / 60)


def _scores(record: Json) -> Json:
    return record.get(split_shown(record)) or {}


def _epochs(record: Json) -> float | None:
    epochs: float | None = (record.get("training") or {}).get("epochs")
    return epochs


def _score(key: str) -> Read:
    return lambda record: _scores(record).get(key)


def _cost(key: str) -> Read:
    return lambda record: (record.get("cost") or {}).get(key)


def _level(depth: int) -> Read:
    def read(record: Json) -> float | None:
        levels = _scores(record).get("levels") or []
        return levels[depth].get("top1") if depth < len(levels) else None

    return read


def _at_best_alpha(depth: int) -> Read:
    def read(record: Json) -> float | None:
        errors = (record.get("alpha_sweep") or {}).get("test_error_at_best") or []
        return 1 - errors[depth] if depth < len(errors) and known(errors[depth]) else None

    return read


def _mean(group: list[Json], read: Read, scale: float, digits: int = 1) -> str:
    values = [scale * value for value in map(read, group) if value is not None and known(value)]
    if not values:
        return MISSING
    mean = f"{statistics.fmean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean
