"""What to mend in the data or the tree, by what a model takes for what. Numpy only."""

from labeltree.audit.accounting import (
    Accounting,
    account,
    account_confusion,
    benefited,
    merge_confusion,
)
from labeltree.audit.auditing import Audit, audit
from labeltree.audit.branches import BranchLevel, branch_levels
from labeltree.audit.misfits import Misfit, Misfits, misfits
from labeltree.audit.pairs import Pairs, confused_both_ways
from labeltree.audit.suspects import Suspects, suspects

__all__ = [
    "Accounting",
    "Audit",
    "BranchLevel",
    "Misfit",
    "Misfits",
    "Pairs",
    "Suspects",
    "account",
    "account_confusion",
    "audit",
    "benefited",
    "branch_levels",
    "confused_both_ways",
    "merge_confusion",
    "misfits",
    "suspects",
]
