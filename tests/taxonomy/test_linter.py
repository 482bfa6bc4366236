"""The linter: each kind of finding with its place; nothing said about clean trees."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy, check, read_taxonomy
from labeltree.taxonomy.findings import KINDS
from labeltree.taxonomy.relations import Relations
from labeltree.taxonomy.similar import check_names
from labeltree.taxonomy.structure import check_structure

CASES = [
    ("cycle", "a.csv", "parent,child\n,cat\ndog,pug\npug,dog\n", ":4", "'dog' > 'pug' > 'dog'"),
    ("cycle", "a.csv", "parent,child\n,cat\ndog,dog\n", ":3", "'dog' > 'dog'"),
    ("two parents", "a.csv", "parent,child\ndog,pug\ntoy,pug\n", ":3", "'toy', but also below"),
    ("duplicate siblings", "a.json", '{"dog": ["pug", "pug"]}', ": dog/pug", "'dog/pug' stands"),
    ("duplicate siblings", "a.yaml", "dog:\n  a:\n  a:\n", ":3", "already at"),
    ("repeated row", "a.csv", "a,b\ndog,pug\ncat,x\n dog, pug\n", ":4", "a.csv:2; keep one"),
    ("repeated row", "a.csv", "parent,child\n,dog\n,dog\n", ":3", "'dog' stands already"),
    ("repeated row", "a.txt", "n02110958\nn02088364\nn02110958\n", ":3", "n02110958 stands"),
    ("empty inner node", "a.yaml", "cat:\ndog: {}\n", ":2", "'dog' has no labels in it"),
    ("empty inner node", "a.json", '{"cat": null, "dog": []}', ": dog", "it becomes a leaf"),
    ("empty inner node", "a.csv", "parent,child\n,cat\ndog,\n", ":3", "'dog' has no labels"),
    ("single child", "a.csv", "a,b\ncat,\ndog,pug\n", ":3", "'dog' has a single child, 'pug'"),
    ("single child", "a.yaml", "dog: [pug, lab]\n", "a.yaml", "the root has a single child"),
    ("similar names", "a.csv", "a,b\ncat,Pugs\ncat,x\ndog,pug\ndog,y\n", ":4", "'cat/Pugs' ("),
    ("bad name", "a.csv", "a,b\ncat,x/y\n", ":2", "rename it"),
    ("gap", "a.csv", "a,b\n,x\n", ":2", "fill it in"),
    ("bad row", "a.csv", "a,b\ncat,x,y\n", ":2", "3 cells"),
    ("no labels", "a.csv", "a,b\n\n", "a.csv", "no labels"),
]


@pytest.mark.parametrize(("kind", "name", "text", "place", "message"), CASES)
def test_each_kind_with_its_place(
    kind: str, name: str, text: str, place: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = [finding for finding in check(path) if finding.kind == kind]
    assert len(found) == 1
    assert found[0].place.endswith(place)
    assert str(path) in found[0].place
    assert message in found[0].message
    assert str(found[0]) == f"{found[0].place}: {KINDS[kind]}: {found[0].message}"
    if KINDS[kind] == "error":
        with pytest.raises(TaxonomyError, match="a\\."):
            read_taxonomy(path)
    else:
        read_taxonomy(path)


def test_each_kind_has_a_case() -> None:
    in_test_readers = {"unplaced class"}
    assert {case[0] for case in CASES} | in_test_readers == set(KINDS)


def test_an_empty_folder(tmp_path: Path) -> None:
    for name in ("cat", "dog/pug", "dog/lab"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("dog/pug/1.jpg", "cat/1.jpg"):
        (tmp_path / name).touch()
    (found,) = check(tmp_path)
    assert (found.kind, found.place) == ("empty inner node", str(tmp_path / "dog/lab"))


def test_errors_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\ncat,x\n,y\n")
    assert [finding.severity for finding in check(path)] == ["error", "warning", "warning"]


@given(taxonomies())
def test_a_tree_has_no_errors(tree: Taxonomy) -> None:
    findings = check(tree)
    assert all(finding.severity == "warning" for finding in findings)
    single = [finding for finding in findings if finding.kind == "single child"]
    assert len(single) == (tree.num_children == 1).sum()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), max_size=12))
def test_any_relations_are_a_tree_or_have_an_error(pairs: list[tuple[int, int]]) -> None:
    relations = Relations("pairs")
    for node in range(1, 7):
        relations.node(node, str(node), str(node))
    for parent, child in pairs:
        relations.relate(parent, child, f"{parent}-{child}")
    findings = check_structure(relations)
    cycles = [finding for finding in findings if finding.kind == "cycle"]
    assert bool(cycles) == has_cycle(pairs)
    for cycle in cycles:
        steps = [int(step.strip("'")) for step in cycle.message[20:].split(";")[0].split(" > ")]
        assert set(pairwise(steps)) <= set(pairs)
        assert cycle.place in {f"{parent}-{child}" for parent, child in pairwise(steps)}
    parents = {child: {p for p, c in pairs if c == child} for _, child in pairs}
    twice = [finding for finding in findings if finding.kind == "two parents"]
    assert len(twice) == sum(len(above) - 1 for above in parents.values())
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        tree = relations.build()
        assert set(tree.names[1:]) >= {str(c) for p, c in pairs if p == 0}
    check_names(relations)


def test_a_very_long_cycle_is_one_short_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    steps = [f"n{number}" for number in range(5000)]
    edges = "".join(f"{above},{below}\n" for above, below in pairwise([*steps, "n0"]))
    path.write_text(f"parent,child\n,top\n{edges}")
    found = [finding for finding in check(path) if finding.kind == "cycle"]
    assert [finding.place for finding in found] == [f"{path}:5002"]
    assert "'n0' > 'n1' > " in found[0].message
    assert "… (5000 labels) …" in found[0].message
    assert all(len(finding.message) < 500 for finding in check(path))


def has_cycle(pairs: list[tuple[int, int]]) -> bool:
    below = set(pairs)
    while True:
        more = {(a, d) for a, b in below for c, d in below if b == c} - below
        if not more:
            return any(a == b for a, b in below)
        below |= more


def similar(*names: str) -> bool:
    tree = Taxonomy.from_paths([f"{number}/{name}" for number, name in enumerate(names)])
    return any(finding.kind == "similar names" for finding in check(tree))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dog", "Dog"),
        ("dog", "dogs"),
        ("box", "boxes"),
        ("house", "houses"),
        ("berry", "berries"),
        ("glass", "glasses"),
        ("ice cream", "ice_cream"),
        ("ice cream", "icecream"),
        ("jack-o'-lantern", "Jack o lantern"),
        ("épagneul", "epagneul"),
        ("ΣΚΎΛΟΣ", "σκύλος"),
        ("straße", "STRASSE"),
        ("beagle", "beegle"),
        ("beagle", "beagel"),
        ("beagle", "begle"),
        ("beagle", "beaglle"),
        ("golden retriever", "golden retreiver"),
        ("golden retriever", "Golden_Retrievers"),
        ("chihuahua", "chihuabua"),
        ("orange", "orange"),
        ("🐈", "🐈"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert similar(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cot"),
        ("house", "mouse"),
        ("castle", "cattle"),
        ("lens", "less"),
        ("type a", "type b"),
        ("class 12345678", "class 12345679"),
        ("sample12345", "sample12346"),
        ("maple tree", "apple tree"),
        ("golden retriever", "golden retriever puppy"),
        ("कि", "की"),
        ("🐈", "🐕"),
        ("bus", "bush"),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    assert not similar(one, other)


def test_a_child_may_be_called_as_its_parent() -> None:
    assert check(Taxonomy.from_paths(["car/cars", "car/van", "dog"])) == []


def test_the_same_name_is_one_finding_however_often() -> None:
    tree = Taxonomy.from_paths([f"{a}/{b}" for a in "pqrstu" for b in ("other", f"{a}{a}")])
    (found,) = check(tree)
    assert found.message.startswith("one name in several places: 'p/other', 'q/other'")
    assert found.message.endswith("and 2 more")


def test_a_crowd_of_neighbours_is_a_system() -> None:
    names = [f"chromosome{letter}" for letter in "abcdefghij"]
    assert check(Taxonomy.from_paths(names)) == []
    assert len(check(Taxonomy.from_paths(names[:2]))) == 1


@given(st.text("abc", min_size=6, max_size=8), st.text("abc", min_size=6, max_size=8))
def test_typing_errors_against_edit_distance(one: str, other: str) -> None:
    from labeltree.taxonomy.similar import MIN_LETTERS_IF_OTHER, typing_errors

    expected = (
        one != other
        and one[0] == other[0]
        and one_edit(one, other)
        and (
            len(one) != len(other)
            or sorted(one) == sorted(other)
            or len(one) >= MIN_LETTERS_IF_OTHER
        )
    )
    found = list(typing_errors([(one,), (other,)])) if one != other else []
    assert bool(found) == expected


def one_edit(one: str, other: str) -> bool:
    """Whether one letter more, less, or other, or two neighbours swapped, makes one the other."""
    cuts = [one[:i] + one[i + 1 :] for i in range(len(one))]
    swaps = [one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)]
    grown = {one[:i] + letter + one[i:] for i in range(len(one) + 1) for letter in "abc"}
    others = {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in "abc"}
    return other in {*cuts, *swaps, *grown, *others}
