"""A run folder as training leaves it, small enough to check every figure by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from labeltree.decoding import Decoder
from labeltree.methods import make_method
from labeltree.runs.model_folder import Architecture, Model, save_model
from labeltree.runtime import Preprocessing
from labeltree.taxonomy import Taxonomy, save_taxonomy

TREE = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])
PLACES = ("/home/jo", "secret", "my-laptop")  # of none of them may anything be told


def small_model(tree: Taxonomy = TREE, seed: int = 0) -> Model:
    torch.manual_seed(seed)
    shape = Preprocessing(image_size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3), mirror=False)
    plan = Architecture(method="flat", backbone="slim")
    return Model(make_method("flat", tree, "slim").eval(), plan, shape, Decoder(1.5))


def record_of(tree: Taxonomy = TREE) -> dict[str, Any]:
    """As `labeltree train` writes it, on a machine whose folders are nobody's business."""
    levels = [
        {"level": name, "depth": depth, "images": 8, "top1": 0.875 - 0.25 * (depth - 1)}
        | {"low": 0.5291, "high": 0.9776, "top5": 1.0}
        for depth, name in enumerate(tree.level_names, start=1)
    ]
    return {
        "format": 1,
        "kind": "train",
        "name": "run",
        "labeltree": "0.1.0",
        "date": "2026-11-21T10:00:00+00:00",
        "commit": "abc123",
        "command": "labeltree train '/home/jo/secret dogs' --out /home/jo/secret/run",
        "hardware": {"cpu": "a CPU", "cores": 2, "gpu": None, "torch": "2.11", "host": "my-laptop"},
        "recipe": {
            "data": "/home/jo/secret/dogs",
            "data_options": {"combined": "/home/jo/secret/mixes.csv"},
            "weights": "../secret/began.safetensors",
            "streaming": {"base": "../../secret/before"},
            "division": {"router": "../secret/router"},
            "training": {"seed": 3, "optimizer": {"name": "sgd", "learning_rate": 0.1}},
        },
        "data": {
            "source": "/home/jo/secret/dogs",
            "train": 30,
            "validation": 9,
            "test": 8,
            "classes": 3,
            "skipped_images": 2,
            "loader": "streamed: cache in /home/jo/secret/cache, 12 MB",
        },
        "model": {"method": "flat", "backbone": "slim", "parameters": 1234},
        "training": {"epochs": 2.0, "seconds": 120.0},
        "decoding": {"temperature": 1.5},
        "test": {"images": 8, "levels": levels, "fpa": 0.625, "ece": 0.0421},
        "back_off": {
            "target_accuracy": 0.95,
            "accuracy": 0.875,
            "mean_depth": 1.25,
            "leaf_share": 0.5,
        },
        "something new": {"host": "my-laptop"},
    }


def write_run(folder: Path, tree: Taxonomy = TREE, seed: int = 0) -> Path:
    """Four cats, all right; four of the first dog: two right, one a pug, one a cat; no pug."""
    model = small_model(tree, seed)
    save_model(model, folder / "model")
    save_taxonomy(tree, folder / "taxonomy.json")
    (folder / "recipe.yaml").write_text("data: dogs\n")
    (folder / "record.json").write_text(json.dumps(record_of(tree)))
    (folder / "examples").mkdir()
    (folder / "examples" / "0.png").write_bytes(b"a picture")
    cat, beagle, pug = tree.leaves.tolist()
    targets = np.array([cat] * 4 + [beagle] * 4)
    answers = np.array([cat] * 4 + [beagle, beagle, pug, cat])
    probabilities = np.zeros((8, tree.num_nodes), np.float16)
    probabilities[:, 0] = 1
    for row, leaf in enumerate(answers.tolist()):
        node = leaf
        while node:
            probabilities[row, node] = 1
            node = int(tree.parents[node])
    np.savez(folder / "predictions.npz", targets=targets, probabilities=probabilities)
    return folder
