import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.configuration import read_settings
from labeltree.data.scope import ScopeConfig, scoped_tree
from labeltree.errors import ConfigError, DataError, TaxonomyError
from labeltree.methods import METHODS, check_names, find_method, make_method
from labeltree.methods.routed import RoutedConfig, parts, settle
from labeltree.methods.routed.plan import folder_names
from labeltree.methods.routed.routing import Routing
from labeltree.taxonomy import Taxonomy, discover, save_taxonomy

TREE = Taxonomy.from_paths(["pets/cat", "pets/dog", "wild/fox", "wild/cat", "robot"])
GROUPS = {"furry": ("pets/cat", "pets/dog", "wild/fox"), "other": ("wild/cat",), "no": ("robot",)}
TABLE = "group,class\nfurry,pets/cat\nfurry,dog\nother,wild/cat\nfurry,fox\nno,robot\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "groups.csv"
    path.write_text(TABLE)
    return path


def settled(**options: object) -> RoutedConfig:
    return settle(TREE, RoutedConfig(**options))


def test_a_table_becomes_the_paths_of_leaves(table: Path) -> None:
    found = settled(groups=table, misrouted="random", routing="hard")
    assert found == RoutedConfig(groups=GROUPS, misrouted="random", routing="hard")
    table.unlink()  # it is not needed any more
    assert settle(TREE, found) == found
    stored = json.loads(json.dumps(found.model_dump(mode="json")))
    assert settle(TREE, RoutedConfig(**stored)) == found
    assert [part.name for part in parts(TREE, found)] == ["router", "furry"]
    assert find_method("routed").settle is settle


def test_a_mapping_is_read_like_a_table() -> None:
    groups = {" furry ": ["pets/cat", "dog", "fox"], "other": ["wild/cat"], "no": ["robot"]}
    assert settled(groups=groups).groups == GROUPS


def test_classes_may_be_numbers() -> None:
    digits = Taxonomy.from_paths(["0", "1", "2"])
    found = settle(digits, RoutedConfig(groups={1: [0, 1], 2: [2]}, experts={1: "slim-w64"}))
    assert found.groups == {"1": ("0", "1"), "2": ("2",)}
    assert [part.backbone for part in parts(digits, found)] == [None, "slim-w64"]


def test_only_settle_reads_files(table: Path) -> None:
    config = RoutedConfig(groups=table)
    with pytest.raises(ConfigError, match=r"groups\.csv' where networks are built; expected"):
        parts(TREE, config)
    with pytest.raises(ConfigError, match=r"groups\.csv' where networks are built; expected"):
        make_method("routed", TREE, "slim", config)
    assert [part.name for part in parts(TREE, settle(TREE, config))] == ["router", "furry"]


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_groups_as_discover_writes_them(tmp_path: Path, suffix: str) -> None:
    from labeltree.cli.discover import WRITERS
    from labeltree.data import class_names

    names = class_names(TREE)
    assert "pets > cat" in names  # a bare name would stand for two
    confusion = np.eye(5) * 80 + 1
    confusion[[0, 2], [2, 0]] = confusion[[1, 3], [3, 1]] = 30
    found = discover(confusion, names, (3,)).taxonomy
    assert len(found.leaves_above(2)) == 1  # of a group by itself
    path = tmp_path / f"tree{suffix}"
    WRITERS[suffix](found, path)
    groups = settled(groups=path).groups
    assert isinstance(groups, dict)
    paths = dict(zip(names, (TREE.paths[leaf] for leaf in TREE.leaves), strict=True))
    expected = {}
    for leaf in found.leaves:
        top = found.names[found.path_to(leaf)[0]]
        expected.setdefault(top, []).append(paths[found.names[leaf]])
    assert groups == {name: tuple(members) for name, members in expected.items()}
    assert sorted(map(len, groups.values())) == [1, 2, 2]


