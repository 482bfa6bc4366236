"""From raw node probabilities on two splits and a decoder to the figures of a record.

Everything that is chosen (temperature, back-off, the best α) is chosen on the validation split;
everything that is reported as a result is measured on the test split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.decoding.alpha_sweep import sweep, sweep_record
from labeltree.decoding.back_off import answer_quality, curve
from labeltree.decoding.decoder import Decoder
from labeltree.decoding.label_sets import SetDecoder
from labeltree.metrics import (
    all_in_top_k,
    label_set_summary,
    reliability,
    summary,
    top_k_accuracy,
)
from labeltree.metrics.levels import mean
from labeltree.metrics.top_k import target_ranks

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Assessment:
    """What was measured.

    Attributes:
        probabilities: decoded, of the test split, `(n, num_nodes)`.
        figures: the parts of a record from `decoding` on.
    """

    probabilities: Probabilities
    figures: dict[str, Any]


def assess(
    validation: Collection,
    validation_raw: Probabilities,
    test: Collection,
    test_raw: Probabilities,
    decoder: Decoder,
) -> Assessment:
    """Measure everything on the test split, and what was chosen by also on the validation split.

    Args:
        validation: images and targets.
        validation_raw: node probabilities as the method gives them, `(n, num_nodes)`.
        test: images and targets.
        test_raw: likewise.
        decoder: fitted on validation images.
    """
    taxonomy = validation.taxonomy
    swept = sweep_record(
        sweep(taxonomy, validation_raw, validation.targets),
        sweep(taxonomy, test_raw, test.targets),
    )
    decoded = decoder(taxonomy, test_raw)
    figures = {
        "decoding": decoder.to_record(),
        "validation": summary(taxonomy, decoder(taxonomy, validation_raw), validation.targets),
        **measure(decoder, test, test_raw, decoded),
        "alpha_sweep": swept,
    }
    return Assessment(decoded, figures)


def measure(
    decoder: Decoder, test: Collection, raw: Probabilities, decoded: Probabilities
) -> dict[str, Any]:
    """The figures of a fitted decoder on a test split; see `docs/formats.md`."""
    taxonomy, targets = test.taxonomy, test.targets
    return {
        "test": summary(taxonomy, decoded, targets),
        "test_before_decoding": summary(taxonomy, raw, targets),
        "back_off_curve": curve(decoder.rule, taxonomy, decoded, targets),
        "back_off": {
            "target_accuracy": decoder.target_accuracy,
            **answer_quality(taxonomy, decoder.answers(taxonomy, decoded), targets),
        },
        "reliability": reliability(taxonomy, decoded, targets),
    }


def validation_figures(validation: Collection, raw: Probabilities) -> dict[str, float]:
    """What is told after every epoch: loss, top-1 of each level, top-5 of the last.

    Where images have several labels, also the share whose labels are all among the five most
    probable leaves.
    """
    taxonomy, targets = validation.taxonomy, validation.targets
    likelihoods = raw[np.arange(len(targets)), targets]
    losses = -np.log(np.maximum(likelihoods, 1e-12))
    figures = {"validation_loss": float(losses.mean()) if len(losses) else float("nan")}
    accuracies = top_k_accuracy(taxonomy, raw, targets)
    names = (f"validation_top1_{name}" for name in taxonomy.level_names)
    figures |= dict(zip(names, accuracies, strict=True))
    ranks = target_ranks(taxonomy, raw, targets, taxonomy.depth)
    figures[f"validation_top5_{taxonomy.level_names[-1]}"] = mean(ranks < 5)
    if validation.sets is not None:
        leaf_values = raw[:, taxonomy.leaves]
        figures["validation_all_in_top5"] = all_in_top_k(
            taxonomy, leaf_values, validation.sets, k=5
        )
    return figures


def label_set_figures(
    decoder: SetDecoder, part: Collection, presence: Probabilities | None
) -> dict[str, Any]:
    """`label_sets` of a record for one split, of a method whose labels do not exclude each other.

    Args:
        decoder: fitted on validation images.
        part: images and labels.
        presence: of each leaf, `(n, num_leaves)`.
    """
    assert presence is not None
    return label_set_summary(part.taxonomy, presence, decoder.answers(presence), part.labels)
