"""Networks of a method trained side by side against one after the other: the same work, one run.

Trains the networks of `per_category` for the first families of the embedded glyphs, each as an
ordinary run with all that it writes:

- side by side: two processes of one thread each (`labeltree.runs.side_by_side`);
- one after the other in one process of one thread, which imports torch only once;
- one after the other in one process of two threads.

Prints the wall times and the ratios to the first, as medians over rounds. Meant for two cores.

    python benchmarks/side_by_side.py [--networks 4] [--epochs 6] [--rounds 1]
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console

from labeltree.data.opening import open_source
from labeltree.data.scope import ScopeConfig
from labeltree.recipes import Recipe, glyphs
from labeltree.runs.side_by_side import Job, train_side_by_side

OPTIONS = {"classes": 100, "images_per_class": 60}


def recipes(networks: int, epochs: float) -> dict[str, Recipe]:
    """The recipe of each family's network, by the family's name."""
    tree = open_source("glyphs", **OPTIONS).train.taxonomy
    recipe = glyphs("glyphs").replace(data_options=OPTIONS)
    recipe = recipe.replace(training=recipe.training.replace(epochs=epochs))
    families = [tree.paths[node] for node in tree.cut(1)[:networks]]
    return {path: recipe.replace(scope=ScopeConfig(branch=path)) for path in families}


def side_by_side(planned: dict[str, Recipe], folder: Path) -> None:
    """Two processes of one thread each."""
    jobs = [Job(name, recipe, folder / name) for name, recipe in planned.items()]
    train_side_by_side(jobs, 2, None, Console(quiet=True), 0, lambda job: "")


def one_after_the_other(planned: dict[str, Recipe], folder: Path, threads: int) -> None:
    """All in one new process with so many threads."""
    process = multiprocessing.get_context("spawn").Process(
        target=train_all, args=(planned, folder, threads)
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def train_all(planned: dict[str, Recipe], folder: Path, threads: int) -> None:
    """What the one process does."""
    import torch

    from labeltree.runs.training import run_training

    torch.set_num_threads(threads)
    for name, recipe in planned.items():
        run_training(recipe, folder / name)


def main() -> None:
    """Alternate the three ways and print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--epochs", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    planned = recipes(options.networks, options.epochs)
    ways = {
        "side by side, 2 processes": side_by_side,
        "one process, 1 thread": lambda *work: one_after_the_other(*work, threads=1),
        "one process, 2 threads": lambda *work: one_after_the_other(*work, threads=2),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds):
        for name, train in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                begun = time.perf_counter()
                train(planned, Path(folder))
                seconds[name].append(time.perf_counter() - begun)
            print(f"round {number + 1}: {name:27} {seconds[name][-1]:6.1f} s", flush=True)
    print(f"{options.networks} slim networks, {options.epochs:g} epochs of 540 images each")
    first = seconds[next(iter(ways))]
    for name in list(ways)[1:]:
        ratio = statistics.median(b / a for a, b in zip(first, seconds[name], strict=True))
        print(f"{name} / side by side  {ratio:.2f}")


if __name__ == "__main__":
    main()
