"""The page as a browser gets it: whole, escaped, without a network, with its tables beside it."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from html_page import LOADING, Page, paint
from PIL import Image

from labeltree.reports import write_report

FIGURES = [
    *("suspects", "misfits", "pairs_within", "pairs_across", "accounting"),
    *("branches_1", "branches_2", "leakage_1", "leakage_2"),
]


@pytest.fixture(scope="module")
def page(full_audit: Path) -> Page:
    return Page(full_audit / "report.html")


def test_everything_has_its_section_in_order(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == [*FIGURES, "files", "run"]
    links = [attributes["href"] or "" for attributes in page.all("a")]
    assert [link for link in links if link[0] == "#"] == ["#main", *(f"#{one}" for one in sections)]
    assert page.open == [] and len(set(page.ids())) == len(page.ids())


def test_what_is_wrong_stands_on_top(page: Page, full_audit: Path) -> None:
    text = page.html[: page.html.index("<nav")].replace("\u202f", " ")
    for part in ("my photos", "get a wrong class", "What to do first: look at the", "dingo"):
        assert part in text
    assert text.count('class="summary') == 3


def test_the_tables_are_linked(page: Page, full_audit: Path) -> None:
    links = [unquote(a["href"] or "") for a in page.all("a") if (a["href"] or "")[0] != "#"]
    assert links == [
        *("./suspicious_labels.csv", "./misfits.csv", "./confused_pairs.csv"),
        *("./leakage_class.csv", "./leakage_family.csv"),
    ]
    assert all((full_audit / link).is_file() for link in links)


def test_nothing_is_loaded(page: Page) -> None:
    for tag, attributes in page.tags:
        for name in LOADING & set(attributes):
            address = attributes[name] or ""
            beside = tag == "img" and re.fullmatch(r"figures/\w+\.png", address)
            linked = tag == "a" and re.fullmatch(r"\./\w+\.csv", address)
            assert address.startswith(("#", "data:")) or beside or linked, (tag, name, address)
    assert not re.search(r"https?:|fetch\(|\beval\b|innerHTML", page.scripts[-1][1])


def test_plots_are_what_plotly_understands(page: Page) -> None:
    from plotly.graph_objects import Figure

    palettes, plots = page.data("palettes"), page.data("plots")
    assert {f"plot-{name}" for name in plots} <= set(page.ids()) and len(plots) == 5
    for theme in palettes.values():
        for plot in plots.values():
            Figure(data=paint(plot["data"], theme), layout=paint(plot["layout"], theme))


def test_the_gallery_can_be_filtered(page: Page, full_audit: Path) -> None:
    suspects = json.loads((full_audit / "record.json").read_text())["suspects"]
    pictures = [attributes for attributes in page.all("li") if "data-key-0" in attributes]
    assert len(pictures) == len(suspects)
    boxes = page.all("select")
    assert [box["data-key"] for box in boxes] == ["0", "1"]
    assert {box["id"] for box in boxes} <= {label["for"] for label in page.all("label")}
    (tools,) = [a for a in page.all("div") if "data-filters" in a]
    (more,) = [a for a in page.all("button") if "data-more" in a]
    assert tools["data-filters"] == more["data-more"] == "gallery-suspects-0"
    assert "hidden" in tools and "hidden" in more, "without a script all pictures are there"
    assert tools["data-filters"] in page.ids()


def test_it_can_be_read_without_seeing_the_figures(page: Page) -> None:
    assert all(attributes.get("alt") is not None for attributes in page.all("img"))
    plots = [a for a in page.all("div") if a.get("class") == "plot"]
    assert plots and all(a["role"] == "img" and a["aria-label"] for a in plots)
    assert len(page.all("details")) == len(FIGURES)


def test_figures_are_beside_the_page(full_audit: Path) -> None:
    files = {path.name for path in (full_audit / "figures").iterdir()}
    assert files == {f"{name}.png" for name in FIGURES}
    for name in files:
        with Image.open(full_audit / "figures" / name) as image:
            assert image.width >= 600 and image.height >= 200
            assert len(image.convert("L").getcolors(256) or ()) > 20, f"{name} is blank"


def test_hostile_names_stay_text(make_audit, hostile_files: tuple[str, ...]) -> None:
    bad = "<img src=x onerror=alert(1)></title></script><script>alert(2)</script>"

    def rename(record: dict) -> None:
        record.update(name=bad, command=bad, notes=[bad])
        record["data"]["source"] = record["model"]["method"] = bad

    page = Page(write_report(make_audit(tree="hostile", files=hostile_files, change=rename)))
    assert page.open == [] and len(page.scripts) == 5
    assert page.texts["h1"] == bad and page.texts["pre"] == bad
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert not page.all("b") or all(attributes == {} for attributes in page.all("b"))
    found = page.texts["code"]
    assert all(name in found for name in hostile_files), "file names are shown whole"
    for plot in page.data("plots").values():
        for axis in ("xaxis", "yaxis"):
            assert not any("<" in text for text in plot["layout"][axis].get("ticktext", ()))


def test_a_level_whose_file_is_elsewhere(make_audit, write_page) -> None:
    def point_away(record: dict) -> None:
        record["levels"][0]["file"] = "../../secret.csv"
        record["levels"][1]["file"] = "javascript:alert(1)"

    folder = make_audit(change=point_away)
    (folder.parent.parent / "secret.csv").write_text("from,to,images\na,b,1\n")
    page = Page(write_page(folder))
    links = [a["href"] or "" for a in page.all("a")]
    assert not any("secret" in link or "script" in link for link in links)


@pytest.mark.usefixtures("without_pictures")
def test_a_report_is_replaced_as_a_whole(make_audit) -> None:
    folder = make_audit()
    write_report(folder)
    (folder / "figures" / "mine.png").write_bytes(b"not the report's")
    record = json.loads((folder / "record.json").read_text())
    record["levels"], record["suspects"] = record["levels"][:1], []
    (folder / "record.json").write_text(json.dumps(record))
    write_report(folder)
    left = {path.stem for path in (folder / "figures").iterdir()}
    assert left == set(FIGURES) - {"suspects", "branches_2", "leakage_2"} | {"mine"}


@pytest.mark.parametrize("tree", ["one level", "thousand"])
def test_small_and_large_trees(make_audit, write_page, tree: str) -> None:
    path = write_page(make_audit(tree=tree, images=3000, wrong=260, side=96))
    page = Page(path)
    assert page.open == [] and path.stat().st_size < 8_000_000
    assert len([a for a in page.all("li") if "data-key-0" in a]) == 200
    if tree == "thousand":
        (heat,) = page.data("plots")["leakage_1-0"]["data"]
        assert len(heat["z"]) == 60, "more could not be read"