def test_without_groups_they_are_the_top_of_the_tree() -> None:
    assert settled() == RoutedConfig(depth=1)
    assert settled(depth=2) == RoutedConfig(depth=2)
    own, other = parts(TREE, RoutedConfig()), METHODS["per_category"]
    assert [part.scope for part in own] == [
        ScopeConfig(depth=1), ScopeConfig(branch="pets"), ScopeConfig(branch="wild"),
    ]  # fmt: skip
    assert other.parts is not None
    assert own == other.parts(TREE, other.config())


BOTH = "a class belongs to one group; named twice: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("furry,cat", r"groups\.csv line 2: 'cat' fits 2 classes \('pets/cat', 'wild/cat'\); give"),
        ("furry,pets", r"groups\.csv line 2: 'pets' is no class but stands above 2; name those"),
        ("furry,", r"groups\.csv: no such class in Taxonomy.*: 'furry'"),
        ("furry,dgo\nfurry,fxo\nno,zzz", r"no such classes in .*'dgo' \(did you mean 'pets/dog'\?\)"
         r", 'fxo' \(did you mean 'wild/fox'\?\), 'zzz'$"),
        ("furry,fox\nno,robot", r"groups\.csv: 3 classes are in no group: 'pets/cat', 'pets/dog', "
         r"'wild/cat'; every class of Taxonomy.* needs one"),
        ("a,fox\nb,wild/fox\na,dog\na,dog", rf"{BOTH}'wild/fox' \(.*csv line 2, .*csv line 3\), "
         r"'pets/dog' \(.*line 4, .*line 5\)$"),
        ("a,pets/cat\na,dog\na,wild/cat\na,fox\na,robot", r"one group, 'a', holds every class"),
        ("a/b,fox", r"label 'a/b' holds '/'"),
        ("a,pets/cat\na,\nb,dog", r"line 3: category 'a' without a class; name one"),
        ("robot,\nrobot,dog", r"groups\.csv line 2: category 'robot' without a class; name one"),
        (",fox", r"groups\.csv line 2: no category for class 'fox'"),
    ],
)  # fmt: skip
def test_tables_that_do_not_hold_each_class_once(table: Path, text: str, message: str) -> None:
    table.write_text(f"group,class\n{text}\n")
    with pytest.raises(DataError, match=message):
        settled(groups=table)


@pytest.mark.parametrize(
    ("rows", "label"),
    [
        ("no,robot\nfurry,wild/fox\n", "robot"),
        ("furry,wild/fox\nno,robot\n", "wild/fox"),
        ("robot,\nfurry,fox\n", "robot"),
    ],
)
def test_a_table_without_column_names(table: Path, rows: str, label: str) -> None:
    table.write_text(rows + "furry,pets/cat\nfurry,dog\nother,wild/cat\n")
    with pytest.raises(DataError, match=rf"csv line 1: the first line is .* {label!r} is a class;"):
        settled(groups=table)


def test_a_column_may_be_called_like_a_class(table: Path) -> None:
    table.write_text(TABLE.replace("group,class", "fox,robot"))
    assert settled(groups=table).groups == GROUPS


def test_both_ways_to_name_groups_are_checked_alike() -> None:
    groups = {"a": ("pets/cat", "pets/dog", "robot"), "b": ("wild/fox", "pets/cat")}
    for flawed in (groups, {**groups, "b": ("wild/fox",)}):
        with pytest.raises(DataError) as settling:
            settled(groups=flawed)
        with pytest.raises(DataError) as scoping:
            scoped_tree(TREE, ScopeConfig(groups=flawed))
        assert str(settling.value) == str(scoping.value)


