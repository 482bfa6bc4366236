"""From node probabilities to an answer: adaptation, calibration, back-off. Numpy only."""

from labeltree.decoding.adaptation import adapt
from labeltree.decoding.alpha_sweep import AlphaSweep, sweep, sweep_record
from labeltree.decoding.answer import Answer
from labeltree.decoding.backoff import (
    BACK_OFF_RULES,
    BackOffRule,
    answer_quality,
    answers,
    curve,
    explain,
    fit,
)
from labeltree.decoding.calibration import apply_temperature, fit_temperature
from labeltree.decoding.coherence import incoherence, is_coherent
from labeltree.decoding.config import DecodingConfig
from labeltree.decoding.darts import information
from labeltree.decoding.decoder import Decoder
from labeltree.decoding.staircase import Staircase, is_right
from labeltree.decoding.threshold import walk_down

__all__ = [
    "BACK_OFF_RULES",
    "AlphaSweep",
    "Answer",
    "BackOffRule",
    "Decoder",
    "DecodingConfig",
    "Staircase",
    "adapt",
    "answer_quality",
    "answers",
    "apply_temperature",
    "curve",
    "explain",
    "fit",
    "fit_temperature",
    "incoherence",
    "information",
    "is_coherent",
    "is_right",
    "sweep",
    "sweep_record",
    "walk_down",
]
