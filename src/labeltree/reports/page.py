"""The report: one HTML page that needs no network, and a PNG of every figure."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeltree.errors import MissingExtraError
from labeltree.reports import headline
from labeltree.reports.charts import Figure
from labeltree.reports.facts import fact_tables, recipe_table, score_table
from labeltree.reports.figures import FIGURES
from labeltree.reports.interactive import INTERACTIVE
from labeltree.reports.palette import DARK, LIGHT
from labeltree.reports.run_folder import read_run_folder
from labeltree.reports.words import percent

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, FIGURE_FOLDER = "report.html", "figures"
TEMPLATE = "page.html.j2"


def write_report(run_folder: Path) -> Path:
    """Write `report.html` and `figures/*.png` into a run folder.

    Only the files of the run are read; no model is opened. What the run did not measure is left
    out. An earlier report is replaced, since it says nothing that the run's files do not.

    Args:
        run_folder: made by a run; holds at least `record.json`.

    Returns:
        The path of the page.

    Raises:
        ModelFolderError: there is no record, or a file is damaged.
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    environment, plotly_script = _environment(), _plotly_script()
    run = read_run_folder(run_folder)
    figures = [figure for describe in FIGURES.values() if (figure := describe(run))]
    page = run.path / PAGE
    html = environment.get_template(TEMPLATE).render(
        run=run,
        title=headline.title(run),
        subtitle=headline.subtitle(run),
        sentences=headline.sentences(run),
        key_numbers=headline.key_numbers(run),
        figures=figures,
        plots=_plots(figures),
        scores=score_table(run),
        facts=fact_tables(run),
        recipe=recipe_table(run),
        palettes={"light": LIGHT, "dark": DARK},
        plotly_script=plotly_script,
    )
    page.write_text(html, encoding="utf-8")
    write_figures(figures, run.path / FIGURE_FOLDER)
    return page


def write_figures(figures: list[Figure], folder: Path) -> None:
    """Write a PNG for each figure; those of an earlier report that no longer apply are removed."""
    from labeltree.reports.still import write_png

    folder.mkdir(exist_ok=True)
    for name in FIGURES:
        (folder / f"{name}.png").unlink(missing_ok=True)
    for figure in figures:
        write_png(figure, folder / f"{figure.name}.png")


def _plots(figures: list[Figure]) -> dict[str, dict[str, Any]]:
    """Plotly figures by the id of the element that they are drawn in."""
    return {
        f"{figure.name}-{number}": INTERACTIVE[type(panel)](panel)
        for figure in figures
        for number, panel in enumerate(figure.panels)
        if type(panel) in INTERACTIVE
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
    environment.filters |= {"percent": percent, "data_uri": _data_uri}
    environment.tests["interactive"] = lambda chart: type(chart) in INTERACTIVE
    return environment


def _plotly_script() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise _missing("Plotly") from None
    script: str = get_plotlyjs()
    return script


def _missing(what: str) -> MissingExtraError:
    return MissingExtraError(
        f"the report needs {what}, which is not installed: pip install 'labeltree[report]'"
    )


def _data_uri(picture: Path) -> str:
    """A thumbnail as part of the page."""
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode("ascii")
