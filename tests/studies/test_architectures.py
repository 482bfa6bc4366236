"""From rows to what the paper claims, on made-up rows that agree with all of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from labeltree.reports.study.record import StudyRecord, parse
from labeltree.significance import holm, paired_t_test
from labeltree.studies.architectures import comparisons, measured
from labeltree.studies.architectures.paper import (
    CIFAR,
    INCEPTION,
    MNIST,
    NETWORKS,
    RESNET,
    TABLE_1,
    TINY,
    VGG,
)
from labeltree.studies.architectures.results import SECONDS, TOP1, Results
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED

Json = dict[str, Any]

JITTER = {VGG: (1, -1, 0), INCEPTION: (0, 1, -1), RESNET: (1, -1, 0.5)}
TRAIN = {VGG: 0.9999, INCEPTION: 0.9950, RESNET: 0.9970}
LOSS = {VGG: 0.01, INCEPTION: 0.05, RESNET: 0.03}
SECONDS_OF = {VGG: 30.0, INCEPTION: 20.0, RESNET: 10.0}
MEGABYTES = {VGG: 553.5, INCEPTION: 95.4, RESNET: 102.3}
CONFUSED = {
    (CIFAR, model): Counter({("cat", "dog"): 30, ("automobile", "truck"): 20}) for model in NETWORKS
}


def made_up(seeds: int = 3, datasets: tuple[str, ...] = (MNIST, CIFAR, TINY)) -> Json:
    """The study's rows as the paper would have measured them, nearly the same for all seeds."""
    rows, curves = [], []
    for dataset in datasets:
        for model in NETWORKS:
            for seed in range(seeds):
                off = 2e-5 * JITTER[model][seed]
                top1, top5 = TABLE_1[dataset, model]
                place = {"dataset": dataset, "model": model, "seed": seed}
                rows.append(
                    {
                        **place,
                        "top1": top1 + off,
                        "top5": top5 + off,
                        "train_top1": TRAIN[model] - off,
                        "seconds_per_epoch": SECONDS_OF[model] * (1 + 100 * off),
                        "weight_mb": MEGABYTES[model],
                        "image_size": NETWORKS[model].side,
                    }
                )
                curves += [
                    {**place, "epoch": 1, "train_loss": 1.0},
                    {**place, "epoch": 2, "train_loss": LOSS[model] + off},
                ]
    table = {"name": "accuracy", "title": "Accuracy", "columns": ["data"], "rows": [["mnist"]]}
    return {
        "conclusions": [],
        "rows": rows,
        "curves": curves,
        "tests": [],
        "tables": [table, table],
    }


def changed(record: Json, dataset: str, model: str, **figures: float) -> Json:
    """With other figures of one network, moved seed by seed as before."""
    rows = [dict(row) for row in record["rows"]]
    curves = [dict(row) for row in record["curves"]]
    for part in (rows, curves):
        for row in part:
            if (row["dataset"], row["model"]) == (dataset, model):
                off = 2e-5 * JITTER[model][row["seed"]]
                row.update({key: value + off for key, value in figures.items() if key in row})
    return {**record, "rows": rows, "curves": curves}


def verdicts(record: Json, confused: Mapping[Any, Any] = CONFUSED) -> dict[str, str]:
    return {one["claim"]: one["verdict"] for one in measured(record, confused)["findings"]}


def verdict(record: Json, start: str, confused: Mapping[Any, Any] = CONFUSED) -> str:
    (found,) = (word for claim, word in verdicts(record, confused).items() if start in claim)
    return found


def test_the_paper_agrees_with_itself() -> None:
    found = verdicts(made_up())
    assert set(found.values()) == {AGREES}, {c: v for c, v in found.items() if v != AGREES}
    assert len(found) == 2 + 20 + 3


