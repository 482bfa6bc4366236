import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.decoding import Decoder
from labeltree.exporting.agreement import Agreement
from labeltree.exporting.sums import WIDEST, FamilySums, LeafSums
from labeltree.taxonomy import Taxonomy

FIVE_THOUSAND = Taxonomy.from_paths(
    [f"{i % 7}/{i % 500}/{i}" for i in range(5_000)] + ["alone", "8/short"]
)


@given(st.lists(st.integers(0, 3 * WIDEST), min_size=1, max_size=12), st.integers(1, 3))
def test_family_sums_are_those_of_slices(counts: list[int], batch: int) -> None:
    values = np.random.default_rng(0).random((batch, sum(counts)))
    ends = np.cumsum(counts)
    expected = [
        values[:, end - count : end].sum(1) for end, count in zip(ends, counts, strict=True)
    ]
    found = FamilySums(np.array(counts))(torch.from_numpy(values)).numpy()
    np.testing.assert_allclose(found, np.stack(expected, 1), rtol=1e-12)


@given(taxonomies())
def test_leaf_sums_are_the_roll_up(tree: Taxonomy) -> None:
    values = np.random.default_rng(0).random((2, tree.num_leaves))
    found = LeafSums(tree)(torch.from_numpy(values)).numpy()
    np.testing.assert_allclose(found, tree.roll_up(values), rtol=1e-12)


@given(taxonomies(), st.sampled_from([1.0, 0.6, 3.0]), st.floats(0, 1), st.integers(0, 99))
def test_agreement_is_the_decoder(
    tree: Taxonomy, temperature: float, zeros: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    shape = (3, tree.num_nodes)
    said = (random.random(shape) * (random.random(shape) >= zeros)).astype(np.float32)
    agreement = Agreement(tree, temperature)
    found = agreement(torch.from_numpy(said)).numpy()
    np.testing.assert_allclose(found, Decoder(temperature)(tree, said), atol=2e-6)


def test_where_no_child_has_a_chance_all_have_the_same() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    said = torch.tensor([[1, 0.5, 0.5, 0.0, 0.0]])
    found = Agreement(tree, 1.0)(said)[0].tolist()
    assert found == Decoder()(tree, said.numpy())[0].tolist()
    assert found[3] == found[4] > 0


def test_what_is_next_to_nothing_is_shared_out_all_the_same() -> None:
    tree = Taxonomy.from_paths(["cat", "dog/beagle", "dog/pug"])
    said = torch.tensor([[1, 0.5, 0.5, 3e-44, 1e-44]])
    expected = Decoder()(tree, said.numpy())
    np.testing.assert_allclose(Agreement(tree, 1.0)(said).numpy(), expected, atol=1e-6)


def test_tables_grow_with_the_nodes_and_no_faster() -> None:
    tree = FIVE_THOUSAND
    tables = sum(table.numel() for table in Agreement(tree, 2.0).buffers())
    assert tables < 12 * tree.num_nodes
    values = np.random.default_rng(0).dirichlet(np.full(tree.num_leaves, 0.1), 2)
    said = tree.roll_up(values.astype(np.float32))
    found = Agreement(tree, 2.0)(torch.from_numpy(said)).numpy()
    np.testing.assert_allclose(found, Decoder(2.0)(tree, said), atol=1e-6)


@pytest.mark.parametrize("temperature", [0.3, 3.0, 12.0, 20.0])
@pytest.mark.parametrize("scale", [5, 60, 120])
def test_extreme_logits_agree_at_any_temperature(temperature: float, scale: float) -> None:
    tree = Taxonomy.from_paths([f"g{i // 4}/c{i}" for i in range(40)])
    random = np.random.default_rng(0)
    levels = [torch.from_numpy(random.normal(size=(500, n)) * scale).float() for n in (10, 40)]
    said = torch.cat([torch.ones(500, 1), *(level.softmax(1) for level in levels)], dim=1)
    found = Agreement(tree, temperature)(said).numpy()
    np.testing.assert_allclose(found, Decoder(temperature)(tree, said.numpy()), atol=1e-5)


def test_numbers_that_not_all_hardware_has_are_nothing() -> None:
    tree = Taxonomy.from_paths(["cat", "dog", "pig"])
    said = tree.roll_up(np.array([[0.5, 0.5, 1e-39]], np.float32))
    for found in (Decoder(12.0)(tree, said), Agreement(tree, 12.0)(torch.from_numpy(said)).numpy()):
        np.testing.assert_allclose(found, [[1, 0.5, 0.5, 0]], atol=1e-7)
