"""A study's record as `labeltree study` would write it, made up."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.reports import write_report

MakeStudy = Callable[..., Path]

VARIANTS = {
    "flat": (0.0, 0.0),
    "separate": (0.004, 0.0),
    "merge-0": (0.003, 0.001),
    "merge-1": (-0.008, -0.007),
    "merge-2": (-0.006, -0.008),
    "merge-3": (0.002, 0.009),
}
ENSEMBLES = {1: (0.0, 0.004, 5), 2: (0.022, 0.0025, 10), 4: (0.035, 0.0012, 5)}
LEVELS = {"coarse": 0.236, "fine": 0.352}
ALPHAS = [round(0.1 * step, 1) for step in range(21)]


def error(variant: str, level: str, ensemble: int, alpha: float) -> float:
    """A valley about α = 1; `flat` is a plain."""
    depth = list(LEVELS).index(level)
    shift, gain = VARIANTS[variant][depth], ENSEMBLES[ensemble][0]
    side = (alpha - 1.05) if depth == 0 else (alpha - 0.92)
    valley = 0.045 * side**2 + (0.008 * max(-side, 0) if depth == 0 else 0)
    return LEVELS[level] + shift - gain + (0.012 if variant == "flat" else valley)


def make_rows(network: str = "slim", sizes: tuple[int, ...] = (1, 2, 4)) -> list[dict[str, Any]]:
    return [
        {
            "network": network,
            "variant": variant,
            "ensemble": size,
            "alpha": alpha,
            "level": level,
            "error_mean": error(variant, level, size, alpha),
            "error_sd": ENSEMBLES[size][1] * (1 + 0.2 * depth),
            "n": ENSEMBLES[size][2],
        }
        for variant in VARIANTS
        for size in sizes
        for depth, level in enumerate(LEVELS)
        for alpha in ALPHAS
    ]


def make_test(rng: np.random.Generator, difference: float, **what: Any) -> dict[str, Any]:
    sd = 0.003 + 0.002 * rng.random()
    mean = difference + 0.001 * rng.normal()
    reach = 2.776 * sd / math.sqrt(5)
    p = math.erfc(abs(mean) / sd * math.sqrt(5 / 2))
    return {
        **what,
        "mean_difference": mean,
        "low": mean - reach,
        "high": mean + reach,
        "effect_size": mean / sd,
        "p_value": p,
        "p_corrected": min(1.0, 6 * p),
        "n": 5,
    }


def make_tests(network: str = "slim") -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    found = []
    for depth, level in enumerate(LEVELS):
        for alpha in (0.0, 1.0):
            found += [
                make_test(
                    rng, VARIANTS[a][depth] - VARIANTS[b][depth], network=network, kind="variants",
                    a=a, b=b, variant=None, level=level, alpha=alpha,
                )
                for a, b in combinations(VARIANTS, 2)
            ]  # fmt: skip
        found += [
            make_test(
                rng, error(variant, level, 1, a) - error(variant, level, 1, b), network=network,
                kind=kind, a=f"α = {a:g}", b=f"α = {b:g}", variant=variant, level=level, alpha=None,
            )
            for variant in VARIANTS
            for kind, a, b in (("alphas", 0, 1), ("alphas", 1, 2), ("neighbours", 0.9, 1))
        ]  # fmt: skip
    for test in found:
        if test["variant"] == "flat":  # nothing changes for any seed
            test |= {"mean_difference": 0.0, "low": 0.0, "high": 0.0}
            test |= dict.fromkeys(("effect_size", "p_value", "p_corrected"))
    return found


def make_agreement(images: int = 1500) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    belongs = rng.random(images) < 0.07
    logits = np.where(belongs, 2.0, -3.5) + rng.normal(0, 1.8, images)

    def panel(title: str, noise: float) -> dict[str, Any]:
        sides = [1 / (1 + np.exp(-logits - rng.normal(0, noise, images))) for _ in range(2)]
        coarse, rolled_up = (np.round(side, 4).tolist() for side in sides)
        rolled_up = coarse if noise == 0 else rolled_up
        return {
            "title": title,
            "images": 4 * images,
            "mean_gap": float(np.abs(np.subtract(coarse, rolled_up)).mean()) / 2,
            "max_gap": float(np.abs(np.subtract(coarse, rolled_up)).max()),
            "coarse": coarse,
            "rolled_up": rolled_up,
            "belongs": belongs.tolist(),
        }

    titles = {"separate networks": 1.2, "joint training (merge-3)": 0.5, "separate, adapted": 0.0}
    panels = [panel(title, noise) for title, noise in titles.items()]
    return {"category": "aquatic_mammals", "network": "slim", "panels": panels}


def make_record(sizes: tuple[int, ...] = (1, 2, 4), images: int = 1500) -> dict[str, Any]:
    commit = "b7d5f5cc81fe33ccd9351f7a3a43621a89e67865"
    return {
        "format": 1,
        "kind": "study",
        "name": "merged-architectures",
        "title": "Merged coarse and fine networks, adapted to agree",
        "source": "Dutt, Pellerin, Quénot: Improving Hierarchical Image Classification with Merged "
        "CNN Architectures, CBMI 2017 (paper 002), sections 3 and 4",
        "scale": "small",
        "labeltree": "0.2.0",
        "date": "2026-11-21T06:16:00+00:00",
        "commit": commit,
        "command": "labeltree study merged-architectures --scale small --out results/merged",
        "hardware": {
            "cpu": "AMD EPYC",
            "cores": 2,
            "gpu": None,
            "torch": "2.15.0",
            "python": "3.11.7",
        },
        "conclusions": [
            "Making the levels agree lowers the error of separate networks from 29.3 to 24.0 % at "
            "the coarse and from 39.0 to 35.6 % at the fine level (5 seeds, α = 1).",
            "Networks that share one or two stages are better than those that share all or none.",
        ],
        "settings": {"scale": "slim networks on CIFAR-100, 6 epochs", "seeds": "5", "epochs": 6},
        "seconds": 3312.4,
        "training_seconds": 6120.0,
        "members": [
            {
                "name": f"slim {variant} seed {seed}",
                "folder": f"members/slim-{variant}-{seed}",
                "network": "slim",
                "variant": variant,
                "seed": seed,
                "epochs": 6.0,
                "parameters": 946_360,
                "seconds": 244.8,
                "images_per_second": 1102.2,
                "commit": f"{commit}+changes" if seed else commit,
                "date": "2026-11-21T05:16:00+00:00",
            }
            for seed in range(5)
            for variant in list(VARIANTS)[1:]
        ],
        "rows": make_rows(sizes=sizes),
        "tests": make_tests(),
        "tables": [
            {
                "name": "errors",
                "title": "Errors with and without adaptation",
                "lead": "Top-1 error in percent on the 10,000 test images, mean ± standard "
                "deviation over the seeds; on the right what the paper reads off figure 3.",
                "columns": ["variant", "level", "α = 0", "α = 1", "best α", "paper, α = 1"],
                "text_columns": 2,
                "rows": [
                    [
                        variant,
                        level,
                        f"{100 * error(variant, level, 1, 0):.1f} ± 0.4",
                        f"{100 * error(variant, level, 1, 1):.1f} ± 0.4",
                        "0.9",
                        None if variant == "flat" else "23.4",
                    ]
                    for variant in VARIANTS
                    for level in LEVELS
                ],
                "note": "The paper trains ResNet-164 for 200 epochs.",
            }
        ],
        "findings": [
            {
                "claim": "For both levels the best α is close to 1, and adaptation improves the "
                "performance significantly.",
                "verdict": "agrees",
                "measured": "separate: coarse 29.3 → 24.0 %, fine 39.0 → 35.6 % (p < 0.001 each).",
            },
            {
                "claim": "merge-1 and merge-2 are better than the fully split or merged ones.",
                "verdict": "undecided",
                "measured": "Better by 1.2 points at the coarse level; the fine level is within "
                "one standard deviation.",
            },
            {
                "claim": "separate and merge-0 are sometimes slightly different.",
                "verdict": "disagrees",
                "measured": "They are the same to the last digit here.",
            },
        ],
        "agreement": make_agreement(images),
    }


def write_study(
    folder: Path, change: Callable[[dict[str, Any]], Any] | None = None, **size: Any
) -> Path:
    """Write a study's record; `change` edits it before."""
    folder.mkdir(parents=True)
    record = make_record(**size)
    if change:
        change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def record() -> dict[str, Any]:
    """The whole record of a study; not to be changed."""
    return make_record()


@pytest.fixture(scope="session")
def full_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study's folder with everything in its record, and its report written."""
    folder = write_study(tmp_path_factory.mktemp("studies") / "full")
    write_report(folder)
    return folder


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    """Write a small made-up study: `make_study("name", change=...)`."""
    small: dict[str, Any] = {"sizes": (1,), "images": 50}
    return lambda name="study", **options: write_study(tmp_path / name, **small, **options)