OPPOSITES: dict[str, tuple[str, str, dict[str, float]]] = {
    "equally accurate on MNIST": (MNIST, RESNET, {"top1": 0.985}),
    "ResNet-50 follows Inception-v3 closely": (CIFAR, RESNET, {"top1": 0.75}),
    "Inception-v3 has the highest top-1 accuracy on CIFAR-10": (CIFAR, RESNET, {"top1": 0.82}),
    "Inception-v3 has the highest top-1 accuracy on Tiny": (TINY, VGG, {"top1": 0.40}),
    "VGG-16 has the lowest top-1 accuracy on MNIST": (MNIST, VGG, {"top1": 0.9999}),
    "VGG-16 has the lowest top-1 accuracy on CIFAR-10": (CIFAR, INCEPTION, {"top1": 0.70}),
    "VGG-16 has the lowest top-1 accuracy on Tiny": (TINY, RESNET, {"top1": 0.10}),
    "ResNet-50 has the highest top-5 accuracy on CIFAR-10": (CIFAR, VGG, {"top5": 0.999}),
    "VGG-16 has the lowest top-5 accuracy on CIFAR-10": (CIFAR, VGG, {"top5": 0.999}),
    "VGG-16 has the highest training accuracy on MNIST": (MNIST, RESNET, {"train_top1": 1.0}),
    "VGG-16 has the highest training accuracy on CIFAR-10": (CIFAR, VGG, {"train_top1": 0.5}),
    "VGG-16 has the lowest training loss on CIFAR-10": (CIFAR, RESNET, {"train_loss": 0.001}),
    "ResNet-50 has the shortest time for an epoch on MNIST": (
        MNIST, VGG, {"seconds_per_epoch": 5.0},
    ),
    "VGG-16 has the longest time for an epoch on CIFAR-10": (
        CIFAR, RESNET, {"seconds_per_epoch": 50.0},
    ),
    "VGG-16 has the largest difference of training and test accuracy on Tiny": (
        TINY, VGG, {"train_top1": 0.3},
    ),
    "every network answers at least 99 % of MNIST": (MNIST, RESNET, {"top1": 0.98}),
    "has the class of nearly all": (MNIST, VGG, {"top5": 0.99}),
    "Inception-v3 has the smallest weights": (MNIST, INCEPTION, {"weight_mb": 108.7}),
}  # fmt: skip


@pytest.mark.parametrize("claim", OPPOSITES)
def test_a_claim_is_refuted_by_its_opposite(claim: str) -> None:
    assert verdict(changed(made_up(), *OPPOSITES[claim][:2], **OPPOSITES[claim][2]), claim) == (
        DISAGREES
    )


def test_other_classes_may_be_confused_most() -> None:
    other = {**CONFUSED, (CIFAR, RESNET): Counter({("deer", "frog"): 3, ("cat", "dog"): 2})}
    assert verdict(made_up(), "cat and dog", other) == DISAGREES
    (told,) = (
        one["measured"]
        for one in measured(made_up(), other)["findings"]
        if "cat and" in one["claim"]
    )
    assert "resnet50: deer and frog, 60.0\u202f% of its errors" in told


@pytest.mark.parametrize("seeds", [1, 2])
def test_with_few_seeds_what_cannot_be_tested_is_open(seeds: int) -> None:
    found = verdicts(made_up(seeds))
    judged = {claim for claim, word in found.items() if word != UNDECIDED}
    exact = {claim for claim in found if "smallest weights" in claim}
    assert exact <= judged and (seeds == 2 or judged == exact)
    for start in ("every network answers", "cat and dog"):
        assert verdict(made_up(seeds), start) == UNDECIDED


def test_claims_need_their_data_and_networks() -> None:
    only_mnist = verdicts(made_up(datasets=(MNIST,)), {})
    assert only_mnist and not any("CIFAR" in claim or "Tiny" in claim for claim in only_mnist)
    record = made_up(datasets=(CIFAR,))
    record["rows"] = [row for row in record["rows"] if row["model"] != VGG]
    two = {key: value for key, value in CONFUSED.items() if key[1] != VGG}
    assert [claim[:12] for claim in verdicts(record, two)] == ["ResNet-50 fo", "cat and dog "]
    for row in record["rows"]:
        row["dataset"] = "photos"
    assert verdicts(record, {}) == {}


