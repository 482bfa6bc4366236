"""Colours stand out from the page and from each other, whoever looks."""

from itertools import combinations

import numpy as np
import pytest

from labeltree.reports.palette import DARK, LIGHT

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@THEMES
def test_colours_stand_out(theme: dict[str, str]) -> None:
    assert set(theme) == set(LIGHT)
    for background in (theme["paper"], theme["page"]):
        for text in ("ink", "quiet", "accent"):
            assert contrast(theme[text], background) >= 4.5
    for role in [*(f"series-{n}" for n in range(1, 6)), "series-baseline", "control"]:
        assert contrast(theme[role], theme["paper"]) >= 3
    for role, steps in {"on-pale": (0, 1, 2), "on-deep": (3, 4)}.items():
        assert all(contrast(theme[role], theme[f"heat-{step}"]) >= 4.5 for step in steps)


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def lab(color: str, vision: np.ndarray) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(vision @ linear, 0, 1) / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@THEMES
@pytest.mark.parametrize("vision", VISIONS)
def test_series_are_told_apart_by_the_colour_blind(theme: dict[str, str], vision: str) -> None:
    seen = [lab(theme[f"series-{n}"], np.array(VISIONS[vision])) for n in range(1, 6)]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 20


@THEMES
def test_a_band_has_the_colour_of_its_series(theme: dict[str, str]) -> None:
    for role in [role for role in theme if role.startswith("series-")]:
        channels = [int(theme[role][at : at + 2], 16) for at in (1, 3, 5)]
        band = theme[role.replace("series", "band")]
        assert band.startswith(f"rgba({','.join(map(str, channels))},")
