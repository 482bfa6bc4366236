"""Work on a large array a few rows at a time: small enough for the cache, on all allowed cores."""

from __future__ import annotations

import os
from collections.abc import Callable

BLOCK_BYTES = 4 << 20
"""Input per block: numpy's cost per call is paid rarely, and what one pass over a block leaves
behind is still in the cache for the next (8 rows of a tree with 120,000 nodes: the best of 4, 8,
16, 32 on a core with 1 MB of L2)."""

THREADS_FROM_BYTES = 32 << 20
"""Less work than this is done before a pool of threads has started."""


def in_blocks(work: Callable[[slice], None], num_rows: int, row_bytes: int) -> None:
    """Call `work(rows)` for slices that cover all rows; numpy drops the GIL, so threads help.

    Args:
        work: must touch only its own rows; its result must not depend on how the rows are cut.
        num_rows: rows in all.
        row_bytes: bytes that one row of the input takes.
    """
    size = max(1, BLOCK_BYTES // max(1, row_bytes))
    blocks = [slice(start, min(start + size, num_rows)) for start in range(0, num_rows, size)]
    threads = min(num_threads(), len(blocks))
    if threads < 2 or num_rows * row_bytes < THREADS_FROM_BYTES:
        for rows in blocks:
            work(rows)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, blocks))


def num_threads() -> int:
    """`OMP_NUM_THREADS` where it is set, as for torch; else the cores this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1
