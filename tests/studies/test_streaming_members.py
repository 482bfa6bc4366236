"""From trained networks to the record of the study of paper 003: by hand, and from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeltree.data import open_source
from labeltree.errors import ModelFolderError
from labeltree.probabilities import NODE_PROBABILITIES, save_probabilities
from labeltree.recipes import glyphs
from labeltree.reports.study.figures import STUDY_FIGURES
from labeltree.reports.study.record import StudyRecord, parse
from labeltree.runs.training import run_training
from labeltree.studies.members import TrainedMember, member_folder
from labeltree.studies.running import run_study
from labeltree.studies.streaming import measure
from labeltree.studies.streaming.curves import curves
from labeltree.studies.streaming.plan import (
    SINGLE,
    UNPROTECTED,
    Network,
    Plan,
    StreamingOptions,
    members_of,
)
from labeltree.studies.streaming.results import branch_rows, streaming_rows
from labeltree.studies.streaming.retraining import retraining_rows
from labeltree.studies.study import Asked, Member, Scale, Study

Json = dict[str, Any]
SENET = {"model": "SENet", "variant": "normal", "loss": "margin"}
FLAT = {"model": "ResNet", "variant": "normal", "loss": SINGLE}


def base_record(top1: float = 0.5, top5: float = 0.8, epoch: float = 40.0) -> Json:
    leaves = {"level": "character", "top1": top1, "top5": top5}
    return {
        "test_before_decoding": {"levels": [{"level": "family", "top1": 0.9}, leaves]},
        "training": {"epochs": 6.0, "seconds": 6 * epoch},
        "cost": {"seconds_per_epoch": epoch},
    }


def streamed_record(after: float = 0.7, found: float = 0.9, epoch: float = 1.5) -> Json:
    accuracies = {"before": {"top1": 0.5, "top5": 0.8}, "after": {"top1": 0.4, "top5": after}}
    branches = [{"path": path, "images": 8, **accuracies} for path in ("latin", "greek")]
    return {
        "original": {
            "validation": {"images": 8, "before": {"top5": 0.79}, "after": {"top5": 0.75}},
            "test": {"images": 16, **accuracies},
            "branches": branches,
        },
        "label_sets": {
            "validation": {"all_in_top5": 0.7},
            "test": {"all_in_top5": found, "any_in_top5": 0.99, "map": 0.6},
            "test_before": {"all_in_top5": 0.2, "any_in_top5": 0.7, "map": 0.3},
        },
        "training": {"epochs": 8.0, "seconds": 8 * epoch, "seconds_preparing": 0.0},
        "cost": {"seconds_per_epoch": epoch},
    }


def member(labels: Mapping[str, str | int], record: Json, folder: Path = Path()) -> TrainedMember:
    name = " ".join(map(str, labels.values()))
    return TrainedMember(name, labels, folder / name, record)


def made_up(seed: int) -> list[TrainedMember]:
    """In the order of a plan: bases and what is learned again before what is streamed."""

    def again(percent: int, epoch: float) -> TrainedMember:
        labels = {**SENET, "retrained": "sets", "percent": percent, "seed": seed}
        return member(labels, base_record(epoch=epoch) | {"data": {"test": 3}})

    return [
        member({**SENET, "seed": seed}, base_record()),
        again(25, 1000.0),
        again(100, 50.0 + seed),
        member({**FLAT, "seed": seed}, base_record(0.6, 0.9)),
        member({**SENET, "protection": "none", "seed": seed}, streamed_record()),
        member({**SENET, "protection": "l2", "seed": seed}, streamed_record(0.78, 0.8, 3.0)),
    ]


# Rows.


def test_a_base_is_followed_by_what_became_of_it() -> None:
    rows = streaming_rows([*made_up(0), *made_up(1)])
    assert [(row["model"], row["protection"], row["seed"]) for row in rows] == [
        (model, protection, seed)
        for seed in (0, 1)
        for model, protection in (("SENet", ""), ("SENet", "none"), ("SENet", "l2"), ("ResNet", ""))
    ]


def test_a_streamed_row_by_hand() -> None:
    row = streaming_rows(made_up(1))[2]
    assert row == {
        **SENET, "protection": "l2", "seed": 1, "base_top1": 0.5, "base_top5": 0.8,
        "original_top1": 0.4, "original_top5": 0.78, "streaming_top5_all": 0.8,
        "streaming_top5_any": 0.99, "streaming_map": 0.6, "validation_change": pytest.approx(-0.04),
        "validation_top5_all": 0.7, "original_epoch_seconds": 40.0,
        "streaming_epoch_seconds": 3.0, "streaming_seconds": 24.0, "retrain_epoch_seconds": 51.0,
        "retrain_seconds": 306.0, "speedup": 12.75,
    }  # fmt: skip


def test_a_base_says_what_it_thought_of_the_new_images() -> None:
    senet, *_, flat = streaming_rows(made_up(0))
    assert (senet["streaming_top5_all"], senet["streaming_map"]) == (0.2, 0.3)
    assert (senet["original_top1"], senet["original_top5"]) == (0.5, 0.8)
    assert flat["base_top1"] == flat["original_top1"] == 0.6
    assert flat["streaming_top5_all"] is None and flat["streaming_map"] is None
    assert all(row["speedup"] is None for row in (senet, flat))


def test_what_was_not_learned_again_has_no_speedup() -> None:
    """What was learned again with another seed, or for a share of the epochs, does not count."""
    members = made_up(0)
    del members[2]
    for row in streaming_rows([*members, *made_up(1)])[1:3]:
        assert row["seed"] == 0 and row["streaming_seconds"] is not None
        assert row["speedup"] is row["retrain_seconds"] is row["retrain_epoch_seconds"] is None


def test_seconds_are_not_lost_in_rounding() -> None:
    """A record gives the seconds of a training in tenths: here 0.0."""
    members = made_up(0)
    members[-1].record["cost"]["seconds_per_epoch"] = 0.003
    members[-1].record["training"] |= {"epochs": 4.0, "seconds": 0.0}
    row = streaming_rows(members)[2]
    assert (row["streaming_seconds"], row["speedup"]) == (0.012, 25000.0)


def test_what_a_protection_does_before_the_first_step_takes_time_too() -> None:
    """The importance of elastic weights, for one: 24 seconds of steps, 6 before them."""
    members = made_up(0)
    members[-1].record["training"]["seconds_preparing"] = 6.0
    row = streaming_rows(members)[2]
    assert (row["streaming_seconds"], row["speedup"]) == (30.0, 10.0)


def test_branches_are_of_what_was_streamed() -> None:
    rows = branch_rows(made_up(0))
    assert [(row["protection"], row["path"]) for row in rows] == [
        ("none", "latin"), ("none", "greek"), ("l2", "latin"), ("l2", "greek"),
    ]  # fmt: skip
    assert rows[2] == {
        **SENET, "protection": "l2", "seed": 0, "path": "latin", "images": 8,
        "before": {"top1": 0.5, "top5": 0.8}, "after": {"top1": 0.4, "top5": 0.78},
    }  # fmt: skip


# Curves.

EPOCHS = (
    "epoch,seconds,train_loss,train_top1,validation_top1_family,validation_top1_character,"
    "validation_top5_character\n"
    "1,0.5,2.5,nan,0.5,0.25,0.5\n"
    "2,0.5,1.5,0.375,0.75,0.5,1.0\n"
)


@pytest.fixture
def base(tmp_path: Path) -> TrainedMember:
    found = member({**SENET, "seed": 3}, base_record(), tmp_path)
    found.folder.mkdir()
    (found.folder / "metrics.csv").write_text(EPOCHS)
    return found


def test_curves_are_of_the_leaves_and_of_bases_only(base: TrainedMember) -> None:
    *_, none, _ = made_up(0)
    assert curves([base, none]) == [
        {
            **SENET,
            "seed": 3,
            "epochs": [
                {"epoch": 1.0, "train_loss": 2.5, "train_top1": None, "validation_top1": 0.25,
                 "validation_top5": 0.5},
                {"epoch": 2.0, "train_loss": 1.5, "train_top1": 0.375, "validation_top1": 0.5,
                 "validation_top5": 1.0},
            ],
        }
    ]  # fmt: skip


DAMAGE = {
    "half a line": EPOCHS[: EPOCHS.rindex(",0.5,")],
    "a word for a number": EPOCHS.replace("0.375", "much"),
    "no such column": EPOCHS.replace("train_top1", "top1"),
    "an empty cell": EPOCHS.replace("0.375", ""),
}


@pytest.mark.parametrize("damage", [*DAMAGE, "missing", "no text"])
def test_a_damaged_table_of_epochs_is_told_with_its_remedy(
    damage: str, base: TrainedMember
) -> None:
    path = base.folder / "metrics.csv"
    path.unlink()
    if damage in DAMAGE:
        path.write_text(DAMAGE[damage])
    elif damage == "no text":
        path.write_bytes(b"epoch,\xff\xfe")
    with pytest.raises(ModelFolderError, match=r"metrics\.csv is missing or damaged") as told:
        curves([base])
    assert f"remove {base.folder} to train it again" in str(told.value)
    assert "\n" not in str(told.value)


# Everything learned again.

OPTIONS = {
    "classes": 7, "pairs": 2, "images_per_pair": 1, "test_images_per_pair": 2, "size": 16,
    "images_per_class": 1, "test_images_per_class": 1, "originals": True,
}  # fmt: skip
ORIGINALS = [0, 0, 1, 4, 5, 6, 0]
"""How many labels come before the right one, for an image of each character."""


def again(
    folder: Path, ranks: Sequence[Sequence[int]], targets: Any = None, **options: bool
) -> TrainedMember:
    """A network that puts the labels of each test image at these places."""
    data_options = {**OPTIONS, **options}
    test = open_source("glyph-pairs", **data_options).test
    assert test is not None
    tree, shown = test.taxonomy, test.labels.reshape(len(test), -1)
    leaves = np.zeros((len(test), tree.num_leaves), dtype=np.float32)
    falling = np.linspace(1, 0.5, tree.num_leaves)
    for values, nodes, places in zip(leaves, shown, ranks, strict=True):
        own = tree.leaf_index[nodes[nodes >= 0]]
        others = np.setdiff1d(np.arange(tree.num_leaves), own)
        values[own] = falling[list(places)]
        values[others] = np.delete(falling, list(places))
    probabilities = tree.roll_up(leaves / leaves.sum(axis=1, keepdims=True))
    record = {
        "recipe": {"data": "glyph-pairs", "data_options": data_options},
        "data": {"test": len(test)},
        "training": {"epochs": 1.5},
        "cost": {"seconds_per_epoch": 42.0},
    }
    retrained = "classes" if options else "sets"
    labels = {**SENET, "retrained": retrained, "percent": 25, "seed": 2}
    found = member(labels, record, folder)
    (found.folder / NODE_PROBABILITIES).mkdir(parents=True)
    path = found.folder / NODE_PROBABILITIES / "test.npz"
    save_probabilities(path, tree, probabilities, test.targets if targets is None else targets)
    return found


def test_sets_by_hand(tmp_path: Path) -> None:
    """Of four combinations two are found whole, and a label of a third."""
    singles = [[rank] for rank in ORIGINALS]
    found = again(tmp_path, [*singles, [0, 1], [0, 5], [5, 6], [4, 3]])
    assert retraining_rows([found]) == [
        {
            **SENET, "labels": "sets", "share": 0.25, "seed": 2, "epochs": 1.5, "seconds": 63.0,
            "epoch_seconds": 42.0, "original_top1": pytest.approx(3 / 7),
            "original_top5": pytest.approx(5 / 7), "streaming_top5_all": 0.5,
            "streaming_top5_any": 0.75,
        }
    ]  # fmt: skip


def test_classes_by_hand(tmp_path: Path) -> None:
    """Two of four combinations are found; new classes take places from old ones."""
    ranks = [[rank] for rank in (*ORIGINALS[:3], 4, 5, 8, 0, 0, 4, 5, 8)]
    (row,) = retraining_rows([again(tmp_path, ranks, as_classes=True)])
    assert (row["labels"], row["original_top1"]) == ("classes", pytest.approx(3 / 7))
    assert row["original_top5"] == pytest.approx(5 / 7)
    assert row["streaming_top5_all"] == row["streaming_top5_any"] == 0.5


def test_others_are_no_rows_of_it() -> None:
    assert retraining_rows([one for one in made_up(0) if "retrained" not in one.labels]) == []


def test_answers_to_other_images_are_told_with_their_remedy(tmp_path: Path) -> None:
    ranks = [[0]] * 7 + [[0, 1]] * 4
    tree = open_source("glyph-pairs", **OPTIONS).taxonomy
    found = again(tmp_path, ranks, targets=np.repeat(tree.leaves[:1], 11))
    with pytest.raises(ModelFolderError, match="answered other test images than glyph-pairs") as no:
        retraining_rows([found])
    assert f"remove {found.folder} to train it again" in str(no.value)


# From end to end: eight trainings of one epoch on a hundred tiny characters.


def tiny() -> Plan:
    recipe = glyphs("glyphs:12")
    recipe = recipe.replace(
        data_options={"size": 16, "images_per_class": 10, "test_images_per_class": 4},
        loading=recipe.loading.replace(batch_size=16),
        training=recipe.training.replace(epochs=1, label_smoothing=0),
    )
    senet = Network("SENet", "normal", "slim-senet-w16")
    flat = Network("ResNet", "normal", "slim-w16", SINGLE)
    pairs = {"pairs": 3, "images_per_pair": 8, "test_images_per_pair": 5}
    return Plan(
        recipe,
        (flat, senet),
        protected=(senet,),
        single=flat,
        protections={UNPROTECTED: {}, "distill": {"distillation": 0.1}},
        epochs=1,
        learning_rate=0.03,
        new=("glyph-pairs:12", {**recipe.data_options, **pairs}),
        everything={"originals": True},
    )


STUDY = Study(
    name="streaming",
    title="A tiny one",
    source="nowhere",
    scales={"tiny": Scale("tiny", 1, lambda asked: members_of(tiny(), asked))},
    measure=measure,
    options=StreamingOptions,
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose members are trained, in this process: starting others takes longer."""
    folder = tmp_path_factory.mktemp("work") / "study"
    for one in planned():
        run_training(one.recipe, member_folder(folder, one.name, one.recipe))
    return folder


