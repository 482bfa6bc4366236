"""One network or many: planned, measured and judged, on members whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_members import TREE, comparison_members, dealt, separate_members, shared_member
from scipy.stats import ttest_rel
from small_pictures import write_classes

from labeltree.errors import DataError, LabeltreeError, ModelFolderError
from labeltree.methods import check_names
from labeltree.significance import holm, paired_t_test
from labeltree.studies.comparison import Comparison
from labeltree.studies.members import member_folder
from labeltree.studies.running import run_study
from labeltree.studies.shared_vs_separate import STUDY, measure
from labeltree.studies.shared_vs_separate.divisions import divisions
from labeltree.studies.shared_vs_separate.words import CLOSE
from labeltree.studies.study import Asked, Member
from labeltree.studies.verdicts import AGREES, DISAGREES, UNDECIDED, close
from labeltree.taxonomy import Taxonomy

CLASSES = ["cat/manx", "cat/tabby", "dog/beagle", "dog/pug", "dog/corgi"]


def planned(scale: str = "smoke", seeds: int = 1, **options: object) -> list[Member]:
    root = options.pop("data_root", None)
    assert root is None or isinstance(root, Path)
    return STUDY.scales[scale].members(Asked(seeds, STUDY.options(**options), root))


def networks(members: list[Member]) -> list[tuple[object, object]]:
    return [(member.labels["division"], member.labels["network"]) for member in members]


def test_smoke_plans_both_divisions() -> None:
    members = planned(seeds=2)
    first = [one for one in members if one.labels["seed"] == 0]
    assert len(members) == 2 * len(first)
    divided = {name: [n for d, n in networks(first) if d == name] for name in ("natural", "random")}
    assert divided["natural"][0] == "shared" and "shared" not in divided["random"]
    assert len(divided["natural"]) - 1 == len(divided["random"])
    folders = {member_folder(Path("out"), member.name, member.recipe) for member in members}
    assert len(folders) == len(members)
    for member in members:
        check_names(member.recipe.method, member.recipe.backbone, member.recipe.method_options)
        assert member.recipe.method == "flat"
        whole = member.labels["network"] == "shared"
        assert member.recipe.scope.branch == (None if whole else member.labels["network"])
    deals = {one.recipe.data_options.get("subset_seed") for one in members}
    assert deals == {None, 0, 1}, "every seed has groups of its own"


def test_the_paper_checks_imagenet_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    with pytest.raises(DataError, match=r"imagenet.*train/<wnid>") as raised:
        run_study(STUDY, "paper", tmp_path / "out", data_root=tmp_path)
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


def test_random_classes_of_the_whole_have_a_shared_network_of_their_own(tmp_path: Path) -> None:
    table = tmp_path / "categories.csv"
    table.write_text("category,class\nfirst,0041\n", encoding="utf-8")
    data = write_classes(tmp_path / "data", CLASSES)
    table.write_text("category,class\nours,manx\nours,pug\ntheirs,tabby\ntheirs,corgi\n")
    members = planned(data=str(data), categories=str(table))
    assert networks(members) == [
        ("natural", "shared"),
        ("natural", "ours"),
        ("natural", "theirs"),
        ("random", "shared"),
        ("random", "group 01"),
        ("random", "group 02"),
    ]
    assert members[3].recipe.data_options == {
        "classes": 4,
        "full_classes": True,
        "random_groups": 2,
        "subset_seed": 0,
    }


def test_test_images_that_are_set_aside_need_it_too(tmp_path: Path) -> None:
    """Which images those are depends on the tree: groups have their own shared network."""
    data = write_classes(tmp_path / "data", CLASSES)
    members = planned(data=str(data))
    assert ("random", "shared") in networks(members)
    shared = [one.recipe for one in members if one.labels["network"] == "shared"]
    assert [recipe.data_options.get("random_groups") for recipe in shared] == [None, 2]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["manx", "pug", "beagle"], "3 of 3 categories have one class only"),
        (["cat/manx", "cat/tabby", "dog/pug"], r"1 of 2 categories have one class only \('dog'\)"),
        (["cat/manx", "cat/tabby"], "one category only"),
        (["shared/manx", "shared/tabby", "dog/pug", "dog/corgi"], "named 'shared'"),
    ],
)
def test_data_without_categories_are_refused(tmp_path: Path, classes, message: str) -> None:
    data = write_classes(tmp_path / "data", classes)
    with pytest.raises(DataError, match=message) as raised:
        run_study(STUDY, "smoke", tmp_path / "out", options={"data": str(data)})
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("category,class\nours,manx\nours,puk\n", "did you mean 'pug'|puk"),
        ("category,class\nours,manx\nours,pug\ntheirs,tabby\n", "'theirs' has one class"),
        ("category,class\nours,manx\nours,pug\ntheirs,pug\ntheirs,tabby\n", "under 'ours' already"),
    ],
)
def test_bad_tables_of_categories_are_one_line(tmp_path: Path, table: str, message: str) -> None:
    data = write_classes(tmp_path / "data", CLASSES)
    (tmp_path / "categories.csv").write_text(table, encoding="utf-8")
    options = {"data": str(data), "categories": str(tmp_path / "categories.csv")}
    with pytest.raises(LabeltreeError, match=message) as raised:
        run_study(STUDY, "smoke", tmp_path / "out", options=options)
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


# Nine classes a x .. c z in threes, two images of each.
TARGETS = np.repeat(np.arange(9), 2)


def one_division(answers: dict[int, int], wrong: list[int], tree: Taxonomy = TREE):
    """The shared network answers some images otherwise; the separate ones err on others."""
    told = TARGETS.copy()
    for image, answer in answers.items():
        told[image] = answer
    name = "natural" if tree is TREE else "random"
    members = [
        shared_member("natural", 0, TREE, TARGETS, told),
        *separate_members("natural", 0, TREE, TARGETS, wrong if name == "natural" else []),
    ]
    if name == "random":
        names = {tree.names[leaf]: place for place, leaf in enumerate(tree.leaves)}
        moved = [names[TREE.names[TREE.leaves[place]]] for place in TARGETS]
        members += separate_members("random", 0, tree, moved, wrong)
    return next(found for found in divisions(members) if found.name == name)


def test_figures_by_hand() -> None:
    # Image 0 (a x) is answered a y, image 2 (a y) b x, image 17 (c z) b z. Alone 2 and 4 are wrong.
    found = one_division({0: 1, 2: 3, 17: 5}, [2, 4])
    assert found.categories == ("a", "b", "c")
    assert found.figures == pytest.approx(
        {
            "separate_mean": 2 / 18,
            "shared_mean": 3 / 18,
            "shared_given_mean": 1 / 18,  # who knows the category mistakes no b for an a
            "leakage_mean": 2 / 18,
            "within_mean": 1 / 18,
            "gained_share": 1 / 9,  # a z: image 4 is right in the shared network only
            "lost_share": 2 / 9,  # a x and c z
            "gained_images": 1 / 18,
            "lost_images": 2 / 18,
        }
    )
    assert found.gains == pytest.approx([-0.5, 0, 0.5, 0, 0, 0, 0, 0, -0.5])
    first, second, third = found.rows()
    assert (first["classes"], first["images"]) == (3, 6)
    assert (first["separate_error"], first["shared_error"], first["leakage"]) == pytest.approx(
        (2 / 6, 2 / 6, 1 / 6)
    )
    told = [row["shared_given_error"] for row in (first, second, third)]
    assert told == pytest.approx([1 / 6, 0, 0])
    assert (second["shared_error"], third["leakage"]) == pytest.approx((0, 1 / 6))


def test_random_groups_share_the_natural_network() -> None:
    random = dealt(3)
    answers = {0: 1, 2: 3, 17: 5}
    natural, found = (
        one_division(answers, [2, 4]),
        one_division(answers, [2, 4], random),
    )
    assert found.categories == ("group 01", "group 02", "group 03")
    assert found.figures["shared_mean"] == natural.figures["shared_mean"]
    assert found.gains == pytest.approx(natural.gains), "the same images are right and wrong"
    home = {
        random.names[leaf]: random.paths[node][-2:]
        for leaf, node in zip(random.leaves, random.ancestor_at(random.leaves, 1), strict=True)
    }
    names = [TREE.names[leaf] for leaf in TREE.leaves]
    leaked = sum(
        home[names[TARGETS[image]]] != home[names[told]] for image, told in answers.items()
    )
    assert found.figures["leakage_mean"] == pytest.approx(leaked / 18)


def test_random_groups_of_other_classes_have_their_own() -> None:
    others = Taxonomy.from_paths(["group 01/p", "group 01/q", "group 02/r", "group 02/s"])
    targets = np.repeat(np.arange(4), 3)
    answers = np.where(np.arange(12) == 0, 2, targets)
    members = [
        shared_member("natural", 0, TREE, TARGETS, TARGETS),
        *separate_members("natural", 0, TREE, TARGETS, []),
        shared_member("random", 0, others, targets, answers),
        *separate_members("random", 0, others, targets, [0, 1]),
    ]
    natural, random = divisions(members)
    assert natural.figures["shared_mean"] == 0 and len(natural.classes) == 9
    assert random.classes == others.paths[-4:]
    assert random.figures["shared_mean"] == random.figures["leakage_mean"] == pytest.approx(1 / 12)
    assert random.figures["separate_mean"] == pytest.approx(2 / 12)


def test_repeated_names_are_found_in_random_groups() -> None:
    natural = Taxonomy.from_paths(["cat/black", "cat/tabby", "dog/black", "dog/pug"])
    random = Taxonomy.from_paths(
        ["group 01/dog > black", "group 01/tabby", "group 02/cat > black", "group 02/pug"]
    )
    members = [
        shared_member("natural", 0, natural, range(4), range(4)),
        *separate_members("natural", 0, natural, range(4), []),
        *separate_members("random", 0, random, [2, 1, 0, 3], [2]),
    ]
    found = divisions(members)[1]
    assert found.groups.tolist() == [1, 0, 0, 1]
    assert found.gains.tolist() == [0, 0, 1, 0], "dog/black is image 2"


def test_names_with_an_arrow_from_a_table_of_categories_are_found() -> None:
    """The table calls a class `cat > black`; so do the random groups of the original tree."""
    natural = Taxonomy.from_paths(["ours/cat > black", "ours/tabby", "x/dog > black", "x/pug"])
    random = Taxonomy.from_paths(
        ["group 01/cat > black", "group 01/pug", "group 02/dog > black", "group 02/tabby"]
    )
    members = [
        shared_member("natural", 0, natural, range(4), range(4)),
        *separate_members("natural", 0, natural, range(4), []),
        *separate_members("random", 0, random, [0, 3, 2, 1], []),
    ]
    assert divisions(members)[1].groups.tolist() == [0, 1, 1, 0]


def test_members_of_other_images_are_not_mixed() -> None:
    members = [
        shared_member("natural", 0, TREE, TARGETS, TARGETS),
        *separate_members("natural", 0, TREE, np.roll(TARGETS, 1), []),
    ]
    with pytest.raises(ModelFolderError, match=r"other images than .*; remove"):
        divisions(members)


@given(data=st.data())
def test_the_accounting_adds_up(data: st.DataObject) -> None:
    images = data.draw(st.dictionaries(st.integers(0, 17), st.integers(0, 8)))
    wrong = data.draw(st.lists(st.integers(0, 17), unique=True))
    random = dealt(data.draw(st.integers(0, 99)))
    for tree in (TREE, random):
        found = one_division(images, wrong, tree)
        account, figures = found.accounting, found.figures
        assert (account.wrong == account.within + account.between).all()
        assert account.images.sum() == len(TARGETS)
        assert figures["shared_mean"] == pytest.approx(
            figures["within_mean"] + figures["leakage_mean"]
        )
        # The right class is the second guess of these members: within its category, the first.
        assert figures["shared_given_mean"] == pytest.approx(figures["within_mean"])
        cost = figures["shared_mean"] - figures["separate_mean"]
        assert cost == pytest.approx(figures["lost_images"] - figures["gained_images"])
        assert found.gains.mean() == pytest.approx(-cost), "classes are of equal size here"
        weighted = sum(row["separate_error"] * row["images"] for row in found.rows())
        assert weighted == pytest.approx(len(wrong))


@pytest.fixture(scope="module")
def measured() -> dict:
    return measure(comparison_members())


def test_the_record_holds_every_division_seed_and_class(measured: dict) -> None:
    json.dumps(measured, allow_nan=False)
    assert len(measured["rows"]) == 2 * 3 * 3
    assert len(measured["classes"]) == 2 * 3 * 9
    assert [row["division"] for row in measured["summary"]] == ["natural", "random"]
    for table in measured["tables"]:
        assert all(len(row) == len(table["columns"]) for row in table["rows"])


def test_tests_are_scipys(measured: dict) -> None:
    found = divisions(comparison_members())
    natural, random = (
        [
            one.figures["shared_mean"] - one.figures["separate_mean"]
            for one in found
            if one.name == d
        ]
        for d in ("natural", "random")
    )
    (between,) = [test for test in measured["tests"] if test["kind"] == "divisions"]
    assert between["p_value"] == pytest.approx(ttest_rel(natural, random).pvalue)
    assert between["mean_difference"] == pytest.approx(np.mean(natural) - np.mean(random))
    assert len(measured["tests"]) == 9
    expected = holm([test["p_value"] for test in measured["tests"]])
    assert [test["p_corrected"] for test in measured["tests"]] == pytest.approx(expected)


def verdicts(measured: dict) -> list[str]:
    assert all(one["claim"] and one["measured"] for one in measured["findings"])
    return [one["verdict"] for one in measured["findings"]]


def test_verdicts_follow_the_figures(measured: dict) -> None:
    _, _, cheaper, within, _, _ = verdicts(measured)
    assert (cheaper, within) == (AGREES, AGREES)


def test_the_opposite_is_told_as_such() -> None:
    _, _, _, within, _, _ = verdicts(measure(comparison_members(within=0.03, leaked=0.3, seeds=5)))
    assert within == DISAGREES


def test_one_seed_decides_nothing() -> None:
    single = measure(comparison_members(seeds=1))
    json.dumps(single, allow_nan=False)
    assert single["tests"] == [] and verdicts(single) == [UNDECIDED] * 6
    assert all(row["shared_mean_sd"] is None for row in single["summary"])


@pytest.mark.parametrize(
    ("costs", "verdict"),
    [
        ([0.010, 0.012, 0.011], AGREES),
        ([-0.010, -0.012, -0.011], AGREES),
        ([0.050, 0.052, 0.051], DISAGREES),
        ([-0.050, -0.052, -0.051], DISAGREES),
        ([0.2, -0.2, 0.1], UNDECIDED),  # from far below to far above zero
        ([0.01, 0.01, 0.01], UNDECIDED),  # coarse steps; nothing can be tested
    ],
)
def test_close_is_a_claim_of_its_own(costs: list[float], verdict: str) -> None:
    test = paired_t_test(costs, [0.0] * len(costs))
    one = Comparison(kind="networks", a="a", b="b", level="class", test=test, p_corrected=1.0)
    assert close(one, CLOSE) == verdict
    assert close(None, CLOSE) == UNDECIDED
