"""`taxonomy.json`: exact round trips, whole or not at all, damage named."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import taxonomies

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy, load_taxonomy, save_taxonomy


@settings(max_examples=30)
@given(tree=taxonomies())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, tree: Taxonomy) -> None:
    path = tmp_path_factory.mktemp("own") / "taxonomy.json"
    named = Taxonomy(tree.names, tree.parents, [f"étage {d}" for d in range(tree.depth)])
    for saved in (tree, named):
        save_taxonomy(saved, path)
        loaded = load_taxonomy(path)
        assert loaded == saved
        assert loaded.names == saved.names
        assert loaded.parents.tolist() == saved.parents.tolist()
    assert [entry.name for entry in path.parent.iterdir()] == ["taxonomy.json"]


def test_the_file_is_small_and_for_people(tmp_path: Path) -> None:
    tree = Taxonomy.from_paths(["cat", "dog/été"], level_names=["kind", "breed"])
    save_taxonomy(tree, tmp_path / "taxonomy.json")
    assert (tmp_path / "taxonomy.json").read_text(encoding="utf-8") == (
        '{"labeltree_taxonomy":1,"level_names":["kind","breed"],'
        '"names":["cat","dog","été"],"parents":[0,0,2]}\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("", "damaged, not JSON"),
        ('{"labeltree_taxonomy":1,"level_names":null,"names":["a"', "damaged, not JSON"),
        ("[]", "no taxonomy of version 1"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":[]}', "as many names"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":["0"]}', "as many names"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":[true]}', "as many names"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":[-1]}', "as many names"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":[2]}', "as many names"),
        ('{"labeltree_taxonomy":1,"names":["a"],"parents":[1]}', "a parent must come first"),
        ('{"labeltree_taxonomy":1,"names":["a","a"],"parents":[0,0]}', "'a' stands twice"),
        ('{"labeltree_taxonomy":1,"names":[],"parents":[]}', "at least one label"),
        (
            '{"labeltree_taxonomy":1,"level_names":["x","y"],"names":["a"],"parents":[0]}',
            "2 level names for a tree of depth 1",
        ),
    ],
)
def test_damage_is_named(text: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TaxonomyError, match=message) as error:
        load_taxonomy(path)
    assert str(error.value).startswith(f"{path}: ")


def test_paths_that_no_memory_holds_are_never_made(tmp_path: Path) -> None:
    count = 20_000  # a chain: its paths take 400 million characters
    stored = {"labeltree_taxonomy": 1, "level_names": None}
    stored |= {"names": ["a"] * count, "parents": list(range(count))}
    path = tmp_path / "taxonomy.json"
    path.write_text(json.dumps(stored))
    tracemalloc.start()
    try:
        with pytest.raises(TaxonomyError, match="400,020,000 characters"):
            load_taxonomy(path)
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
