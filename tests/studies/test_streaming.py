"""What the study of paper 003 makes of its rows: tests, goal, tables, sentences, verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_rel

from labeltree.reports.study.figures.streaming import goal as drawn_goal
from labeltree.reports.study.figures.streaming.record import parse as parse_figures
from labeltree.reports.study.record import StudyRecord, parse
from labeltree.significance import holm
from labeltree.studies.streaming import comparisons, measured
from labeltree.studies.streaming.comparisons import name_of
from labeltree.studies.streaming.goal import best_protection, lost, reaches
from labeltree.studies.streaming.paper import BEST, LOSSES, ROWS, SINGLE_LABEL
from labeltree.studies.streaming.plan import SINGLE
from labeltree.studies.streaming.results import Key, Results
from labeltree.studies.streaming.times import equal
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED

Rows = list[dict[str, Any]]

RESNET, SENET = Key("ResNet", "normal", "margin"), Key("SENet", "normal", "margin")
SOFT, SUBJECT = SENET._replace(loss="soft margin"), Key("SENet", BEST, "bce")
FLAT = Key("ResNet", "normal", SINGLE)

# Of each network: top-1 and top-5 of the base, points of top-5 lost without protection.
BASES = {
    FLAT: (0.42, 0.76, None),
    RESNET: (0.41, 0.77, 21.0),
    RESNET._replace(loss="soft margin"): (0.30, 0.65, 20.0),
    SENET: (0.45, 0.80, 11.0),
    SENET._replace(variant="2x expand"): (0.48, 0.82, 10.0),
    SENET._replace(variant="4x expand"): (0.46, 0.81, 25.0),
    SENET._replace(variant="8x reduction"): (0.47, 0.80, 12.0),
    SENET._replace(variant="32x reduction"): (0.44, 0.79, 2.0),
    SENET._replace(variant=BEST): (0.46, 0.81, 1.0),
    SOFT: (0.35, 0.66, 12.0),
    SENET._replace(loss="bce"): (0.40, 0.75, 12.0),
    SUBJECT: (0.46, 0.85, 12.0),
}
# Of the subject: points lost, share of the new images found, seconds an epoch.
PROTECTIONS = {
    "none": (12.0, 0.93, 1.0), "distill": (3.0, 0.84, 1.5), "replay": (4.0, 0.9, 2.0),
    "distill + replay": (1.0, 0.88, 3.0), "freeze": (1.5, 0.86, 1.0),
}  # fmt: skip
EPOCHS, STREAMING_EPOCHS, SECONDS = 6, 8, 40.0


def row(key: Key, seed: int, **figures: float | None) -> dict[str, Any]:
    names = (
        "base_top1", "base_top5", "original_top1", "original_top5", "streaming_top5_all",
        "streaming_top5_any", "streaming_map", "validation_change", "validation_top5_all",
        "original_epoch_seconds", "streaming_epoch_seconds",
        "streaming_seconds", "retrain_epoch_seconds", "retrain_seconds", "speedup",
    )  # fmt: skip
    return {**key._asdict(), "seed": seed, **dict.fromkeys(names), **figures}


def base_row(key: Key, seed: int, top1: float, top5: float) -> dict[str, Any]:
    new = {} if key.loss == SINGLE else {"streaming_top5_all": 0.2, "streaming_top5_any": 0.6,
                                         "streaming_map": 0.3}  # fmt: skip
    return row(key, seed, base_top1=top1, base_top5=top5, original_top1=top1, original_top5=top5,
               original_epoch_seconds=SECONDS, **new)  # fmt: skip


def streamed_row(
    base: Mapping[str, Any], name: str, points: float, found: float, epoch: float, again: bool
) -> dict[str, Any]:
    key = Key(*(base[field] for field in Key._fields)).protected(name)
    seconds, retrain = STREAMING_EPOCHS * epoch, 1.05 * SECONDS
    figures = {
        "base_top1": base["base_top1"], "base_top5": base["base_top5"],
        "original_top1": base["base_top1"] - points / 200,
        "original_top5": base["base_top5"] - points / 100,
        "streaming_top5_all": found, "streaming_top5_any": 0.99, "streaming_map": 0.7,
        "validation_change": -points / 100, "validation_top5_all": found,
        "original_epoch_seconds": SECONDS, "streaming_epoch_seconds": epoch,
        "streaming_seconds": seconds,
    }  # fmt: skip
    if again:
        figures |= {"retrain_epoch_seconds": retrain, "retrain_seconds": EPOCHS * retrain,
                    "speedup": EPOCHS * retrain / seconds}  # fmt: skip
    return row(key, base["seed"], **figures)


def made_up_rows(
    seeds: int = 3, protections: Mapping[str, tuple[float, float, float]] = PROTECTIONS
) -> Rows:
    found: Rows = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for key, (top1, top5, points) in BASES.items():
            top1, top5 = (share + rng.normal(0, 0.003) for share in (top1, top5))
            base = base_row(key, seed, top1, top5)
            found.append(base)
            ways = protections if key == SUBJECT else {"none": (points, 0.7, 1.2)}
            for name, (fallen, learned, epoch) in ways.items():
                if fallen is not None:
                    fallen += rng.normal(0, 0.1)
                    found.append(streamed_row(base, name, fallen, learned, epoch, key == SUBJECT))
    return found


def retraining(seeds: int = 3, **changes: tuple[float, float]) -> Rows:
    """Everything learned again, as sets for a quarter and all of the epochs, and as classes."""
    return [
        {
            "model": key.model, "variant": key.variant, "loss": key.loss, "labels": labels,
            "share": share, "seed": seed, "epochs": share * EPOCHS,
            "seconds": share * EPOCHS * 1.05 * SECONDS, "epoch_seconds": 1.05 * SECONDS,
            "original_top1": 0.4, "original_top5": original, "streaming_top5_all": new,
            "streaming_top5_any": 0.99,
        }
        for seed in range(seeds)
        for key, labels, share, (original, new) in (
            (SUBJECT, "sets", 0.25, changes.get("quarter", (0.70, 0.80))),
            (SUBJECT, "sets", 1.0, changes.get("whole", (0.86, 0.95))),
            (FLAT, "classes", 1.0, (0.99, 0.99)),
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> Rows:
    return made_up_rows()


@pytest.fixture(scope="module")
def results(rows: Rows) -> Results:
    return Results(rows)


@pytest.fixture(scope="module")
def record(results: Results) -> dict[str, Any]:
    return measured(results, retraining())


def verdict(record: Mapping[str, Any], start: str) -> str:
    (only,) = (one["verdict"] for one in record["findings"] if one["claim"].startswith(start))
    return only


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def with_figure(rows: Rows, key: Key, **figures: float) -> Results:
    """Every row of a key with other figures."""
    return Results(
        [one | figures if Key(*(one[name] for name in Key._fields)) == key else one for one in rows]
    )


# Rows.


def test_rows_are_found_by_what_they_are_of(results: Results) -> None:
    assert results.num_seeds == 3
    assert results.bases == list(BASES)
    assert [key.protection for key in results.protections(SUBJECT)] == list(PROTECTIONS)
    assert results.protections(FLAT) == []
    assert results.protected == [SUBJECT]
    assert results.unprotected() == [key.protected("none") for key in BASES if key != FLAT]


def test_figures_stand_in_the_order_of_the_seeds_without_those_that_have_none() -> None:
    rows = [base_row(SENET, seed, seed / 10, 0.8) for seed in (2, 0, 1)]
    assert Results(rows).figure(SENET, "base_top1").tolist() == [0.0, 0.1, 0.2]
    assert Results(rows).mean(SENET, "base_top1") == pytest.approx(0.1)
    assert not len(Results(rows).figure(SENET, "speedup"))


def test_the_change_is_of_the_top_5(results: Results) -> None:
    key = SUBJECT.protected("none")
    assert results.change(key).mean() == pytest.approx(-0.12, abs=0.003)
    assert lost(results, key) == pytest.approx(0.12, abs=0.003)


# Tests.


def test_tests_are_paired_by_seed_and_corrected_within_their_kind(results: Results) -> None:
    tests = comparisons.Tests(results)
    found = tests.of("losses", SOFT, SENET)
    assert found is not None
    a, b = (1 - results.figure(key, "base_top1") for key in (SOFT, SENET))
    assert found.test.p_value == pytest.approx(ttest_rel(a, b).pvalue)
    family = [one for one in tests.found.values() if one.kind == "losses"]
    expected = holm([one.test.p_value for one in family])
    assert [one.p_corrected for one in family] == pytest.approx(expected)


def test_what_is_compared_with_what(results: Results) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for kind, (a, b) in comparisons.Tests(results).found:
        found.setdefault(kind, set()).add((name_of(a), name_of(b)))
    normal = "SENet normal"
    others = {
        "ResNet normal", "SENet 2x expand", "SENet 4x expand", "SENet 8x reduction",
        "SENet 32x reduction", f"SENet {BEST}",
    }  # fmt: skip
    assert found["losses"] == {
        ("ResNet normal, soft margin", "ResNet normal"), (f"{normal}, soft margin", normal),
        (f"{normal}, bce", normal), (f"SENet {BEST}, bce", f"SENet {BEST}"),
    }  # fmt: skip
    assert found["networks"] == found["forgetting"] == {(one, normal) for one in others}
    subject = f"SENet {BEST}, bce"
    protections = set(PROTECTIONS) - {"none"}
    assert found["protections"] == {(f"{subject}, {one}", subject) for one in protections}


def test_errors_are_of_what_each_kind_says(results: Results) -> None:
    tests, plain = comparisons.Tests(results), SENET.protected("none")
    other = SENET._replace(variant="4x expand", protection="none")
    forgetting = tests.of("forgetting", other, plain)
    protection = tests.of("protections", SUBJECT.protected("distill"), SUBJECT.protected("none"))
    assert forgetting is not None and protection is not None
    assert forgetting.test.mean_difference == pytest.approx(0.14, abs=0.003), "forgets more"
    assert protection.test.mean_difference == pytest.approx(-0.09, abs=0.003), "errs less"
    assert protection.level == "original top-5"
    assert forgetting.level == "fall of the original top-5"


# The goal: at most 2 points lost, 85 % of the new images found.


def streamed_alone(ways: Mapping[str, tuple[float, float]], seeds: int = 1) -> Results:
    base = [base_row(SUBJECT, seed, 0.5, 0.8) for seed in range(seeds)]
    return Results(
        [
            *base,
            *(
                streamed_row(one, name, points, found, 1.0, False)
                for one in base
                for name, (points, found) in ways.items()
            ),
        ]
    )


GOALS = {
    "several reach it: the one that loses least": (
        {"none": (9.0, 0.9), "a": (1.9, 0.99), "b": (1.2, 0.86), "c": (0.1, 0.84)}, "b", True,
    ),
    "none reaches it: the one whose greater shortfall is least": (
        {"none": (9.0, 0.95), "a": (5.0, 0.99), "b": (2.0, 0.80), "c": (4.5, 0.84)}, "c", False,
    ),
    "equal shortfalls: the one that loses less": (
        {"none": (9.0, 0.95), "a": (3.0, 0.90), "b": (1.0, 0.84)}, "b", False,
    ),
    "exactly 2 points and 85 % will do": (
        {"none": (9.0, 0.9), "a": (2.0, 0.85), "b": (2.1, 0.99)}, "a", True,
    ),
    "no protection is needed": (
        {"none": (-1.0, 0.9), "a": (0.5, 0.9)}, "none", True,
    ),
    "no protection is nearest": (
        {"none": (4.0, 0.9), "a": (0.5, 0.6)}, "none", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GOALS)
def test_the_best_protection(case: str) -> None:
    ways, best, reached = GOALS[case]
    results = streamed_alone(ways)
    assert best_protection(results, SUBJECT).protection == best
    assert reaches(results, SUBJECT.protected(best)) == reached
    rows = measured(results, [])["rows"]
    (found,) = drawn_goal.by_protection(parse_figures({"rows": rows}).rows).values()
    assert drawn_goal.best_protection(found) == best, "as the figure has it"
    assert drawn_goal.reached(found[best]) == reached


def test_test_images_do_not_choose() -> None:
    ways = {"none": (9.0, 0.9), "a": (1.0, 0.9), "b": (1.5, 0.9)}
    rows = streamed_alone(ways).rows
    for one in rows:
        if one["protection"] == "a":
            one["validation_change"] = -0.05
    results = Results(rows)
    assert best_protection(results, SUBJECT).protection == "b"
    assert reaches(results, SUBJECT.protected("a")), "by its test images it would be better"


def test_what_is_best_without_protection_is_said_so() -> None:
    found = measured(streamed_alone(GOALS["no protection is nearest"][0], seeds=3), [])
    (sentence,) = found["conclusions"]
    assert "no protection comes nearer to the goal" in sentence and "with none" not in sentence
    assert verdict(found, "streamed in the best way") == DISAGREES
    (told,) = (one["measured"] for one in found["findings"] if "best way" in one["claim"])
    assert said(told) == "without protection: −4.00 points, 90.0 %"


# Verdicts.


def test_claims_are_judged(record: dict[str, Any]) -> None:
    assert {one["verdict"] for one in record["findings"]} <= {AGREES, DISAGREES, UNDECIDED}
    assert verdict(record, "multi-label margin loss performs significantly better") == AGREES
    assert verdict(record, "margin loss performs better than bce, too") == UNDECIDED, (
        "as accurate on one network, better on the other"
    )
    assert verdict(record, "a SENet is more accurate than the ResNet") == AGREES
    assert verdict(record, "a SENet forgets less than the ResNet") == AGREES
    assert verdict(record, "4x expansion forgets more") == AGREES
    assert verdict(record, "32x reduction forgets less") == AGREES
    assert verdict(record, f"{BEST} loses at most 2 points") == AGREES
    assert verdict(record, "every protection keeps more") == AGREES
    assert verdict(record, "streamed in the best way") == AGREES
    assert verdict(record, "every network streams an epoch") == AGREES
    # 6 epochs of 42 seconds against 8 of 1 second, and of 3 seconds.
    assert verdict(record, "streaming without protection is at least 30 times") == AGREES
    assert verdict(record, "streaming with distill + replay is at least 30") == DISAGREES


OPPOSITES = {
    "a SENet is more accurate": (RESNET, {"base_top1": 0.9}),
    "2x expansion is more accurate": (SENET._replace(variant="2x expand"), {"base_top1": 0.1}),
    "8x reduction is more accurate": (SENET._replace(variant="8x reduction"), {"base_top1": 0.1}),
    "a SENet forgets less": (RESNET.protected("none"), {"base_top5": 0.8, "original_top5": 0.8}),
    "4x expansion forgets more": (
        SENET._replace(variant="4x expand", protection="none"),
        {"base_top5": 0.8, "original_top5": 0.8},
    ),
    "32x reduction forgets less": (
        SENET._replace(variant="32x reduction", protection="none"),
        {"base_top5": 0.8, "original_top5": 0.1},
    ),
    f"{BEST} loses at most 2 points": (
        SENET._replace(variant=BEST, protection="none"),
        {"base_top5": 0.8, "original_top5": 0.779},
    ),
    "every protection keeps more": (SUBJECT.protected("freeze"), {"original_top5": 0.1}),
    "every network streams an epoch": (
        SENET.protected("none"), {"streaming_epoch_seconds": SECONDS / 7.9},
    ),
    "multi-label margin loss": (SOFT, {"base_top1": 0.9}),
    "margin loss performs better than bce": (SENET._replace(loss="bce"), {"base_top1": 0.9}),
}  # fmt: skip


@pytest.mark.parametrize("claim", OPPOSITES)
def test_a_claim_is_refuted_by_its_opposite(claim: str, rows: Rows) -> None:
    key, figures = OPPOSITES[claim]
    assert verdict(measured(with_figure(rows, key, **figures), []), claim) == DISAGREES


@pytest.mark.parametrize("seeds", [1, 2])
def test_with_fewer_than_three_seeds_nothing_is_judged_without_a_test(seeds: int) -> None:
    found = measured(Results(made_up_rows(seeds)), retraining(seeds))
    assert bool(found["tests"]) == (seeds == 2), "one seed is no pair"
    tested = {one["claim"] for one in found["findings"] if one["verdict"] != UNDECIDED}
    assert seeds == 2 or not tested
    for start in ("streamed in the best way", f"{BEST} loses", "every network streams",
                  "streaming without", "streaming with distill"):  # fmt: skip
        assert verdict(found, start) == UNDECIDED
    json.dumps(found, allow_nan=False)


def test_every_claim_is_made_once(record: dict[str, Any]) -> None:
    claims = [one["claim"] for one in record["findings"]]
    assert len(set(claims)) == len(claims)


def test_figures_that_claims_quote_are_the_paper_s(record: dict[str, Any]) -> None:
    rows = {(one.model, one.variant): one for one in ROWS}
    normal, resnet = rows["SENet", "normal"], rows["ResNet", "normal"]
    fall = {key: 100 * (one.base_top5 - one.original_top5) for key, one in rows.items()}
    claims = " ".join(one["claim"] for one in record["findings"])
    for figures, what in (
        ((fall["SENet", "normal"], fall["ResNet", "normal"]), "11.5 against 21.2 points"),
        ((fall["SENet", "4x expand"], fall["SENet", "normal"]), "25.4 against 11.5 points"),
        ((fall["SENet", "32x reduction"], fall["SENet", "normal"]), "0.6 against 11.5 points"),
        ((100 * normal.base_top1, 100 * resnet.base_top1), "44.8 against 41.1 %"),
        ((100 * rows["SENet", "2x expand"].base_top1, 100 * normal.base_top1), "45.4 against 44.8"),
        ((100 * rows["SENet", "8x reduction"].base_top1, 100 * normal.base_top1),
         "47.9 against 44.8"),
    ):  # fmt: skip
        assert what.startswith(" against ".join(f"{value:.1f}" for value in figures))
        assert what in claims
    assert f"{fall['SENet', BEST]:.1f}" == "0.6" and "(table 4: 0.6)" in claims


# How long it takes to learn everything again.


def test_learning_again_until_it_is_as_accurate(results: Results) -> None:
    """All 6 epochs of 42 seconds reach what 8 epochs of 3 seconds did; a quarter did not."""
    sentence = said(str(equal(results, SUBJECT.protected("distill + replay"), retraining())))
    assert sentence.startswith(f"To be as accurate as SENet {BEST}, bce streamed with distill + re")
    assert "takes 6 epochs, 10.5 times as long (86.0 %, 95.0 % against 8" in sentence


def test_the_shortest_training_that_is_as_accurate_counts(results: Results) -> None:
    again = retraining(quarter=(0.9, 0.9))
    sentence = str(equal(results, SUBJECT.protected("distill + replay"), again))
    assert "takes 1.5 epochs, 2.6 times as long" in sentence
    assert sentence.endswith("; 1.5 and 6 epochs were tried).")


@pytest.mark.parametrize("whole", [(0.86, 0.5), (0.5, 0.95)])
def test_no_training_may_be_as_accurate_on_both(
    whole: tuple[float, float], results: Results
) -> None:
    sentence = equal(results, SUBJECT.protected("distill + replay"), retraining(whole=whole))
    assert sentence == (
        f"None of the trainings on everything, of up to 6 epochs, is as accurate as SENet {BEST}, "
        "bce streamed with distill + replay on the original and the new images."
    )


def test_another_network_was_not_trained_again(results: Results) -> None:
    assert equal(results, SENET.protected("none"), retraining()) is None
    assert equal(results, SUBJECT.protected("none"), []) is None


def test_the_conclusions_name_what_is_best(record: dict[str, Any]) -> None:
    first, second = map(said, record["conclusions"])
    assert f"SENet {BEST}, bce: streamed without protection, the original top-5 goes from" in first
    assert "; with distill + replay to" in first and "88.0 % of the new images" in first
    assert second.startswith("To be as accurate as")


# Tables.


def table(record: Mapping[str, Any], name: str) -> list[list[str | None]]:
    (found,) = (one for one in record["tables"] if one["name"] == name)
    return [[None if cell is None else said(cell) for cell in line] for line in found["rows"]]


def test_the_record_can_be_read_by_the_report(record: dict[str, Any]) -> None:
    """Every row as wide as its head; strict JSON."""
    text = json.dumps({"name": "streaming", **record}, allow_nan=False)
    found = parse(StudyRecord, json.loads(text))
    assert [one.name for one in found.tables] == [
        "table-1", "table-2", "table-3", "table-4", "protections-bce", "table-5", "again",
    ]  # fmt: skip
    assert all(one.rows for one in found.tables)


def test_tables_without_a_row_are_left_out() -> None:
    found = measured(streamed_alone({"none": (1.0, 0.9)}), [])
    assert [one["name"] for one in found["tables"]] == ["table-4"]


def test_table_1_is_of_networks_with_a_softmax(record: dict[str, Any]) -> None:
    (line,) = table(record, "table-1")
    assert line[0] == "ResNet" and line[3:] == ["42.1 %", "75.8 %"]
    assert SINGLE_LABEL["ResNet"] == (0.421, 0.758)


def test_table_2_is_of_networks_with_several_losses(record: dict[str, Any]) -> None:
    lines = table(record, "table-2")
    assert {tuple(line[:3]) for line in lines} == {
        *(("SENet", "normal", loss) for loss in ("margin", "soft margin", "bce")),
        *(("ResNet", "normal", loss) for loss in ("margin", "soft margin")),
        *(("SENet", BEST, loss) for loss in ("margin", "bce")),
    }
    paper = {tuple(line[:3]): line[5:] for line in lines}
    assert paper["SENet", "normal", "soft margin"] == ["64.7 %", "38.8 %"], "top-5 first"
    assert LOSSES["SENet", "soft margin"] == (0.388, 0.647)
    assert paper["SENet", BEST, "margin"] == [None, None] == paper["SENet", "normal", "bce"]


def test_table_3_has_the_paper_s_columns(record: dict[str, Any]) -> None:
    lines = {(line[0], line[1]): line[2:] for line in table(record, "table-3")}
    assert lines["SENet", "8x reduction"][2:] == ["88.6 %", "47.9 %"]
    assert lines["SENet", BEST][2:] == ["86.8 %", None]
    assert len(lines) == 7, "margin loss only"
    top5, top1 = (float(str(cell).split(" ±")[0]) for cell in lines["SENet", "normal"][:2])
    assert (top5, top1) == (pytest.approx(80, abs=0.5), pytest.approx(45, abs=0.5))


def test_table_4_compares_with_the_paper_where_the_loss_is_its(record: dict[str, Any]) -> None:
    lines = {tuple(line[:3]): line[3:] for line in table(record, "table-4")}
    assert len(lines) == len(BASES) - 1
    assert lines["SENet", "4x expand", "margin"][4:] == ["89.1 %", "63.7 %", "92.6 %"]
    assert lines["SENet", "normal", "bce"][4:] == [None, None, None]
    assert str(lines["SENet", BEST, "bce"][2]).startswith("93.00 ± 0.00")


def test_protections_tell_mean_and_deviation_of_the_change(
    record: dict[str, Any], results: Results
) -> None:
    lines = {line[0]: line[1:] for line in table(record, "protections-bce")}
    assert list(lines) == ["before streaming", *PROTECTIONS]
    assert lines["before streaming"][2] is None
    change = results.change(SUBJECT.protected("distill"))
    mean, deviation = 100 * change.mean(), 100 * change.std(ddof=1)
    assert lines["distill"][2] == f"−{-mean:.2f} ± {deviation:.2f}"


def test_one_seed_has_no_deviation() -> None:
    found = measured(streamed_alone({"none": (3.0, 0.9), "a": (1.0, 0.9)}), [])
    assert [line[3] for line in table(found, "protections-bce")] == [None, "−3.00", "−1.00"]


def test_table_5_begins_with_the_network_that_learns_everything_again(
    record: dict[str, Any],
) -> None:
    first, *others = table(record, "table-5")
    assert first == [
        "Single-target ResNet", "normal", "40.00", "42.00", "1.0", "395.7", "394.3",
    ]  # fmt: skip
    assert others[0] == ["ResNet", "normal", "40.00", "1.20", "33.3", "403.7", "20.9"]
    assert len(others) == 7
    without = measured(Results(made_up_rows()), [])
    assert table(without, "table-5") == others


def test_learning_again_is_told_by_its_epochs(record: dict[str, Any]) -> None:
    lines = table(record, "again")
    assert [line[3:6] for line in lines] == [
        ["sets", "1.5", "63.0"], ["sets", "6", "252.0"], ["classes", "6", "252.0"],
    ]  # fmt: skip
    assert lines[0][7] == "70.00 ± 0.00 %"