@pytest.fixture(scope="module")
def record(out: Path) -> Json:
    return run_study(STUDY, "tiny", out, resume=True)


def planned() -> list[Member]:
    return members_of(tiny(), Asked(1, StreamingOptions(), None))


def record_of(out: Path, *labels: object) -> Json:
    (found,) = (
        one for one in planned() if tuple(one.labels.values()) == (*labels, 0)
    )  # the seed comes last
    return json.loads(
        (member_folder(out, found.name, found.recipe) / "record.json").read_text(encoding="utf-8")
    )


def paths(record: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All keys, with those above."""
    inside = record[-1] if isinstance(record, list) and record else record
    if isinstance(inside, dict):
        for key, value in inside.items():
            yield (*before, key)
            yield from paths(value, (*before, key))


def test_real_records_have_what_the_made_up_ones_have(out: Path) -> None:
    base = record_of(out, *SENET.values())
    streamed = record_of(out, *SENET.values(), "distill")
    whole = record_of(out, *SENET.values(), "sets", 100)
    assert set(paths(base_record())) <= set(paths(base))
    assert set(paths(streamed_record())) <= set(paths(streamed))
    assert {("data", "test"), ("recipe", "data_options")} <= set(paths(whole))
    leaves = base["test_before_decoding"]["levels"][-1]
    before = streamed["original"]["test"]["before"]
    assert (before["top1"], before["top5"]) == (leaves["top1"], leaves["top5"])


def test_the_record_of_a_whole_study(record: Json, out: Path) -> None:
    text = (out / "record.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == record
    assert len(record["members"]) == 8
    assert [(row["model"], row["protection"]) for row in record["rows"]] == [
        ("SENet", ""), ("SENet", "none"), ("SENet", "distill"), ("ResNet", ""),
    ]  # fmt: skip
    assert [(row["labels"], row["epochs"]) for row in record["retraining"]] == [
        ("sets", 0.25), ("sets", 0.5), ("sets", 1.0), ("classes", 1.0),
    ]  # fmt: skip
    assert [(row["model"], len(row["epochs"])) for row in record["curves"]] == [
        ("SENet", 1), ("ResNet", 1),
    ]  # fmt: skip
    branches = record_of(out, *SENET.values(), "none")["original"]["branches"]
    assert [row["path"] for row in record["branches"]] == 2 * [one["path"] for one in branches]
    for row in record["rows"]:
        shares = [row[key] for key in row if "top" in key and row[key] is not None]
        assert all(0 <= share <= 1 for share in shares)
        streamed = row["protection"] != ""
        assert (row["speedup"] is not None) == streamed
    assert {one["verdict"] for one in record["findings"]} == {"undecided"}, "one seed"


def test_its_tables_and_figures_can_be_drawn(record: Json) -> None:
    assert parse(StudyRecord, record).tables
    drawn = {name for name, figure in STUDY_FIGURES["streaming"].items() if figure(record)}
    assert drawn == set(STUDY_FIGURES["streaming"])


def test_the_accuracies_of_learning_again_are_those_of_its_own_run(record: Json, out: Path) -> None:
    """The mean over original and new images is what the run itself measured on all of them."""
    for row, percent in zip(record["retraining"][:3], (25, 50, 100), strict=True):
        own = record_of(out, *SENET.values(), "sets", percent)
        sets, images = own["label_sets"]["test"], 48 + 15
        assert own["data"]["test"] == images
        found = (48 * row["original_top5"] + 15 * row["streaming_top5_all"]) / images
        assert found == pytest.approx(sets["all_in_top5"])
