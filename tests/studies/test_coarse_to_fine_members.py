"""The study's networks: planned, trained, put together and asked, and what its own routing says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from small_folder import small_recipe, write_small_folder

from labeltree.errors import LabeltreeError
from labeltree.methods import check_names, make_method
from labeltree.methods.routed.network import Routed
from labeltree.methods.routed.routing import Routing
from labeltree.probabilities import NodeProbabilities
from labeltree.runs.training import run_training
from labeltree.studies.coarse_to_fine import STUDY, measure
from labeltree.studies.coarse_to_fine.answers import ROUTINGS, SOFT, Answers
from labeltree.studies.coarse_to_fine.scales import Plan, members_of
from labeltree.studies.members import TrainedMember, member_folder, read_member_record
from labeltree.studies.running import run_study
from labeltree.studies.study import Asked, Member
from labeltree.taxonomy import Taxonomy

GROUPS = {"round": ("animal/cat", "plant/oak"), "long": ("animal/dog/pug", "animal/dog/beagle"),
          "fern": ("plant/fern",)}  # fmt: skip


def plan(data: Path) -> Plan:
    return Plan(
        small_recipe(data, epochs=1),
        {"ours": {"groups": GROUPS}},
        router="slim-w16",
        experts=("slim-w16",),
        usual="slim-w16",
        flats=("slim-w16",),
    )


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> list[Member]:
    data = write_small_folder(tmp_path_factory.mktemp("work") / "data")
    return members_of(plan(data), Asked(1, STUDY.options(), None))


@pytest.fixture(scope="module")
def trained(members: list[Member], tmp_path_factory: pytest.TempPathFactory) -> list[TrainedMember]:
    out, found = tmp_path_factory.mktemp("study"), []
    for member in members:
        folder = member_folder(out, member.name, member.recipe)
        run_training(member.recipe, folder)
        record = read_member_record(folder, member.recipe)
        found.append(TrainedMember(member.name, member.labels, folder, record))
    return found


def test_one_router_serves_all_experts_of_a_grouping(members: list[Member]) -> None:
    parts = Counter(str(one.labels["part"]) for one in members if "part" in one.labels)
    assert parts == {"router": 1, "round": 4, "long": 4}, "a group of one class has no expert"
    (router,) = (one for one in members if one.labels.get("part") == "router")
    assert router.recipe.answer_training
    for one in members:
        check_names(one.recipe.method, one.recipe.backbone, one.recipe.method_options)
        follows = one.labels.get("misrouted") in ("random", "drop", "reject")
        assert one.after == ((router.name,) if follows else ())
        if follows:
            folder = member_folder(Path("out"), one.name, one.recipe)
            named = folder / str(one.recipe.division.router)
            assert (
                named.resolve() == member_folder(Path("out"), router.name, router.recipe).resolve()
            )


def test_names_are_unique(members: list[Member]) -> None:
    assert len({one.name for one in members}) == len(members) == 12


def test_every_system_is_asked_and_counted(trained: list[TrainedMember]) -> None:
    record = measure(trained)
    rows = {(row["system"], row["routing"]): row for row in record["rows"]}
    assert {system for system, _ in rows} == {
        "flat slim-w16", "merged", "ours, shared trunk", "ours, slim-w16 experts",
        "ours, slim-w16 experts, drop", "ours, slim-w16 experts, true",
        "ours, slim-w16 experts, reject",
    }  # fmt: skip
    flat, routed = rows["flat slim-w16", None], "ours, slim-w16 experts"
    hard, soft = rows[routed, "hard"], rows[routed, SOFT]
    assert flat["macs"] < hard["macs"] <= 2 * flat["macs"] < soft["macs"]
    assert hard["memory_mb"] == soft["memory_mb"] > 2.5 * flat["memory_mb"]
    assert hard["epochs"] == 3.0
    for row in rows.values():
        assert 0 <= row["top1"] <= row["top3"] <= 1
        assert row["router_accuracy"] is None or row["top1"] <= 1
    again = measure(trained)
    figures = ("top1", "top3", "router_accuracy", "oracle_top1", "router_error_share", "macs")
    assert [[row[key] for key in figures] for row in again["rows"]] == [
        [row[key] for key in figures] for row in record["rows"]
    ]


def test_answers_that_were_damaged_are_asked_for_again(trained: list[TrainedMember]) -> None:
    first = measure(trained)["rows"]
    kept = sorted((trained[0].folder.parent.parent / "systems").glob("*.npz"))
    assert len(kept) == 7
    kept[0].write_bytes(b"damaged")
    again = measure(trained)["rows"]
    assert [row["top1"] for row in again] == [row["top1"] for row in first]


@pytest.mark.parametrize("misrouted", ["true", "reject"])
@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_studys_routing_is_the_networks(misrouted: str, routing: str) -> None:
    tree = Taxonomy.from_paths(["a/1", "a/2", "b/1", "b/2", "b/3", "c"])
    groups = {"p": ["a/1", "b/1"], "q": ["a/2", "b/2", "b/3"], "r": ["c"]}
    torch.manual_seed(0)
    network = make_method("routed", tree, "slim-w16", {"groups": groups, "misrouted": misrouted})
    assert isinstance(network, Routed)
    images, targets = torch.randn(64, 3, 16, 16), tree.leaves[np.arange(64) % tree.num_leaves]
    network.eval()
    for one in network.networks:  # no network prefers one output for all images
        torch.nn.init.normal_(one.head.weight, std=20)
        with torch.no_grad():
            one.head.bias -= one.head(one.backbone(images)).mean(0) / one.head.scale

    def leaves(way: str) -> np.ndarray:
        network.routing = Routing.parse(way)
        with torch.inference_mode():
            return network.node_probabilities(network(images)).numpy()

    with torch.inference_mode():
        network.routing = Routing.parse(SOFT)
        router = network(images)[0].softmax(1).numpy().astype(np.float64)
    found = Answers.of(
        NodeProbabilities(tree, leaves(SOFT), targets), network.groups.numpy(), router
    )
    expected = leaves(routing)[:, tree.leaves]
    np.testing.assert_allclose(found.routed(ROUTINGS[routing]), expected, atol=1e-5)
    assert len(np.unique(found.routes.router.argmax(1))) == 3, "all groups are chosen by some image"


def test_data_of_one_level_have_no_groups(tmp_path: Path) -> None:
    data = write_small_folder(tmp_path / "data") / "plant"
    with pytest.raises(LabeltreeError, match="no category has two classes or more") as raised:
        run_study(STUDY, "smoke", tmp_path / "out", options={"data": str(data)})
    assert "\n" not in str(raised.value) and not (tmp_path / "out" / "members").exists()


def test_groups_and_depth_are_two_names_for_one_thing(tmp_path: Path) -> None:
    options = {"groups": "groups.csv", "depth": 1}
    with pytest.raises(LabeltreeError, match="set one of them"):
        run_study(STUDY, "smoke", tmp_path / "out", options=options)


def test_own_groups_replace_those_of_the_scale(tmp_path: Path) -> None:
    data = write_small_folder(tmp_path / "data")
    table = tmp_path / "mine.csv"
    rows = [f"{group},{path}\n" for group, paths in GROUPS.items() for path in paths]
    table.write_text("group,class\n" + "".join(rows))
    asked = Asked(1, STUDY.options(data=str(data), groups=table), None)
    found = STUDY.scales["smoke"].members(asked)
    assert {one.labels["grouping"] for one in found if "part" in one.labels} == {"mine"}
