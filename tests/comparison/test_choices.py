from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from compared_runs import DIGEST, write_answers

from labeltree.comparison.choices import choice_of
from labeltree.comparison.data_sets import data_sets
from labeltree.comparison.entries import entry
from labeltree.comparison.pairs import compare_pairs
from labeltree.comparison.verdicts import told

MANY = ["cat", "dog/beagle", "dog/pug"] * 100


def choice(
    tmp_path: Path, targets: Sequence[str] = MANY, **models: dict[str, Any]
) -> dict[str, Any]:
    """Of runs on 300 images: `wrong` by seed, and `macs`."""
    entries = [
        entry(
            write_answers(
                tmp_path / f"{model}-{seed}", each, seed=seed, targets=targets, **options
            ),
            "photos",
            model,
            seed,
        )
        for model, (runs, options) in (
            (model, (options.pop("wrong"), options)) for model, options in models.items()
        )
        for seed, each in enumerate(runs)
    ]
    (data,) = data_sets(entries)
    return choice_of(data, compare_pairs(data))


def words(found: dict[str, Any]) -> str:
    return str(found["why"]).replace("\u202f", " ")


def test_the_cheapest_that_is_hardly_worse(tmp_path: Path) -> None:
    found = choice(
        tmp_path,
        large={"wrong": [range(10)], "macs": 8e6},
        small={"wrong": [range(12)], "macs": 2e6},
        tiny={"wrong": [range(60)], "macs": 1e6},
        waste={"wrong": [range(13)], "macs": 9e6},
    )
    assert found["front"] == ["tiny", "small", "large"]
    assert (found["best"], found["recommended"]) == ("large", "small")
    # 2 images that only the large one gets right: p = 0.5; Holm's factors for six tests.
    assert words(found) == (
        "small reaches 96.00 %; large, the best, reaches 96.67 %, +0.67 points, which chance "
        "alone may explain (McNemar's test of two networks, p = 1.000), for 4 times the "
        "multiply–adds. tiny is the cheapest, with 0.5 times the multiply–adds of small, but is "
        "16.67 points below large, more than chance explains (McNemar's test of two networks, "
        "p < 0.001)."
    )


def test_one_that_is_surely_worse_is_not_recommended_though_it_is_near(tmp_path: Path) -> None:
    # Over six seeds 0.9 points below on average, and never above.
    near = [range(10 + extra) for extra in (2, 3, 3, 3, 3, 2)]
    best = [range(10)] * 6
    found = choice(tmp_path, large={"wrong": best, "macs": 8e6}, small={"wrong": near, "macs": 2e6})
    assert found["front"] == ["small", "large"] and found["recommended"] == "large"
    assert words(found).startswith(
        "large reaches 96.67 %, the most of all; every cheaper model is more than 1 point below "
        "it or surely worse. small is the cheapest, with 0.25 times the multiply–adds of large, "
        "but is 0.89 points below large, more than chance explains (t-test over 6 seeds, p < 0.001)"
    )


def test_two_seeds_do_not_outweigh_what_the_images_say(tmp_path: Path) -> None:
    """McNemar with 8 images that only the large one answers: 2 / 2**8; t with two pairs: 0.1."""
    few = {
        "large": {"wrong": [range(10)] * 2, "macs": 8e6},
        "small": {"wrong": [range(18), range(21)], "macs": 2e6},
    }
    found = choice(tmp_path, targets=["cat", "dog/beagle", "dog/pug", "cat"] * 250, **few)
    assert found["recommended"] == "large"
    assert "more than chance explains (McNemar's test of two networks, p = 0.008)" in words(found)


def test_where_both_are_right_on_the_same_images_it_says_so(tmp_path: Path) -> None:
    found = choice(tmp_path, a={"wrong": [[1]], "macs": 1e6}, b={"wrong": [[1]], "macs": 2e6})
    assert found["recommended"] == "a"
    (data,) = data_sets(
        [entry(tmp_path / f"{model}-0", "photos", model, 0) for model in ("a", "b")]
    )
    assert told(compare_pairs(data), "a", "b") == (
        "not tested, since none of 300 test images is answered rightly by just one of them"
    )


def test_one_that_may_be_as_good_but_is_far_below_is_not_recommended(tmp_path: Path) -> None:
    found = choice(
        tmp_path,
        large={"wrong": [range(10)], "macs": 8e6},
        small={"wrong": [[*range(5, 14), 20, 21, 22, 23, 24]], "macs": 2e6},
    )
    assert found["recommended"] == "large"  # 1.33 points, p = 0.42 by chance alone


@pytest.mark.parametrize("wrong", range(1, 60, 7))
def test_exactly_one_point_below_is_near_enough(tmp_path: Path, wrong: int) -> None:
    found = choice(
        tmp_path,
        large={"wrong": [range(wrong)], "macs": 8e6},
        small={"wrong": [range(wrong + 3)], "macs": 2e6},
    )
    assert found["recommended"] == "small"  # 3 of 300 images, p = 0.25


def test_the_best_may_be_the_cheapest(tmp_path: Path) -> None:
    found = choice(tmp_path, a={"wrong": [[1]], "macs": 1e6}, b={"wrong": [[1, 2]], "macs": 2e6})
    assert found["front"] == ["a"] and found["recommended"] == found["best"] == "a"
    assert words(found) == "a reaches 99.67 %, the most of all, and none costs less."


def test_of_equally_accurate_ones_the_cheaper_is_best(tmp_path: Path) -> None:
    found = choice(tmp_path, a={"wrong": [[1]], "macs": 2e6}, b={"wrong": [[2]], "macs": 1e6})
    assert found["front"] == ["b"] and found["best"] == "b"


def test_a_single_model(tmp_path: Path) -> None:
    found = choice(tmp_path, a={"wrong": [[1]]})
    assert found == {
        "dataset": "photos", "front": ["a"], "best": "a", "recommended": "a",
        "why": "a is the only model.",
    }  # fmt: skip


def slow(record: dict[str, Any]) -> None:
    record["cost"]["images_per_second"] = 50.0


def test_without_multiply_adds_time_is_the_cost(tmp_path: Path) -> None:
    found = choice(
        tmp_path,
        a={"wrong": [[1]], "macs": None, "change": slow},
        b={"wrong": [[1, 2]], "macs": 1e6},
    )
    assert found["front"] == ["b", "a"] and found["recommended"] == "b"
    assert "for 2 times the time per image. Cost is time per image, since" in words(found)


def elsewhere(record: dict[str, Any]) -> None:
    record["hardware"]["gpu"] = "H200"


@pytest.mark.parametrize("change", [elsewhere, lambda record: record.update(cost=None)])
def test_costs_that_cannot_be_compared(tmp_path: Path, change: Any) -> None:
    found = choice(
        tmp_path,
        a={"wrong": [[1]], "macs": None, "change": change},
        b={"wrong": [[1, 2]], "macs": 1e6},
    )
    assert found["front"] == [] and found["recommended"] == found["best"] == "a"
    assert words(found).startswith("a is the most accurate; what the models cost cannot be")


def test_models_of_other_images_are_said_not_to_be_tested(tmp_path: Path) -> None:
    other = {**DIGEST, "test": {"images": 300, "digest": "z"}}
    found = choice(
        tmp_path,
        a={"wrong": [[1]], "macs": 2e6},
        b={"wrong": [[1, 2]], "macs": 1e6, "identity": other},
    )
    assert "not tested, since no two of their runs had the same test images" in words(found)
