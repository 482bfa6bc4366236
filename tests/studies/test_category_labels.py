"""Both labelling schemes: planned, measured and judged, on members whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_up_members import TREE, label_members, member
from scipy.stats import ttest_rel
from small_pictures import write_classes

from labeltree.errors import DataError, LabeltreeError
from labeltree.methods import check_names
from labeltree.significance import holm
from labeltree.studies.category_labels import STUDY, measure
from labeltree.studies.category_labels.schemes import ADAPTED, CLASS, COMBINED, Results
from labeltree.studies.running import run_study
from labeltree.studies.study import Asked
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED

LABELS = {CLASS: {"scheme": CLASS, "seed": 0}, COMBINED: {"scheme": COMBINED, "seed": 0}}


def test_smoke_plans_both_schemes_of_a_seed_before_the_next() -> None:
    members = STUDY.scales["smoke"].members(Asked(2, STUDY.options(), None))
    assert [(one.labels["scheme"], one.labels["seed"]) for one in members] == [
        (CLASS, 0),
        (COMBINED, 0),
        (CLASS, 1),
        (COMBINED, 1),
    ]
    for one in members:
        check_names(one.recipe.method, one.recipe.backbone, one.recipe.method_options)
    first, second, *_ = (one.recipe for one in members)
    assert set(first.differences(second)) == {"method"}, "the labels are all that differs"


def test_the_paper_checks_imagenet_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    with pytest.raises(DataError, match=r"imagenet.*train/<wnid>") as raised:
        run_study(STUDY, "paper", tmp_path / "out", data_root=tmp_path)
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_labels_of_one_level_are_refused(tmp_path: Path) -> None:
    data = write_classes(tmp_path / "data", ["manx", "pug", "beagle"])
    with pytest.raises(LabeltreeError, match=r"one level only.*--set categories=FILE") as raised:
        run_study(STUDY, "smoke", tmp_path / "out", options={"data": str(data)})
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_errors_by_hand() -> None:
    """Of three images class labels get one right and one in its family, both labels two right."""
    members = [
        member(LABELS[CLASS], TREE, [0, 4, 8], [0, 5, 2]),
        member(LABELS[COMBINED], TREE, [0, 4, 8], [0, 4, 2]),
    ]
    tree_rows = Results.of(members).rows()
    by_scheme = {row["scheme"]: row for row in tree_rows}
    assert list(by_scheme) == [CLASS, COMBINED, ADAPTED]
    assert by_scheme[CLASS]["levels"] == pytest.approx({"family": 1 / 3, "class": 2 / 3})
    assert by_scheme[COMBINED]["levels"] == pytest.approx({"family": 1 / 3, "class": 1 / 3})
    assert by_scheme[COMBINED]["error"] == pytest.approx(1 / 3)
    assert by_scheme[ADAPTED]["levels"] == by_scheme[COMBINED]["levels"], "both levels agree"


@pytest.fixture(scope="module")
def measured() -> dict:
    return measure(label_members())


def test_the_record_holds_every_scheme_seed_and_class(measured: dict) -> None:
    json.dumps(measured, allow_nan=False)
    assert len(measured["rows"]) == 3 * 4
    assert [row["class"] for row in measured["classes"]] == list(TREE.paths[-9:])
    for row in measured["classes"]:
        assert row["gain"] == pytest.approx(row["errors"][CLASS] - row["errors"][COMBINED])
    wrong = np.mean([row["errors"][CLASS] for row in measured["classes"]])
    assert wrong == pytest.approx(np.mean([100, 101, 102, 103]) / 360)
    for table in measured["tables"]:
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert measured["paper"] == {CLASS: 0.1828, COMBINED: 0.173}


def test_tests_are_scipys(measured: dict) -> None:
    errors = {
        name: [row["error"] for row in measured["rows"] if row["scheme"] == name]
        for name in (CLASS, COMBINED)
    }
    (found,) = [
        test for test in measured["tests"] if (test["b"], test["level"]) == (COMBINED, "class")
    ]
    expected = ttest_rel(errors[CLASS], errors[COMBINED])
    assert found["p_value"] == pytest.approx(expected.pvalue)
    for level in TREE.level_names:
        family = [test for test in measured["tests"] if test["level"] == level]
        assert len(family) == 2
        corrected = holm([test["p_value"] for test in family])
        assert [test["p_corrected"] for test in family] == pytest.approx(corrected)


def verdicts(**options: int) -> list[str]:
    return [one["verdict"] for one in measure(label_members(**options))["findings"]]


def test_verdicts() -> None:
    assert verdicts() == [AGREES, AGREES]
    assert verdicts(better=-12) == [DISAGREES, DISAGREES]
    assert verdicts(better=0, seeds=3) == [UNDECIDED, UNDECIDED]


def test_one_seed_decides_nothing() -> None:
    single = measure(label_members(seeds=1))
    json.dumps(single, allow_nan=False)
    assert single["tests"] == []
    assert {one["verdict"] for one in single["findings"]} == {UNDECIDED}


def test_a_gain_that_is_rounding_is_none() -> None:
    """0.36 − 0.35 and 0.34 − 0.35 do not quite add up to 0 in binary."""
    members = []
    for seed, (alone, both) in enumerate(((36, 35), (34, 35))):
        for scheme, wrong in ((CLASS, alone), (COMBINED, both)):
            answers = np.zeros(100, dtype=np.int64)
            answers[:wrong] = 1
            labels = {"scheme": scheme, "seed": seed}
            targets = np.concatenate([np.zeros(100, np.int64), np.arange(9)])
            told = np.concatenate([answers, np.arange(9)])
            members.append(member(labels, TREE, targets, told))
    assert Results.of(members).class_gains.tolist() == [0] * 9
