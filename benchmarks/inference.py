"""ONNX Runtime, with float32 and with 8-bit arithmetic, against PyTorch eager on a CPU: one run.

The contenders take turns, round after round, with the same images and threads:

- `PyTorch`: the network alone, eager, channels last, from normalised images to logits;
- `PyTorch, whole`: what `labeltree predict` runs of a model folder, from pixels to calibrated node
  probabilities;
- `ONNX float32` and `ONNX int8`: exported files, from pixels to calibrated node probabilities.

Prints images per second as medians over rounds, and of the ratios to both PyTorch rows the median
and the range over rounds. Goals at batch 1: float32 at least 1.5 times PyTorch, int8 2.5 times.

Speeds do not depend on what was learned: without `--model` the weights are fresh, and 8 bits are
calibrated on noise. With `--model RUN --data DATA` a trained model is timed instead, and what int8
costs on the test split of DATA is measured.

    python benchmarks/inference.py [--networks slim preresnet20] [--threads 2] [--rounds 7]
    python benchmarks/inference.py --networks timm:resnet50 --side 224
    python benchmarks/inference.py --model runs/cifar100 --data cifar100
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from labeltree.data.colours import normalised
from labeltree.decoding import Decoder
from labeltree.decoding.blocks import num_threads
from labeltree.exporting import Calibration, export_model
from labeltree.exporting.quantising import quantise
from labeltree.methods import make_method
from labeltree.runs.model_folder import Architecture, Model, load_model, save_model
from labeltree.runs.torch_predictor import TorchPredictor
from labeltree.runtime import Preprocessing
from labeltree.runtime.exported import load_exported
from labeltree.taxonomy import Taxonomy

BATCHES = (1, 64)
NETWORK, WHOLE, FLOAT32, INT8 = "PyTorch", "PyTorch, whole", "ONNX float32", "ONNX int8"
Contender = Callable[[NDArray[np.uint8]], object]


def fresh(backbone: str, side: int, folder: Path) -> Path:
    """A model folder with fresh weights: 100 classes in 10 groups."""
    tree = Taxonomy.from_paths([f"group {i // 10}/class {i}" for i in range(100)])
    torch.manual_seed(0)
    method = make_method("flat", tree, backbone).eval()
    shape = Preprocessing(image_size=side, mean=(0.5,) * 3, std=(0.25,) * 3)
    plan = Architecture(method="flat", backbone=backbone)
    save_model(Model(method, plan, shape, Decoder(1.2)), folder)
    return folder


def export(model: Path, scratch: Path, options: argparse.Namespace) -> tuple[Path, Path]:
    """The float32 and the int8 file."""
    console = Console()
    float32, int8 = scratch / "float32.onnx", scratch / "int8.onnx"
    export_model(model, float32, console=console)
    if options.data:
        data = Calibration(options.data, options.data_root)
        export_model(model, int8, int8=data, console=console)
        return float32, int8
    shutil.copy(float32, int8)
    shape = load_model(model).preprocessing
    quantise(int8, [noise(8, shape, seed) for seed in range(4)])
    return float32, int8


def noise(count: int, shape: Preprocessing, seed: int = 0) -> NDArray[np.uint8]:
    """Images as predictors take them."""
    size = (count, shape.num_views, shape.image_size, shape.image_size, 3)
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def contenders(model: Path, files: tuple[Path, Path], threads: int) -> dict[str, Contender]:
    """By name; all on the CPU."""
    torch.set_num_threads(threads)
    whole = TorchPredictor(load_model(model))
    mean, std = (torch.tensor(v) for v in (whole.preprocessing.mean, whole.preprocessing.std))

    @torch.inference_mode()
    def network(views: NDArray[np.uint8]) -> object:
        return whole.model.method(normalised(torch.from_numpy(views).flatten(0, 1), mean, std))

    float32, int8 = (load_exported(file, threads) for file in files)
    return {NETWORK: network, WHOLE: whole, FLOAT32: float32, INT8: int8}


def images_per_second(contender: Contender, views: NDArray[np.uint8], seconds: float) -> float:
    """Of one turn; the first calls are not timed."""
    for _ in range(3):
        contender(views)
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        contender(views)
        count += len(views)
    return count / (time.perf_counter() - begun)


def compare(name: str, all_of: dict[str, Contender], shape: Preprocessing, batch: int,
            options: argparse.Namespace) -> None:  # fmt: skip
    """Turns, and a row for each contender."""
    views = noise(batch, shape)
    speeds: dict[str, list[float]] = {kind: [] for kind in all_of}
    for _ in range(options.rounds):
        for kind, contender in all_of.items():
            speeds[kind].append(images_per_second(contender, views, options.seconds))
    print(f"{name}, {shape.image_size} px, batch {batch}, {options.threads} thread(s)")
    for kind, found in speeds.items():
        row = f"  {kind:15} {statistics.median(found):9,.1f} images/s"
        for base in (NETWORK, WHOLE):
            ratios = [a / b for a, b in zip(found, speeds[base], strict=True)]
            row += f"   {statistics.median(ratios):5.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        print(row + f"  times {NETWORK}; {WHOLE}", flush=True)


def main() -> None:
    """Every network at every batch size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=["slim", "preresnet20"])
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--model", type=Path, help="a run folder; its network is timed instead")
    parser.add_argument("--data", help="what to calibrate int8 and measure its cost with")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--threads", type=int, default=num_threads())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn")
    options = parser.parse_args()
    if options.data and not options.model:
        parser.error("--data needs --model: fresh weights have no accuracy to lose")
    for name in [str(options.model)] if options.model else options.networks:
        with tempfile.TemporaryDirectory() as scratch:
            folder = options.model or fresh(name, options.side, Path(scratch) / "model")
            files = export(folder, Path(scratch), options)
            all_of = contenders(folder, files, options.threads)
            for batch in BATCHES:
                compare(name, all_of, load_model(folder).preprocessing, batch, options)


if __name__ == "__main__":
    main()
