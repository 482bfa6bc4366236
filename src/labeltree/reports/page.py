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
from labeltree.reports.run_folder import RunFolder, read_run_folder
from labeltree.writing import write_text

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE, FIGURE_FOLDER = "report.html", "figures"


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
    run = read_run_folder(run_folder)
    figures = describe(run)
    page = run.path / PAGE
    write_text(page, render_page(run, figures))
    _write_figures(figures, run.path / FIGURE_FOLDER)
    return page


def describe(run: RunFolder) -> list[Figure]:
    """The figures that the run has data for, in the order of the page."""
    return [figure for make in FIGURES.values() if (figure := make(run))]


def render_page(run: RunFolder, figures: list[Figure]) -> str:
    """The page as HTML.

    Raises:
        MissingExtraError: Plotly or Jinja2 is not installed.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=headline.title(run),
            subtitle=headline.subtitle(run),
            sentences=headline.sentences(run),
            key_numbers=headline.key_numbers(run),
            figures=figures,
            plots=_plots(figures),
            scores=score_table(run),
            facts=fact_tables(run),
            recipe=recipe_table(run),
            command=str(run.record.get("command") or ""),
            version=str(run.record.get("labeltree") or ""),
            palettes={"light": LIGHT, "dark": DARK},
            plotly_script=_plotly_script(),
        )
    )


def _plots(figures: list[Figure]) -> dict[str, dict[str, Any]]:
    """Plotly figures by the id of the element that they are drawn in."""
    return {
        f"{figure.name}-{number}": INTERACTIVE[type(panel)](panel)
        for figure in figures
        for number, panel in enumerate(figure.panels)
        if type(panel) in INTERACTIVE
    }


def _write_figures(figures: list[Figure], folder: Path) -> None:
    """Write a PNG for each figure; those of an earlier report that no longer apply are removed."""
    from labeltree.reports.still import write_png

    folder.mkdir(exist_ok=True)
    for name in FIGURES:
        (folder / f"{name}.png").unlink(missing_ok=True)
    for figure in figures:
        write_png(figure, folder / f"{figure.name}.png")


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
    environment.filters["data_uri"] = _data_uri
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
        f"the report needs {what}, which is not installed: pip install 'labeltree[report]'"
    )


def _data_uri(picture: Path) -> str:
    """A thumbnail as part of the page."""
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode("ascii")
