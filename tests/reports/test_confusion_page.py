"""A page of confusion matrices: as large as it may be, and nothing of a name is run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from html_page import Page

from labeltree.reports.charts import (
    Axis,
    Chart,
    Confusion,
    ConfusionMatrices,
    Figure,
    Lines,
    Series,
)
from labeltree.reports.confusion import cells_table
from labeltree.reports.page import render

NETWORKS = ("vgg16", "inception_v3", "resnet50")
LINE = Lines((Series("", (1.0, 2.0), (0.5, 0.7), "series-1"),), Axis("epoch"), Axis("top-1"))


def page(*panels: Chart) -> str:
    figures = [
        Figure(f"figure-{number}", "t", "", "alt", (panel,), cells_table(ConfusionMatrices(())))
        for number, panel in enumerate(panels)
    ]
    texts = dict.fromkeys(("title", "subtitle", "command", "recipe", "scores", "version"), "")
    return render("run.html.j2", figures, **texts, sentences=[], key_numbers=[], facts=[])


def at_random(paths: tuple[str, ...], images: int, seed: int, name: str) -> Confusion:
    """The most cells that there can be: every answer is a guess."""
    rng = np.random.default_rng(seed)
    codes, times = np.unique(rng.integers(0, len(paths) ** 2, images), return_counts=True)
    truths, answers = np.divmod(codes, len(paths))
    return Confusion((name,), paths, *(tuple(part.tolist()) for part in (truths, answers, times)))


@pytest.mark.parametrize(
    "paths",
    [
        tuple(f"some kind {n // 100}/family name {n // 10}/species {n}" for n in range(1000)),
        tuple(f"species {n}" for n in range(1000)),
    ],
    ids=["tree", "flat"],
)
def test_three_networks_of_a_thousand_classes_are_less_than_six_megabytes(paths) -> None:
    matrices = tuple(at_random(paths, 50_000, seed, name) for seed, name in enumerate(NETWORKS))
    # 4.9 MB of them are Plotly's script; the goal is 10 MB.
    assert len(page(LINE, ConfusionMatrices(matrices, ("network",))).encode()) < 6_000_000


def test_without_other_figures_no_plotly_is_there() -> None:
    html = page(ConfusionMatrices((at_random(tuple("abc"), 9, 0, "n"),), ("network",)))
    assert len(html) < 100_000 and '<img src="figures/figure-0.png"' in html


def test_names_stay_text(tmp_path: Path) -> None:
    names = ("<b>bold</b>", "</script><script>alert(1)</script>", "'\" onload=x")
    chart = ConfusionMatrices((Confusion(names[:2], names, (0,), (1,), (5,)),), names[:2])
    (tmp_path / "page.html").write_text(page(chart), encoding="utf-8")
    found = Page(tmp_path / "page.html")
    assert found.open == [] and len(found.scripts) == 3
    (tree,) = found.data("matrices")["figure-0-0"]["trees"]
    assert tuple(tree["names"][1:]) == names


def test_each_chart_has_its_place(tmp_path: Path) -> None:
    chart = ConfusionMatrices((at_random(tuple("abc"), 9, 0, "n"),), ("network",))
    (tmp_path / "page.html").write_text(page(chart, LINE, chart), encoding="utf-8")
    found = Page(tmp_path / "page.html")
    places = [a["data-matrices"] for a in found.all("div") if "data-matrices" in a]
    assert places == list(found.data("matrices")) == ["figure-0-0", "figure-2-0"]
    assert list(found.data("plots")) == ["figure-1-0"]
