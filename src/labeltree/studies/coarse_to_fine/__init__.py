"""A coarse router and fine experts, against flat networks of the same cost: paper 004.

```
groups, paper   the paper's groups of CIFAR-100's classes, and its tables
recipes         what every network is trained with
scales          which networks are trained
systems         networks put together: a router with its experts
asking          their answers to the test images, and what they cost
answers         from these to hard, top-2, soft and oracle routing
results         a row for each system, routing and seed
comparisons     paired t-tests
tables          tables 2 and 4, with what they lack
words           conclusions and findings
phrases         a system's figures, for both
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.studies.coarse_to_fine.asking import asked
from labeltree.studies.coarse_to_fine.comparisons import Tests
from labeltree.studies.coarse_to_fine.recipes import PAPER
from labeltree.studies.coarse_to_fine.results import Results, rows
from labeltree.studies.coarse_to_fine.scales import SCALES, GroupingOptions
from labeltree.studies.coarse_to_fine.systems import systems
from labeltree.studies.coarse_to_fine.tables import tables
from labeltree.studies.coarse_to_fine.words import conclusions, findings
from labeltree.studies.members import TrainedMember
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    found = [row for one in asked(systems(members)) for row in rows(*one)]
    return measured(Results(found))


def measured(results: Results) -> dict[str, Any]:
    """The same from the rows."""
    tests = Tests(results)
    return {
        "conclusions": conclusions(results),
        "rows": results.rows,
        "tests": [test.to_record() for test in tests.found.values()],
        "tables": tables(results),
        "findings": findings(results, tests),
    }


STUDY = Study(
    name="coarse-to-fine",
    title="A coarse router and fine experts, or one flat network",
    source=PAPER,
    scales=SCALES,
    measure=measure,
    options=GroupingOptions,
)

__all__ = ["STUDY", "measure", "measured"]
