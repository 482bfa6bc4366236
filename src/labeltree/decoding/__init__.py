"""From node probabilities to an answer: adaptation, calibration, back-off. Numpy only."""

from __future__ import annotations

from collections.abc import Callable

from labeltree.decoding.adaptation import adapt
from labeltree.decoding.alpha_sweep import AlphaSweep, sweep, sweep_record
from labeltree.decoding.answer import Answer
from labeltree.decoding.back_off import (
    BACK_OFF_RULES,
    BackOffRule,
    answer_quality,
    back_off_rule,
    curve,
)
from labeltree.decoding.calibration import apply_temperature, fit_temperature
from labeltree.decoding.config import DecodingConfig
from labeltree.decoding.crm import crm, crm_answers
from labeltree.decoding.decoder import Decoder
from labeltree.decoding.ensemble import average, subsets
from labeltree.decoding.given import depth_to_tell, given
from labeltree.decoding.inclusive import adapt_inclusive, violations
from labeltree.decoding.label_sets import SetDecoder
from labeltree.decoding.leaf_decoders import hie, rolled_up
from labeltree.taxonomy import Probabilities, Taxonomy

COHERENT: dict[str, Callable[[Taxonomy, Probabilities], Probabilities]] = {
    "roll-up": rolled_up,
    "adaptation": adapt,
    "HiE": hie,
    "CRM": crm,
}
"""Ways to make levels agree that can be compared: `(taxonomy, probabilities (n, num_nodes))` to
coherent probabilities of that shape. The first is the plain baseline."""

__all__ = [
    "BACK_OFF_RULES",
    "COHERENT",
    "AlphaSweep",
    "Answer",
    "BackOffRule",
    "Decoder",
    "DecodingConfig",
    "SetDecoder",
    "adapt",
    "adapt_inclusive",
    "answer_quality",
    "apply_temperature",
    "average",
    "back_off_rule",
    "crm",
    "crm_answers",
    "curve",
    "depth_to_tell",
    "fit_temperature",
    "given",
    "hie",
    "rolled_up",
    "subsets",
    "sweep",
    "sweep_record",
    "violations",
]
