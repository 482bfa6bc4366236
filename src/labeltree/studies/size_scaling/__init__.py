"""Error against the number of classes: paper 000, section 2.1, as one study.

```
scales   which data sets of which sizes
growth   errors by size, and how fast they grow
words    table and findings
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.studies.members import TrainedMember
from labeltree.studies.paper_000 import PAPER
from labeltree.studies.size_scaling.growth import Growth
from labeltree.studies.size_scaling.scales import SCALES, ScalingOptions
from labeltree.studies.size_scaling.words import PAPER as PAPER_ERRORS
from labeltree.studies.size_scaling.words import conclusions, findings, tables
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    growth = Growth.of(members)
    return {
        "conclusions": conclusions(growth),
        "rows": growth.rows(),
        "datasets": growth.datasets(),
        "growth": growth.exponent_row(),
        "paper": [{"num_classes": size, "error": error} for size, error in PAPER_ERRORS.items()],
        "tables": tables(growth),
        "findings": findings(growth),
    }


STUDY = Study(
    name="size-scaling",
    title="Error against the number of classes",
    source=f"{PAPER}, section 2.1",
    scales=SCALES,
    measure=measure,
    options=ScalingOptions,
)

__all__ = ["STUDY", "measure"]
