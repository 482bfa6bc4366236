"""Multi-label networks that go on learning from combinations alone (paper 003)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labeltree.studies.members import TrainedMember
from labeltree.studies.streaming.comparisons import Tests
from labeltree.studies.streaming.curves import curves
from labeltree.studies.streaming.goal import best_protection
from labeltree.studies.streaming.paper import PAPER, paper_record
from labeltree.studies.streaming.plan import StreamingOptions
from labeltree.studies.streaming.results import Results, branch_rows, key_of, streaming_rows
from labeltree.studies.streaming.retraining import retraining_rows
from labeltree.studies.streaming.scales import SCALES
from labeltree.studies.streaming.tables import tables
from labeltree.studies.streaming.words import conclusions, findings
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    return {
        **measured(Results(streaming_rows(members)), retraining_rows(members)),
        "curves": curves(members),
        "branches": branch_rows(members),
        "paper": paper_record(),
    }


def measured(results: Results, again: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What follows from the rows."""
    tests = Tests(results)
    best = {best_protection(results, base) for base in results.protected}
    return {
        "conclusions": conclusions(results, again),
        "rows": [{**row, "best": key_of(row) in best} for row in results.rows],
        "retraining": list(again),
        "tests": [test.to_record() for test in tests.found.values()],
        "tables": tables(results, again),
        "findings": findings(results, tests, again),
    }


STUDY = Study(
    name="streaming",
    title="Learning new combinations alone, and what becomes of the rest",
    source=PAPER,
    scales=SCALES,
    measure=measure,
    options=StreamingOptions,
)

__all__ = ["STUDY", "measure", "measured"]
