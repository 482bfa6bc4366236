from pathlib import Path
from typing import Any

import pytest
from compared_runs import DIGEST, write_answers
from scipy.stats import binomtest, ttest_rel

from labeltree.comparison.data_sets import DataSet, data_sets
from labeltree.comparison.entries import entry
from labeltree.comparison.pairs import compare_pairs

MANY = ["cat", "dog/beagle", "dog/pug"] * 20


def data_set(tmp_path: Path, runs: dict[tuple[str, int], list[int]], **options: Any) -> DataSet:
    """Wrong images by model and seed, of 60."""
    (found,) = data_sets(
        [
            entry(
                write_answers(tmp_path / f"{model}-{seed}", wrong, targets=MANY, **options),
                "photos",
                model,
                seed,
            )
            for (model, seed), wrong in runs.items()
        ]
    )
    return found


def test_mcnemar_as_scipy_has_it(tmp_path: Path) -> None:
    runs = {("a", 0): [0, 1], ("b", 0): [1, *range(10, 20)], ("c", 0): [0, 30, 31]}
    tests = compare_pairs(data_set(tmp_path, runs))
    assert [(test["a"], test["b"]) for test in tests] == [("a", "b"), ("a", "c"), ("b", "c")]
    first = tests[0]
    assert (first["kind"], first["seed"], first["n"]) == ("mcnemar", 0, 60)
    assert (first["only_a"], first["only_b"]) == (10, 1)
    assert first["difference"] == pytest.approx(9 / 60)
    p_values = [binomtest(only, both).pvalue for only, both in ((10, 11), (2, 3), (3, 14))]
    # b against c: b alone is right on 0, 30 and 31, c alone on 1 and 10 to 19.
    assert [test["p_value"] for test in tests] == pytest.approx(p_values)
    low, middle, high = sorted(p_values)
    corrected = {low: 3 * low, middle: max(3 * low, 2 * middle), high: 1.0}
    assert [t["p_corrected"] for t in tests] == pytest.approx([corrected[p] for p in p_values])
    assert all(test["low"] < test["difference"] < test["high"] for test in tests)


def test_t_as_scipy_has_it(tmp_path: Path) -> None:
    wrong = {"a": (3, 5, 4), "b": (9, 8, 12)}
    runs = {(m, seed): list(range(n)) for m, each in wrong.items() for seed, n in enumerate(each)}
    t = next(test for test in compare_pairs(data_set(tmp_path, runs)) if test["kind"] == "t")
    expected = ttest_rel(*([1 - n / 60 for n in wrong[m]] for m in "ab"))
    interval = expected.confidence_interval(0.95)
    assert (t["n"], t["seed"], t["only_a"]) == (3, None, None)
    assert t["p_value"] == t["p_corrected"] == pytest.approx(expected.pvalue)
    assert (t["low"], t["high"]) == pytest.approx((interval.low, interval.high))
    assert t["difference"] == pytest.approx(17 / 180)


def test_unequal_seeds(tmp_path: Path) -> None:
    a = {("a", seed): list(range(seed)) for seed in range(4)}
    b = {("b", seed): list(range(5, 10 + seed % 2)) for seed in (3, 1)}
    tests = compare_pairs(data_set(tmp_path, a | b | {("c", 7): [50]}))
    assert [(t["a"], t["b"], t["kind"], t["seed"], t["n"]) for t in tests] == [
        ("a", "b", "mcnemar", 1, 60),
        ("a", "c", "mcnemar", None, 60),  # no seed in common: seeds 0 and 7
        ("b", "c", "mcnemar", None, 60),
        ("a", "b", "t", None, 2),
    ]
    assert tests[1]["only_a"] == 1 and tests[1]["only_b"] == 0


def test_where_nothing_can_be_tested(tmp_path: Path) -> None:
    runs = {(model, seed): [seed] for model in "ab" for seed in (0, 1)}
    mcnemar, t = compare_pairs(data_set(tmp_path, runs))
    for test in (mcnemar, t):
        assert test["p_value"] is test["p_corrected"] is None
        assert test["difference"] == 0
    assert t["low"] is t["high"] is None
    assert mcnemar["low"] == -mcnemar["high"] < 0
    assert compare_pairs(data_set(tmp_path / "one", {("a", 0): [1]})) == []


def test_other_images_are_never_tested_against_each_other(tmp_path: Path) -> None:
    mine = data_set(tmp_path / "x", {("a", 0): [1], ("a", 1): [2]}).entries
    other = {**DIGEST, "test": {"images": 60, "digest": "z"}}
    theirs = data_set(tmp_path / "y", {("b", 0): [3], ("b", 1): []}, identity=other).entries
    (both,) = data_sets([*mine, *theirs])
    assert compare_pairs(both) == []
    alike = data_set(tmp_path / "z", {("b", 1): []}).entries
    (some,) = data_sets([*mine, theirs[0], *alike])
    assert [(t["kind"], t["seed"]) for t in compare_pairs(some)] == [("mcnemar", 1)]
