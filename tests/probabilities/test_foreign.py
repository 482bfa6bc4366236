"""Files of models made elsewhere: npz and parquet, flat and per level."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_probabilities import coherent, levelwise
from strategies import taxonomies

from labeltree.probabilities import load_probabilities
from labeltree.taxonomy import Taxonomy

ANIMALS = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
PETS = Taxonomy.from_paths(["cat/manx", "cat/other", "dog/beagle", "dog/other"])
Write = Callable[..., Path]


def write_npz(folder: Path, columns: dict[str, Any], **texts: list[str]) -> Path:
    """All columns in one array."""
    values = np.stack([np.asarray(column) for column in columns.values()], axis=1)
    told = {key: np.array(value) for key, value in texts.items()}
    np.savez(folder / "p.npz", probabilities=values, names=np.array(list(columns)), **told)
    return folder / "p.npz"


def write_parquet(folder: Path, columns: dict[str, Any], **texts: list[str]) -> Path:
    table = pa.table({key: np.asarray(column) for key, column in columns.items()} | texts)
    pq.write_table(table, folder / "p.parquet")
    return folder / "p.parquet"


@pytest.fixture(params=[write_npz, write_parquet], ids=["npz", "parquet"])
def write(request: pytest.FixtureRequest) -> Write:
    written: Write = request.param
    return written


def test_flat_columns_in_any_order_by_path_or_bare_name(write: Write, tmp_path: Path) -> None:
    flat = {"pug": [0.5, 0.0], "cat": [0.2, 1.0], "dog/beagle": [0.3, 0.0]}
    path = write(tmp_path, flat, target=["pug", "dog"], name=["a.png", "b.png"])
    found = load_probabilities(path, ANIMALS)
    np.testing.assert_allclose(found.probabilities, [[1, 0.2, 0.8, 0.3, 0.5], [1, 1, 0, 0, 0]])
    assert found.probabilities.dtype == np.float32
    assert found.targets is not None
    assert [ANIMALS.paths[node] for node in found.targets] == ["dog/pug", "dog"]
    assert found.names == ("a.png", "b.png")


def test_a_tree_made_of_whole_paths(write: Write, tmp_path: Path) -> None:
    found = load_probabilities(write(tmp_path, {"a/x": [0.5], "b": [0.2], "a/y": [0.3]}))
    assert found.taxonomy == Taxonomy.from_paths(["a/x", "b", "a/y"])
    np.testing.assert_allclose(found.probabilities, [[1, 0.8, 0.2, 0.5, 0.3]])


def test_levels_of_their_own_and_levels_rolled_up(write: Write, tmp_path: Path) -> None:
    deep = Taxonomy.from_paths(["a/b/c", "a/b/d", "a/e/f", "g/h/i"])
    fine = {"c": [0.1], "d": [0.2], "f": [0.3], "i": [0.4]}
    middle = {"b": [0.2], "e": [0.2], "h": [0.6]}
    found = load_probabilities(write(tmp_path, fine | middle), deep)
    # The top level is the sum of the middle one, which stands in the file, not of the leaves.
    np.testing.assert_allclose(
        found.probabilities, [[1, 0.4, 0.6, 0.2, 0.2, 0.6, 0.1, 0.2, 0.3, 0.4]]
    )


@given(taxonomies(), st.integers(0, 999), st.booleans())
def test_all_nodes_or_only_leaves_of_any_tree(tree: Taxonomy, seed: int, flat: bool) -> None:
    make = coherent if flat else levelwise
    values = make(tree, 3, seed).astype(np.float32)
    order = np.random.default_rng(seed).permutation(tree.leaves if flat else tree.num_nodes)
    columns = {tree.paths[node]: values[:, node] for node in order if node}
    with TemporaryDirectory() as folder:
        for write in (write_npz, write_parquet):
            found = load_probabilities(write(Path(folder), columns), tree)
            np.testing.assert_allclose(found.probabilities, values, atol=1e-6)


def test_npz_with_an_array_per_level(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "p.npz",
        coarse=np.array([[0.25, 0.75]], dtype=np.float16),
        coarse_names=np.array(["dog", "cat"]),
        fine=np.array([[0.1, 0.2, 0.3, 0.4]]),
        fine_names=np.array(PETS.paths[3:]),
    )
    found = load_probabilities(tmp_path / "p.npz", PETS)
    np.testing.assert_allclose(found.probabilities, [[1, 0.75, 0.25, 0.1, 0.2, 0.3, 0.4]])


def test_labels_that_do_not_exclude_each_other(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path, {"cat": [0.9], "beagle": [0.8], "pug": [0.6]})
    found = load_probabilities(path, ANIMALS, exclusive=False)
    np.testing.assert_allclose(found.probabilities, [[1, 0.9, 0.8, 0.8, 0.6]], rtol=1e-6)


def test_rounding_is_forgiven(write: Write, tmp_path: Path) -> None:
    tree = Taxonomy.from_paths([f"a/{number}" for number in range(1000)])
    values = np.random.default_rng(0).dirichlet(np.ones(1000), 5).astype(np.float16)
    columns = dict(zip(tree.paths[2:], values.T, strict=True))
    assert load_probabilities(write(tmp_path, columns), tree).probabilities[:, 1].max() <= 1.001
    sure = load_probabilities(write(tmp_path, {"x/a": [1.00001], "x/b": [0.0]}))
    assert sure.probabilities.max() == 1


def test_a_target_that_is_not_known_is_the_root(tmp_path: Path) -> None:
    columns = {"x/a": [0.5, 1.0], "x/b": [0.5, 0.0]}
    for texts in (["x/a", ""], ["x/a", None]):
        table = pa.table({**columns, "target": texts})
        pq.write_table(table, tmp_path / "p.parquet")
        found = load_probabilities(tmp_path / "p.parquet")
        assert found.targets is not None
        assert found.targets.tolist() == [2, 0]
    pq.write_table(pa.table({**columns, "target": [None, None]}), tmp_path / "p.parquet")
    found = load_probabilities(tmp_path / "p.parquet")  # a column of the type null
    assert found.targets is not None
    assert found.targets.tolist() == [0, 0]


def test_what_pandas_writes_beside_the_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "x/a": [0.5, 1.0],
            "x/b": [0.5, 0.0],
            "target": pa.array(["x/a", "x/b"]).dictionary_encode(),
            "name": pa.array(["1.png", "2.png"], pa.string_view()),
            "__index_level_0__": [7, 8],
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    found = load_probabilities(tmp_path / "p.parquet")
    assert found.taxonomy.paths == ("", "x", "x/a", "x/b")
    assert found.names == ("1.png", "2.png")
    assert found.targets is not None
    assert found.targets.tolist() == [2, 3]
