"""What a caller of decoding can get wrong."""

from __future__ import annotations

import numpy as np

from labeltree.errors import ConfigError
from labeltree.taxonomy import Probabilities, Taxonomy


def as_probabilities(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    """The same values; what is neither float32 nor float64 becomes float32.

    Raises:
        ValueError: unless the shape is `(n, num_nodes)`.
    """
    values = np.asarray(probabilities)
    if values.ndim != 2 or values.shape[1] != taxonomy.num_nodes:
        raise ValueError(
            f"probabilities have shape {values.shape}; expected (n, {taxonomy.num_nodes}), "
            "one column per node of the taxonomy"
        )
    return values if values.dtype in (np.float32, np.float64) else values.astype(np.float32)


def check_alpha(alpha: float) -> None:
    """Raise ConfigError unless 0 ≤ alpha ≤ 2."""
    if not 0 <= alpha <= 2:
        raise ConfigError(f"alpha is {alpha}; give a number from 0 to 2 (1 makes levels agree)")


def check_share(target_accuracy: float) -> None:
    """Raise ConfigError unless the target accuracy lies between 0 and 1."""
    if not 0 <= target_accuracy <= 1:
        raise ConfigError(
            f"target accuracy is {target_accuracy}; give a share from 0 to 1, such as 0.95"
        )
