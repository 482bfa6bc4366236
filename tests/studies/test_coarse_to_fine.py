"""A router with experts against flat networks: routed and judged, on answers made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_members import MadeUp
from scipy.stats import ttest_rel

from labeltree.costs import Cost
from labeltree.probabilities import NodeProbabilities
from labeltree.significance import holm
from labeltree.studies.coarse_to_fine import comparisons, measured
from labeltree.studies.coarse_to_fine.answers import HARD, SOFT, TOP_2, Answers, Routes, group_sums
from labeltree.studies.coarse_to_fine.comparisons import alternatives, usual
from labeltree.studies.coarse_to_fine.results import Costs, Results, rows
from labeltree.studies.coarse_to_fine.systems import FLAT, MERGED, ROUTED, TRUNK, System, systems
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED
from labeltree.taxonomy import Taxonomy

GROUPS = np.array([0, 0, 1, 1, 2])
"""Five leaves: two groups of two and one of one."""

WITHIN = [0.9, 0.1, 0.8, 0.2, 1.0]
"""P(leaf | group), the same for every image."""


def answers(router: list[list[float]], targets: list[int]) -> Answers:
    own = np.array(router)
    leaves = own[:, GROUPS] * np.array(WITHIN)
    return Answers(leaves, np.array(targets), Routes(GROUPS, own))


def test_hard_routing_asks_one_expert_and_top_2_two() -> None:
    found = answers([[0.5, 0.3, 0.2]], [0])
    np.testing.assert_allclose(found.routed(1), [[0.9, 0.1, 0, 0, 0]])
    two = np.array([[0.45, 0.05, 0.24, 0.06, 0]]) / 0.8
    np.testing.assert_allclose(found.routed(2), two)
    for everything in (found.routed(3), found.routed(None)):
        np.testing.assert_allclose(everything, [[0.45, 0.05, 0.24, 0.06, 0.2]])


def test_an_image_sent_astray_is_lost_with_hard_and_may_be_found_with_soft_routing() -> None:
    """The router prefers group 0 a little, whose best class is less sure than that of group 2."""
    found = answers([[0.51, 0.0, 0.49]], [4])
    assert found.right(found.routed(1)).tolist() == [False]
    assert found.right(found.routed(None)).tolist() == [True]
    assert found.right_group().tolist() == [False]


def test_a_class_whose_expert_was_not_asked_is_not_among_the_first_three() -> None:
    """Hard routing to the group of one class leaves nothing for the others, which all tie at 0."""
    found = answers([[0.2, 0.2, 0.6]] * 2, [0, 4])
    assert found.right(found.routed(1), 3).tolist() == [False, True]


def test_an_oracle_router_leaves_only_the_experts_errors() -> None:
    found = answers([[0.1, 0.8, 0.1]] * 3, [0, 1, 2])
    assert found.right_told(GROUPS).tolist() == [True, False, True]
    assert found.right(found.routed(1)).tolist() == [False, False, True]


def test_of_equally_probable_leaves_the_first_comes_first() -> None:
    found = Answers(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0, 1]))
    assert found.right(found.leaves).tolist() == [True, False]
    assert found.right(found.leaves, 2).tolist() == [True, True]


def test_answers_are_those_of_images_whose_label_is_a_class() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    leaves = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], dtype=np.float32)
    targets = np.array([tree.find("dog"), tree.find("cat")])
    found = Answers.of(NodeProbabilities(tree, tree.roll_up(leaves), targets), np.array([0, 1, 0]))
    np.testing.assert_allclose(found.leaves, [[0.6, 0.3, 0.1]], atol=1e-6)
    np.testing.assert_allclose(found.routes.router, [[0.7, 0.3]], atol=1e-6)
    assert found.targets.tolist() == [0]


def test_sums_of_groups() -> None:
    leaves = np.array([[0.1, 0.2, 0.3, 0.3, 0.1]])
    np.testing.assert_allclose(group_sums(leaves, GROUPS), [[0.3, 0.6, 0.1]])


COSTS = Costs(
    {
        routing: Cost(weight_mb=2.0, macs=macs, images_per_second=9.0)
        for routing, macs in ((HARD, 200), (TOP_2, 300), (SOFT, 400))
    }
)


def member(labels: dict[str, str | int], method: str = "flat", backbone: str = "slim") -> MadeUp:
    record = {
        "training": {"seconds": 60.0, "epochs": 5.0},
        "recipe": {"method": method, "backbone": backbone},
    }
    name = " ".join(map(str, labels.values()))
    return MadeUp(name, labels, Path("nowhere") / name, record)


def expert(part: str, misrouted: str = "random", seed: int = 0) -> MadeUp:
    labels = {
        "grouping": "3 groups", "part": part, "experts": "slim-w64", "misrouted": misrouted,
        "seed": seed,
    }  # fmt: skip
    return member(labels, backbone="slim-w64")


def router(seed: int = 0) -> MadeUp:
    return member({"grouping": "3 groups", "part": "router", "seed": seed})


def test_networks_become_systems_and_share_their_router() -> None:
    found = systems(
        [
            member({"system": "flat slim", "seed": 0}),
            member({"system": "3 groups, trunk", "grouping": "3 groups", "seed": 0}, "routed"),
            member({"system": "merged", "seed": 0}, "merged"),
            router(),
            *(expert(part, how) for how in ("random", "true") for part in ("a", "b")),
        ]
    )
    assert [(one.name, one.kind) for one in found] == [
        ("flat slim", FLAT),
        ("3 groups, trunk", TRUNK),
        ("merged", MERGED),
        ("3 groups, slim-w64 experts", ROUTED),
        ("3 groups, slim-w64 experts, true", ROUTED),
    ]
    published, other = found[3:]
    assert list(published.parts) == ["router", "a", "b"]
    assert published.parts["router"] is other.parts["router"]
    assert (published.router, published.experts) == ("slim", "slim-w64")
    assert (published.epochs, published.seconds) == (15.0, 180.0), "as in the paper: summed"
    assert found[0].router is None and found[0].experts is None


def test_the_systems_of_a_seed_stand_together() -> None:
    seeds = [one.seed for one in systems([
        member({"system": "flat slim", "seed": 0}), member({"system": "flat slim", "seed": 1}),
        *(one for seed in (0, 1) for one in (router(seed), expert("a", seed=seed))),
    ])]  # fmt: skip
    assert seeds == [0, 0, 1, 1]


def test_a_row_by_hand() -> None:
    """Four images: right anyhow; lost by the router; the expert's own error; both at fault."""
    found = answers(
        [[0.9, 0.1, 0], [0.6, 0.4, 0], [0.9, 0.1, 0], [0.1, 0.9, 0]],
        [0, 2, 1, 1],
    )
    system = System("s", ROUTED, 0, {"router": router(), "a": expert("a")}, "3 groups", "random")
    hard, *_, soft = rows(system, found, COSTS)
    assert (hard["routing"], soft["routing"]) == (HARD, SOFT)
    assert hard["top1"] == 0.25 and hard["router_accuracy"] == 0.5
    assert hard["oracle_top1"] == 0.5
    assert hard["router_error_share"] == pytest.approx(1 / 3)
    assert (hard["macs"], soft["macs"]) == (200, 400)
    keys = "grouping router experts routing top1 top3 router_accuracy oracle_top1 "
    keys += "router_error_share epochs seconds memory_mb macs images_per_second"
    assert set(keys.split()) <= set(hard)


