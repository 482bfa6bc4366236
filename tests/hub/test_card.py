"""The model card: its figures, what it leaves out, and labels as they are."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hub_cases import TREE, record_of, small_model, write_run
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from small_exported import small_metadata

from labeltree.hub.card import Described, model_card
from labeltree.hub.card.escaping import shown, table
from labeltree.hub.packing import pack
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import printable
from labeltree.runtime.metadata import ExportMetadata, Int8
from labeltree.taxonomy import Taxonomy

SPACE = re.compile(r"\s")


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = write_run(tmp_path_factory.mktemp("runs") / "run")
    return text_of(run)


def text_of(run: Path, licence: str | None = None) -> str:
    content = pack(run, "kennel/dogs", licence).files["README.md"]
    assert isinstance(content, bytes)
    return SPACE.sub(" ", content.decode().replace("\n", "\0")).replace("\0", "\n")


def described(tree: Taxonomy = TREE) -> Described:
    return Described("kennel/dogs", "mit", tree, small_model(tree).preprocessing)


@pytest.mark.parametrize(
    "line",
    [
        "| kind | 87.5 % | 52.9 % – 97.8 % | 8 |",
        "| breed | 62.5 % | 52.9 % – 97.8 % | 8 |",
        "| full-path accuracy (FPA) | 62.5 % | images right at every level at once |",
        "| calibration error (ECE) | 4.2 % | gap between confidence and accuracy, mean |",
        "| kind | 2 |",
        "| breed | 2 |",
        "| to learn from | 30 |",
        "| damaged, left out | 2 |",
        "It learned from 10 images a class on average (3 classes; images with a broader "
        "label count, too).",
        "are to be right. On 8 test images **87.5 %** were, 7.5 points short of that.",
        "50.0 % of these answers name a class",
        "they are 1.25 of 2 levels deep",
        "12.5 % of the images get one of another kind (leakage)",
        "| dog | cat | 1 | 25.0 % |",
        "| beagle | pug | 1 | 25.0 % |",
        "| beagle | cat | 50.0 % | 15.0 % – 85.0 % | 4 |",
        "No test image shows pug: how often it is right about it is not known.",
        "2 damaged images of the collection could not be read",
        "fitted on 9 images of the same collection",
        "the central square of a picture at 16 × 16 pixels",
        "A mirrored picture may be taken for something else",
        "began with weights that were trained on other pictures",
        "one training (seed 3)",
        "| optimizer | sgd, learning rate 0.1 |",
        "| training time | 2.0 min |",
        "| hardware | a CPU, 2 cores, no GPU |",
        "| software | labeltree 0.1.0 and PyTorch 2.11 |",
        "| date | 2026-11-21 |",
        "pip install 'path/to/the/clone[train,serve,hub]'",  # what the three commands need
        "labeltree pull kennel/dogs",
        "labeltree serve dogs",
        "year         = {2026}",
        "did not say what may be done with it",
    ],
)
def test_it_says_what_the_record_shows(card: str, line: str) -> None:
    assert line in card


def test_the_header_is_what_the_hub_reads(card: str) -> None:
    data = ModelCard(card).data
    assert (data.library_name, data.pipeline_tag) == ("labeltree", "image-classification")
    assert data.license == "unknown" and "labeltree" in data.tags
    figures = {one.metric_name: one.metric_value for one in data.eval_results}
    assert figures == {
        "top-1 accuracy, kind": 0.875,
        "top-1 accuracy, breed": 0.625,
        "full-path accuracy": 0.625,
        "expected calibration error": 0.0421,
    }
    first = data.eval_results[0]
    assert (first.dataset_name, first.dataset_split, first.task_type) == (
        "dogs",
        "test",
        "image-classification",
    )
    assert ModelCard(ModelCard(card).content).content == ModelCard(card).content


def test_the_five_surest_of_at_most_five_are_not_told() -> None:
    for breeds, told in ((4, False), (5, True)):  # with the cat, so many labels and one more
        tree = Taxonomy.from_paths(["cat", *(f"dog/{i}" for i in range(breeds))], ["kind", "breed"])
        text = model_card(described(tree), RunFolder(Path("run"), record_of(tree)))
        names = [one.metric_name for one in ModelCard(text).data.eval_results]
        assert [name for name in names if "top-5" in name] == ["top-5 accuracy, breed"] * told
        assert ("among the five surest" in text) is told
        cells = [
            line.split(" | ")[3] for line in text.splitlines() if " – " in line and "|" in line
        ]
        assert cells == (["–", "100.0\u202f%"] if told else ["8 |", "8 |"])


def test_without_a_record_there_is_no_figure() -> None:
    text = model_card(described())
    assert "%" not in text and "model-index" not in text
    assert "## How often" not in text and "## Where it goes wrong" not in text
    assert "year" not in text
    assert ModelCard(text).data.license == "mit"


def test_an_export_is_told_with_its_arithmetic() -> None:
    told = [
        ExportMetadata(**small_metadata()),
        ExportMetadata(**small_metadata(precision="int8")),
        ExportMetadata(
            **small_metadata(
                precision="int8",
                int8=Int8(
                    data="zoo", calibrated_on=5, tested_on=200, top1_float32=0.9, top1_int8=0.885,
                    answers_float32=0.95, answers_int8=0.945,
                ).model_dump(),
            )
        ),
    ]  # fmt: skip
    plain, eight, measured = (model_card(replace(described(), exported=one)) for one in told)
    assert "give `dogs/model.onnx` in place of `dogs`" in plain and "8 bits" not in plain
    assert "(`pip install 'path/to/the/clone[runtime,serve,hub]'`, and for Python `scik" in plain
    assert "What that costs was not measured" in eight and "onnx" not in model_card(described())
    assert "200 test images of zoo, 88.50" in measured and "not measured" not in measured
    assert "without; of the answers" in measured and "94.50" in measured and "95.00" in measured


def test_a_record_without_answers_tells_nothing_of_mistakes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "predictions.npz").unlink()
    text = text_of(run)
    assert "## Where it goes wrong" not in text and "No test image" not in text
    assert "| kind | 87.5 % |" in text


def test_the_snippet_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from PIL import Image

    run = write_run(tmp_path / "run")
    code = re.search(r"```python\n(.*?)```", text_of(run), re.DOTALL)
    assert code is not None
    Image.new("RGB", (20, 30), "red").save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    found = SimpleNamespace(folder=run / "model")
    monkeypatch.setattr("labeltree.hub.pull", lambda repo: found)
    exec(code[1], {})


NASTY = (
    "<script>alert(1)<∕script>|x",
    "*d* & `1`/![x](http:\\\\evil.example)",
    "[click](evil) | b\\\\/~~x~~ $a$",
)


def test_labels_and_levels_are_shown_as_they_are(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(NASTY, ["<b>kind</b>", "_breed_ www.evil.example"])
    text = text_of(write_run(tmp_path / "run", tree))
    body = ModelCard(text).text
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    for tag in ("<script", "<img", "<a ", "<b>", "<em>"):
        assert tag not in html
    for line in re.findall(r"<tr>.*?</tr>", html, re.DOTALL):
        assert line.count("<td") in (0, 2, 3, 4, 5)
    assert "&lt;script&gt;alert(1)" in html and "_breed_ www.evil.example" in html
    assert "www\\.evil" in body


@given(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: printable(text).split())
)
def test_any_text_keeps_its_cell_and_its_signs(text: str) -> None:
    lines = "\n".join(table(("a", "b"), [("x", shown(text))]))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(lines)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html, re.DOTALL)
    assert len(cells) == 2 and "<" not in cells[1]
    plain = cells[1]
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    plain = plain.replace("\u2068", "").replace("\u2069", "")
    assert plain.split() == printable(text).split()
