"""What each section says: checked by hand, from records as small as they may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labeltree.reports.audit import headline
from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.page import Section, describe
from labeltree.reports.audit.record import parse
from labeltree.reports.audit.remark import Remark
from labeltree.reports.charts import Bars, Figure, Gallery, Heatmap, Pairs
from labeltree.reports.words import THIN

LEVEL = {
    "level": "kind",
    "depth": 1,
    "leaked": 0.0236,
    "categories": 2,
    "branches": [
        {"path": "dog", "images": 5000, "error": 0.2, "within": 0.16, "leaked": 0.04},
        {"path": "cat", "images": 5000, "error": 0.1656, "within": 0.1584, "leaked": 0.0072},
    ],
    "flows": [
        {"from": "dog", "to": "cat", "images": 200, "share": 0.04},
        {"from": "cat", "to": "dog", "images": 36, "share": 0.0072},
    ],
}
# The paper's own arithmetic (000, section 2.2.1).
PAPER = {
    "level": "kind",
    "total": 0.1828,
    "within": 0.1592,
    "between": 0.0236,
    "counts": {"images": 10_000, "wrong": 1828, "within": 1592, "between": 236},
}
DATA = {"split": "test", "images": 10_000, "levels": ["kind", "breed"]}
PAIR = {"a": "dog/pug", "b": "dog/boxer", "a_as_b": 15, "b_as_a": 1, "images": 16, "share": 0.08}
MISFIT = {
    "path": "cat/dingo",
    "parent": "cat",
    "better_parent": "dog",
    "own_affinity": 0.004,
    "other_affinity": 0.035,
    "p_corrected": 0.0001,
    "images": 48,
}
SUSPECT = {"image": "a.jpg", "index": 7, "label": "cat/tabby", "answer": "dog/pug", "level": "kind"}


def audit_of(
    *, folder: Path = Path("somewhere"), pictures: tuple[int, ...] = (), **record: Any
) -> AuditFolder:
    labels = {path: path.rpartition("/")[2] for path in ("dog/pug", "dog/boxer", "cat/dingo")}
    examples = {index: folder / f"{index}.png" for index in pictures}
    return AuditFolder(folder, parse({"data": DATA} | record), labels, examples)


def sections_of(audit: AuditFolder) -> dict[str, Section]:
    return {section.name: section for section in describe(audit)}


def figure_of(audit: AuditFolder, name: str) -> Figure:
    figure = sections_of(audit)[name]
    assert isinstance(figure, Figure)
    for row in figure.table.rows:
        assert len(row) == len(figure.table.head)
    return figure


def plain(text: str) -> str:
    return text.replace(THIN, " ")


def test_what_was_not_looked_for_is_not_spoken_of() -> None:
    assert sections_of(audit_of()) == {} and headline.sentences(audit_of()) == []
    assert sections_of(audit_of(misfits=None, suspects=None, pairs={})) == {}


def test_what_was_not_found_is_said() -> None:
    level = {**LEVEL, "leaked": 0, "branches": [], "flows": []}
    pairs: dict[str, list] = {"within": [], "across": []}
    found = sections_of(audit_of(levels=[level], pairs=pairs, misfits=[], suspects=[]))
    assert all(isinstance(section, Remark) for section in found.values())
    texts = {name: section.text for name, section in found.items() if isinstance(section, Remark)}
    assert texts == {
        "suspects": "No label does: the model contradicts none with confidence.",
        "misfits": "No class fits better elsewhere.",
        "pairs_within": "No class was taken for another one of its parent.",
        "pairs_across": "No class was taken for one of another parent.",
        "leakage_1": "Nothing: not one image was answered with a class of another branch.",
    }


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (83, "No class fits better elsewhere: 83 classes were compared with every other parent."),
        (1, "No class fits better elsewhere: 1 class was compared with every other parent."),
        (0, "none could be compared"),
    ],
)
def test_among_how_many_no_class_fits_better(judged: int, words: str) -> None:
    remark = sections_of(audit_of(misfits=[], misfits_judged=judged))["misfits"]
    assert isinstance(remark, Remark) and words in remark.text


def test_one_level_has_neither_branches_nor_parents() -> None:
    one = {**DATA, "levels": ["kind"]}
    pairs: dict[str, list] = {"within": [PAIR], "across": []}
    accuracy = [{"level": "kind", "top1": 0.9}]
    audit = audit_of(data=one, pairs=pairs, misfits=[], accuracy=accuracy)
    found = sections_of(audit)
    assert set(found) == {"misfits", "pairs_within"}
    assert found["pairs_within"].title == "Taken for each other"
    assert isinstance(found["misfits"], Remark) and "one level" in found["misfits"].text
    assert plain(headline.sentences(audit)[0]) == "Of 10,000 test images, 10.0 % get a wrong class."
    assert [number.name for number in headline.key_numbers(audit)] == ["get a wrong class"]


def test_the_accounting_adds_up_in_words_and_bars() -> None:
    audit = audit_of(accounting=[PAPER], levels=[LEVEL])
    figure = figure_of(audit, "accounting")
    assert plain(figure.lead) == (
        "18.3 % wrong = 15.9 % within the right branch + 2.4 % leaked into another. "
        "In images: 1,828 of 10,000 = 1,592 + 236."
    )
    (bars,) = figure.panels
    assert isinstance(bars, Bars) and bars.stacked
    assert [series.values for series in bars.series] == [(0.1592,), (0.0236,)]
    assert [plain(cell) for cell in figure.table.rows[0][-3:]] == ["18.28 %", "15.92 %", "2.36 %"]


def test_bars_of_the_branches_and_their_heat_map() -> None:
    audit = audit_of(levels=[LEVEL])
    (bars,) = figure_of(audit, "branches_1").panels
    assert isinstance(bars, Bars) and bars.categories == ("dog", "cat")
    assert [series.values for series in bars.series] == [(0.16, 0.1584), (0.04, 0.0072)]
    figure = figure_of(audit, "leakage_1")
    assert plain(figure.lead) == (
        "2.4 % of the images leave their branch; most of all dog into cat (4.0 %) and cat into "
        "dog (0.7 %)."
    )
    (heatmap,) = figure.panels
    assert isinstance(heatmap, Heatmap) and heatmap.rows == ("dog", "cat")
    assert heatmap.values[0][1] == 0.04 and heatmap.values[1][0] == pytest.approx(0.0072)


def test_levels_are_named_where_there_are_several() -> None:
    deeper = {**LEVEL, "level": "family", "depth": 2}
    titles = [section.title for section in describe(audit_of(levels=[LEVEL, deeper]))]
    assert titles == [
        "What goes wrong in each branch: kind",
        "What goes wrong in each branch: family",
        "What leaks between branches: kind",
        "What leaks between branches: family",
    ]


def test_pairs_show_both_directions() -> None:
    shown = {"pictures": [1, 2, 3, 4, 5, 6, 7], "labels": ["a"] * 5 + ["b"] * 2}
    audit = audit_of(pairs={"within": [PAIR | shown]}, pictures=(1, 2, 3, 4, 5, 6, 7))
    figure = figure_of(audit, "pairs_within")
    assert figure.lead == (
        "Most often pug and boxer: pug taken for boxer 15 times, the other way round once."
    )
    (chart,) = figure.panels
    assert isinstance(chart, Pairs)
    (pair,) = chart.pairs
    assert (pair.truth, pair.link, pair.answer) == ("pug", "and", "boxer")
    assert pair.shown_amount == "16 of 200"
    captions = [(picture.path.stem, picture.caption) for picture in pair.pictures]
    assert captions == [(n, "pug") for n in "1234"] + [(n, "boxer") for n in "67"]


def test_pictures_without_labels_or_files() -> None:
    audit = audit_of(pairs={"within": [PAIR | {"pictures": [1, 2]}]}, pictures=(2,))
    (chart,) = figure_of(audit, "pairs_within").panels
    assert isinstance(chart, Pairs)
    assert [picture.caption for picture in chart.pairs[0].pictures] == [""]


def test_a_class_that_fits_better_elsewhere() -> None:
    figure = figure_of(audit_of(misfits=[MISFIT], misfits_in_all=3), "misfits")
    assert plain(figure.lead) == (
        "3 classes; most surely dingo, which resembles the classes of dog (3.5 %) more than its "
        "siblings under cat (0.4 %)."
    )
    (chart,) = figure.panels
    assert isinstance(chart, Pairs)
    (pair,) = chart.pairs
    assert plain(pair.shown_amount) == "3.5 % vs 0.4 %"
    assert pair.detail == "stands under cat; p < 0.001, 48 images"
    assert figure.table.left_out == 2


def test_suspects_are_shown_and_sorted_by(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "7.png")
    suspects = [SUSPECT | {"confidence": 0.97}, SUSPECT | {"index": 8}]
    audit = audit_of(folder=tmp_path, suspects=suspects, suspects_in_all=5, pictures=(7,))
    figure = figure_of(audit, "suspects")
    assert "5 images" in figure.lead and "the 1 surest with a picture" in figure.lead
    (gallery,) = figure.panels
    assert isinstance(gallery, Gallery)
    (picture,) = gallery.pictures
    assert plain(picture.caption) == "labelled cat/tabby,\nlooks like pug\n(97 %)"
    assert (picture.file, picture.keys) == ("a.jpg", ("cat", "kind"))
    assert len(figure.table.rows) == 2 and figure.table.left_out == 3


def test_suspects_without_any_picture_are_a_table() -> None:
    figure = figure_of(audit_of(suspects=[SUSPECT]), "suspects")
    assert figure.table.rows[0][:3] == ("a.jpg", "cat/tabby", "dog/pug")


def test_what_to_do_first() -> None:
    within: dict[str, list] = {"within": [PAIR]}

    def last(**record: Any) -> str:
        return headline.sentences(audit_of(**record))[-1]

    assert last(suspects=[SUSPECT], suspects_in_all=12, misfits=[MISFIT], pairs=within) == (
        "What to do first: look at the 12 images whose label looks wrong; then see why dingo would "
        "fit better under dog."
    )
    assert last(misfits=[MISFIT, MISFIT]) == (
        "What to do first: ask whether 2 classes stand under the right parent: dingo would fit "
        "better under dog."
    )
    assert last(suspects=[SUSPECT]).endswith("look at the 1 image whose label looks wrong.")
    assert last(suspects=[], misfits=[], pairs=within) == (
        "What helps most: more or better images of the confused classes, pug and boxer first."
    )


def test_what_is_wrong_and_where() -> None:
    audit = audit_of(accounting=[PAPER], levels=[LEVEL], pairs={"within": [PAIR]}, misfits=[])
    first, second, _ = map(plain, headline.sentences(audit))
    assert first == (
        "Of 10,000 test images, 18.3 % get a wrong class: 15.9 % within the right branch, 2.4 % in "
        "another."
    )
    assert second == (
        "Most leaks out of dog (4.0 % of its images). The largest single leak is from dog into cat "
        "(200 images). The classes most often taken for each other are pug and boxer (16 images)."
    )
    numbers = [(plain(one.value), one.name) for one in headline.key_numbers(audit)]
    assert numbers == [
        ("18.3 %", "get a wrong class"),
        ("2.4 %", "leak into another branch"),
        ("0", "classes that would fit better elsewhere"),
    ]


def test_figures_without_numbers_are_drawn() -> None:
    """A record whose numbers are null, as JSON has no other way to say that there are none."""
    record = {
        "levels": [LEVEL | {"branches": [{"path": "dog", "error": 0.1, "within": None}]}],
        "misfits": [{key: MISFIT[key] for key in ("path", "parent", "better_parent")}],
        "suspects": [SUSPECT],
        "pairs": {"across": [PAIR | {"share": None}]},
        "accounting": [PAPER | {"counts": None}],
    }
    for section in describe(audit_of(**json.loads(json.dumps(record)))):
        assert isinstance(section, Figure) and section.lead and section.alt
