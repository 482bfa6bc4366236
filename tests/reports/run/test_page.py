"""The page as a browser gets it: whole, escaped, without a network, readable without a mouse."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from html_page import LOADING, Page, paint
from PIL import Image

from labeltree.errors import MissingExtraError
from labeltree.reports import write_report
from labeltree.reports.run.figures import RUN_FIGURES


@pytest.fixture(scope="module")
def page(full_run: Path) -> Page:
    return Page(full_run / "report.html")


def test_elements_are_nested_and_ids_unique(page: Page) -> None:
    assert page.open == []
    assert len(set(page.ids())) == len(page.ids())


def test_every_figure_has_its_section_in_order(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == [*RUN_FIGURES, "scores", "run"]
    links = [attributes["href"] for attributes in page.all("a")]
    assert links == ["#main", *(f"#{name}" for name in sections)]
    assert {attributes["aria-labelledby"] for attributes in page.all("section")} <= set(page.ids())


def test_nothing_is_loaded(page: Page) -> None:
    for tag, attributes in page.tags:
        for name in LOADING & set(attributes):
            address = attributes[name] or ""
            beside = tag == "img" and re.fullmatch(r"figures/\w+\.png", address)  # in noscript
            assert address.startswith(("#", "data:")) or beside, (tag, name, address)
    assert "@import" not in page.texts["style"] and "url(" not in page.texts["style"]
    for own in (page.scripts[2][1], page.scripts[-1][1]):  # of the matrices, of all other figures
        assert not re.search(r"https?:|fetch\(|XMLHttpRequest|\beval\b|innerHTML", own)


def test_plotly_is_there_once(page: Page) -> None:
    assert page.html.count("* plotly.js v") == 1
    assert [attributes.get("id") for attributes, _ in page.scripts] == [
        "palettes",
        "matrices",
        None,
        "plots",
        None,
        None,
    ]


def test_plots_are_what_plotly_understands(page: Page) -> None:
    from plotly.graph_objects import Figure

    palettes, plots = page.data("palettes"), page.data("plots")
    assert {f"plot-{name}" for name in plots} <= set(page.ids())
    for theme in palettes.values():
        for plot in plots.values():
            Figure(data=paint(plot["data"], theme), layout=paint(plot["layout"], theme))


def test_the_tree_is_one_tree(page: Page) -> None:
    (trace,) = page.data("plots")["tree-0"]["data"]
    values = dict(zip(trace["ids"], trace["values"], strict=True))
    assert len(values) == len(trace["ids"]) == 12
    assert trace["parents"][0] == "" and set(trace["parents"][1:]) <= set(values)
    inside: dict[str, float] = {}
    for parent, value in zip(trace["parents"], trace["values"], strict=True):
        inside[parent] = inside.get(parent, 0) + value
    assert all(values[node] == size for node, size in inside.items() if node)
    shades = dict(zip(trace["ids"], trace["marker"]["colors"], strict=True))
    for (one, a), (other, b) in pairwise(zip(trace["ids"], trace["parents"], strict=True)):
        assert a != b or shades[one] >= shades[other], "siblings stand worst first"


def test_it_can_be_read_without_seeing_the_figures(page: Page) -> None:
    assert all(attributes.get("alt") is not None for attributes in page.all("img"))
    plots = [a for a in page.all("div") if a.get("class") == "plot"]
    assert plots and all(a["role"] == "img" and a["aria-label"] for a in plots)
    tables = len(page.all("table"))
    assert tables == len(page.all("tbody")) and len(page.all("details")) == len(RUN_FIGURES) + 1
    assert all(attributes.get("scope") for attributes in page.all("th"))
    labels = {attributes["for"] for attributes in page.all("label")}
    assert {attributes["id"] for attributes in page.all("input")} == labels
    assert all(attributes.get("type") == "button" for attributes in page.all("button"))


def test_pictures_are_in_the_page(page: Page) -> None:
    pictures = [a for a in page.all("img") if (a["src"] or "").startswith("data:image/png;base64,")]
    assert len(pictures) > 20


def test_figures_are_beside_the_page(full_run: Path) -> None:
    files = {path.name for path in (full_run / "figures").iterdir()}
    assert files == {f"{name}.png" for name in RUN_FIGURES}
    for name in files:
        with Image.open(full_run / "figures" / name) as image:
            assert image.width >= 600 and image.height >= 200
            assert len(image.convert("L").getcolors(256) or ()) > 20, f"{name} is blank"


def test_hostile_names_stay_text(make_run) -> None:
    hostile = "<img src=x onerror=alert(1)></title></script><script>alert(2)</script>"

    def rename(record: dict) -> None:
        record.update(name=hostile, command=hostile)
        record["data"]["source"] = record["recipe"]["method"] = hostile

    folder = make_run(tree="hostile", images=300, change=rename)
    page = Page(write_report(folder))
    assert page.open == [] and len(page.scripts) == 6
    assert page.texts["h1"] == hostile and page.texts["pre"] == hostile
    assert all(set(attributes) == {"style"} for attributes in page.all("i"))
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    (trace,) = page.data("plots")["tree-0"]["data"]
    assert not any("<" in label for label in trace["labels"])
    paths = page.data("plots")["tree-0"]["paths"]
    assert "dog </script><b>x/$\\frac{a$" in paths and not any("\n" in path for path in paths)


@pytest.mark.usefixtures("without_pictures")
def test_a_report_is_replaced_as_a_whole(make_run) -> None:
    folder = make_run(images=100)
    write_report(folder)
    (folder / "figures" / "mine.png").write_bytes(b"not the report's")
    (folder / "metrics.csv").unlink()
    page = Page(write_report(folder))
    assert "training" not in page.ids()
    left = {path.name for path in (folder / "figures").iterdir()}
    assert left == {f"{name}.png" for name in RUN_FIGURES if name != "training"} | {"mine.png"}


@pytest.mark.parametrize("module", ["jinja2", "plotly.offline"])
def test_a_missing_extra_is_named(module: str, full_run: Path, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(MissingExtraError, match="with its extra 'report'"):
        write_report(full_run)