def test_of_many_flaws_five_are_named() -> None:
    wide = Taxonomy.from_paths([f"c{number}" for number in range(9)])
    config = RoutedConfig(groups={"a": ["c7"], "b": ["c8"]})
    with pytest.raises(DataError, match=r"7 classes are in no group: 'c0', .*'c4', … and 2 more;"):
        settle(wide, config)
    config = RoutedConfig(groups={"a": [f"d/x{n}x{n}" for n in range(7)], "b": ["c8"]})
    with pytest.raises(DataError, match=r"'d/x4x4', … and 2 more$"):
        settle(wide, config)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": 5}, r"groups: expected the path of a table, or group: \[classes\] \(got 5\)"),
        ({"groups": {"a": "fox"}}, r"group 'a' is 'fox'; expected a list of its classes"),
        ({"groups": {"a": []}}, r"group 'a' has no class; name one or leave the group out"),
        ({"groups": {"a": ["robot"]}, "depth": 1}, r"groups and depth both say .* give one"),
        ({"groups": {"a/b": ["pets/cat", "dog", "fox"], "c": ["wild/cat", "robot"]}}, "'a/b' hold"),
        ({"groups": {"a": ["fox"], " a": ["dog"]}}, r"two groups are named 'a'; rename one"),
        ({"depth": 0}, "depth"),
        ({"depth": 3}, r"cannot be at depth 3, Taxonomy\(.*2 levels\) is not so deep; .*depth=1"),
        ({"routing": "top"}, r"routing: expected soft .*, hard .*, or top-2, top-3, … \(got 'top'"),
        ({"routing": "top-4"}, r"asks 4 experts, but there are 3 groups; give at most top-3"),
        ({"misrouted": "lost"}, "misrouted"),
        ({"merge_point": -1}, "merge_point"),
        ({"merge_point": 1, "misrouted": "drop"}, r"set misrouted=true or merge_point=0"),
        ({"merge_point": 1, "router": "slim"}, r"leave out router and experts, or set merge_point"),
        ({"merge_point": 1, "experts": {"pets": "slim"}}, r"leave out router and experts"),
        ({"experts": {"pest": "slim"}}, r"experts: no group 'pest'; did you mean 'pets'\?"),
        ({"experts": 5}, r"^experts: expected the name of a backbone, or group: backbone \(got 5"),
        ({"experts": {"pets": 5}}, r"^experts: group 'pets' has 5; expected a backbone's name$"),
        ({"groups": GROUPS, "experts": {"fury": "slim"}}, r"no group 'fury'; did you mean 'furry'"),
        ({"rooter": "slim"}, r"did you mean 'router'\?"),
    ],
)
def test_options_that_do_not_fit(options: dict, message: str) -> None:
    with pytest.raises((ConfigError, DataError), match=message) as caught:
        settled(**options)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match=r"none\.csv: no such file"):
        settled(groups=tmp_path / "none.csv")


def test_backbones_are_checked_before_anything_is_built() -> None:
    check_names("routed", "slim", {"router": "slim-w64", "experts": {"pets": "resnet18"}})
    for options in ({"router": "slimm"}, {"experts": "slimm"}, {"experts": {"pets": "slimm"}}):
        with pytest.raises(ConfigError, match="unknown backbone 'slimm'"):
            check_names("routed", "slim", options)


def test_each_network_has_its_backbone() -> None:
    options = {"router": "slim-w64", "experts": {"pets": "slim-w96"}}
    assert [part.backbone for part in parts(TREE, RoutedConfig(**options))] == [
        "slim-w64", "slim-w96", None,
    ]  # fmt: skip
    method = make_method("routed", TREE, "slim", options)
    assert [network.backbone.num_features for network in method.networks] == [64, 96, 128]
    everyone = parts(TREE, RoutedConfig(experts="slim-w96"))
    assert [part.backbone for part in everyone] == [None, "slim-w96", "slim-w96"]


@pytest.mark.parametrize("misrouted", ["true", "reject"])
def test_networks_share_one_grouping(misrouted: str) -> None:
    classes = Taxonomy.from_paths([f"class {number}" for number in range(12)])
    groups = {f"group {n}": classes.names[1 + n :: 3] for n in range(3)}
    planned = parts(classes, RoutedConfig(groups=groups, misrouted=misrouted))
    assert len({id(part.scope.groups) for part in planned}) == 1
    for part in planned:  # as valid as if each were written by hand
        assert ScopeConfig(**part.scope.model_dump()) == part.scope


