"""What the figures of streaming say, on made-up rows and checked by hand."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.errors import ModelFolderError
from labeltree.reports.charts import Bars, Changes, Figure, Lines, Scatter
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.record import Json
from labeltree.reports.still import STILL, write_png
from labeltree.reports.study.figures import STUDY_FIGURES

FIGURES = STUDY_FIGURES["streaming"]
NETWORKS = [
    *(("ResNet", "normal", loss) for loss in ("margin", "soft margin", "bce")),
    *(("SENet", "normal", loss) for loss in ("margin", "soft margin", "bce", "asymmetric")),
    *(("SENet", variant, "margin") for variant in ("2x expand", "4x expand", "8x reduction")),
    *(("SENet", variant, "margin") for variant in ("32x reduction", "sqrt reduction")),
    ("SENet", "2x expand, 32x reduction", "margin"),
    *(("Inception-ResNet", variant, "margin") for variant in ("48 channels", "96 channels")),
    ("Inception-SENet", "48 channels", "margin"),
]
SUBJECT = ("SENet", "2x expand, 32x reduction", "margin")
# Made up: points of change on the original images, top-5 on the new ones.
PROTECTIONS = {
    "none": (-12.0, 0.86), "dropout": (-10.5, 0.85), "l1": (-9.0, 0.84), "l2": (-6.0, 0.83),
    "freeze": (-7.5, 0.74), "freeze-norm": (-5.0, 0.80), "distill": (-3.0, 0.82),
    "elastic": (-5.5, 0.81), "replay": (-2.5, 0.87), "replay + distill": (-1.0, 0.88),
    "replay + freeze-norm": (-1.5, 0.84), "l2 + distill": (-2.8, 0.79),
}  # fmt: skip
BRANCHES = [f"script {letter}" for letter in "abcdefghij"]


def row(network: tuple[str, str, str], protection: str = "", seed: int = 0, **more: Any) -> Json:
    model, variant, loss = network
    nothing = dict.fromkeys(
        ("base_top1", "base_top5", "original_top1", "original_top5", "streaming_top5_all",
         "streaming_top5_any", "original_epoch_seconds", "streaming_epoch_seconds",
         "retrain_seconds", "speedup")
    )  # fmt: skip
    told = {"model": model, "variant": variant, "loss": loss, "protection": protection}
    return {**nothing, **told, "seed": seed, **more}


def network_rows(place: int, seed: int) -> list[Json]:
    """A base and what streaming made of it, somewhat like the thesis's."""
    rng = np.random.default_rng([place, seed])
    network = NETWORKS[place]
    ease = 0.82 + 0.1 * math.sin(5 * place) + 0.005 * float(rng.normal())
    base = {"base_top1": ease - 0.38 + 0.03 * math.cos(7 * place), "base_top5": ease}
    times = {"original_epoch_seconds": 40 + 2.5 * place, "streaming_epoch_seconds": 2.2 + place / 9}
    rows = [
        row(network, "", seed, **base, original_top1=base["base_top1"], original_top5=ease,
            streaming_top5_all=0.31, streaming_top5_any=0.8, original_epoch_seconds=times["original_epoch_seconds"])
    ]  # fmt: skip
    tried = PROTECTIONS if network == SUBJECT else {"none": (-4.0 - place, 0.65 + 0.018 * place)}
    for protection, (change, streaming) in tried.items():
        after = ease + change / 100 + 0.008 * float(rng.normal())
        rows.append(
            row(network, protection, seed, **base, original_top1=after - 0.4, original_top5=after,
                streaming_top5_all=streaming + 0.01 * float(rng.normal()), streaming_top5_any=0.97,
                **times, retrain_seconds=900.0, speedup=30.0 if protection == "none" else 18.0)
        )  # fmt: skip
    return rows


def make_curves(seed: int, epochs: int) -> list[Json]:
    def epoch(number: int, shift: float) -> Json:
        part = number / epochs
        return {
            "epoch": number, "train_loss": 4 - 2 * part, "train_top1": 0.75 * part**0.7 + shift,
            "validation_top1": 0.5 * part**0.4 + shift, "validation_top5": 0.88 * part**0.2 + shift / 4,
        }  # fmt: skip

    return [
        {"model": model, "variant": variant, "loss": loss, "seed": seed,
         "epochs": [epoch(number, 0.01 * seed + 0.01 * place) for number in range(1, epochs + 1)]}
        for place, (model, variant, loss) in enumerate(NETWORKS)
    ]  # fmt: skip


