"""What all PNG figures share: type, colours, axes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from labeltree.reports.charts import Axis
from labeltree.reports.palette import HEAT, LIGHT
from labeltree.reports.ticks import log_text, log_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap

# Scripts that DejaVu Sans lacks, where the machine has a font for them.
FURTHER_FONTS = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans Devanagari",
    "Noto Sans Arabic",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Arial Unicode MS",
)


MARKERS = {"circle": "o", "diamond": "D", "square": "s", "triangle": "^", "cross": "X"}


def legend_name(text: str) -> str:
    """A name for a legend, which leaves out those that begin with an underscore."""
    return f" {text}" if text.startswith("_") else text


@cache
def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FURTHER_FONTS if name in installed)]


@contextmanager
def style() -> Iterator[None]:
    """The report's look, for as long as figures are drawn."""
    from matplotlib import rc_context

    look: Any = {
        "text.parse_math": False,  # a dollar sign in a label is no formula
        "font.family": _fonts(),
        "font.size": 9,
        "text.color": LIGHT["ink"],
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelcolor": LIGHT["quiet"],
        "axes.edgecolor": LIGHT["rule"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": LIGHT["rule"],
        "grid.linewidth": 0.6,
        "xtick.color": LIGHT["quiet"],
        "ytick.color": LIGHT["quiet"],
        "legend.frameon": False,
        "legend.fontsize": 8,
    }
    with rc_context(look), warnings.catch_warnings():
        # A sign that no installed font has is drawn as a box; the page shows it rightly.
        warnings.filterwarnings("ignore", message="(?s).*Glyph .* missing from")
        yield


def color(role: str) -> str:
    """The colour of a role, for paper."""
    return LIGHT[role]


def heat_map() -> LinearSegmentedColormap:
    """The scale of shares, from none to the most."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heat", [LIGHT[role] for role in HEAT])


def set_axis(axes: Axes, which: str, axis: Axis) -> None:
    """Label, limits and ticks of the x or y axis."""
    from matplotlib.ticker import MaxNLocator

    axes.set(**{f"{which}label": axis.label})
    if axis.log:
        _set_log(axes, which, axis.percent)
        return
    if axis.low is not None and axis.high is not None:
        room = 0.015 * (axis.high - axis.low)
        axes.set(**{f"{which}lim": (axis.low - room, axis.high + room)})
    elif axis.low is not None:
        low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
        axes.set(**{f"{which}lim": (min(axis.low, low) if low < axis.low else axis.low, high)})
    ruler = axes.xaxis if which == "x" else axes.yaxis
    ruler.set_major_locator(MaxNLocator(6, integer=axis.whole, steps=[1, 2, 5, 10]))
    if axis.percent:
        ruler.set_major_formatter(percent_tick)


def _set_log(axes: Axes, which: str, percent: bool) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    axes.set(**{f"{which}scale": "log"})
    ticks = log_ticks(*(axes.get_xlim() if which == "x" else axes.get_ylim()))
    ruler = axes.xaxis if which == "x" else axes.yaxis
    ruler.set_major_locator(FixedLocator(ticks))
    ruler.set_major_formatter(FixedFormatter([log_text(tick, percent) for tick in ticks]))
    ruler.set_minor_locator(NullLocator())


def add_legend(axes: Axes, columns: int, *drawn_and_names: list[Any]) -> None:
    """The legend above the axes, and the title above the legend."""
    legend = axes.legend(
        *drawn_and_names,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        borderaxespad=0.2,
    )
    lines = -(-len(legend.get_texts()) // columns)
    axes.set_title(axes.get_title(loc="left"), pad=10 + 14 * lines)


def add_key(axes: Axes, drawn: ScalarMappable, name: str) -> None:
    """The key of the heat scale."""
    assert axes.figure is not None
    key = axes.figure.colorbar(
        drawn, ax=axes, shrink=0.4, aspect=25, fraction=0.04, pad=0.02, format=percent_tick
    )
    key.outline.set_visible(False)
    key.set_label(name, color=color("quiet"))


def percent_tick(share: float, _: object = None) -> str:
    """A fraction on an axis."""
    return f"{100 * share:.3g}%"