def test_what_was_not_measured_is_not_claimed() -> None:
    record = made_up(datasets=(MNIST,))
    record["rows"] = [{**row, "train_top1": None, "weight_mb": None} for row in record["rows"]]
    claims = " ".join(verdicts(record))
    assert "training accuracy" not in claims and "weights" not in claims
    assert "training loss" in claims


def test_tests_are_paired_by_seed_and_corrected_within_a_figure() -> None:
    record = made_up(datasets=(CIFAR, MNIST))
    record["rows"].reverse()  # seeds in any order
    results = Results(record["rows"], record["curves"])
    tests = comparisons.Tests(results)
    tops = {model: [TABLE_1[CIFAR, model][0] + 2e-5 * j for j in JITTER[model]] for model in JITTER}
    pairs = [(RESNET, INCEPTION), (RESNET, VGG), (INCEPTION, VGG)]
    expected = [paired_t_test(tops[a], tops[b]) for a, b in pairs]
    corrected = holm([one.p_value for one in expected])
    for (a, b), one, p in zip(pairs, expected, corrected, strict=True):
        found, back = tests.of(TOP1, CIFAR, a, b), tests.of(TOP1, CIFAR, b, a)
        assert found is not None and back is not None
        assert found.test.mean_difference == pytest.approx(one.mean_difference)
        assert found.p_corrected == pytest.approx(p) == back.p_corrected
        assert back.test.mean_difference == -found.test.mean_difference


def test_times_are_compared_by_their_ratio() -> None:
    record = made_up(datasets=(CIFAR,))
    test = comparisons.Tests(Results(record["rows"], record["curves"])).of(
        SECONDS, CIFAR, VGG, RESNET
    )
    assert test is not None
    assert np.exp(test.test.mean_difference) == pytest.approx(3.0, rel=1e-3)
    (told,) = (
        one["measured"]
        for one in measured(record, {})["findings"]
        if "shortest time" in one["claim"]
    )
    assert told.startswith("vgg16 30 s at 224 pixels, inception_v3 20 s at 299 pixels, resnet50 10")
    assert "; resnet50 by vgg16: 0.33 times (95 % interval 0.33 to 0.33, p < 0.001" in told


def test_rows_and_a_table_have_the_papers_figures() -> None:
    record = made_up(datasets=(CIFAR,))
    record["rows"] += [{**row, "model": "slim"} for row in record["rows"] if row["model"] == VGG]
    found = measured(record, CONFUSED)
    assert {(row["paper_top1"], row["paper_top5"]) for row in found["rows"]} == {
        (0.7878, 0.9810), (0.8141, 0.9881), (0.8081, 0.9899), (None, None),
    }  # fmt: skip
    names = [table["name"] for table in found["tables"]]
    assert names == ["accuracy", "paper", "accuracy"]
    lines = [[cell.replace("\u202f", " ") for cell in row] for row in found["tables"][1]["rows"]]
    assert lines == [
        ["CIFAR-10", "top-1", "78.78 %", "81.41 %", "80.81 %"],
        ["CIFAR-10", "top-5", "98.10 %", "98.81 %", "98.99 %"],
    ]
    parse(StudyRecord, json.loads(json.dumps({"name": "architectures", **found}, allow_nan=False)))


def test_without_the_papers_data_there_is_no_table_of_its() -> None:
    record = made_up(datasets=(MNIST,))
    record["rows"] = [{**row, "dataset": "photos"} for row in record["rows"]]
    assert [table["name"] for table in measured(record, {})["tables"]] == ["accuracy", "accuracy"]


def test_claims_quote_table_1() -> None:
    claims = " ".join(verdicts(made_up()))
    for figures in (
        "(table 1: 81.41 against 78.78 and 80.81 %)",
        "(table 1: 24.58 against 36.69 and 29.06 %)",
        "(table 1: 98.99 against 98.10 and 98.81 %)",
        "(table 1: 99.23 against 99.23 %)",
        "(table 1: 81.41 against 80.81 %)",
    ):
        assert figures in claims


def test_every_claim_is_made_once() -> None:
    found = measured(made_up(), CONFUSED)["findings"]
    assert len({one["claim"] for one in found}) == len(found)
