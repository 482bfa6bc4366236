"""`labeltree predict --out` against its own network: images/s in one run, and peak memory.

Makes small pictures (32 × 32 PNG of noise) as files in folders or as one parquet file, and measures
in paired, interleaved rounds, in one process for each model:

- the network alone: `Predictor.__call__` on pixels that lie ready in memory, in the batches that
  prediction uses, one after another on all cores;
- prediction: from the pictures to the finished file, all included but opening the model.

Beside images/s stands the processor time of an image: where other work shares the cores, the ratio
of those times is the steadier figure.

Prints both, the ratio as the median over rounds (goal: at least 0.8) and the peak resident memory
of the process (goal: at most 1.5 GiB). Prediction comes first in the process, so that the peak is
printed as it stands after it, before the ready pixels are made.

    python benchmarks/predicting.py MODEL… [--images 100000] [--rounds 3] [--kind files|parquet]
        [--out parquet|csv|jsonl] [--batch-size N]

MODEL is a run or model folder (PyTorch) or an .onnx file (ONNX Runtime); give both to compare.
"""

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from labeltree.decoding.blocks import num_threads
from labeltree.prediction import NamedImages, Question, lanes, open_predictor, predict_to_file
from labeltree.prediction.decoding import sensible_batch_size
from labeltree.runtime import Predictor

PER_FOLDER = 1000
READY = 8192  # images whose pixels lie ready; the network sees them again and again
GIB = 1 << 30


def pictures(count: int):
    """PNG files of noise, of 32 × 32 pixels."""
    random = np.random.default_rng(0)
    for _ in range(count):
        file = io.BytesIO()
        Image.fromarray(random.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(file, "PNG")
        yield file.getvalue()


def write_files(folder: Path, count: int) -> Path:
    """A thousand in a folder."""
    for number, content in enumerate(pictures(count)):
        path = folder / "images" / f"{number // PER_FOLDER:04}" / f"{number % PER_FOLDER:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "images"


def write_parquet(folder: Path, count: int) -> Path:
    """All in one file, in row groups of a thousand."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, left = folder / "images.parquet", pictures(count)
    schema = pa.schema([("image", pa.binary())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, count, PER_FOLDER):
            rows = [next(left) for _ in range(min(PER_FOLDER, count - start))]
            writer.write_table(pa.table({"image": rows}, schema))
    return path


class Speed(NamedTuple):
    """Images in a second of the clock, and milliseconds of processors for one."""

    rate: float
    busy: float


def network(predictor: Predictor, count: int, size: int) -> Speed:
    """Of the network alone."""
    side = predictor.preprocessing.image_size
    shape = (min(count, READY), predictor.preprocessing.num_views, side, side, 3)
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    predictor(pixels[:size])
    begun, busy, done = time.perf_counter(), time.process_time(), 0
    while done < count:
        start = done % len(pixels)
        batch = pixels[start : start + min(size, count - done)]
        predictor(batch)
        done += len(batch)
    return speed(done, begun, busy)


def speed(done: int, begun: float, busy: float) -> Speed:
    """Since a moment, told by both clocks."""
    seconds = time.perf_counter() - begun
    return Speed(done / seconds, 1000 * (time.process_time() - busy) / done)


def use(predictor: Predictor, threads: int) -> Predictor:
    """Set PyTorch's threads, which are the process's; those of ONNX Runtime are the model's."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    return predictor


def prediction(
    predictor: Predictor, model: Path, images: Path, out: Path, size: int, at_once: int
) -> Speed:
    """Of all from the pictures to the finished file."""
    begun, busy = time.perf_counter(), time.process_time()
    named, question = NamedImages([str(images)]), Question()
    done = predict_to_file(
        predictor, model, named, out, question, batch_size=size, at_once=at_once, overwrite=True
    )
    assert done.problems == 0
    return speed(done.images, begun, busy)


def peak() -> float:
    """GiB that this process had resident at most (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB


def measure(model: Path, images: Path, folder: Path, options: argparse.Namespace) -> None:
    """All rounds of one model."""
    cores = num_threads()
    at_once, threads = lanes()
    alone = open_predictor(model, threads=cores)
    predictor = open_predictor(model, threads=threads)
    size = options.batch_size or sensible_batch_size(predictor.preprocessing)
    out = folder / f"predictions.{options.out}"
    prediction(
        use(predictor, threads), model, images, out, size, at_once
    )  # warm: the file system's cache, the network
    memory, ratios = peak(), []
    for number in range(options.rounds):
        ways = {
            "network": lambda: network(use(alone, cores), options.images, size),
            "predict": lambda: prediction(
                use(predictor, threads), model, images, out, size, at_once
            ),
        }
        order = sorted(ways, reverse=bool(number % 2))
        pair = {name: ways[name]() for name in order}
        own, whole = pair["network"], pair["predict"]
        ratios.append((whole.rate / own.rate, own.busy / whole.busy))
        print(
            f"{predictor.backend} round {number + 1}: "
            f"network {own.rate:8.1f} images/s ({own.busy:.3f} ms busy), "
            f"predict {whole.rate:8.1f} ({whole.busy:.3f} ms), "
            f"ratio {ratios[-1][0]:.3f} ({ratios[-1][1]:.3f} of processor time)",
            flush=True,
        )
    ratio, busy = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(
        f"{predictor.backend}, {options.images:,} images, {options.kind} to {options.out}, batches "
        f"of {size}: ratio {ratio:.3f} (goal 0.8; {busy:.3f} of processor time), "
        f"peak memory {memory:.2f} GiB (goal 1.5)",
        flush=True,
    )


def main() -> None:
    """Write the pictures once, then a process for each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=("files", "parquet"), default="files")
    parser.add_argument("--out", choices=("parquet", "csv", "jsonl"), default="parquet")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--made", type=Path, help=argparse.SUPPRESS)  # of a process of ours
    options = parser.parse_args()
    if options.made:
        images = next(options.made.glob("images*"))
        measure(options.models[0], images, options.made, options)
        return
    print(f"{os.cpu_count()} cores, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (write_files if options.kind == "files" else write_parquet)(folder, options.images)
        for model in options.models:
            rest = [word for word in sys.argv[1:] if Path(word) not in options.models]
            command = [sys.executable, __file__, str(model), *rest, "--made", str(folder)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
