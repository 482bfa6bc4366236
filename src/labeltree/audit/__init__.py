"""What to mend in the data or the tree, by what a model takes for what. Numpy only."""

from labeltree.audit.accounting import (
    Accounting,
    account,
    account_confusion,
    benefited,
    merge_confusion,
)

__all__ = ["Accounting", "account", "account_confusion", "benefited", "merge_confusion"]
