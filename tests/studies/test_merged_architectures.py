"""The measurements of the study on made-up members, against direct readings of what they mean."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from labeltree.decoding import adapt
from labeltree.errors import ModelFolderError
from labeltree.methods import make_method
from labeltree.probabilities import NodeProbabilities
from labeltree.significance import holm, paired_t_test
from labeltree.studies.comparison import Comparison
from labeltree.studies.members import TrainedMember
from labeltree.studies.merged_architectures import STUDY, measure
from labeltree.studies.merged_architectures.scales import VARIANTS
from labeltree.studies.study import Asked, NoOptions
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED, equal
from labeltree.taxonomy import Taxonomy

TREE = Taxonomy.from_paths(
    [f"{coarse}/{fine}" for coarse in "abcd" for fine in "xyz"], level_names=("coarse", "fine")
)
IMAGES, SEEDS = 300, 4


class MadeUp(TrainedMember):
    """A member whose probabilities were never written."""

    def probabilities(self, split: str) -> NodeProbabilities:
        return self.record["made_up"][split]


def made_up(variant: str, seed: int, skill: float) -> MadeUp:
    """Levels that err independently, so that making them agree helps."""
    splits = {}
    for number, split in enumerate(("validation", "test")):
        rng = np.random.default_rng([number, seed, list(VARIANTS).index(variant)])
        targets = TREE.leaves[np.random.default_rng(number).integers(TREE.num_leaves, size=IMAGES)]
        values = np.ones((IMAGES, TREE.num_nodes), dtype=np.float32)
        for depth in (1, 2):
            level = TREE.level(depth)
            logits = rng.normal(size=(IMAGES, level.stop - level.start))
            truth = TREE.ancestor_at(targets, depth) - level.start
            logits[np.arange(IMAGES), truth] += skill
            exp = np.exp(2 * logits)
            values[:, level.start : level.stop] = exp / exp.sum(axis=1, keepdims=True)
        splits[split] = NodeProbabilities(TREE, values, targets)
    record = {
        "training": {"seconds": 60.0 + seed},
        "model": {"parameters": 1000},
        "made_up": splits,
    }
    labels = {"network": "net", "variant": variant, "seed": seed}
    return MadeUp(f"net {variant} seed {seed}", labels, Path("nowhere"), record)


SKILLS = {"separate": 1.5, "merge-0": 1.5, "merge-1": 2.2, "merge-2": 2.2, "merge-3": 1.2}


@pytest.fixture(scope="module")
def members() -> list[MadeUp]:
    return [made_up(name, seed, SKILLS[name]) for name in VARIANTS for seed in range(SEEDS)]


@pytest.fixture(scope="module")
def measured(members):
    return measure(members)


def error(probabilities: np.ndarray, targets: np.ndarray, depth: int) -> float:
    level = TREE.level(depth)
    answers = probabilities[:, level.start : level.stop].argmax(axis=1) + level.start
    return float((answers != TREE.ancestor_at(targets, depth)).mean())


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize(("level", "depth"), [("coarse", 1), ("fine", 2)])
def test_rows_are_what_every_ensemble_gets_wrong(members, measured, size, level, depth) -> None:
    own = [m.probabilities("test") for m in members if m.labels["variant"] == "merge-2"]
    for alpha in (0.0, 0.7, 1.0, 2.0):
        errors = [
            error(
                adapt(TREE, np.mean([one.probabilities for one in chosen], axis=0), alpha),
                chosen[0].targets,
                depth,
            )
            for chosen in combinations(own, size)
        ]
        (row,) = [
            row
            for row in measured["rows"]
            if (row["variant"], row["ensemble"], row["alpha"], row["level"])
            == ("merge-2", size, alpha, level)
        ]
        assert row["n"] == len(errors)
        assert row["error_mean"] == pytest.approx(np.mean(errors), abs=1e-9)
        expected = pytest.approx(np.std(errors, ddof=1), abs=1e-9) if len(errors) > 1 else None
        assert row["error_sd"] == expected


def test_flat_is_the_fine_head_of_separate_rolled_up(members, measured) -> None:
    own = [m.probabilities("test") for m in members if m.labels["variant"] == "separate"]
    for depth, level in ((1, "coarse"), (2, "fine")):
        errors = [
            error(TREE.roll_up(one.probabilities[:, TREE.leaves]), one.targets, depth)
            for one in own
        ]
        rows = [
            row["error_mean"]
            for row in measured["rows"]
            if (row["variant"], row["ensemble"], row["level"]) == ("flat", 1, level)
        ]
        assert len(rows) == 21
        assert rows == pytest.approx([np.mean(errors)] * 21, abs=1e-9)


def test_the_fine_network_of_separate_is_a_flat_network() -> None:
    nets = {}
    for method, options in (("flat", {}), ("merged", {"merge_point": "separate"})):
        torch.manual_seed(3)
        nets[method] = make_method(method, TREE, "slim", options).eval()
    images = torch.randn(2, 3, 16, 16)
    flat = nets["flat"].node_probabilities(nets["flat"](images))
    separate = nets["merged"].node_probabilities(nets["merged"](images))
    fine = TREE.level(2)
    torch.testing.assert_close(flat[:, fine.start : fine.stop], separate[:, fine.start : fine.stop])


def test_tests_are_scipys(members, measured) -> None:
    def errors(variant: str, alpha: float) -> list[float]:
        own = [m.probabilities("test") for m in members if m.labels["variant"] == variant]
        return [error(adapt(TREE, m.probabilities, alpha), m.targets, 2) for m in own]

    (found,) = [
        test
        for test in measured["tests"]
        if (test["kind"], test["a"], test["b"], test["level"], test["alpha"])
        == ("variants", "merge-0", "merge-2", "fine", 1.0)
    ]
    expected = stats.ttest_rel(errors("merge-0", 1.0), errors("merge-2", 1.0))
    assert found["p_value"] == pytest.approx(expected.pvalue)
    assert found["n"] == SEEDS
    (ends,) = [
        test
        for test in measured["tests"]
        if (test["kind"], test["variant"], test["level"], test["a"], test["b"])
        == ("alphas", "merge-1", "fine", "α = 0", "α = 1")
    ]
    expected = stats.ttest_rel(errors("merge-1", 0.0), errors("merge-1", 1.0))
    assert ends["p_value"] == pytest.approx(expected.pvalue)
    assert ends["mean_difference"] == pytest.approx(
        np.mean(errors("merge-1", 0.0)) - np.mean(errors("merge-1", 1.0))
    )


def test_neighbours_step_by_a_tenth(measured) -> None:
    pairs = [
        (test["a"], test["b"])
        for test in measured["tests"]
        if (test["kind"], test["variant"], test["level"]) == ("neighbours", "merge-3", "coarse")
    ]
    assert len(pairs) == 20 and pairs[0] == ("α = 0", "α = 0.1")


def verdicts(measured, words: str) -> set[str]:
    found = {f["verdict"] for f in measured["findings"] if words in f["claim"]}
    assert found
    return found


def test_findings_follow_the_figures(measured) -> None:
    assert verdicts(measured, "lowers the coarse error of separate") == {AGREES}
    assert verdicts(measured, "lower fine error than joint training") == {AGREES}
    assert all(finding["measured"] for finding in measured["findings"])


def test_the_opposite_is_told_as_such() -> None:
    skills = {**SKILLS, "merge-1": 0.6, "merge-2": 0.6}
    worse = measure([made_up(name, s, skills[name]) for name in VARIANTS for s in range(SEEDS)])
    assert verdicts(worse, "lower fine error than joint training") == {DISAGREES}


def test_one_seed_decides_nothing() -> None:
    single = measure([made_up(name, 0, SKILLS[name]) for name in VARIANTS])
    assert single["tests"] == []
    assert {finding["verdict"] for finding in single["findings"]} == {UNDECIDED}
    assert all(row["error_sd"] is None for row in single["rows"])


def test_decoders_stand_beside_adaptation(members, measured) -> None:
    by_name = {(row["variant"], row["decoder"]): row for row in measured["decoders"]}
    own = [m.probabilities("test") for m in members if m.labels["variant"] == "merge-1"]
    errors = [error(adapt(TREE, one.probabilities), one.targets, 2) for one in own]
    row = by_name["merge-1", "adaptation, α = 1"]
    assert row["errors"]["fine"]["mean"] == pytest.approx(np.mean(errors), abs=1e-6)
    assert by_name["merge-1", "CRM on the fine head"]["tice"]["mean"] == 0
    assert (
        by_name["flat", "fine head, rolled up"]["errors"]
        == (by_name["separate", "fine head, rolled up"]["errors"])
    )


def test_figure_1_moves_to_the_diagonal(measured) -> None:
    panels = measured["agreement"]["panels"]
    assert [len(panel["coarse"]) for panel in panels] == [IMAGES] * 3
    separate, _, adapted = (
        np.abs(np.array(p["coarse"]) - np.array(p["rolled_up"])).max() for p in panels
    )
    assert separate > 0.3 and adapted < 1e-3
    assert sum(panels[0]["belongs"]) > 20


@pytest.mark.parametrize("scale", STUDY.scales)
def test_every_scale_names_buildable_members(scale: str) -> None:
    plan = STUDY.scales[scale]
    members = plan.members(Asked(plan.seeds, NoOptions(), None))
    assert len({member.name for member in members}) == len(members)
    assert {member.labels["variant"] for member in members} == set(VARIANTS)
    for recipe in {m.recipe.backbone: m.recipe for m in members}.values():
        make_method(recipe.method, TREE, recipe.backbone, recipe.method_options)


def test_every_family_is_corrected_by_itself(measured) -> None:
    families = {
        "variants": ("level", "alpha"),
        "alphas": ("level",),
        "neighbours": ("level", "variant"),
        "±0.1 around the best": ("level",),
        "±0.2 around the best": ("level",),
    }
    assert {test["kind"] for test in measured["tests"]} == set(families)
    for kind, keys in families.items():
        own = [test for test in measured["tests"] if test["kind"] == kind]
        for key in {tuple(test[k] for k in keys) for test in own}:
            family = [test for test in own if tuple(test[k] for k in keys) == key]
            expected = holm([test["p_value"] for test in family])
            assert [test["p_corrected"] for test in family] == pytest.approx(expected)


def test_the_best_alpha_is_chosen_on_validation(members) -> None:
    """On the test split the coarse head is right, on validation the rolled-up fine head."""

    def turned(member: MadeUp) -> MadeUp:
        splits = {}
        for split, deciding in (("validation", 2), ("test", 1)):
            found = member.probabilities(split)
            values = np.full_like(found.probabilities, 0.02)
            values[:, 0] = 1
            for depth in (1, 2):
                level = TREE.level(depth)
                truth = TREE.ancestor_at(found.targets, depth)
                wrong = (truth - level.start + 3) % (level.stop - level.start) + level.start
                values[np.arange(IMAGES), truth if depth == deciding else wrong] = 0.9
                values[:, level] /= values[:, level].sum(axis=1, keepdims=True)
            splits[split] = NodeProbabilities(TREE, values, found.targets)
        record = {**member.record, "made_up": splits}
        return MadeUp(member.name, member.labels, member.folder, record)

    turned_members = [turned(member) for member in members]
    best = measure(turned_members)["best"]
    (row,) = [
        row
        for row in best
        if (row["variant"], row["ensemble"], row["level"]) == ("separate", 1, "coarse")
    ]
    assert row["n"] == SEEDS and all(alpha > 1 for alpha in row["alphas"])
    assert row["error_mean"] == 1  # where the coarse head of the test images is overruled


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ([0.001, -0.001, 0.002, -0.002], AGREES),
        ([0.02, 0.021, 0.019, 0.02], DISAGREES),
        ([0.03, -0.03, 0.02, -0.01], UNDECIDED),
        ([0.0, 0.0, 0.0, 0.0], UNDECIDED),
    ],
)
def test_no_difference_is_a_claim_of_its_own(differences: list[float], verdict: str) -> None:
    test = paired_t_test(differences, [0.0] * len(differences))
    one = Comparison(kind="variants", a="a", b="b", level="fine", test=test, p_corrected=1.0)
    assert equal(one) == verdict


def test_members_of_other_images_are_not_mixed(members) -> None:
    stranger = made_up("separate", 9, 1.0)
    found = stranger.probabilities("test")
    moved = NodeProbabilities(TREE, found.probabilities, np.roll(found.targets, 1))
    splits = {**stranger.record["made_up"], "test": moved}
    mixed = MadeUp(
        stranger.name, stranger.labels, stranger.folder, {**stranger.record, "made_up": splits}
    )
    with pytest.raises(ModelFolderError, match="other images or another tree"):
        measure([*members, mixed])
