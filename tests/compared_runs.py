"""Small run folders that were never trained: what they answer is decided here."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from labeltree.metrics import summary
from labeltree.taxonomy import Taxonomy, save_taxonomy

PETS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])
TARGETS = ["cat", "cat", "dog/beagle", "dog/beagle", "dog/pug", "dog/pug", "dog/pug", "cat"]
DIGEST = {"train": {"images": 60, "digest": "a"}, "test": {"images": 8, "digest": "b"}}


def leaf_probabilities(tree: Taxonomy, answers: Sequence[int], sure: float) -> np.ndarray:
    """Each answer has `sure`, the other leaves share the rest; node probabilities."""
    others = (1 - sure) / max(1, tree.num_leaves - 1)
    leaves = np.full((len(answers), tree.num_leaves), others, dtype=np.float32)
    leaves[np.arange(len(answers)), tree.leaf_index[answers]] = sure
    return tree.roll_up(leaves)


def write_answers(
    folder: Path,
    wrong: Sequence[int] = (),
    *,
    tree: Taxonomy = PETS,
    targets: Sequence[str] = TARGETS,
    backbone: str = "slim",
    method: str = "flat",
    seed: int = 0,
    source: str = "photos",
    macs: float | None = 1e6,
    epochs: int = 2,
    kind: str = "train",
    sure: float = 0.75,
    identity: dict[str, Any] | None = DIGEST,
    kept: bool = True,
    change: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """A run that answers the images `wrong` with the next leaf and all others rightly.

    Args:
        folder: to write.
        wrong: positions of images.
        tree: the labels.
        targets: path of each image's label; of an inner node the first leaf below it is right.
        backbone: of the model, as are `method` and `macs`.
        method: likewise.
        seed: of training.
        source: of the data.
        macs: likewise.
        epochs: rows of `metrics.csv`.
        kind: `evaluate` leaves out recipe, training and `data.json`.
        sure: the probability of each answer.
        identity: `data.json`.
        kept: whether the probabilities are, or the answers only.
        change: edits the record.
    """
    folder.mkdir(parents=True)
    true = np.array([tree.find(path) for path in targets])
    below = [tree.leaves[tree.is_at_or_below(tree.leaves, node)][0] for node in true]
    places = tree.leaf_index[below]
    places[list(wrong)] = (places[list(wrong)] + 1) % tree.num_leaves
    answers = tree.leaves[places]
    probabilities = leaf_probabilities(tree, answers, sure)
    scores = summary(tree, probabilities, true)
    record: dict[str, Any] = {
        "format": 1,
        "kind": kind,
        "name": folder.name,
        "date": "2026-11-21T00:00:00+00:00",
        "commit": "0123456789abcdef",
        "hardware": {"cpu": "a", "gpu": None, "threads": 1},
        "data": {"source": source, "test": len(true)},
        "model": {"method": method, "backbone": backbone, "parameters": 1000},
        "cost": {
            "parameters": 1000, "weight_mb": 0.004, "macs": macs, "peak_memory_mb": 500.0,
            "seconds_per_epoch": 1.5, "images_per_second": 100.0, "batch": 8,
        },
        "test": scores,
    }  # fmt: skip
    if kind == "train":
        record["recipe"] = {
            "data": source,
            "data_options": {},
            "method": method,
            "backbone": backbone,
            "loading": {"image_size": 32},
            "split": {"seed": 0, "test_fraction": 0.1},
            "training": {"epochs": float(epochs), "seed": seed},
        }
        record["training"] = {"epochs": float(epochs), "seconds": 3.0}
        record["validation"] = scores
        if identity is not None:
            (folder / "data.json").write_text(json.dumps(identity))
        _write_epochs(folder / "metrics.csv", tree, epochs)
    if change:
        change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    save_taxonomy(tree, folder / "taxonomy.json")
    arrays = {"targets": true}
    if kept:
        arrays["probabilities"] = probabilities.astype(np.float16)
    else:
        arrays |= {"answers": answers, "confidences": np.full(len(true), sure)}
    np.savez(folder / "predictions.npz", **arrays)
    (folder / "examples").mkdir()
    for image in wrong:
        Image.new("RGB", (8, 8), (image, 9, 9)).save(folder / "examples" / f"{image}.png")
    return folder


def _write_epochs(path: Path, tree: Taxonomy, epochs: int) -> None:
    level = tree.level_names[-1]
    columns = (
        *("epoch", "seconds", "images_per_second", "train_loss", "train_top1", "validation_loss"),
        *(f"validation_top1_{level}", f"validation_top5_{level}"),
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for epoch in range(1, epochs + 1):
            writer.writerow([epoch, 1.5, 40.0, 2 / epoch, 1 - 0.5 / epoch, "nan", 0.5, 1.0])
