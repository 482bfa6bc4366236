"""What all pages share: one HTML file that needs no network, and a PNG of every figure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeltree.errors import MissingExtraError, with_extra
from labeltree.reports.charts import ConfusionMatrices, Figure, Gallery
from labeltree.reports.confusion import page_data
from labeltree.reports.embedding import data_uri
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.palette import DARK, LIGHT

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, FIGURE_FOLDER = "report.html", "figures"


def render(template: str, figures: list[Figure], **content: Any) -> str:
    """A page as HTML.

    Args:
        template: a file of `template/`.
        figures: of the page, in order.
        content: what the template shows besides.

    Raises:
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    return (
        _environment()
        .get_template(template)
        .render(
            figures=figures,
            plots=_plots(figures),
            matrices=_matrices(figures),
            filtered=_filtered(figures),
            palettes={"light": LIGHT, "dark": DARK},
            plotly_script=_plotly_script(),
            **content,
        )
    )


def write_figures(figures: list[Figure], names: Iterable[str], folder: Path) -> None:
    """Write a PNG for each figure.

    Args:
        figures: to draw.
        names: of all figures that there could be; files of those that no longer apply are removed.
        folder: made where it is missing.
    """
    from labeltree.reports.still import write_png

    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.png").unlink(missing_ok=True)
    for figure in figures:
        write_png(figure, folder / f"{figure.name}.png")


def _filtered(figures: list[Figure]) -> bool:
    """Whether the reader can choose among the pictures of some gallery."""
    return any(
        isinstance(panel, Gallery) and panel.filters
        for figure in figures
        for panel in figure.panels
    )


def _plots(figures: list[Figure]) -> dict[str, dict[str, Any]]:
    """Plotly figures by the id of the element that they are drawn in."""
    return {
        f"{figure.name}-{number}": INTERACTIVE[type(panel)](panel)
        for figure in figures
        for number, panel in enumerate(figure.panels)
        if type(panel) in INTERACTIVE
    }


def _matrices(figures: list[Figure]) -> dict[str, dict[str, Any]]:
    """Confusion matrices by the id of the element that they are drawn in."""
    return {
        f"{figure.name}-{number}": page_data(panel)
        for figure in figures
        for number, panel in enumerate(figure.panels)
        if isinstance(panel, ConfusionMatrices)
    }


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise _missing("Jinja2") from None
    environment = Environment(
        loader=PackageLoader("labeltree.reports", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    environment.filters["data_uri"] = data_uri
    environment.tests["interactive"] = lambda chart: type(chart) in INTERACTIVE
    return environment


def _plotly_script() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise _missing("Plotly") from None
    script: str = get_plotlyjs()
    return script.replace("</script", "<\\/script")  # would end the element that holds it


def _missing(what: str) -> MissingExtraError:
    return MissingExtraError(
        f"the report needs {what}, which is not installed: {with_extra('report')}"
    )
