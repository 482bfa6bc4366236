"""What a run's network costs: on the page, on the console, beside other runs."""

from copy import deepcopy
from typing import Any

import pytest
from rich.console import Console

from labeltree.errors import ModelFolderError
from labeltree.reports import markdown_table, results_table
from labeltree.reports.costs import COSTS, cost_cells, cost_rows
from labeltree.reports.run.facts import fact_tables
from labeltree.reports.run.folder import read_run_folder
from labeltree.reports.words import MISSING, THIN

COST: dict[str, Any] = {
    "parameters": 481_828,
    "weight_mb": 1.95,
    "macs": 20_963_328,
    "peak_memory_mb": 1234.5,
    "memory_of": "process",
    "seconds_per_epoch": 27.43,
    "images_per_second": 3456.7,
    "batch": 256,
}
LEVEL = {"top1": 0.5, "low": 0.234, "high": 0.766, "top5": 1.0, "images": 10_000}
IN_WORDS = {
    "parameters": f"482{THIN}k",
    "weights": f"1.95{THIN}MB",
    "multiply–adds per image": f"21{THIN}M",
    "peak memory": f"1.23{THIN}GB (process)",
    "an epoch of training": f"27.4{THIN}s",
    "images/s at prediction": "3,457 (batches of 256)",
}


def record(cost: object, seed: int = 0) -> dict[str, Any]:
    return {
        "recipe": {"training": {"seed": seed}},
        "model": {"method": "flat", "backbone": "slim", "parameters": 481_828},
        "cost": cost,
        "test": {"images": 10, "levels": [{"level": "class", **LEVEL}], "ahd@1": 0.5},
    }


def printed(what: dict[str, Any]) -> list[list[str]]:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(results_table(what))
    lines = capture.get().splitlines()
    assert max(map(len, lines)) <= 80
    return [line.replace(THIN, " ").split() for line in lines]


def test_the_page_tells_every_figure(make_run) -> None:
    folder = make_run(change=lambda record: record.update(cost=COST))
    tables = {facts.title: dict(facts.table.rows) for facts in fact_tables(read_run_folder(folder))}
    assert tables["Cost"] == IN_WORDS
    assert len(IN_WORDS) == len(COSTS)


@pytest.mark.parametrize("cost", [None, {}, dict.fromkeys(COST)])
def test_runs_from_before_costs_were_measured_have_pages_without_them(make_run, cost) -> None:
    folder = make_run(change=lambda record: record.update(cost=cost))
    assert "Cost" not in [facts.title for facts in fact_tables(read_run_folder(folder))]
    assert not any("multiply–adds" in cells for cells in printed(record(cost)))
    assert "multiply–adds" not in markdown_table([record(cost)])


@pytest.mark.parametrize("value", [float("nan"), "many", True, None])
def test_what_is_no_number_is_left_out(value: object) -> None:
    names = [row.name for row in cost_rows({**COST, "macs": value})]
    assert "multiply–adds per image" not in names and len(names) == len(COSTS) - 1


def test_a_cost_of_another_shape_is_damage(make_run) -> None:
    folder = make_run(change=lambda record: record.update(cost=[1, 2]))
    with pytest.raises(ModelFolderError, match="'cost'"):
        read_run_folder(folder)


def test_the_console_tells_them_below_the_scores() -> None:
    lines = [cells for cells in printed(record(COST)) if cells]
    assert ["hierarchical", "distance", "(AHD@1)", "0.500"] in lines  # not wrapped
    assert lines[-6:] == [
        ["parameters", "482", "k"],
        ["weights", "1.95", "MB"],
        ["multiply–adds", "per", "image", "21", "M"],
        ["peak", "memory", "1.23", "GB", "process"],
        ["an", "epoch", "of", "training", "27.4", "s"],
        ["images/s", "at", "prediction", "3,457", "batches", "of", "256"],
    ]


def test_an_evaluation_has_no_epochs() -> None:
    lines = printed(record({**COST, "seconds_per_epoch": None}))
    assert ["weights", "1.95", "MB"] in lines and not any("epoch" in cells for cells in lines)


def test_costs_beside_each_other() -> None:
    first, second = record(COST), record({**deepcopy(COST), "images_per_second": 3458.7}, seed=1)
    other = record(None)
    other["model"]["backbone"] = "resnet18"
    head, _, ours, theirs = markdown_table([first, second, other]).splitlines()
    columns = [cell.strip() for cell in head.strip("|").split("|")]
    cells = dict(zip(columns, (c.strip() for c in ours.strip("|").split("|")), strict=True))
    assert (cells["multiply–adds"], cells["images/s"]) == ("21 M", "3458 ± 1")
    assert MISSING in theirs


def test_columns_for_networks_of_a_study() -> None:
    assert cost_cells([COST, {}], ["macs", "weight_mb"]) == {
        "multiply–adds per image": [f"21{THIN}M", MISSING],
        "weights": [f"1.95{THIN}MB", MISSING],
    }
