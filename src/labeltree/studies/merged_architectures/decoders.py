"""Adaptation beside the decoders that published work found strong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labeltree.decoding import adapt, crm, hie, rolled_up
from labeltree.metrics import METRICS, top_k_accuracy
from labeltree.studies.merged_architectures.ensembles import FLAT, Results
from labeltree.taxonomy import Probabilities, Taxonomy


def _as_predicted(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    return probabilities


def _crm_adapted(taxonomy: Taxonomy, probabilities: Probabilities) -> Probabilities:
    return crm(taxonomy, adapt(taxonomy, probabilities))


DECODERS: dict[str, Callable[[Taxonomy, Probabilities], Probabilities]] = {
    "each level by its head": _as_predicted,
    "fine head, rolled up": rolled_up,
    "adaptation, α = 1": adapt,
    "HiE": hie,
    "CRM on the fine head": crm,
    "CRM after adaptation": _crm_adapted,
}

FLAT_DECODERS = ("fine head, rolled up", "CRM on the fine head")
"""Those that need no coarse head."""

SCORES = ("ahd@1", "mistake_severity", "tice")


def compare_decoders(results: Results) -> list[dict[str, Any]]:
    """For each variant and decoder the mean and standard deviation over single networks.

    Returns:
        One dictionary each: network, variant, decoder, `errors` (a mean and sd per level) and
        a mean and sd for each of `SCORES`; sd is None for a single seed.
    """
    return [
        {"network": network, "variant": name, "decoder": decoder, **_scores(results, key, decoder)}
        for key in results.variants
        for network, name in [key]
        for decoder in (FLAT_DECODERS if name == FLAT else DECODERS)
    ]


def _scores(results: Results, key: tuple[str, str], decoder: str) -> dict[str, Any]:
    taxonomy, split = results.taxonomy, results.variants[key].test
    decoded = [DECODERS[decoder](taxonomy, member) for member in split.members]
    errors = [
        [1 - accuracy for accuracy in top_k_accuracy(taxonomy, one, split.targets)]
        for one in decoded
    ]
    scores = {
        score: _mean_and_sd([METRICS[score](taxonomy, one, split.targets) for one in decoded])
        for score in SCORES
    }
    by_level = zip(results.levels, zip(*errors, strict=True), strict=True)
    return {"errors": {level: _mean_and_sd(values) for level, values in by_level}, **scores}


def _mean_and_sd(values: Any) -> dict[str, float | None]:
    array = np.asarray(list(values), dtype=np.float64)
    sd = float(array.std(ddof=1)) if len(array) > 1 else None
    return {"mean": float(array.mean()), "sd": sd}
