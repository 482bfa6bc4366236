"""The tables for the console and for Markdown, and what importing them costs."""

import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
from rich.console import Console

from labeltree.metrics import METRICS
from labeltree.reports import markdown_table, results_table
from labeltree.reports.run.facts import SCORES

RECORD: dict[str, Any] = {
    "name": "run",
    "recipe": {"method_options": {"merge_point": 1}, "training": {"seed": 0}, "split": {"seed": 0}},
    "data": {"source": "animals"},
    "model": {"method": "merged", "backbone": "slim", "parameters": 489_120},
    "training": {"epochs": 18, "seconds": 600},
    "test": {
        "images": 1000,
        "levels": [
            {"level": "kind", "images": 1000, "top1": 0.9, "low": 0.88, "high": 0.92, "top5": 1.0},
            {"level": "breed", "images": 900, "top1": 0.7, "low": 0.67, "high": 0.73, "top5": 0.9},
        ],
        "fpa": 0.68,
        "ahd@1": 0.5,
    },
    "alpha_sweep": {"test_error_at_best": [0.09, 0.28]},
    "back_off": {"target_accuracy": 0.95, "accuracy": 0.951, "leaf_share": 0.5},
}


def printed(record: dict[str, Any]) -> list[str]:
    console = Console(width=80, file=None, record=True, quiet=False)
    with console.capture() as capture:
        console.print(results_table(record))
    return [line.rstrip() for line in capture.get().replace("\u202f", "").splitlines()]


def test_levels_then_scores_on_eighty_columns() -> None:
    lines = printed(RECORD)
    cells = [line.split() for line in lines if line.strip()]
    assert lines[0] == "run: 1,000 test images"
    assert ["kind", "90.0%", "88.0%", "–", "92.0%", "100.0%", "1,000"] in cells
    assert ["full-path", "accuracy", "(FPA)", "68.0%"] in cells
    assert ["right", "with", "back-off", "95.1%", "target", "95%"] in cells
    assert max(map(len, lines)) <= 80


def test_markup_in_names_is_text() -> None:
    record = deepcopy(RECORD)
    record["name"] = record["test"]["levels"][0]["level"] = "[red]kind[/red]"
    assert "[red]kind[/red]" in "\n".join(printed(record))


@pytest.mark.parametrize("record", [{}, {"test": {}}, {"validation": {"images": 5}}])
def test_little_is_known(record: dict[str, Any]) -> None:
    assert printed(record)
    assert markdown_table([record]).startswith("|")


def test_every_metric_is_explained() -> None:
    assert list(SCORES) == list(METRICS)


def test_seeds_share_a_row() -> None:
    other = deepcopy(RECORD)
    other["recipe"]["training"]["seed"] = 1
    other["test"]["levels"][1]["top1"] = 0.72
    flat = deepcopy(RECORD)
    flat["model"]["method"], flat["recipe"]["method_options"] = "flat", {}
    del flat["alpha_sweep"]
    head, rule, merged, plain = markdown_table([RECORD, other, flat]).splitlines()
    columns = [cell.strip() for cell in head.strip("|").split("|")]
    cells = dict(zip(columns, (c.strip() for c in merged.strip("|").split("|")), strict=True))
    assert cells["method"] == "merged (merge point 1)" and cells["runs"] == "2"
    assert cells["breed top-1 %"] == "71.0 ± 1.4"  # sqrt(2) between 70 and 72
    assert cells["breed at best α %"] == "72.0 ± 0.0"
    assert cells["AHD@1"] == "0.500 ± 0.000" and cells["minutes"] == "10.0 ± 0.0"
    assert "| flat | slim | 489,120 | 18 | 1 | 90.0 | 70.0 | – | – | 68.0 |" in plain
    assert "ECE %" not in columns and rule.count("---") == len(columns)


def test_a_name_cannot_break_the_table() -> None:
    record = deepcopy(RECORD)
    record["model"]["backbone"] = "a|b\n<script>"
    lines = markdown_table([record]).splitlines()
    assert len(lines) == 3 and r"a\|b &lt;script>" in lines[2]


def test_importing_reports_is_cheap() -> None:
    heavy = {
        "torch",
        "matplotlib",
        "plotly",
        "jinja2",
        "rich",
        "pandas",
        "scipy",
        "sklearn",
        "numpy",
    }
    code = f"import sys, labeltree.reports; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
