"""The measured figures as tables, beside the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labeltree.reports.words import decimal, percent, plural
from labeltree.studies.cells import mean_cell
from labeltree.studies.coarse_to_fine.answers import HARD, SOFT, TOP_2
from labeltree.studies.coarse_to_fine.paper import INTRODUCTION_ROUTER_ACCURACY, PAPER_MB, ROWS
from labeltree.studies.coarse_to_fine.phrases import macs, megabytes
from labeltree.studies.coarse_to_fine.results import Key, Results


def tables(results: Results) -> list[dict[str, Any]]:
    """For the record: tables 2 and 4 with what they lack."""
    flats = [key for key in results.keys if key[1] is None]
    routed = [key for key in results.keys if key not in flats]
    keys = [*routed, *flats]
    return [
        _accuracies(results, keys),
        _costs(results, keys),
        _errors(results, results.routed()),
        _paper_table(),
    ]


def _accuracies(results: Results, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "name": "accuracy",
        "title": "Accuracy",
        "lead": "On the test images, mean ± standard deviation over "
        f"{plural(results.num_seeds, 'seed')}.",
        "columns": ["system", "routing", "top-1", "top-3"],
        "text_columns": 2,
        "rows": [
            [*key, *(mean_cell(results.figure(key, name)) for name in ("top1", "top3"))]
            for key in keys
        ],
        "note": "Experts without a further word are trained as published: misrouted training "
        "images get a random class of the expert that they reach. Otherwise these are left out "
        "(drop), get an output of their own (reject), or every expert learns from all images of "
        "its group (true).",
    }


def _costs(results: Results, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "name": "costs",
        "title": "Cost",
        "lead": "Means over the seeds.",
        "columns": ["system", "routing", "epochs", "minutes", "MB", "million MACs", "images/s"],
        "text_columns": 2,
        "rows": [
            [
                *key,
                f"{results.cost(key, 'epochs'):g}",
                decimal(results.cost(key, "seconds") / 60, 1),
                megabytes(results, key),
                macs(results, key),
                f"{results.cost(key, 'images_per_second'):,.0f}",
            ]
            for key in keys
        ],
        "note": "Epochs are summed over the networks, as in the paper; an expert's are passes over "
        "its own images. Minutes are one process's, summed. MB: the weights, 10⁶ bytes. MACs: "
        "multiply–adds per test image. Images/s: at prediction, in batches of 256 from memory.",
    }


def _errors(results: Results, names: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "errors",
        "title": "What the router costs",
        "lead": "Share of images that reach the right expert; top-1 if all did (oracle); and, of "
        "the errors, those that an oracle router would have avoided.",
        "columns": [
            "system",
            "router accuracy",
            "oracle top-1",
            "hard: router's errors",
            "top-2",
            "soft",
        ],
        "text_columns": 1,
        "rows": [
            [
                name,
                mean_cell(results.figure((name, SOFT), "router_accuracy")),
                mean_cell(results.figure((name, SOFT), "oracle_top1")),
                *(_caused(results, (name, routing)) for routing in (HARD, TOP_2, SOFT)),
            ]
            for name in names
        ],
        "note": "An image that its expert would have got wrong anyway is none of the router's "
        "errors.",
    }


def _caused(results: Results, key: Key) -> str | None:
    if key not in results:
        return None
    shares = results.figure(key, "router_error_share")
    return mean_cell(shares) if len(shares) else None


def _paper_table() -> dict[str, Any]:
    return {
        "name": "paper",
        "title": "The paper's own figures",
        "lead": "Tables 2 and 4 and the run on a CPU: CIFAR-100, hard routing, one run each.",
        "columns": ["groups", "router", "experts", "top-1", "top-3", "epochs", "minutes", "MB"],
        "text_columns": 3,
        "rows": [
            [
                row.grouping,
                row.router,
                row.experts,
                percent(row.top1, 2),
                percent(row.top3, 2),
                str(row.epochs),
                str(row.minutes),
                f"{row.memory_mb:g}",
            ]
            for row in ROWS
        ],
        "note": f"The paper's MB are {PAPER_MB:,} bytes, by its ResNets; so its PreResNet has 44 "
        f"layers. Its router of the last row ({percent(INTRODUCTION_ROUTER_ACCURACY, 0)} of the "
        "groups right) and experts were trained apart from the others, for its competition.",
    }