def test_two_groups_have_no_top_2() -> None:
    found = Answers(np.eye(2), np.arange(2), Routes(np.array([0, 1]), np.eye(2)))
    system = System("s", ROUTED, 0, {"router": router(), "a": expert("a")}, "2 groups", "random")
    assert [row["routing"] for row in rows(system, found, COSTS)] == [HARD, SOFT]
    assert rows(system, found, COSTS)[0]["router_error_share"] is None, "there is no error"


def row(system: str, routing: str | None, seed: int, top1: float, **more: Any) -> dict[str, Any]:
    usual = {
        "system": system, "kind": FLAT, "grouping": None, "router": None, "experts": None,
        "misrouted": None, "routing": routing, "seed": seed, "top1": top1, "top3": top1 + 0.1,
        "router_accuracy": None, "oracle_top1": None, "router_error_share": None, "epochs": 5.0,
        "seconds": 60.0, "memory_mb": 2.0, "macs": 20e6, "images_per_second": 1000.0,
    }  # fmt: skip
    return usual | more


def made_up_rows(seeds: int = 3, soft_gain: float = 0.02) -> list[dict[str, Any]]:
    """Small experts beat large ones, four groups lose, soft routing gains, a wide net beats all."""
    rng = np.random.default_rng(0)
    found = []
    for seed in range(seeds):
        noise = rng.normal(0, 0.001, 100).tolist()
        for name, wide, top1 in (
            ("flat slim", 1, 0.5),
            ("flat wide", 2, 0.6),
            ("flat huge", 4, 0.65),
        ):
            costs = {"macs": 20e6 * wide, "memory_mb": 2.0 * wide}
            found.append(row(name, None, seed, top1 + noise.pop(), **costs))
        found.append(row("merged", None, seed, 0.55 + noise.pop(), kind=MERGED))
        for grouping, less in (("3 groups", 0), ("4 groups", 0.03)):
            for experts, top1 in (("large", 0.48), ("slim", 0.5), ("small", 0.52)):
                for misrouted in ("random", "drop", "true", "reject"):
                    if misrouted != "random" and (experts, grouping) != ("slim", "3 groups"):
                        continue
                    how = "" if misrouted == "random" else f", {misrouted}"
                    shift = noise.pop() + {"drop": -0.02}.get(misrouted, 0.0)
                    for routing, gain, work in (
                        (HARD, 0, 2),
                        (TOP_2, soft_gain / 2, 3),
                        (SOFT, soft_gain, 4),
                    ):
                        found.append(
                            row(
                                f"{grouping}, {experts} experts{how}",
                                routing,
                                seed,
                                top1 - less + gain + shift + noise.pop() / 20,
                                kind=ROUTED,
                                grouping=grouping,
                                router="slim",
                                experts=experts,
                                misrouted=misrouted,
                                router_accuracy=0.8,
                                oracle_top1=0.6,
                                router_error_share=0.2,
                                macs=20e6 * work,
                                memory_mb={"large": 10.0, "slim": 8.0, "small": 3.0}[experts],
                            )
                        )
        for routing, gain in ((HARD, 0.0), (SOFT, soft_gain)):
            found.append(
                row(
                    "3 groups, shared trunk",
                    routing,
                    seed,
                    0.53 + gain + noise.pop(),
                    kind=TRUNK,
                    grouping="3 groups",
                    router="slim",
                    experts="slim",
                    router_accuracy=0.8,
                    oracle_top1=0.6,
                    router_error_share=0.2,
                    macs=40e6,
                    memory_mb=8.0,
                )
            )
    return found


