"""Coarse probability against rolled-up fine probability for one category: figure 1 (a–c)."""

from __future__ import annotations

from typing import Any

import numpy as np

from labeltree.decoding import adapt
from labeltree.studies.merged_architectures.ensembles import Results
from labeltree.taxonomy import Probabilities

_MOST_OTHERS = 1000  # images of other categories that are drawn, besides all of this one

PANELS = (
    ("separate networks", "separate", False),
    ("joint training (merge-3)", "merge-3", False),
    ("separate networks, adapted", "separate", True),
)


def agreement(results: Results) -> dict[str, Any]:
    """The points of figure 1, of the first network's first seed on the test split.

    The category is the first coarse label with children, as in the paper. All its images are
    drawn and some of the others; `images`, `mean_gap` and `max_gap` are of all images.
    """
    taxonomy, network = results.taxonomy, results.networks[0]
    category = int(taxonomy.inner(1)[0])
    panels = []
    for title, name, adapted in PANELS:
        if (network, name) not in results.variants:
            continue
        split = results.variants[network, name].test
        belongs = taxonomy.is_at_or_below(split.targets, np.full_like(split.targets, category))
        member = split.members[0]
        member = adapt(taxonomy, member) if adapted else member
        coarse, rolled_up = member[:, category], member[:, taxonomy.children(category)].sum(axis=1)
        gaps = np.abs(coarse - rolled_up)
        shown = _shown(belongs)
        panels.append(
            {
                "title": title,
                "images": len(member),
                "mean_gap": float(gaps.mean()),
                "max_gap": float(gaps.max()),
                "coarse": _rounded(coarse[shown]),
                "rolled_up": _rounded(rolled_up[shown]),
                "belongs": belongs[shown].tolist(),
            }
        )
    return {"category": taxonomy.paths[category], "network": network, "panels": panels}


def _shown(belongs: np.ndarray) -> np.ndarray:
    others = np.flatnonzero(~belongs)
    if len(others) > _MOST_OTHERS:
        others = np.random.default_rng(0).choice(others, _MOST_OTHERS, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(belongs), others]))


def _rounded(values: Probabilities) -> list[float]:
    return [round(float(value), 4) for value in values]