def test_what_experts_learn_from() -> None:
    def told(misrouted: str, **options: object) -> list[tuple]:
        planned = parts(TREE, RoutedConfig(misrouted=misrouted, **options))
        assert (planned[0].follows, planned[0].group, planned[0].misrouted) == (None, None, None)
        assert not planned[0].scope.rest
        return [(p.name, p.follows, p.group, p.misrouted, p.scope.rest) for p in planned[1:]]

    assert told("true", groups=GROUPS) == [("furry", None, "furry", None, False)]
    assert told("random", groups=GROUPS) == [("furry", "router", "furry", "random", False)]
    assert told("drop") == [
        ("pets", "router", "pets", "drop", False),
        ("wild", "router", "wild", "drop", False),
    ]
    assert [row[1:] for row in told("reject")] == [
        ("router", "pets", "drop", True),
        ("router", "wild", "drop", True),
    ]


@given(taxonomy=taxonomies(), data=st.data())
def test_any_grouping_survives_a_table(
    tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy, data: st.DataObject
) -> None:
    leaves = [taxonomy.paths[leaf] for leaf in taxonomy.leaves]
    assume(len(leaves) > 1)
    numbers = data.draw(st.lists(st.integers(0, 3), min_size=len(leaves), max_size=len(leaves)))
    groups: dict[str, list[str]] = {}
    for path, number in zip(leaves, [0, 1, *numbers[2:]], strict=True):
        groups.setdefault(f"group {number}", []).append(path)
    expected = {name: tuple(paths) for name, paths in groups.items()}
    assert settle(taxonomy, RoutedConfig(groups=groups)).groups == expected
    path = tmp_path_factory.mktemp("groups") / "groups.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(["group", "class"])
        writer.writerows((name, leaf) for name, paths in groups.items() for leaf in paths)
    assert settle(taxonomy, RoutedConfig(groups=path)).groups == expected


def test_a_tree_of_three_levels_is_no_grouping(tmp_path: Path) -> None:
    save_taxonomy(Taxonomy.from_paths(["a/b/cat", "c"]), tmp_path / "tree.json")
    with pytest.raises(DataError, match="expected a table or tree of two levels"):
        settled(groups=tmp_path / "tree.json")


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["con", "nul", "AUX", "prn"], ["con-1", "nul-1", "AUX-1", "prn-1"]),
        (
            ["com1.a", "LPT9", "COM¹", "com", "conic"],
            ["com1-1.a", "LPT9-1", "COM¹-1", "com", "conic"],
        ),
        (["nul", "nul-1", "NUL"], ["nul-1", "nul-1-2", "NUL-1-3"]),
        (["caf\u00e9", "cafe\u0301", "CAF\u00c9"], ["caf\u00e9", "cafe\u0301-2", "CAF\u00c9-3"]),
        (["stra\u00dfe", "STRASSE"], ["stra\u00dfe", "STRASSE-2"]),
    ],
)
def test_folders_have_names_that_every_file_system_keeps_apart(
    paths: list[str], names: list[str]
) -> None:
    assert folder_names(paths) == names


def test_routing_by_name() -> None:
    assert Routing.parse("soft") == Routing(None) == Routing()
    assert Routing.parse("hard") == Routing.parse("top-1") == Routing(1)
    assert Routing.parse("top-12", num_groups=12) == Routing(12)
    assert [str(Routing(most)) for most in (None, 1, 2)] == ["soft", "hard", "top-2"]
    for text in ("", "Hard", "top-0", "top-02", "top-x", "top-2 ", "all"):
        with pytest.raises(ConfigError, match=r"is not known; give soft .*, hard .*, or top-2"):
            Routing.parse(text)
    with pytest.raises(ConfigError, match="'top-4' asks 4 experts, but there are 3 groups"):
        Routing.parse("top-4", num_groups=3)


def test_true_is_a_word_however_yaml_reads_it() -> None:
    words = read_settings(["misrouted=true"])
    assert RoutedConfig(**words) == RoutedConfig(misrouted="true")
    with pytest.raises(ConfigError, match="misrouted"):
        RoutedConfig(**read_settings(["misrouted=false"]))
