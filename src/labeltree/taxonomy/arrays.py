"""Types of the arrays that go with a tree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Nodes = NDArray[np.int64]
"""Node numbers; of several images shape `(n,)`."""

Probabilities = NDArray[np.floating]
"""One column per node (or per leaf, where said), one row per image: `(n, num_nodes)`."""
