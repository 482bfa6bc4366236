"""Numbers and labels in the sentences that say why an answer stopped where it did."""

from __future__ import annotations

from labeltree.taxonomy import Taxonomy


def label(taxonomy: Taxonomy, node: int) -> str:
    """The path of a node; "the root" has none."""
    return taxonomy.paths[node] or "the root"


def apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many decimals, from 2 on, as it takes to tell them apart.

    >>> apart(0.61, 0.83), apart(0.8299, 0.83), apart(0.5, 0.5)
    (('0.61', '0.83'), ('0.8299', '0.8300'), ('0.50', '0.50'))
    """
    for decimals in range(2, 8):
        if a == b or f"{a:.{decimals}f}" != f"{b:.{decimals}f}":
            break
    else:
        decimals = 7
    return f"{a:.{decimals}f}", f"{b:.{decimals}f}"


def kept_by(target_accuracy: float, fitted_with: str = "") -> str:
    """What the parameter was chosen for, as the end of a sentence.

    >>> kept_by(0.95), kept_by(0.9, "with soft routing")
    ('that keeps 95 % of answers right', 'that keeps 90 % of answers right with soft routing')
    """
    return f"that keeps {100 * target_accuracy:g} % of answers right {fitted_with}".rstrip()