def make_branches(seed: int, branches: list[str]) -> list[Json]:
    rng = np.random.default_rng(seed)
    model, variant, loss = SUBJECT
    found = []
    for protection, harm in {"none": 0.25, "replay + distill": 0.04, "distill": 0.1}.items():
        for place, path in enumerate(branches):
            before = 0.9 - 0.1 * math.sin(3 * place)
            after = before - harm * math.cos(place) ** 2 + 0.02 * float(rng.normal())
            found.append(
                {"model": model, "variant": variant, "loss": loss, "protection": protection,
                 "seed": seed, "path": path, "images": 40 + place,
                 "before": {"top1": before - 0.3, "top5": before},
                 "after": {"top1": after - 0.3, "top5": after}}
            )  # fmt: skip
    return found


def make_retraining(seed: int) -> list[Json]:
    return [
        {"labels": labels, "share": share, "seed": seed, "seconds": 900 * share + 9 * seed,
         "epoch_seconds": 60.0, "original_top1": 0.5, "original_top5": (0.88 if labels == "sets" else 0.86) - 0.1 * (1 - share) + 0.004 * seed,
         "streaming_top5_all": (0.9 if labels == "sets" else 0.72) - 0.2 * (1 - share) + 0.005 * seed,
         "streaming_top5_any": 0.95}
        for labels in ("sets", "classes")
        for share in (0.25, 0.5, 1.0)
    ]  # fmt: skip


# Tables 3, 4 and 5 of the thesis.
TABLE3 = [
    ("ResNet", "normal", 0.774, 0.411), ("SENet", "normal", 0.878, 0.448),
    ("SENet", "2x expand", 0.903, 0.454), ("SENet", "4x expand", 0.891, 0.443),
    ("SENet", "8x reduction", 0.886, 0.479), ("SENet", "32x reduction", 0.864, 0.441),
    ("SENet", "sqrt reduction", 0.859, 0.436), ("Inception-ResNet", "48 channels", 0.742, 0.383),
    ("Inception-ResNet", "96 channels", 0.761, 0.412),
]  # fmt: skip
TABLE4 = [
    ("ResNet", "normal", 0.774, 0.562, 0.273), ("SENet", "normal", 0.878, 0.763, 0.698),
    ("SENet", "2x expand", 0.903, 0.843, 0.767), ("SENet", "4x expand", 0.891, 0.637, 0.926),
    ("SENet", "8x reduction", 0.886, 0.796, 0.893), ("SENet", "32x reduction", 0.864, 0.858, 0.719),
    ("SENet", "sqrt reduction", 0.859, 0.823, 0.716),
    ("SENet", "2x expand, 32x reduction", 0.868, 0.862, 0.754),
    ("Inception-ResNet", "48 channels", 0.742, 0.769, 0.692),
    ("Inception-ResNet", "96 channels", 0.761, 0.691, 0.744),
]  # fmt: skip
TABLE5 = [
    ("ResNet", "normal", 403.7, 20.9), ("SENet", "normal", 417.2, 25.3),
    ("SENet", "2x expand", 421.4, 26.7), ("Inception-ResNet", "48 channels", 305.6, 16.8),
]  # fmt: skip


def make_paper() -> Json:
    def rows(keys: str, table: list[Any]) -> list[Json]:
        return [dict(zip(keys.split(), line, strict=True)) for line in table]

    return {
        "tables": {
            "table1": [{"model": "VGGNet16", "top1": 0.413, "top5": 0.736}],
            "table3": rows("model variant top5 top1", TABLE3),
            "table4": rows("model variant base original streaming", TABLE4),
            "table5": rows("model variant original_seconds streaming_seconds", TABLE5),
        }
    }


def make_record(seeds: int = 3, branches: list[str] = BRANCHES, epochs: int = 15) -> Json:
    each = range(seeds)
    return {
        "name": "streaming",
        "rows": [
            one
            for place in range(len(NETWORKS))
            for seed in each
            for one in network_rows(place, seed)
        ],
        "curves": [one for seed in each for one in make_curves(seed, epochs)],
        "retraining": [one for seed in each for one in make_retraining(seed)],
        "branches": [one for seed in each for one in make_branches(seed, branches)],
        "paper": make_paper(),
    }


def figure_of(name: str, record: Json) -> Figure:
    figure = FIGURES[name](record)
    assert figure is not None
    return figure


def said(text: str) -> str:
    return text.replace("\u202f", " ")
