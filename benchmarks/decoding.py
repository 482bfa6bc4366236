"""Cost of decoding: on 100,000 leaves against the softmax over them, and on CIFAR-100's tree.

The softmax is torch's, the rest is ours, both on the same number of threads:

    python benchmarks/decoding.py            # 1 thread, then 2, each in a process of its own

Goals: roll-up plus adaptation take at most 4 times the softmax. The general path is measured:
rolled-up probabilities are coherent already and would need no adaptation, but it is carried out in
full. On CIFAR-100's tree (10,000 images, 20 + 100 labels) the sweep over 21 values of alpha takes
less than a second, and so does the inequality form with 30 % of the images violating it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

LEAVES, LEVELS, BATCH, REPETITIONS = 100_000, 7, 256, 15
IMAGES, GROUPS, MEMBERS = 10_000, 20, 5  # CIFAR-100's test images and tree


def main() -> None:
    """Measure with 1 and 2 threads, or with the number given."""
    if len(sys.argv) > 1:
        print(measure(int(sys.argv[1])))
        print(measure_small_tree(int(sys.argv[1])))
        return
    for threads in ("1", "2"):
        environment = {**os.environ, "OMP_NUM_THREADS": threads}  # torch reads it once
        subprocess.run([sys.executable, __file__, threads], env=environment, check=True)


def measure(threads: int) -> str:
    """One line: times in ms (best of several, taken in turns) and their ratio."""
    import numpy as np
    import torch

    from labeltree.decoding import adapt
    from labeltree.taxonomy import Taxonomy

    torch.set_num_threads(threads)
    rng = np.random.default_rng(0)
    taxonomy = Taxonomy([str(n) for n in range(1 + sum(sizes()))], ragged_parents(rng))
    assert (taxonomy.num_leaves, taxonomy.depth) == (LEAVES, LEVELS)
    logits = torch.from_numpy(3 * rng.standard_normal((BATCH, LEAVES), dtype=np.float32))
    leaves = torch.softmax(logits, 1).numpy()
    nodes = taxonomy.roll_up(leaves)
    works: list[Callable[[], object]] = [
        lambda: torch.softmax(logits, 1),
        lambda: taxonomy.roll_up(leaves),
        lambda: adapt(taxonomy, nodes),
    ]
    seconds = [[clock(work) for work in works] for _ in range(REPETITIONS)]
    softmax, roll_up, adaptation = (1000 * min(times) for times in zip(*seconds, strict=True))
    return (
        f"{taxonomy}, batch {BATCH}, {threads} thread(s): softmax {softmax:.0f} ms, "
        f"roll-up {roll_up:.0f} ms, adaptation {adaptation:.0f} ms; "
        f"(roll-up + adaptation) / softmax = {(roll_up + adaptation) / softmax:.2f}, goal <= 4"
    )


def measure_small_tree(threads: int) -> str:
    """One line: times in ms (best of several) of what studies and `labeltree adapt` do."""
    import numpy as np

    from labeltree.decoding import adapt_inclusive, crm_answers, hie, sweep, violations
    from labeltree.taxonomy import Taxonomy

    rng = np.random.default_rng(0)
    paths = [f"{group}/{member}" for group in range(GROUPS) for member in range(MEMBERS)]
    taxonomy = Taxonomy.from_paths(paths)
    heads = [rng.dirichlet(np.full(size, 0.2), IMAGES) for size in (GROUPS, GROUPS * MEMBERS)]
    nodes = np.hstack([np.ones((IMAGES, 1)), *heads]).astype(np.float32)
    targets = rng.choice(taxonomy.leaves, IMAGES)
    scores = rng.random(nodes.shape, dtype=np.float32)
    mended = rng.random(IMAGES) < 0.7
    scores[mended] = adapt_inclusive(taxonomy, scores[mended])
    broken = (violations(taxonomy, scores) > 0).mean()
    works: dict[str, Callable[[], object]] = {
        "sweep over 21 alphas": lambda: sweep(taxonomy, nodes, targets),
        f"inequality form ({broken:.0%} violated)": lambda: adapt_inclusive(taxonomy, scores),
        "CRM": lambda: crm_answers(taxonomy, nodes),
        "HiE": lambda: hie(taxonomy, nodes),
    }
    times = [
        f"{name} {1000 * min(clock(work) for _ in range(REPETITIONS)):.0f} ms"
        for name, work in works.items()
    ]
    return f"{taxonomy}, {IMAGES:,} images, {threads} thread(s): {', '.join(times)}; goal <= 1000"


def sizes() -> list[int]:
    """Nodes of each level: 5, 27, 139, 720, ... 100,000."""
    return [round(LEAVES ** (depth / LEVELS)) for depth in range(1, LEVELS + 1)]


def ragged_parents(rng):  # type: ignore[no-untyped-def]
    """Parent numbers of a tree whose nodes have 1 to dozens of children."""
    import numpy as np

    parents, first, above = [np.array([-1])], 0, 1
    for size in sizes():
        cuts = np.sort(rng.choice(np.arange(1, size), above - 1, replace=False))
        children = np.diff(np.concatenate([[0], cuts, [size]]))
        parents.append(first + np.repeat(np.arange(above), children))
        first, above = first + above, size
    return np.concatenate(parents)


def clock(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
