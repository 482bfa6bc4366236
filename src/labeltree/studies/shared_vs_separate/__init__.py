"""One network for all categories against one for each: paper 000, section 2.2, as one study.

```
scales        which networks are trained on what
divisions     what the networks of a division answer, image by image
comparisons   means over the seeds and paired t-tests
words         tables and findings
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.studies.members import TrainedMember
from labeltree.studies.on_data import DataOptions
from labeltree.studies.paper_000 import PAPER
from labeltree.studies.shared_vs_separate.comparisons import compare
from labeltree.studies.shared_vs_separate.divisions import divisions
from labeltree.studies.shared_vs_separate.scales import SCALES
from labeltree.studies.shared_vs_separate.words import PAPER as PAPER_FIGURES
from labeltree.studies.shared_vs_separate.words import conclusions, findings, tables
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    found = divisions(members)
    results = compare(found)
    return {
        "conclusions": conclusions(results),
        "rows": [row for division in found for row in division.rows()],
        "summary": results.summary(),
        "classes": [
            {"division": division.name, "seed": division.seed, "class": name, "gain": float(gain)}
            for division in found
            for name, gain in zip(division.classes, division.gains, strict=True)
        ],
        "paper": PAPER_FIGURES,
        "tests": [test.to_record() for test in results.tests.values()],
        "tables": tables(results),
        "findings": findings(results),
    }


STUDY = Study(
    name="shared-vs-separate",
    title="One network for all categories, or one for each",
    source=f"{PAPER}, section 2.2",
    scales=SCALES,
    measure=measure,
    options=DataOptions,
)

__all__ = ["STUDY", "measure"]
