"""One section of the page per file: from an audit's folder to figures, or to words instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from labeltree.reports.audit.figures.accounting import accounting
from labeltree.reports.audit.figures.branches import branches
from labeltree.reports.audit.figures.leakage import leakage
from labeltree.reports.audit.figures.misfits import misfits
from labeltree.reports.audit.figures.pairs import pairs
from labeltree.reports.audit.figures.suspects import suspects
from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Figure

# In the order of the page: what is mended first comes first, then where the rest goes wrong.
SECTIONS: tuple[Callable[[AuditFolder], Iterator[Figure | Remark]], ...] = (
    suspects,
    misfits,
    pairs,
    accounting,
    branches,
    leakage,
)

__all__ = ["SECTIONS"]
