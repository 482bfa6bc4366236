"""How the error grows: planned, measured and judged, on members whose errors are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import run_command
from hypothesis import given
from hypothesis import strategies as st
from made_up_members import scaling_members
from small_pictures import write_classes

from labeltree.errors import ConfigError, DataError, LabeltreeError, TrainingInterruptedError
from labeltree.methods import check_names
from labeltree.runs.jobs import Job
from labeltree.studies import running
from labeltree.studies.members import member_folder
from labeltree.studies.running import run_study
from labeltree.studies.size_scaling import STUDY, measure
from labeltree.studies.size_scaling.growth import Growth
from labeltree.studies.study import Asked, Member
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED


def planned(scale: str = "smoke", seeds: int = 1, **options: object) -> list[Member]:
    root = options.pop("data_root", None)
    assert root is None or isinstance(root, Path)
    return STUDY.scales[scale].members(Asked(seeds, STUDY.options(**options), root))


def sizes(members: list[Member]) -> list[int]:
    return [int(member.labels["classes"]) for member in members]


def test_smoke_plans_several_draws_of_each_size() -> None:
    members = planned()
    assert sizes(members) == [3, 3, 3, 10, 10, 30]
    folders = [member_folder(Path("out"), member.name, member.recipe) for member in members]
    assert len(set(folders)) == len(members)
    draws = [member.recipe.data_options.get("subset_seed") for member in members]
    assert len(set(draws)) == len(members), "small sets are no parts of the large ones"
    assert draws[-1] is None and "classes" not in members[-1].recipe.data_options
    assert all(member.recipe.data_options["full_classes"] for member in members[:-1])
    for member in members:
        check_names(member.recipe.method, member.recipe.backbone, member.recipe.method_options)


def test_seeds_add_draws_and_keep_those_of_the_first() -> None:
    one, two = planned(), planned(seeds=2)
    assert [member.recipe for member in two[: len(one)]] == [member.recipe for member in one]
    assert len({member.name for member in two}) == 2 * len(one)
    seeds = [member.recipe.training.seed for member in two]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("scale", ["small", "gpu"])
def test_scales_on_cifar_say_what_is_missing(scale: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("LABELTREE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="cifar100"):
        planned(scale, data_root=tmp_path)


def test_the_paper_checks_imagenet_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    with pytest.raises(DataError, match=r"imagenet.*train/<wnid>") as raised:
        run_study(STUDY, "paper", tmp_path / "out", data_root=tmp_path)
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_sizes_and_draws_of_ones_own(tmp_path: Path) -> None:
    data = write_classes(tmp_path / "data", ["a", "b", "c", "d"])
    members = planned(data=str(data), sizes=[2, 4], draws=[2, 1])
    assert sizes(members) == [2, 2, 4]
    assert {member.recipe.data for member in members} == {str(data)}
    assert {member.recipe.training.epochs for member in members} == {8}


@pytest.mark.parametrize(
    ("count", "expected"), [(3, [2, 3]), (4, [2, 3, 4]), (6, [2, 3, 5, 6]), (12, [5, 6, 8, 10, 12])]
)
def test_other_data_get_sizes_that_they_have(tmp_path: Path, count: int, expected) -> None:
    data = write_classes(tmp_path / "data", [f"class {number}" for number in range(count)])
    found = sizes(planned(data=str(data)))
    assert sorted(set(found)) == expected and found.count(count) == 1


def test_unequal_classes_are_drawn_from_all(tmp_path: Path) -> None:
    data = write_classes(tmp_path / "data", ["a", "b", "c"])
    write_classes(data, ["d"], per_class=14)
    for member in planned(data=str(data), sizes=[2, 4]):
        assert "full_classes" not in member.recipe.data_options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [5, 500]}, r"500 classes asked for; glyphs:30 has 30"),
        ({"sizes": [10, 5]}, "ascending"),
        ({"sizes": [5, 5]}, "ascending"),
        ({"sizes": [5]}, "two or more"),
        ({"sizes": [1, 5]}, "from 2 classes up"),
        ({"sizes": [2, 5], "draws": [2]}, r"draws=\[2\] for sizes=\[2, 5\]"),
        ({"sizes": [2, 5], "draws": [2, 0]}, "from 1 up for each"),
        ({"draws": [2, 1]}, r"sizes=\[3, 10, 30\]"),
        ({"sizes": [5, 30], "draws": [2, 2]}, "one and the same"),
        ({"sizes": [2, 5], "draws": [999, 1]}, "fewer than 1,000"),
        ({"sizes": "many"}, "sizes"),
        ({"size": [2, 5]}, "did you mean 'sizes'"),
        ({"data": "no such folder"}, "no such folder"),
        ({"categories": "missing.csv"}, "missing.csv"),
    ],
)
def test_bad_options_are_one_line(tmp_path: Path, options: dict, message: str) -> None:
    with pytest.raises(LabeltreeError, match=message) as raised:
        run_study(STUDY, "smoke", tmp_path / "out", options=options)
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_the_command_line_plans_what_is_asked(tmp_path: Path, capsys, monkeypatch) -> None:
    data = write_classes(tmp_path / "data", ["a", "b", "c", "d"])
    jobs: list[Job] = []

    def no_training(missing: list[Job], *_: object) -> None:
        jobs.extend(missing)
        raise TrainingInterruptedError("enough")

    monkeypatch.setattr(running, "train_side_by_side", no_training)
    asked = ("--data", data, "--set", "sizes=[2,4]", "--set", "draws=[2,1]")
    result = run_command(capsys, "study", "size-scaling", *asked, "--out", tmp_path / "out")
    assert result.code == 130, result.err
    names = ["classes 2 draw 0 seed 0", "classes 2 draw 1 seed 0", "classes 4 draw 0 seed 0"]
    assert [job.name for job in jobs] == names
    assert [job.recipe.data_options.get("classes") for job in jobs] == [2, 2, None]


def test_a_bad_option_is_one_line_at_the_command_line(tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    result = run_command(capsys, "study", "size-scaling", "--set", "sizes=[5,500]", "--out", out)
    assert result.code == 2 and result.err.count("\n") == 1
    assert "500 classes asked for; glyphs:30 has 30" in result.err and not out.exists()


def test_two_classes_are_too_few(tmp_path: Path) -> None:
    data = write_classes(tmp_path / "data", ["a", "b"])
    with pytest.raises(DataError, match="has 2 classes; this study compares several sizes"):
        planned(data=str(data))


def test_options_that_do_not_fit_are_errors_of_configuration() -> None:
    with pytest.raises(ConfigError):
        planned(sizes=[5, 10], draws=[1])


def test_errors_by_hand() -> None:
    found = measure(scaling_members({2: [4, 8], 8: [80]}))
    small, large = found["rows"]
    assert (small["num_classes"], small["num_datasets"]) == (2, 2)
    assert small["error_mean"] == pytest.approx((4 + 8) / 2 / 40)
    assert small["error_sd"] == pytest.approx(np.std([0.1, 0.2], ddof=1))
    assert (large["error_mean"], large["error_sd"]) == (0.5, None)
    assert (small["relative_classes"], small["relative_error"]) == (1, 1)
    assert large["relative_classes"] == 4 and large["relative_error"] == pytest.approx(0.5 / 0.15)
    assert found["datasets"] == [
        {"num_classes": 2, "error": 0.1},
        {"num_classes": 2, "error": 0.2},
        {"num_classes": 8, "error": 0.5},
    ]


@given(
    exponent=st.floats(-0.5, 1.5),
    draws=st.lists(st.integers(2, 1000), min_size=3, max_size=8, unique=True),
)
def test_a_power_law_is_found_again(exponent: float, draws: list[int]) -> None:
    from labeltree.studies.size_scaling.growth import _power_law

    sizes = np.array(draws, dtype=np.float64)
    slope, low, high = _power_law(np.log(np.stack([sizes, 1e-3 * sizes**exponent], axis=1)))
    assert slope == pytest.approx(exponent, abs=1e-6)
    assert (low, high) == pytest.approx((exponent, exponent), abs=1e-6)


def test_the_interval_is_scipys() -> None:
    from scipy.stats import linregress, t

    from labeltree.studies.size_scaling.growth import _power_law

    logs = np.random.default_rng(0).normal(size=(7, 2))
    fit = linregress(logs[:, 0], logs[:, 1])
    reach = t.ppf(0.975, 5) * fit.stderr
    expected = (fit.slope, fit.slope - reach, fit.slope + reach)
    assert _power_law(logs) == pytest.approx(expected)


def test_planted_errors_give_the_exponent() -> None:
    """1, 2 and 4 in 20 wrong for 5, 20 and 80 classes: a square root, exactly."""
    growth = Growth.of(scaling_members({5: [5], 20: [40], 80: [320]}))
    assert [errors.tolist() for errors in growth.errors.values()] == [[0.05], [0.1], [0.2]]
    assert (growth.exponent, growth.low, growth.high) == pytest.approx((0.5, 0.5, 0.5))
    assert growth.factor_per_decade == pytest.approx([10**0.5] * 3)


def test_no_error_at_all_counts_as_half_a_wrong_image() -> None:
    found = measure(scaling_members({2: [0], 8: [16], 32: [64]}))
    assert found["rows"][0]["relative_error"] is None
    assert np.isfinite(found["growth"]["exponent"])
    json.dumps(found, allow_nan=False)


def verdicts(errors: dict[int, list[int]]) -> list[str]:
    found = measure(scaling_members(errors))
    assert all(one["measured"] and one["claim"] for one in found["findings"])
    json.dumps(found, allow_nan=False)
    return [one["verdict"] for one in found["findings"]]


def test_verdicts() -> None:
    # Eight times the classes, twice the error: the power of a third, 2.15 times in a decade.
    assert verdicts({3: [5, 7], 24: [96], 192: [1536]}) == [AGREES, AGREES]
    # As the square of the number of classes.
    assert verdicts({2: [1], 4: [8], 8: [64]}) == [DISAGREES, DISAGREES]
    # A constant error is slower than the classes, but does not double.
    assert verdicts({3: [12, 12], 6: [24], 12: [48]}) == [AGREES, DISAGREES]


@pytest.mark.parametrize("errors", [{3: [6, 6], 30: [120]}, {3: [1], 6: [60], 12: [30]}])
def test_too_few_or_too_scattered_sizes_decide_nothing(errors) -> None:
    assert verdicts(errors) == [UNDECIDED, UNDECIDED]


def test_two_sizes_have_no_interval() -> None:
    found = measure(scaling_members({3: [6], 30: [120]}))
    assert found["growth"]["exponent"] == pytest.approx(np.log10(2))
    assert (found["growth"]["low"], found["growth"]["high"]) == (None, None)


def test_several_networks_on_one_data_set_count_once() -> None:
    members = scaling_members({2: [4], 8: [16]}) + scaling_members({8: [48]})
    found = measure(members)
    assert found["datasets"][1:] == [{"num_classes": 8, "error": pytest.approx(0.2)}]
    assert found["rows"][1]["num_datasets"] == 1


def test_the_table_names_the_papers_sizes() -> None:
    found = measure(scaling_members({10: [20], 50: [100]}))
    (table,) = found["tables"]
    assert [row[-1].replace("\u202f", "") for row in table["rows"]] == ["4.81%", "7.70%"]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert found["paper"][-1] == {"num_classes": 1000, "error": 0.218}
