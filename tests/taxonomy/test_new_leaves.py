"""Trees that grow by leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import label_names, taxonomies

from labeltree.errors import TaxonomyError
from labeltree.taxonomy import Taxonomy
from labeltree.taxonomy.new_leaves import with_new_leaves

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"], ["kind", "breed"])


def test_new_leaves_stand_behind_their_siblings() -> None:
    larger = with_new_leaves(ANIMALS, ["dog/corgi", "ant", "dog/akita"])
    assert larger.paths[1:4] == ("cat", "dog", "ant")
    assert larger.paths[4:] == ("dog/beagle", "dog/pug", "dog/corgi", "dog/akita")
    assert larger.level_names == ("kind", "breed")
    assert with_new_leaves(ANIMALS, []) == ANIMALS
    assert with_new_leaves(ANIMALS, ["dog/corgi"] * 2).num_leaves == 4


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("dog/pug", "'dog/pug' is in the taxonomy already"),
        ("dog", "'dog' is in the taxonomy already"),
        ("", "'' is in the taxonomy already"),
        ("cat/tabby", "'cat/tabby' would make an inner node of the leaf 'cat'"),
        ("dgo/corgi", "'dgo' is not in the taxonomy; did you mean 'dog'"),
        ("dog/", "a label has no name"),
    ],
)
def test_what_cannot_be_added(path: str, message: str) -> None:
    with pytest.raises(TaxonomyError, match=message):
        with_new_leaves(ANIMALS, ["dog/corgi", path])


@given(taxonomies(), st.data())
def test_all_that_was_there_stays(taxonomy: Taxonomy, data: st.DataObject) -> None:
    inner = st.sampled_from(np.flatnonzero(~taxonomy.is_leaf).tolist())
    pairs = data.draw(st.lists(st.tuples(inner, label_names()), max_size=5, unique=True))
    paths = [f"{taxonomy.paths[node]}/{name}".removeprefix("/") for node, name in pairs]
    paths = [path for path in paths if path not in taxonomy]
    larger = with_new_leaves(taxonomy, paths)
    assert set(larger.paths) == {*taxonomy.paths, *paths}
    assert larger.depth == taxonomy.depth
    old = [path for path in larger.paths if path in taxonomy]
    assert old == list(taxonomy.paths)
    for path in taxonomy.paths:
        here, there = taxonomy.find(path), larger.find(path)
        assert taxonomy.is_leaf[here] == larger.is_leaf[there]
        names = larger.names[larger.children(there)]
        assert names[: taxonomy.num_children[here]] == taxonomy.names[taxonomy.children(here)]
