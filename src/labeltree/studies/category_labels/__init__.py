"""Class labels against class and category labels: paper 000, section 2.3, as one study.

```
scales       which networks are trained on what
schemes      errors of each scheme, seed by seed and class by class; paired tests
words        tables and findings
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.studies.category_labels.scales import SCALES
from labeltree.studies.category_labels.schemes import Results
from labeltree.studies.category_labels.words import PAPER as PAPER_ERRORS
from labeltree.studies.category_labels.words import conclusions, findings, tables
from labeltree.studies.members import TrainedMember
from labeltree.studies.on_data import DataOptions
from labeltree.studies.paper_000 import PAPER
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    results = Results.of(members)
    return {
        "conclusions": conclusions(results),
        "rows": results.rows(),
        "tests": [test.to_record() for test in results.tests],
        "classes": results.class_rows(),
        "paper": PAPER_ERRORS,
        "tables": tables(results),
        "findings": findings(results),
    }


STUDY = Study(
    name="category-labels",
    title="Class labels against class and category labels",
    source=f"{PAPER}, section 2.3",
    scales=SCALES,
    measure=measure,
    options=DataOptions,
)

__all__ = ["STUDY", "measure"]