@pytest.fixture(scope="module")
def results() -> Results:
    return Results(made_up_rows())


def test_the_usual_system_is_the_one_that_is_trained_in_all_ways(results: Results) -> None:
    name = "3 groups, slim experts"
    assert usual(results) == name
    assert alternatives(results) == [
        name, f"{name}, drop", f"{name}, true", f"{name}, reject", "3 groups, shared trunk",
    ]  # fmt: skip


def test_flat_networks_of_the_same_cost_lie_between_those_that_were_trained() -> None:
    """From 20 to 80 million multiply–adds; accuracy grows with their logarithm."""
    rows = [row("flat slim", None, 0, 0.4), row("flat huge", None, 0, 0.6, macs=80e6, memory_mb=8)]
    for work, expected in ((40e6, 0.5), (80e6, 0.6), (82e6, 0.6), (90e6, None), (18e6, None)):
        found = Results([*rows, row("s", HARD, 0, 0.5, kind=ROUTED, macs=work)])
        reached = found.flat_top1(("s", HARD), "macs")
        assert (reached is None) == (expected is None)
        if expected is not None:
            assert reached.tolist() == pytest.approx([expected])


def test_flat_networks_of_the_same_cost_are_paired_by_seed(results: Results) -> None:
    name = "3 groups, slim experts"
    wide = results.figure(("flat wide", None), "top1")
    np.testing.assert_allclose(results.flat_top1((name, HARD), "macs"), wide)
    tests = comparisons.Tests(results)
    found = tests.of(*comparisons.against_flat(results, name, "macs"))
    a = 1 - results.figure((name, HARD), "top1")
    assert found.test.p_value == pytest.approx(ttest_rel(a, 1 - wide).pvalue)


