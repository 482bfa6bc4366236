"""The measured figures as tables in words.

The paper prints no numbers, only curves, so no column of its own stands beside ours; what it says
of them is in `findings`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labeltree.reports.words import compact, decimal, spread
from labeltree.studies.cells import mean_cell
from labeltree.studies.merged_architectures.ensembles import FLAT, Results, Variant

Table = dict[str, Any]


def tables(results: Results, decoders: list[dict[str, Any]]) -> list[Table]:
    """For the record: errors of single networks per level, of ensembles, of other decoders."""
    depths = range(len(results.levels))[::-1]  # the finest level first
    singles = [_single(results, depth) for depth in depths]
    ensembles = [_ensembles(results, depth) for depth in depths]
    return [*singles, *ensembles, _decoders(results, decoders)]


def _single(results: Results, depth: int) -> Table:
    level = results.levels[depth]
    return {
        "name": f"errors-{level}",
        "title": f"Errors of single networks: {level}",
        "lead": "Top-1 error on the test split, mean ± standard deviation over seeds.",
        "columns": [
            "network", "variant", "α = 0", "α = 1", "best α", "chosen", "parameters", "minutes",
        ],
        "text_columns": 2,
        "rows": [
            [
                network,
                name,
                *(mean_cell(one.errors_at(alpha, depth)) for alpha in (0.0, 1.0)),
                mean_cell(one.best_errors(depth)),
                _chosen(one, depth) if name != FLAT else None,
                f"{one.parameters / 1e6:.2f} M" if name != FLAT else None,
                f"{np.mean(one.seconds) / 60:.1f}" if name != FLAT else None,
            ]
            for (network, name), one in results.variants.items()
        ],
        "note": "The best α is chosen on the validation split for each network; the column after "
        "it names the choices. flat is the fine network of separate alone, rolled up: it is "
        "trained as a flat network of the same seed is, so it costs half of what separate costs.",
    }  # fmt: skip


def _chosen(variant: Variant, depth: int) -> str:
    alphas = {one.best_alphas[depth] for one in variant.ensembles[1]}
    return ", ".join(map(compact, sorted(alphas)))


def _ensembles(results: Results, depth: int) -> Table:
    level = results.levels[depth]
    return {
        "name": f"ensembles-{level}",
        "title": f"Errors of ensembles: {level}",
        "lead": "Top-1 error of the average of n members, mean ± standard deviation over all "
        "ensembles that the members allow.",
        "columns": [
            "network", "variant", "members", "ensembles", "α = 0", "α = 1", "best α",
        ],
        "text_columns": 2,
        "rows": [
            [
                network,
                name,
                str(size),
                str(len(ensembles)),
                *(mean_cell(one.errors_at(alpha, depth, size)) for alpha in (0.0, 1.0)),
                mean_cell(one.best_errors(depth, size)),
            ]
            for (network, name), one in results.variants.items()
            for size, ensembles in one.ensembles.items()
        ],
        "note": "Ensembles of two and more share members, so their deviation is smaller than that "
        "of independent ensembles would be.",
    }  # fmt: skip


def _decoders(results: Results, decoders: list[dict[str, Any]]) -> Table:
    return {
        "name": "decoders",
        "title": "Adaptation beside other decoders",
        "lead": "Single networks: top-1 errors, hierarchical distance of the answers (AHD@1), "
        "height of the mistakes, and the share of images whose levels contradict each other "
        "(TICE).",
        "columns": [
            "network", "variant", "decoder", *reversed(results.levels), "AHD@1",
            "mistake severity", "TICE",
        ],
        "text_columns": 3,
        "rows": [
            [
                row["network"],
                row["variant"],
                row["decoder"],
                *(_spread(row["errors"][level]) for level in reversed(results.levels)),
                _plain(row["ahd@1"]),
                _plain(row["mistake_severity"]),
                _spread(row["tice"]),
            ]
            for row in decoders
        ],
        "note": "HiE multiplies each leaf by its parent's probability from the coarse head (Jain "
        "et al. 2023); CRM answers with the leaf of least expected distance (Karthik et al. 2021) "
        "and takes the coarse answer from it.",
    }  # fmt: skip


def _spread(value: dict[str, float | None]) -> str:
    return spread(value["mean"], value["sd"], 2)


def _plain(value: dict[str, float | None]) -> str:
    mean, sd = value["mean"], value["sd"]
    return decimal(mean) if sd is None else f"{decimal(mean)} ± {decimal(sd)}"
