"""PNG figures: every kind of chart is drawn, whatever the labels are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.reports.charts import (
    Axis,
    Bars,
    BarSeries,
    Change,
    Changes,
    Chart,
    Confusion,
    ConfusionMatrices,
    Difference,
    Differences,
    Dot,
    Dots,
    Figure,
    Gallery,
    Goal,
    Heatmap,
    Hierarchy,
    Lines,
    Mark,
    Pair,
    Pairs,
    Picture,
    Scatter,
    Series,
    Table,
    Tile,
)
from labeltree.reports.still import STILL, write_png
from labeltree.reports.still.frame import style
from labeltree.reports.still.lines import draw_lines, size_of_lines

NAMES = ("plain", r"$\frac{a$", "_hidden", "日本語", "مرحبا", "a & <b>", "\\", "%d {0}")


def example(kind: type, name: str, picture: Path) -> Chart:
    tiles = (
        Tile("0", "", name, name, 2, 0.5, ""),
        Tile("1", "0", name, name, 1, 1.0, ""),
        Tile("2", "0", name, name, 1, 0.0, ""),
    )
    line = Series(name, (0.0, 1.0), (0.2, 0.4), "series-1", (0.1, 0.3), (0.3, 0.5), "line+points")
    bars = BarSeries(
        name, (0.4, float("nan")), "series-1", (0.3, float("nan")), (0.5, float("nan"))
    )
    charts: dict[type, Chart] = {
        Lines: Lines(
            (
                line,
                replace(line, style="steps"),
                replace(line, style="dashed", low=(), high=()),
                replace(line, style="points", shape="triangle"),
            ),
            Axis(name, percent=True),
            Axis(name, 0),
            (Mark(0.5, 0.3, name), Mark(0.2, 0.3, name, above=True)),
            diagonal="even",
        ),
        Scatter: Scatter(
            (
                Dots(name, (Dot(1, 0.5, name, name), Dot(100, 0.2, name)), "series-1", joined=True),
                Dots("", (Dot(float("nan"), 0.5, name), Dot(10, 0.4, name)), "quiet", faint=True),
            ),
            Axis(name, log=True),
            Axis(name, percent=True),
            Goal(20, 0.3, name),
        ),
        Bars: Bars((name, name), (bars, replace(bars, shape="diamond", low=())), Axis(name, 0, 1)),
        Differences: Differences(
            (
                Difference(name, 0.1, -0.1, 0.3, name, True),
                Difference(name, 0.0, float("nan"), float("nan"), name, False),
            ),
            Axis(name),
            name,
            f"{name} 2",
        ),
        Changes: Changes(
            (Change(name, 0.5, 0.4, name), Change(name, 0.1, 0.1, name), Change(name, 0, 1, name)),
            Axis(name, percent=True),
            name,
            name,
        ),
        Heatmap: Heatmap(
            (name, name), (name, name), ((np.nan, 0.1), (0.2, np.nan)), name, name, name, ((), ())
        ),
        Hierarchy: Hierarchy(tiles, name, 2, 2),
        Pairs: Pairs((Pair(name, name, 3, 4, (Picture(picture), Picture(picture))),)),
        Gallery: Gallery((Picture(picture, name),) * 7),
        ConfusionMatrices: ConfusionMatrices(
            (Confusion((name,), (name, "b", "c"), (0, 0, 1), (0, 1, 2), (3, 1, 2)),) * 2, (name,)
        ),
    }
    return charts[kind]


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "1.png"
    Image.new("L", (20, 30), 128).save(path)  # neither square nor coloured
    return path


@pytest.mark.parametrize("kind", STILL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_any_label_is_drawn_without_a_warning(
    kind: type, name: str, picture: Path, tmp_path: Path
) -> None:
    chart = example(kind, name, picture)
    figure = Figure("one", name, "", "", (chart,), Table((), ()))
    write_png(figure, tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as image:
        assert len(image.convert("L").getcolors(256) or ()) > 10


def test_panels_stand_in_rows_of_two(picture: Path, tmp_path: Path) -> None:
    sizes = []
    for count in (1, 2, 3):
        panels = (example(Lines, "line", picture),) * count
        write_png(Figure("n", "t", "", "", panels, Table((), ())), tmp_path / "n.png")
        with Image.open(tmp_path / "n.png") as image:
            sizes.append(image.size)
    (one, two, three) = sizes
    assert two[0] == 2 * one[0] and two[1] == one[1]
    assert three[0] == two[0] and three[1] > 1.7 * two[1]


def test_square_panels_stand_three_in_a_row(picture: Path, tmp_path: Path) -> None:
    chart = example(Lines, "line", picture)
    assert isinstance(chart, Lines)
    panels = (replace(chart, square=True),) * 3
    write_png(Figure("n", "t", "", "", panels, Table((), ())), tmp_path / "n.png")
    with Image.open(tmp_path / "n.png") as image:
        assert image.width > 2 * image.height


def test_no_state_of_matplotlib_is_left_behind(picture: Path, tmp_path: Path) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure = Figure("one", "t", "", "", (example(Bars, "a", picture),), Table((), ()))
    write_png(figure, tmp_path / "one.png")
    assert dict(matplotlib.rcParams) == before


def test_a_row_of_panels_is_as_high_as_its_highest(tmp_path: Path) -> None:
    def bars(rows: int) -> Bars:
        values = BarSeries("", (0.5,) * rows, "series-1")
        return Bars(tuple(map(str, range(rows))), (values,), Axis("", 0))

    def height(*panels: Chart) -> int:
        write_png(Figure("f", "f", "", "", panels, Table((), ())), tmp_path / "f.png")
        with Image.open(tmp_path / "f.png") as image:
            return image.height

    title = height(bars(30)) + height(bars(2)) - height(bars(30), bars(2))
    assert 0 < title < 100, "of two figures, one title is saved and nothing is added"


@pytest.mark.parametrize("length", [4, 12, 20, 28])
def test_a_legend_is_not_wider_than_its_panel(length: int) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    names = [f"{number} {'mn' * length}"[:length] for number in range(7)]
    series = tuple(Series(name, (0.0, 1.0), (0.2, 0.4), "series-1") for name in names)
    chart = Lines(series, Axis("x"), Axis("y"))
    width, height = size_of_lines(chart)
    with style():
        sheet = Sheet(figsize=(width, height), layout="constrained")
        canvas = FigureCanvasAgg(sheet)
        axes = sheet.subplots()
        draw_lines(chart, axes)
        canvas.draw()
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_window_extent().x1 <= sheet.bbox.x1
    assert axes.get_window_extent().width > 0.75 * sheet.bbox.width, "the lines have their room"
