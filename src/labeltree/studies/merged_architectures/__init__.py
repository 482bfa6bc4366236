"""Merged coarse/fine networks, adaptation, ensembles and significance: paper 002 as one study.

```
scales        which networks are trained on what
ensembles     errors of every ensemble at every α
comparisons   paired t-tests between variants and between values of α
decoders      adaptation beside HiE, CRM and flat + roll-up
agreement     coarse against rolled-up probability (figure 1)
findings      what the paper says, and whether it came out
tables        the figures above in words
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.studies.members import TrainedMember
from labeltree.studies.merged_architectures.agreement import agreement
from labeltree.studies.merged_architectures.comparisons import compare
from labeltree.studies.merged_architectures.decoders import compare_decoders
from labeltree.studies.merged_architectures.ensembles import Results
from labeltree.studies.merged_architectures.findings import findings, summary
from labeltree.studies.merged_architectures.scales import SCALES
from labeltree.studies.merged_architectures.tables import tables
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record; see `labeltree.studies.study.Study`."""
    results = Results.of(members)
    tests = compare(results)
    decoders = compare_decoders(results)
    return {
        "conclusions": summary(results, tests),
        "rows": results.rows(),
        "best": results.best_rows(),
        "tests": [test.to_record() for test in tests],
        "decoders": decoders,
        "tables": tables(results, decoders),
        "findings": findings(results, tests),
        "agreement": agreement(results),
    }


STUDY = Study(
    name="merged-architectures",
    title="Merged coarse and fine networks, adapted to agree",
    source="Dutt, Pellerin, Quénot: Improving Hierarchical Image Classification with Merged CNN "
    "Architectures, CBMI 2017 (paper 002), sections 3 and 4",
    scales=SCALES,
    measure=measure,
)

__all__ = ["STUDY", "measure"]
