"""Wilson's confidence interval for a share."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson_interval(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The range of true shares with which `hits` of `n` agree.

    Args:
        hits: successes, 0 to n.
        n: trials; with none, the range is 0 to 1.
        confidence: 0.95 for a 95 % interval.

    Returns:
        Low and high end, within [0, 1].

    Source: Wilson 1927; unlike the normal approximation it is right for shares near 0 or 1.

    >>> [round(end, 4) for end in wilson_interval(8, 10)]
    [0.4902, 0.9433]
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, centre - reach), min(1.0, centre + reach)
