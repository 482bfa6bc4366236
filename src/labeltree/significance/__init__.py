"""Is a difference more than chance: paired tests, and corrections where several are made."""

from labeltree.significance.corrections import benjamini_hochberg, holm
from labeltree.significance.mcnemar import McNemarTest, mcnemar_test
from labeltree.significance.paired_t import PairedTest, paired_t_test

__all__ = [
    "McNemarTest",
    "PairedTest",
    "benjamini_hochberg",
    "holm",
    "mcnemar_test",
    "paired_t_test",
]
