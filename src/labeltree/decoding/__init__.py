"""From node probabilities to an answer: adaptation, calibration, back-off. Numpy only."""

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
from labeltree.decoding.decoder import Decoder

__all__ = [
    "BACK_OFF_RULES",
    "AlphaSweep",
    "Answer",
    "BackOffRule",
    "Decoder",
    "DecodingConfig",
    "adapt",
    "answer_quality",
    "apply_temperature",
    "back_off_rule",
    "curve",
    "fit_temperature",
    "sweep",
    "sweep_record",
]
