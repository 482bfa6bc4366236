"""The table of the networks that a study trained."""

from typing import Any

from labeltree.reports.study.record import StudyRecord, parse
from labeltree.reports.study.words import member_table
from labeltree.reports.words import MISSING, THIN


def table(*members: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found = member_table(parse(StudyRecord, {"members": list(members)}))
    assert found is not None
    return dict(zip(found.head, zip(*found.rows, strict=True), strict=True))


def test_costs_stand_beside_members_that_were_trained_before_they_were_measured() -> None:
    cost = {"macs": 556_000_000, "peak_memory_mb": 1802.2, "memory_of": "GPU"}
    columns = table(
        {"name": "new", "parameters": 11_220_132, "cost": cost},
        {"name": "old", "parameters": 481_828},
        {"name": "failed", "parameters": 481_828, "cost": None},
    )
    assert columns["multiply–adds per image"] == (f"556{THIN}M", MISSING, MISSING)
    assert columns["peak memory"] == (f"1.8{THIN}GB", MISSING, MISSING)


def test_no_column_where_nothing_was_measured() -> None:
    assert list(table({"name": "old", "epochs": 3})) == ["network", "epochs"]
