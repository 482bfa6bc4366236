"""Several networks on several data sets, by accuracy and by cost (paper 001).

```
paper           table 1, the paper's networks, and how its text is read
recipes         what every network is trained with
networks        from names to networks
options         which data, networks and weights
weights         weights to start from
scales          which networks are trained on which data
results         the rows, and the figures that networks are compared by
comparisons     paired t-tests of them
confused        which two classes are confused most
tables          the paper's table 1
words           findings
```

Rows, curves, tests, confusion matrices and misclassified images are those of `labeltree compare`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.comparison import compared, entry
from labeltree.studies.architectures.comparisons import Tests
from labeltree.studies.architectures.confused import Confusions, confusions
from labeltree.studies.architectures.options import ArchitectureOptions
from labeltree.studies.architectures.paper import PAPER
from labeltree.studies.architectures.results import Results
from labeltree.studies.architectures.scales import SCALES
from labeltree.studies.architectures.tables import paper_tables, with_paper
from labeltree.studies.architectures.words import findings
from labeltree.studies.members import TrainedMember
from labeltree.studies.study import Study


def measure(members: Sequence[TrainedMember]) -> dict[str, Any]:
    """The study's part of the record, and the files beside it; see `compared`."""
    entries = [
        entry(
            member.folder,
            str(member.labels["data"]),
            str(member.labels["model"]),
            int(member.labels["seed"]),
        )
        for member in members
    ]
    return measured(compared(entries, members[0].study), confusions(entries))


def measured(record: dict[str, Any], confused: Confusions) -> dict[str, Any]:
    """What `compared` gives, with what the paper says."""
    results = Results(record["rows"], record["curves"])
    first, *others = record["tables"]
    return {
        **record,
        "rows": with_paper(record["rows"]),
        "tables": [first, *paper_tables(record["rows"]), *others],
        "findings": findings(results, Tests(results), confused),
    }


STUDY = Study(
    name="architectures",
    title="Which network for which data",
    source=PAPER,
    scales=SCALES,
    measure=measure,
    options=ArchitectureOptions,
)

__all__ = ["STUDY", "measure", "measured"]
