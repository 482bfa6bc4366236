"""From the start of a process to its first answer: an exported file against its model folder.

Two commands take turns, round after round, on the same image:

- `light`: `labeltree predict model.onnx image`: ONNX Runtime;
- `torch`: `labeltree predict model_folder image`: PyTorch.

Wall-clock seconds of whole processes, bytecode compiled and files in the system's cache (a first
round is not counted). Prints median and quartiles of both and of the ratio light / torch of each
round. The goal is a ratio of at most 0.25. With `--light PYTHON`, the interpreter of an environment
with `labeltree[runtime]` alone, its light path is a third contender.

    python benchmarks/cold_start.py [--model RUN] [--rounds 15] [--light /tmp/light/bin/python]

Without `--model`, weights are fresh: how long it takes does not depend on them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from labeltree.decoding import Decoder
from labeltree.exporting import export_model
from labeltree.methods import make_method
from labeltree.runs.model_folder import Architecture, Model, save_model
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy

GOAL = 0.25
SIDE = 32


def fresh(folder: Path) -> Path:
    """A model folder of the slim network with fresh weights: 100 classes in 10 groups."""
    tree = Taxonomy.from_paths([f"group {i // 10}/class {i}" for i in range(100)])
    torch.manual_seed(0)
    shape = Preprocessing(image_size=SIDE, mean=(0.5,) * 3, std=(0.25,) * 3)
    plan = Architecture(method="flat", backbone="slim")
    save_model(Model(make_method("flat", tree, "slim").eval(), plan, shape, Decoder(1.0)), folder)
    return folder


def seconds(command: list[str], threads: int) -> float:
    """How long a process takes that must succeed."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    taken = time.perf_counter() - begun
    assert done.returncode == 0 and done.stdout, done.stderr
    return taken


def told(values: list[float], digits: int = 3) -> str:
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.{digits}f} ({low:.{digits}f} … {high:.{digits}f})"


def main() -> None:
    """Time all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--light", type=Path, help="python of an environment without torch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.model or fresh(Path(scratch) / "model")
        file, image = Path(scratch) / "model.onnx", Path(scratch) / "image.png"
        export_model(folder, file)
        pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(image)
        contenders = {"torch": (sys.executable, folder), "light": (sys.executable, file)}
        if options.light:
            contenders["light, own environment"] = (str(options.light), file)
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(options.rounds + 1):
            for name, (python, model) in contenders.items():
                command = [python, "-m", "labeltree", "predict", str(model), str(image)]
                value = seconds(command, options.threads)
                if number:  # the first fills caches
                    taken[name].append(value)
    print(f"{options.rounds} rounds, {options.threads} threads: median (quartiles)")
    for name, values in taken.items():
        ratios = [mine / torchs for mine, torchs in zip(values, taken["torch"], strict=True)]
        goal = "" if name == "torch" else f"; goal at most {GOAL}"
        print(f"{name:<24}{told(values)} s, {told(ratios)} of torch's time{goal}")


if __name__ == "__main__":
    main()
