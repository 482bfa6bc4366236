"""The measured figures as tables and sentences, beside what the paper says."""

from __future__ import annotations

from typing import Any

import numpy as np

from labeltree.reports.words import percent, points
from labeltree.studies.category_labels.schemes import ADAPTED, CLASS, COMBINED, Results
from labeltree.studies.cells import mean_cell
from labeltree.studies.verdicts import better, told

PAPER = {CLASS: 0.1828, COMBINED: 0.173}
"""Table 5."""

_SHOWN = 10  # classes at each end


def conclusions(results: Results) -> list[str]:
    """The main result in a sentence."""
    level = results.levels[-1]
    errors = {name: percent(one.errors[:, -1].mean(), 2) for name, one in results.schemes.items()}
    return [
        f"Error at the {level} level with class labels {errors[CLASS]}, with class and category "
        f"labels {errors[COMBINED]}, after adaptation {errors[ADAPTED]} (mean of "
        f"{len(results.seeds)} seeds)."
    ]


def findings(results: Results) -> list[dict[str, str]]:
    """For the record: claim, verdict and what was measured."""
    fine = results.levels[-1]
    test = results.test(CLASS, COMBINED, fine)
    gains = results.class_gains
    found = [
        {
            "claim": "class and category labels together give a lower error than class labels "
            "alone (17.3 against 18.28 %)",
            "verdict": better(test, COMBINED),
            "measured": f"{_errors(results, CLASS)}, {_errors(results, COMBINED)}{told(test)}; "
            f"{int((gains > 0).sum())} of {len(gains)} classes gain, {int((gains < 0).sum())} lose",
        }
    ]
    adapted = results.test(CLASS, ADAPTED, fine)
    found.append(
        {
            "claim": "so do they when both answers are made to agree (adaptation, not in the "
            "paper)",
            "verdict": better(adapted, ADAPTED),
            "measured": f"{_errors(results, CLASS)}, {_errors(results, ADAPTED)}{told(adapted)}",
        }
    )
    return found


def tables(results: Results) -> list[dict[str, Any]]:
    """For the record: table 5, and the classes that gain and lose most."""
    return [_schemes(results), _classes(results)]


def _schemes(results: Results) -> dict[str, Any]:
    return {
        "name": "schemes",
        "title": "Class labels against class and category labels",
        "lead": "Top-1 error on the test images, mean ± standard deviation over seeds.",
        "columns": ["labels", *reversed(results.levels), "paper"],
        "text_columns": 1,
        "rows": [
            [
                name,
                *(
                    mean_cell(one.errors[:, depth])
                    for depth in reversed(range(len(results.levels)))
                ),
                percent(PAPER[name], 2) if name in PAPER else None,
            ]
            for name, one in results.schemes.items()
        ],
        "note": "Class labels alone: probabilities of the categories are sums of those of their "
        "classes. The paper's error is that of its network on 100 classes of ImageNet.",
    }


def _classes(results: Results) -> dict[str, Any]:
    rows = results.class_rows()
    order = np.argsort(-results.class_gains, kind="stable").tolist()
    few = len(order) <= 2 * _SHOWN
    shown = order if few else [*order[:_SHOWN], *order[-_SHOWN:]]
    return {
        "name": "classes",
        "title": "Classes" if few else "Classes that gain and lose most",
        "lead": "Error with class labels and with class and category labels, mean over seeds.",
        "columns": ["class", "class", "class + category", "gain, points"],
        "text_columns": 1,
        "rows": [
            [
                rows[place]["class"],
                percent(rows[place]["errors"][CLASS]),
                percent(rows[place]["errors"][COMBINED]),
                points(rows[place]["gain"], 1),
            ]
            for place in shown
        ],
        "note": "The ends of a list of chance differences look large, too: the paper's examples "
        "(convertible 14.2 to 10.2 %, sports car 15.6 to 12.8 %) are 50 images each.",
    }


def _errors(results: Results, scheme: str) -> str:
    return f"{scheme} {percent(results.schemes[scheme].errors[:, -1].mean(), 2)}"
