"""Work on a large array a few rows at a time: small enough for the cache, on all allowed cores."""

from __future__ import annotations

import os
from collections.abc import Callable

from numpy.typing import NDArray

Work = Callable[[slice], None]

BLOCK_BYTES = 4 << 20
"""Input per block: numpy's cost per call is paid rarely, and what one pass over a block leaves
behind is still in the cache for the next (8 rows of a tree with 120,000 nodes: the best of 4, 8,
16, 32 on a core with 1 MB of L2)."""

THREADS_FROM_BYTES = 32 << 20
"""Less work than this is done before a pool of threads has started."""


def in_blocks(begin: Callable[[int], Work], num_rows: int, row_bytes: int) -> None:
    """Work through all rows in blocks; numpy drops the GIL, so threads help.

    Args:
        begin: called once in every thread with the most rows that a block has; sets memory aside
            and returns the function that is called with one slice of rows after the other. Blocks
            are worked on at the same time: each may touch only its own rows.
        num_rows: rows in all.
        row_bytes: bytes that one row of the input takes.
    """
    size = max(1, min(num_rows, BLOCK_BYTES // max(1, row_bytes)))
    starts = range(0, num_rows, size)
    blocks = iter([slice(start, min(start + size, num_rows)) for start in starts])

    def lane(_: int = 0) -> None:
        work = begin(size)
        for rows in blocks:  # shared: whoever is free takes the next one
            work(rows)

    threads = min(num_threads(), len(starts))
    if threads < 2 or num_rows * row_bytes < THREADS_FROM_BYTES:
        lane()
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lane, range(threads)))


def num_threads() -> int:
    """`OMP_NUM_THREADS` where it is set, as for torch; else the cores this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def part(memory: NDArray, rows: int, columns: int) -> NDArray:
    """The beginning of flat `memory` as an array of any content.

    Blocks use the memory of the block before: fresh memory costs more in page faults than the
    arithmetic does.
    """
    return memory[: rows * columns].reshape(rows, columns)
