"""The page of a study: whole, escaped, without a network; and its tables as Markdown."""

import re
from pathlib import Path
from typing import Any

import pytest
from html_page import LOADING, Page, paint
from PIL import Image

from labeltree.errors import MissingExtraError, ModelFolderError
from labeltree.reports import study_markdown, write_report
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.words import VERDICTS

FIGURES = list(STUDY_FIGURES["merged-architectures"])
HOSTILE = "a|b\n</title></script><script>alert(1)</script> ![x](http://x) `c` *d*"


@pytest.fixture(scope="module")
def page(full_study: Path) -> Page:
    return Page(full_study / "report.html")


def visible(page: Page) -> str:
    """The page without its scripts."""
    return page.html[: page.html.index('<script type="application/json"')]


def test_everything_has_its_section_in_order(page: Page) -> None:
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == ["findings", "table-1", *FIGURES, "run"]
    links = [attributes["href"] for attributes in page.all("a")]
    assert links == ["#main", *(f"#{name}" for name in sections)]
    assert page.open == [] and len(set(page.ids())) == len(page.ids())


def test_nothing_is_loaded(page: Page) -> None:
    for tag, attributes in page.tags:
        for name in LOADING & set(attributes):
            address = attributes[name] or ""
            beside = tag == "img" and re.fullmatch(r"figures/\w+\.png", address)
            assert address.startswith(("#", "data:")) or beside, (tag, name, address)


def test_plots_are_what_plotly_understands(page: Page) -> None:
    from plotly.graph_objects import Figure

    palettes, plots = page.data("palettes"), page.data("plots")
    assert len(plots) == 6 + 4 + 3
    for theme in palettes.values():
        for plot in plots.values():
            Figure(data=paint(plot["data"], theme), layout=paint(plot["layout"], theme))


def test_a_verdict_is_a_sign_and_a_word(page: Page, record: dict[str, Any]) -> None:
    found = re.findall(r'aria-hidden="true">(.)</span> (\w+)</td>', page.html)
    assert found == [(VERDICTS[one["verdict"]], one["verdict"]) for one in record["findings"]]
    assert len(set(VERDICTS.values())) == len(VERDICTS)


def test_what_the_page_says(page: Page, record: dict[str, Any]) -> None:
    text = visible(page).replace("\u202f", " ")
    assert page.texts["h1"] == record["title"] and page.texts["pre"] == record["command"]
    assert "scale: small · AMD EPYC, 2 cores · 2026-11-21" in text
    for sentence in record["conclusions"]:
        assert sentence in text
    for part in ("1 of 3", "1 undecided", "networks trained", "1.7 h", "this command", "55.2 min"):
        assert part in text
    assert "slim merge-3 seed 4" in text and "946,360" in text
    assert "<td>b7d5f5cc81+changes</td>" in text, "commits are short in the table of members"


def test_figures_and_tables_are_beside_the_page(full_study: Path) -> None:
    files = {path.name for path in (full_study / "figures").iterdir()}
    assert files == {f"{name}.png" for name in FIGURES}
    for name in files:
        with Image.open(full_study / "figures" / name) as image:
            assert image.width >= 1000 and len(image.convert("L").getcolors(256) or ()) > 20
    assert (full_study / "tables.md").read_text(encoding="utf-8").startswith("# Merged coarse")


def test_tables_as_markdown(record: dict[str, Any]) -> None:
    lines = study_markdown(record).splitlines()
    assert "| variant | level | α = 0 | α = 1 | best α | paper, α = 1 |" in lines
    assert "| --- | --- | ---: | ---: | ---: | ---: |" in lines
    assert "| flat | fine | 36.4 ± 0.4 | 36.4 ± 0.4 | 0.9 | – |" in lines
    (finding,) = [line for line in lines if "disagrees" in line]
    assert finding.split(" | ")[1] == "✗ disagrees"
    assert f"    {record['command']}" in lines and "- seeds: 5" in lines


def make_hostile(value: Any) -> Any:
    """Every text of a record but its name and kind, replaced."""
    if isinstance(value, dict):
        return {
            key: one if key in ("kind", "name") else make_hostile(one) for key, one in value.items()
        }
    if isinstance(value, list):
        return [make_hostile(one) for one in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, full_study: Path) -> Path:
    import json

    folder = tmp_path_factory.mktemp("hostile")
    record = make_hostile(json.loads((full_study / "record.json").read_text()))
    for test in record["tests"]:
        test["kind"] = "variants"
    record["settings"] = {HOSTILE: HOSTILE}
    (folder / "record.json").write_text(json.dumps(record))
    write_report(folder)
    return folder


