"""The report's colours: told apart by the colour-blind, in a light and a dark theme.

The series colours follow Okabe and Ito's set, darkened or lightened until each stands out from its
background by at least 3 : 1. Figures name a colour by its role; the page looks the role up in the
theme of the moment, the PNG files in the light one.
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
    "series-1": "#0b6fb8",
    "series-2": "#c4500f",
    "series-3": "#00795c",
    "series-4": "#9a4a86",
    "series-5": "#7a6a00",
    "band-1": "rgba(11,111,184,0.16)",
    "band-2": "rgba(196,80,15,0.16)",
    "band-3": "rgba(0,121,92,0.16)",
    "band-4": "rgba(154,74,134,0.16)",
    "band-5": "rgba(122,106,0,0.16)",
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
    "series-1": "#62b1ee",
    "series-2": "#f28e50",
    "series-3": "#43c3a0",
    "series-4": "#dc97c8",
    "series-5": "#d6c24a",
    "band-1": "rgba(98,177,238,0.20)",
    "band-2": "rgba(242,142,80,0.20)",
    "band-3": "rgba(67,195,160,0.20)",
    "band-4": "rgba(220,151,200,0.20)",
    "band-5": "rgba(214,194,74,0.20)",
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
