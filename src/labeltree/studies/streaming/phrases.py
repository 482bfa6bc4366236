"""What the study's sentences have in common."""

from __future__ import annotations

from labeltree.reports.words import percent, points
from labeltree.studies.streaming.comparisons import name_of
from labeltree.studies.streaming.plan import UNPROTECTED
from labeltree.studies.streaming.results import Key, Results

Finding = tuple[str, str, str]
"""Claim, verdict and what was measured."""


def how(key: Key) -> str:
    """In which way a network was streamed."""
    return "without protection" if key.protection == UNPROTECTED else f"with {key.protection}"


def after(results: Results, key: Key) -> str:
    """What a streamed network knows of the original and of the new images."""
    return (
        f"{percent(results.mean(key, 'original_top5'))} (all labels of "
        f"{percent(results.mean(key, 'streaming_top5_all'))} of the new images found)"
    )


def both(results: Results, a: Key, b: Key, name: str) -> str:
    """One figure of two networks."""
    return ", ".join(f"{name_of(key)} {percent(results.mean(key, name))}" for key in (a, b))


def change(results: Results, key: Key) -> str:
    """Of the original top-5."""
    return f"{points(float(results.change(key).mean()))} points"
