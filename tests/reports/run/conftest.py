"""A run folder as a training would leave it, made up: no model, no data set."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labeltree.decoding import answer_quality, back_off_rule, curve
from labeltree.metrics import reliability, summary
from labeltree.reports import write_report
from labeltree.taxonomy import Taxonomy, save_taxonomy

MakeRun = Callable[..., Path]

ANIMALS = Taxonomy.from_paths(
    [
        "cat",
        "dog/hound/beagle",
        "dog/hound/basset",
        "dog/pug",
        "bird/owl",
        "bird/finch/zebra finch",
        "bird/finch/gold finch",
    ],
    ["kind", "family", "breed"],
)


HUNDRED = Taxonomy.from_paths(
    [f"super {a:02}/class {a:02}{b}" for a in range(20) for b in range(5)],
    ["superclass", "class"],
)

# The path of the second is "dog </script>…": it would end the element that holds it.
HOSTILE = Taxonomy.from_paths(
    [
        "<script>alert(1)</script>",
        "dog </script><b>x/$\\frac{a$",
        "dog </script><b>x/日本語 犬",
        "مرحبا/" + "very long " * 20,
        "مرحبا/_hidden",
        "emoji 🐶/a&b",
        "emoji 🐶/\"quoted' {{7*7}}",
    ],
    ["<i>one</i>", "_two", "$three$"],
)


TREES = {"animals": ANIMALS, "hundred": HUNDRED, "hostile": HOSTILE}


def make_probabilities(
    tree: Taxonomy, targets: np.ndarray, sharpness: float, seed: int
) -> np.ndarray:
    """Probabilities that favour the target and, less so, its relatives; classes differ in how."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(targets), tree.num_leaves))
    ease = rng.uniform(0.5, 1.2, size=tree.num_nodes)
    for depth in range(1, tree.depth + 1):
        shared = (
            tree.ancestor_at(tree.leaves, depth)[None] == tree.ancestor_at(targets, depth)[:, None]
        )
        logits += shared * (sharpness * ease[targets])[:, None] / tree.depth
    logits *= 2.3  # about as sure as it is right
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return tree.roll_up(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def make_parts() -> list[dict[str, Any]]:
    """A router and two experts: the router sends few images to the second one."""
    router = {
        "name": "router", "branch": None, "group": None, "backbone": "slim", "classes": 3,
        "images": 45_000, "parameters": 489_120, "steps": 700, "seconds": 200.5,
    }  # fmt: skip
    sent = {"router": "../router", "group": "pets", "sent": 30_000, "misrouted": 6000}
    none = {"router": "../router", "group": "fowl", "sent": 12, "misrouted": 12}
    return [
        router,
        {**router, "name": "pets", "group": "pets", "images": 30_000, "seconds": 150.0,
         "division": {**sent, "fallback": False}},
        {**router, "name": "fowl", "group": "fowl", "images": 15_000, "seconds": 99.5,
         "division": {**none, "fallback": True}},
    ]  # fmt: skip


def make_label_sets() -> dict[str, Any]:
    """Images with two labels each, on every split and before they were learned."""
    keys = ("map", "label_f1", "micro_f1", "example_f1", "exact")
    tops = ("all_in_top1", "all_in_top5", "any_in_top1", "any_in_top5")
    found = {}
    for place, split in enumerate(("validation", "test", "test_before")):
        shares = {key: 0.4 + 0.05 * step - 0.1 * place for step, key in enumerate((*tops, *keys))}
        found[split] = {
            "images": 100 + place,
            "labels_per_image": 2.0,
            **shares,
            "all_in_top1": 0.0,
        }
    return found


def make_original(tree: Taxonomy, seed: int = 0) -> dict[str, Any]:
    """Old images before and after the new ones were learned."""
    rng = np.random.default_rng(seed)

    def row(path: str, images: int = 40) -> dict[str, Any]:
        before, after = (np.round(rng.uniform(0.4, 0.7, 2) * images) / images).tolist()
        told = {"before": {"top1": before, "top5": 0.9}, "after": {"top1": after, "top5": 0.8}}
        return {"path": path, "images": images, **told}

    def rows(nodes: Any) -> list[dict[str, Any]]:
        return [row(tree.paths[node]) for node in nodes.tolist()]

    splits = {split: {**row("", 400)} for split in ("validation", "test")}
    return {**splits, "branches": rows(tree.cut(1)), "classes": rows(tree.leaves)}


def make_record(tree: Taxonomy, targets: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    scores = summary(tree, probabilities, targets)
    errors = [1 - (level["top1"] or 0) for level in scores["levels"]]
    sweep = [
        {"alpha": step / 10, "errors": [error + (step / 100 - 0.09) ** 2 for error in errors]}
        for step in range(21)
    ]
    steps = back_off_rule("threshold").staircase(tree, probabilities)
    (parameter,) = steps.fit(tree, targets, [0.95])
    chosen = steps.answers(parameter)
    return {
        "format": 1,
        "kind": "train",
        "name": "merged-slim-seed-0",
        "labeltree": "0.1.0",
        "date": "2025-11-21T02:16:00+00:00",
        "commit": "ec26a47",
        "command": "labeltree train photos --method merged --epochs 18 --seed 0",
        "hardware": {
            "cpu": "Two cores",
            "cores": 2,
            "gpu": None,
            "torch": "2.8.0",
            "python": "3.11.9",
        },
        "recipe": {
            "data": "photos",
            "method": "merged",
            "method_options": {"merge_point": 1},
            "backbone": "slim",
            "split": {"validation_fraction": 0.1, "seed": 0},
            "training": {
                "epochs": 18,
                "seed": 0,
                "image_sizes": [[0.3, 20], [0.6, 24]],
                "optimizer": {"name": "sgd", "learning_rate": 0.3, "nesterov": True},
            },
        },
        "data": {
            "source": "photos",
            "train": 45000,
            "validation": 5000,
            "test": len(targets),
            "classes": tree.num_leaves,
            "levels": list(tree.level_names),
            "skipped_images": 0,
            "loader": "memory: 153 MB fit in 8 GB",
        },
        "model": {"method": "merged", "backbone": "slim", "parameters": 489_120},
        "training": {
            "epochs": 18,
            "images_seen": 810_000,
            "seconds": 1234.5,
            "images_per_second": 656.1,
        },
        "decoding": {
            "alpha": 1.0,
            "temperature": 1.31,
            "back_off": {"rule": "threshold", "target_accuracy": 0.95, "parameter": parameter},
        },
        "test": scores,
        "test_before_decoding": {**scores, "tice": 0.21},
        "back_off_curve": curve("threshold", tree, probabilities, targets),
        "back_off": {"target_accuracy": 0.95, **answer_quality(tree, chosen, targets)},
        "alpha_sweep": {
            "validation": sweep,
            "test": [
                {"alpha": p["alpha"], "errors": [e + 0.004 for e in p["errors"]]} for p in sweep
            ],
            "best_alpha": [0.9] * tree.depth,
            "test_error_at_best": [error + 0.004 for error in sweep[9]["errors"]],
        },
        "reliability": reliability(tree, probabilities, targets),
        "parts": make_parts(),
        "label_sets": make_label_sets(),
        "original": make_original(tree),
    }


def write_epochs(path: Path, tree: Taxonomy, epochs: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        levels = [f"validation_top1_{name}" for name in tree.level_names]
        writer = csv.writer(file)
        writer.writerow(
            [
                *("epoch", "seconds", "images_per_second", "learning_rate", "image_size"),
                *("train_loss", "validation_loss"),
                *levels,
            ]
        )
        for epoch in range(1, epochs + 1):
            part = epoch / epochs
            scores = [(0.9 - 0.2 * d) * part**0.4 for d in range(tree.depth)]
            writer.writerow(
                [
                    *(epoch, 60 * epoch, 650 + rng.normal()),
                    0.3 * min(4 * part, 1.33 * (1 - part)),
                    20 if part < 0.3 else 24 if part < 0.6 else 32,
                    *(4 - 2.2 * part**0.5, 4 - 2.5 * part**0.6 + 0.05 * rng.normal()),
                    *scores,
                ]
            )


def write_examples(folder: Path, wrong: np.ndarray, most: int) -> None:
    folder.mkdir()
    ramp = np.linspace(0, 1, 32)
    for image in wrong[:most].tolist():
        rng = np.random.default_rng(image)
        a, b = rng.integers(0, 255, (2, 3))
        pixels = a * ramp[:, None, None] + b * (1 - ramp)[None, :, None]
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{image}.png")


def write_run(
    folder: Path,
    tree: Taxonomy | str = "animals",
    images: int = 600,
    sharpness: float = 3.0,
    seed: int = 0,
    epochs: int = 18,
    examples: int = 60,
    change: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Write all files of a run; `change` edits the record before it is written."""
    folder.mkdir(parents=True)
    tree = TREES[tree] if isinstance(tree, str) else tree
    rng = np.random.default_rng(seed)
    targets = rng.choice(tree.leaves, images)
    probabilities = make_probabilities(tree, targets, sharpness, seed)
    record = make_record(tree, targets, probabilities)
    if change:
        change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    save_taxonomy(tree, folder / "taxonomy.json")
    np.savez(
        folder / "predictions.npz",
        targets=targets,
        probabilities=probabilities.astype(np.float16),
    )
    write_epochs(folder / "metrics.csv", tree, epochs)
    leaves = probabilities[:, tree.leaves]
    wrong = np.flatnonzero(tree.leaves[leaves.argmax(axis=1)] != targets)
    surest = wrong[np.argsort(-leaves.max(axis=1)[wrong])]
    write_examples(folder / "examples", surest, examples)
    return folder


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with everything in it, and its report written."""
    folder = write_run(tmp_path_factory.mktemp("runs") / "full")
    write_report(folder)
    return folder


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a made-up run: `make_run("name", tree=..., images=..., change=...)`."""
    return lambda name="run", **options: write_run(tmp_path / name, **options)
