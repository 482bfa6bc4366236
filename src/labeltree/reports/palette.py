"""The report's colours: told apart by the colour-blind, in a light and a dark theme.

The series colours follow Okabe and Ito's set, changed until each stands out from its background by
at least 3 : 1 and any two of the five differ by at least 20 (CIE 1976) to people with each kind of
colour blindness. Figures name a colour by its role; the page looks the role up in the theme of the
moment, the PNG files in the light one.
"""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "page": "#f6f5f2",
    "ink": "#1d2126",
    "quiet": "#5b636d",
    "rule": "#dcdad4",
    "control": "#86898e",
    "accent": "#0b62a3",
    "series-1": "#1566d6",
    "series-2": "#de5f0c",
    "series-3": "#009a7c",
    "series-4": "#86197e",
    "series-5": "#5b4118",
    "series-baseline": "#6a717a",
    "band-1": "rgba(21,102,214,0.16)",
    "band-2": "rgba(222,95,12,0.16)",
    "band-3": "rgba(0,154,124,0.16)",
    "band-4": "rgba(134,25,126,0.16)",
    "band-5": "rgba(91,65,24,0.16)",
    "band-baseline": "rgba(106,113,122,0.16)",
    "heat-0": "#f8f4ec",
    "heat-1": "#f6cf97",
    "heat-2": "#e58a3c",
    "heat-3": "#b5440f",
    "heat-4": "#6b1f04",
    "on-pale": "#1d2126",
    "on-deep": "#ffffff",
}

DARK = {
    "paper": "#1b1e23",
    "page": "#131518",
    "ink": "#e9e7e2",
    "quiet": "#a3abb5",
    "rule": "#363b43",
    "control": "#7b828c",
    "accent": "#7cc0f2",
    "series-1": "#3f86ee",
    "series-2": "#d9532f",
    "series-3": "#3fd69c",
    "series-4": "#cc5aaa",
    "series-5": "#f2c840",
    "series-baseline": "#8f97a1",
    "band-1": "rgba(63,134,238,0.20)",
    "band-2": "rgba(217,83,47,0.20)",
    "band-3": "rgba(63,214,156,0.20)",
    "band-4": "rgba(204,90,170,0.20)",
    "band-5": "rgba(242,200,64,0.20)",
    "band-baseline": "rgba(143,151,161,0.20)",
    "heat-0": "#262a30",
    "heat-1": "#573315",
    "heat-2": "#a85a19",
    "heat-3": "#ee9a4d",
    "heat-4": "#ffe2bb",
    "on-pale": "#ffffff",
    "on-deep": "#1d2126",
}

HEAT = ("heat-0", "heat-1", "heat-2", "heat-3", "heat-4")
NUM_SERIES = 5
DEEP = 0.6  # part of the heat scale from which the other text colour stands out more


def text_role(part: float) -> str:
    """Role of text on the heat scale at `part` in [0, 1]."""
    return "on-deep" if part > DEEP else "on-pale"


def series_role(position: int) -> str:
    """Colour role of the series at a position; they repeat when there are more than five."""
    return f"series-{position % NUM_SERIES + 1}"


def band_role(series: str) -> str:
    """Role of the band around a series."""
    return series.replace("series", "band")