def test_tests_are_paired_by_seed_and_corrected_within_their_kind(results: Results) -> None:
    tests = comparisons.Tests(results)
    name = "3 groups, slim experts"
    found = tests.of((name, HARD), (name, SOFT))
    a, b = (1 - results.figure((name, routing), "top1") for routing in (HARD, SOFT))
    assert found.test.p_value == pytest.approx(ttest_rel(a, b).pvalue)
    family = [one for one in tests.found.values() if one.kind == "routings"]
    assert len(family) == len(results.routed()) == 10
    expected = holm([one.test.p_value for one in family])
    assert [one.p_corrected for one in family] == pytest.approx(expected)
    kinds = [one.kind for one in tests.found.values()]
    assert list(dict.fromkeys(kinds)) == [
        "routings", "misrouted", "experts", "groupings", "flat", "merged",
    ]  # fmt: skip
    assert kinds.count("misrouted") == 6 and kinds.count("experts") == 6
    assert kinds.count("groupings") == 3 and kinds.count("flat") == 10


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {one["claim"]: one["verdict"] for one in found["findings"]}


def verdict(found: dict[str, Any], start: str) -> str:
    (only,) = (value for claim, value in verdicts(found).items() if claim.startswith(start))
    return only


def test_claims_are_judged(results: Results) -> None:
    found = measured(results)
    json.dumps(found, allow_nan=False)
    assert verdict(found, "soft routing is at least as accurate") == AGREES
    assert verdict(found, "it is better than hard routing") == AGREES
    assert verdict(found, "the smallest experts are the most accurate") == AGREES
    assert verdict(found, "4 groups are no better") == AGREES
    assert verdict(found, "giving misrouted training images a random class") == AGREES
    routed = "a router with experts is, with"
    assert verdict(found, f"{routed} hard routing, more accurate than flat networks") == DISAGREES
    assert verdict(found, f"{routed} soft routing, more accurate than flat networks") == DISAGREES
    merged = f"{routed} soft routing, more accurate than the merged network"
    assert verdict(found, merged) == UNDECIDED, "the trunk is as accurate as that"


def test_a_single_image_that_hard_routing_saves_refutes_at_least_as_accurate() -> None:
    rows = made_up_rows()
    (one,) = (
        row for row in rows
        if (row["system"], row["routing"], row["seed"]) == ("4 groups, small experts", SOFT, 1)
    )  # fmt: skip
    one["top1"] -= 0.03
    found = measured(Results(rows))
    assert verdict(found, "soft routing is at least as accurate") == DISAGREES
    assert verdict(found, "it is better than hard routing") == UNDECIDED


def test_one_seed_is_not_judged_by_tests() -> None:
    found = measured(Results(made_up_rows(seeds=1)))
    assert found["tests"] == []
    claims = verdicts(found)
    assert set(claims.values()) == {UNDECIDED}
    json.dumps(found, allow_nan=False)


def test_a_seed_without_errors_has_no_cause_of_them() -> None:
    rows = made_up_rows()
    for one in rows:
        if one["seed"] == 1:
            one["router_error_share"] = None
    name = "3 groups, slim experts"
    assert Results(rows).figure((name, HARD), "router_error_share").tolist() == [0.2, 0.2]
    found = measured(Results(rows))
    assert "caused 20.0" in found["conclusions"][0]
    for one in rows:
        one["router_error_share"] = None
    found = measured(Results(rows))
    assert found["tables"][2]["rows"][0][-1] is None


def test_every_system_has_its_line_in_the_tables(results: Results) -> None:
    accuracy, costs, errors, paper = measured(results)["tables"]
    for table in (accuracy, costs):
        assert {tuple(line[:2]) for line in table["rows"]} == set(results.keys)
    assert [line[0] for line in errors["rows"]] == results.routed()
    assert all(len(line) == len(table["columns"]) for table in (accuracy, costs, errors, paper)
               for line in table["rows"])  # fmt: skip
    assert any("46.92" in cell for line in paper["rows"] for cell in line if cell)
