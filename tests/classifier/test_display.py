"""What a notebook shows."""

import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from small_classifier import small_classifier

from labeltree import TreeClassifier
from labeltree.classifier import display
from labeltree.classifier.progress import NotebookProgress, shown
from labeltree.taxonomy import Taxonomy
from labeltree.training.progress import Standing


class Page(HTMLParser):
    """The tags that were opened, and whether each is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def with_tree(tree: Taxonomy) -> TreeClassifier:
    """As if it was loaded."""
    classifier = TreeClassifier()
    predictor = SimpleNamespace(taxonomy=tree, name="<b>pets</b>", backend="onnxruntime")
    return classifier._hold(predictor, None)


def test_before_fit_it_shows_parameters_those_that_were_changed_first() -> None:
    page = Page(TreeClassifier(method="<i>", epochs=3)._repr_html_())
    assert "not fitted" in page.text and "i" not in page.tags
    assert page.text.index("epochs3method'<i>'") < page.text.index("backboneNone")


def test_after_fit_it_shows_figures_and_the_tree(fitted: TreeClassifier) -> None:
    page = Page(fitted._repr_html_())
    assert "flat on slim" in page.text and "2 epochs" in page.text
    levels = fitted.record_["test"]["levels"]
    for level in levels:
        assert f"{level['level']}{level['images']}{level['top1']:.1%}" in page.text
    assert "6 classes" in page.text
    assert page.tags.count("details") == 4  # tree, a, b, parameters


def of_a_small_run(tree: Taxonomy) -> str:
    """One epoch on one image in one second, measured on one image."""
    classifier = with_tree(tree)
    levels = [
        {"level": name, "depth": depth, "images": 1, "top1": 0.5, "top5": 0.875}
        for depth, name in enumerate(tree.level_names, 1)
    ]
    classifier.record_ = {
        "model": {"method": "flat", "backbone": "slim"},
        "data": {"train": 1},
        "training": {"epochs": 1.0, "seconds_in_all": 1.2},
        "test": {"images": 1, "levels": levels},
    }
    return Page(classifier._repr_html_()).text


def test_one_is_no_plural() -> None:
    text = of_a_small_run(Taxonomy.from_paths(["cat"]))
    assert "trained on 1 image for 1 epoch in 1 second" in text
    assert "Measured on 1 image that" in text and "1 class " in text
    assert not re.search(r"\b1 (image|epoch|second|classe)s", text)


def test_the_five_surest_are_told_only_of_levels_with_more_than_five_labels() -> None:
    two = [f"{kind}/{kind}{i}" for kind in ("cat", "dog") for i in range(3)]
    text = of_a_small_run(Taxonomy.from_paths(two))
    assert "top-5level 1150.0%––level 2150.0%–87.5%" in text
    five = of_a_small_run(Taxonomy.from_paths(two[:5]))
    assert "top-5" not in five and "87.5%" not in five and "50.0%" in five


def test_nothing_comes_from_outside_and_nothing_runs(fitted: TreeClassifier) -> None:
    text = fitted._repr_html_()
    assert not re.search(r"<script|<link|https?:|url\(|\son\w+=", text)


def test_names_of_labels_are_text() -> None:
    tree = Taxonomy.from_paths(["<script>alert(1)<", "a & b"])
    page = Page(with_tree(tree)._repr_html_())
    assert "script" not in page.tags and "b" not in page.tags
    assert "alert(1)<" in page.text and "a & b" in page.text and "<b>pets</b>" in page.text


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 9])
def test_large_trees_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(display, "MOST_NODES", most)
    tree = Taxonomy.from_paths(["cat/1", "cat/2", "dog/1", "dog/2", "dog/3"])
    page = Page(with_tree(tree)._repr_html_())
    hidden = sum(int(n) for n in re.findall(r"… (\d+) more", page.text))
    shown = [node for node in range(1, len(tree)) if node < most]
    names = {"cat": "cat" in page.text, "dog": "dog" in page.text}
    assert names == {"cat": most > 1, "dog": most > 2}
    # Each hidden node is counted below its parent, if that is shown.
    below_shown = [n for n in range(1, len(tree)) if tree.parents[n] in (0, *shown)]
    assert hidden == len(set(below_shown) - set(shown))


def test_notebooks_get_it_whatever_scikit_learn_would_draw() -> None:
    bundle = small_classifier()._repr_mimebundle_()
    assert bundle["text/html"].startswith('<div class="labeltree">')
    assert bundle["text/plain"].startswith("TreeClassifier(epochs=2")


class Notebook:
    """What IPython shows, newest last."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def display(self, data: dict[str, str], raw: bool, display_id: bool) -> "Notebook":
        assert raw and display_id
        return self

    def update(self, data: dict[str, str], raw: bool) -> None:
        self.pieces.append(data["text/html"])


def test_a_notebook_has_a_bar_and_the_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    progress = NotebookProgress()
    progress.begin(10, 0, [])
    progress.step(Standing(4, 0, 4, 5, 0.25, 0.5, 100.0))
    row = {
        "epoch": 1, "seconds": 2.0, "train_loss": 0.1447, "train_top1": 0.95,
        "validation_loss": 0.25, "validation_top1_kind": 0.75, "images_per_second": 84.4,
    }  # fmt: skip
    progress.epoch(row)
    progress.end()
    last = notebook.pieces[-1]
    Page(last)
    assert '<progress max="10" value="4"' in last and "40%" in last
    assert "loss 0.250 · top-1 50.0% · 100 images/s" in last
    assert "1 of 2" in last and "75.0%" in last


def test_progress_is_silent_where_nobody_looks() -> None:
    assert shown("auto") == {} and shown(False) == {}
    assert set(shown(True)) == {"console"}


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"model": None, "test": {"images": 3}, "training": {"epochs": "two"}},
        {"test": {"images": 3, "levels": [{"level": "kind", "top1": 0.5}]}, "back_off": {}},
        {"test": {"images": 3}, "back_off": {"target_accuracy": 0.9, "accuracy": None}},
    ],
)
def test_of_a_record_with_gaps_it_shows_what_is_there(record: dict[str, Any]) -> None:
    classifier = with_tree(Taxonomy.from_paths(["cat", "dog"]))
    classifier.record_ = record
    page = Page(classifier._repr_html_())
    assert "<b>pets</b>, computed by onnxruntime" in page.text
    assert ("3 images that were set aside" in page.text) == ("test" in record)