def test_hostile_texts_stay_text(hostile: Path) -> None:
    page = Page(hostile / "report.html")
    assert page.open == [] and len(page.scripts) == 4
    assert page.texts["h1"] == HOSTILE and page.texts["pre"] == HOSTILE
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    for plot in page.data("plots").values():
        assert all("<" not in trace.get("name", "") for trace in plot["data"])


def test_hostile_texts_break_no_markdown(hostile: Path) -> None:
    lines = (hostile / "tables.md").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.startswith("    ")]
    assert len(code) == 1, "the command, in which no sign means anything"
    for line in lines:
        if line not in code:
            assert "<" not in line and "![" not in line and not re.search(r"(?<!\\)[`*]", line)
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) in (4, 7)


def drop(*keys: str):
    return lambda record: [record.pop(key) for key in keys]


PARTS = {
    "rows": "error_against_alpha",
    "tests": "significance",
    "agreement": "agreement",
    "findings": "findings",
    "tables": "table-1",
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.usefixtures("without_pictures")
def test_a_part_that_is_not_there(part: str, make_study) -> None:
    page = Page(write_report(make_study(change=drop(part))))
    sections = [attributes["id"] for attributes in page.all("section")]
    assert sections == [
        name for name in ("findings", "table-1", *FIGURES, "run") if name != PARTS[part]
    ]


def test_null_is_as_good_as_nothing(make_study) -> None:
    def blank(record: dict[str, Any]) -> None:
        for key in set(record) - {"format", "kind", "name"}:
            record[key] = None

    page = Page(write_report(make_study(change=blank)))
    assert [attributes["id"] for attributes in page.all("section")] == ["run"]
    assert page.texts["h1"] == "merged-architectures" and len(page.scripts) == 0


def test_a_study_that_is_not_known(make_study) -> None:
    folder = make_study(change=lambda record: record.update(name="not-yet-known", verdicts=[1]))
    sections = [attributes["id"] for attributes in Page(write_report(folder)).all("section")]
    assert sections == ["findings", "table-1", "run"]
    assert list((folder / "figures").iterdir()) == []


@pytest.mark.usefixtures("without_pictures")
def test_a_verdict_that_is_not_known(make_study) -> None:
    def change(record: dict[str, Any]) -> None:
        record["findings"] = [{"claim": "a", "verdict": "partly", "measured": "b"}, {"claim": "c"}]

    html = write_report(make_study(change=change)).read_text()
    assert "•</span> partly</td>" in html and "0 of 2" in html


@pytest.mark.usefixtures("without_pictures")
def test_a_report_is_replaced_as_a_whole(make_study) -> None:
    folder = make_study()
    write_report(folder)
    (folder / "figures" / "mine.png").write_bytes(b"not the report's")
    text = (folder / "record.json").read_text()
    (folder / "record.json").write_text(text.replace('"rows": [{', '"rows": [], "more": [{', 1))
    write_report(folder)
    left = {path.name for path in (folder / "figures").iterdir()}
    assert left == {"significance.png", "agreement.png", "mine.png"}


DAMAGES: dict[str, tuple[dict[str, Any], str]] = {
    "rows are text": ({"rows": "many"}, "'rows'"),
    "a row is a number": ({"rows": [3]}, "'rows.0'"),
    "a row without alpha": ({"rows": [{"level": "fine", "error_mean": 0.3}]}, "'rows.0.alpha'"),
    "an error in words": ({"rows": [{"alpha": 1, "error_mean": "low"}]}, "'rows.0.error_mean'"),
    "a test of nothing": ({"tests": [{"a": "separate"}]}, "'tests.0.b'"),
    "points of two lengths": (
        {"agreement": {"panels": [{"coarse": [0.1], "rolled_up": [], "belongs": [True]}]}},
        "lengths",
    ),
    "a cell too many": (
        {"tables": [{"columns": ["a"], "rows": [["1"], ["1", "2"]]}]},
        "row 1 has 2 cells, expected 1",
    ),
    "a list for a mapping": ({"settings": ["seeds"]}, "'settings'"),
    "a text for a list": ({"conclusions": {"a": "b"}}, "'conclusions'"),
    "a nameless member": ({"members": [{}]}, "'members.0.name'"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_one_line_with_its_place(damage: str, make_study) -> None:
    change, words = DAMAGES[damage]
    folder = make_study(change=lambda record: record.update(change))
    with pytest.raises(ModelFolderError, match=re.escape(words)) as caught:
        write_report(folder)
    assert "is damaged at" in str(caught.value) and "\n" not in str(caught.value)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("module", ["jinja2", "plotly.offline"])
def test_without_the_extra_there_are_tables(module: str, make_study, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    folder = make_study()
    with pytest.raises(MissingExtraError, match="with its extra 'report'"):
        write_report(folder)
    assert (folder / "tables.md").exists()
