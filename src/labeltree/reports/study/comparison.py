"""What a comparison of networks comes to: single numbers, and its runs as a table."""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.reports.charts import Table
from labeltree.reports.facts import KeyNumber
from labeltree.reports.record import Json
from labeltree.reports.study.figures import STUDY_FIGURES, architectures
from labeltree.reports.study.figures.architectures.networks import Networks, read
from labeltree.reports.words import (
    MISSING,
    compact,
    count,
    duration,
    large,
    percent,
    plural,
    printable,
    short_name,
)

MOST_DATASETS = 3


def is_comparison(record: Json) -> bool:
    """Whether the record's rows are runs of networks."""
    return STUDY_FIGURES.get(str(record.get("name"))) is architectures.FIGURES


def key_numbers(record: Json) -> list[KeyNumber]:
    """How many networks were compared; of each data set who is best, and who is recommended."""
    if not is_comparison(record):
        return []
    study = read(record)
    found = list(_numbers(study))
    if not record.get("members") and study.by_dataset:  # else they are counted already
        datasets = len(study.by_dataset)
        on = f"on {plural(datasets, 'data set')}" if datasets > 1 else ""
        many = len({row.model for row in study.parts.rows})
        name = "network compared" if many == 1 else "networks compared"
        found.insert(0, KeyNumber(count(many), name, on))
    return found


def _numbers(study: Networks) -> Iterator[KeyNumber]:
    for dataset, networks in list(study.having("top1").items())[:MOST_DATASETS]:
        on = f" on {short_name(dataset)}" if dataset else ""
        choice = study.choice(dataset)
        by_model = {one.like.model: one for one in networks}
        best = by_model.get(choice.best) or max(networks, key=lambda one: one.mean("top1"))
        chosen = by_model.get(choice.recommended)
        name = "best top-1, recommended" if chosen is best else "best top-1"
        name = name if len(networks) > 1 else "top-1"
        yield KeyNumber(percent(best.mean("top1")), f"{name}{on}", study.look(best).name)
        if chosen and chosen is not best:
            yield KeyNumber(
                percent(chosen.mean("top1")), f"recommended{on}", study.look(chosen).name
            )


def run_table(record: Json) -> Table | None:
    """The runs that were compared; columns that none of them fills are left out."""
    if not is_comparison(record):
        return None
    rows = read(record).parts.rows
    columns = {
        "data set": [printable(row.dataset) for row in rows],
        "network": [printable(row.model) for row in rows],
        "run": [printable(row.run) for row in rows],
        "seed": [count(row.seed) for row in rows],
        "epochs": [compact(row.epochs) for row in rows],
        "parameters": [count(row.params) for row in rows],
        "multiply–adds per image": [large(row.macs) for row in rows],
        "training time": [duration(row.training_seconds) for row in rows],
        "images a second": [count(row.images_per_second) for row in rows],
        "test images": [count(row.images) for row in rows],
    }
    filled = {head: cells for head, cells in columns.items() if not set(cells) <= {MISSING, ""}}
    texts = sum(head in filled for head in ("data set", "network", "run"))
    table = tuple(zip(*filled.values(), strict=True))
    return Table(tuple(filled), table, texts) if table else None
