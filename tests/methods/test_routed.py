import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import taxonomies

from labeltree.data.scope import REST, scoped_tree
from labeltree.errors import ConfigError
from labeltree.methods import make_method
from labeltree.methods.flat.network import Flat
from labeltree.methods.routed import RoutedConfig, build, parts
from labeltree.methods.routed.regrouping import most_probable, rows_of_groups, take_rows
from labeltree.methods.routed.routing import Routing
from labeltree.taxonomy import Taxonomy

DEEP = Taxonomy.from_paths(["a/b/c", "a/b/d", "a/e/f", "g/h/i", "g/h/j", "k"])
ACROSS = {  # groups that are no branches; "alone" needs no expert
    "first": ("a/b/c", "g/h/i", "k"),
    "alone": ("a/b/d",),
    "second": ("a/e/f", "g/h/j"),
}
IMAGES = torch.randn(9, 3, 12, 12, generator=torch.Generator().manual_seed(0))


def routed(taxonomy, new_backbone, scale=1.0, seed=0, **options):
    """In evaluation; its logits are multiplied, so that some probabilities are nearly 0."""
    torch.manual_seed(seed)
    method = build(taxonomy, new_backbone, RoutedConfig(**options)).eval()
    with torch.no_grad():
        for network in method.networks:
            network.head.weight *= scale
    return method


def ask(method, images=IMAGES):
    with torch.inference_mode():
        return method.node_probabilities(method(images))


def as_soft(method, images=IMAGES):
    before, method.routing = method.routing, Routing()
    try:
        return ask(method, images)
    finally:
        method.routing = before


@st.composite
def grouped(draw):
    """A tree of any shape and a mapping of groups that may cut across it."""
    taxonomy = draw(taxonomies(max_leaves=8))
    leaves = [taxonomy.paths[leaf] for leaf in taxonomy.leaves]
    assume(len(leaves) > 1)
    others = draw(st.lists(st.integers(0, 3), min_size=len(leaves) - 2, max_size=len(leaves) - 2))
    groups: dict[str, list[str]] = {}
    for path, number in zip(leaves, [0, 1, *others], strict=True):
        groups.setdefault(f"group {number}", []).append(path)
    return taxonomy, groups


@st.composite
def systems(draw):
    """A tree, and options of any kind that fit it."""
    taxonomy, groups = draw(grouped())
    by_depth = draw(st.booleans())
    depth = draw(st.integers(1, taxonomy.depth))
    num_groups = len(taxonomy.cut(depth)) if by_depth else len(groups)
    kinds = [{"misrouted": "true"}, {"misrouted": "reject"}, {"merge_point": 1}, {"merge_point": 3}]
    routing = draw(st.sampled_from(["soft", *(f"top-{k + 1}" for k in range(num_groups))]))
    options = {"depth": depth} if by_depth else {"groups": groups}
    return taxonomy, {**options, **draw(st.sampled_from(kinds)), "routing": routing}


@given(system=systems(), scale=st.sampled_from([1.0, 300.0]), seed=st.integers(0, 9))
def test_every_cut_sums_to_one_and_every_node_is_its_children(new_backbone, system, scale, seed):
    taxonomy, options = system
    nodes = ask(routed(taxonomy, new_backbone, scale, seed, **options)).numpy()
    assert nodes.dtype == np.float32
    assert (nodes >= 0).all()
    for level in range(taxonomy.depth + 1):
        np.testing.assert_allclose(nodes[:, taxonomy.cut(level)].sum(1), 1, rtol=0, atol=1e-5)
    leaves = nodes[:, taxonomy.leaves].astype(np.float64)
    np.testing.assert_allclose(taxonomy.roll_up(leaves), nodes, rtol=0, atol=1e-5)


@given(case=grouped(), scale=st.sampled_from([1.0, 50.0]), reject=st.booleans())
def test_soft_is_the_product(new_backbone, case, scale, reject):
    taxonomy, groups = case
    misrouted = "reject" if reject else "true"
    method = routed(taxonomy, new_backbone, scale, groups=groups, misrouted=misrouted)
    outputs = [output.double().softmax(1) for output in method(IMAGES)]
    router, experts = method.networks[0], list(zip(method.networks, outputs, strict=True))[1:]
    assert router.taxonomy.names[1:] == tuple(groups)
    nodes, total, expected = ask(method), torch.zeros(len(IMAGES)), {}
    for number, paths in enumerate(groups.values()):
        weight = outputs[0][:, number]
        if len(paths) == 1:
            within = {paths[0]: torch.ones(len(IMAGES))}
        else:
            network, answer = experts.pop(0)
            places = network.taxonomy.leaf_index
            within = {path: answer[:, places[network.taxonomy.find(path)]] for path in paths}
        for path, share in within.items():
            expected[path] = weight * share  # with REST: P(group) · (1 - P(rest)) · P(leaf | mine)
            total = total + expected[path]
    assert not experts
    for path, product in expected.items():
        found = nodes[:, taxonomy.find(path)]
        torch.testing.assert_close(found.double(), product / total, rtol=1e-4, atol=1e-6)
    if not reject:
        torch.testing.assert_close(total, torch.ones_like(total))


@pytest.mark.parametrize("misrouted", ["true", "reject"])
@pytest.mark.parametrize(("routing", "most"), [("hard", 1), ("top-2", 2), ("top-3", 3)])
@pytest.mark.parametrize("grouping", [{"groups": ACROSS}, {"depth": 1}])
def test_chosen_experts_are_soft_routing_cut_down_to_them(
    new_backbone, grouping, routing, most, misrouted
):
    method = routed(DEEP, new_backbone, 5.0, routing=routing, misrouted=misrouted, **grouping)
    router = method.networks[0](IMAGES)[0]
    numbers = scoped_tree(DEEP, parts(DEEP, RoutedConfig(**grouping))[0].scope)[1]
    group = method.networks[0].taxonomy.leaf_index[numbers[DEEP.leaves]]
    best = router.topk(most, dim=1).indices
    kept = torch.stack([torch.isin(torch.from_numpy(group), row) for row in best])
    leaves = as_soft(method)[:, DEEP.leaves] * kept
    torch.testing.assert_close(
        ask(method)[:, DEEP.leaves], leaves / leaves.sum(1, keepdim=True), rtol=1e-4, atol=1e-6
    )
    if most == 3:
        assert torch.equal(ask(method), as_soft(method))


def test_an_expert_that_says_not_mine_hands_its_images_on(new_backbone):
    tree = Taxonomy.from_paths(["a", "b", "c", "d", "e"])
    groups = {"ab": ["a", "b"], "cd": ["c", "d"], "e": ["e"]}
    method = routed(tree, new_backbone, groups=groups, misrouted="reject")
    outputs = (
        torch.tensor([[0.5, 0.3, 0.2]]).log(),
        torch.tensor([[0.1, 0.3, 0.6]]).log(),  # a, b, none of these
        torch.tensor([[0.75, 0.25, 0.0]]).log(),  # c, d, none of these
    )
    total = 0.5 * 0.4 + 0.3 * 1 + 0.2  # a group of one class cannot refuse
    expected = torch.tensor([[0.05, 0.15, 0.225, 0.075, 0.2]]) / total
    torch.testing.assert_close(method.node_probabilities(outputs)[:, 1:], expected)


def watched(method):
    """How often each network runs, and with how many images."""
    runs = [[] for _ in method.networks]
    for network, rows in zip(method.networks, runs, strict=True):
        network.register_forward_pre_hook(lambda _, given, rows=rows: rows.append(len(given[0])))
    return runs


@pytest.mark.parametrize("merge_point", [0, 2])
def test_only_the_chosen_experts_run_and_on_their_images_only(new_backbone, merge_point):
    options = {"groups": ACROSS, "routing": "hard", "merge_point": merge_point}
    method = routed(DEEP, new_backbone, 20.0, seed=1, **options)
    best = method.networks[0](method.trunk(IMAGES))[0].argmax(1)
    sizes = [int((best == group).sum()) for group in (0, 2)]
    runs = watched(method)
    outputs = method(IMAGES)
    assert runs == [[9], *([size] if size else [] for size in sizes)]
    assert min(sizes) > 0
    for group, output in zip((0, 2), outputs[1:], strict=True):
        assert output[best != group].eq(0).all()
    assert outputs[0].isneginf().sum() == 18  # two groups of three for each of nine images

    method.routing = Routing(2)
    method(IMAGES)
    assert sum(rows[-1] for rows in runs[1:]) == int(
        most_probable(method.networks[0](method.trunk(IMAGES))[0], 2)[:, [0, 2]].sum()
    )
    method.train()
    for rows in runs:
        rows.clear()
    method(IMAGES)
    assert runs == [[9], [9], [9]]  # all learn


def test_experts_without_images_do_not_run(new_backbone):
    method = routed(DEEP, new_backbone, groups=ACROSS, routing="hard")
    for group, expected in enumerate([[[9], [9], []], [[9], [], []], [[9], [], [9]]]):
        runs = watched(method)
        with torch.no_grad():
            method.networks[0].head.weight.zero_()
            method.networks[0].head.bias.copy_(torch.eye(3)[group])
        nodes = ask(method)
        assert runs == expected
        inside = [DEEP.find(path) for path in list(ACROSS.values())[group]]
        torch.testing.assert_close(nodes[:, inside].sum(1), torch.ones(9))


@pytest.mark.parametrize("routing", ["hard", "top-2"])
@pytest.mark.parametrize("kind", [{}, {"misrouted": "reject"}, {"merge_point": 1}])
def test_a_batch_is_its_images_one_by_one(new_backbone, routing, kind):
    method = routed(DEEP, new_backbone, 20.0, seed=1, groups=ACROSS, routing=routing, **kind)
    with torch.inference_mode():
        whole, alone = method(IMAGES), [method(image[None]) for image in IMAGES]
    assert len(whole[0].argmax(1).unique()) > 1  # regrouped
    for number, output in enumerate(whole):
        torch.testing.assert_close(output, torch.cat([one[number] for one in alone]))
    nodes = torch.cat([ask(method, image[None]) for image in IMAGES])
    torch.testing.assert_close(ask(method), nodes)


@pytest.mark.parametrize("merge_point", [0, 1])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_regrouped_batches_keep_their_memory_format(new_backbone, layout, merge_point):
    options = {"groups": ACROSS, "routing": "hard", "merge_point": merge_point}
    method = routed(DEEP, new_backbone, 20.0, seed=1, **options).to(memory_format=layout)
    seen = []
    for network in method.networks[1:]:
        network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    expected = ask(method)
    found = ask(method, IMAGES.contiguous(memory_format=layout))
    torch.testing.assert_close(found, expected)
    assert all(0 < len(maps) < len(IMAGES) for maps in seen)
    assert all(maps.is_contiguous(memory_format=layout) for maps in seen[len(seen) // 2 :])


def test_rows_are_taken_as_they_are():
    maps = torch.arange(4 * 2 * 3 * 3).float().view(4, 2, 3, 3)
    rows = torch.tensor([1, 3])
    for layout in (torch.contiguous_format, torch.channels_last):
        given_maps = maps.contiguous(memory_format=layout)
        taken = take_rows(given_maps, rows)
        assert torch.equal(taken, maps[[1, 3]])
        assert taken.is_contiguous(memory_format=layout)
        assert take_rows(given_maps, torch.arange(4)) is given_maps


def test_of_equal_groups_the_first_are_chosen():
    logits = torch.tensor([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0], [3.0, 0.0, 1.0]])
    chosen = most_probable(logits, 2)
    assert chosen.tolist() == [[True, True, False], [False, True, True], [True, False, True]]
    assert [rows.tolist() for rows in rows_of_groups(chosen)] == [[0, 2], [0, 1], [1, 2]]
    assert [rows.tolist() for rows in rows_of_groups(chosen[:0])] == [[], [], []]


@pytest.mark.parametrize("misrouted", ["true", "reject"])
def test_it_has_the_weights_of_its_parts(misrouted):
    options = {
        "groups": {name: list(paths) for name, paths in ACROSS.items()},
        "router": "slim-w64",
        "experts": {"second": "slim-w96"},
        "misrouted": misrouted,
    }
    torch.manual_seed(0)
    state, flats = {}, []
    planned = parts(DEEP, RoutedConfig(**options))
    assert [part.name for part in planned] == ["router", "first", "second"]
    for part in planned:
        tree = scoped_tree(DEEP, part.scope)[0]
        flats.append(make_method("flat", tree, part.backbone or "slim").eval())
        state |= {part.prefix + name: value for name, value in flats[-1].state_dict().items()}
    method = make_method("routed", DEEP, "slim", options).eval()
    assert [network.backbone.num_features for network in method.networks] == [64, 128, 96]
    method.load_state_dict(state)
    images = torch.randn(2, 3, 32, 32)
    for flat, network, output in zip(flats, method.networks, method(images), strict=True):
        assert isinstance(network, Flat)
        assert torch.equal(flat(images)[0], output)
        assert (REST in network.taxonomy) == (misrouted == "reject" and flat is not flats[0])


@pytest.mark.parametrize("merge_point", [1, 2, 3])
def test_a_trunk_is_shared(new_backbone, merge_point):
    assert parts(DEEP, RoutedConfig(groups=ACROSS, merge_point=merge_point)) == ()

    def count(module):
        return sum(parameter.numel() for parameter in module.parameters())

    apart = routed(DEEP, new_backbone, groups=ACROSS)
    method = routed(DEEP, new_backbone, groups=ACROSS, merge_point=merge_point)
    shared = sum(count(stage) for stage in new_backbone().stages[:merge_point])
    assert not len(apart.trunk)
    assert count(method.trunk) == shared
    assert count(method) == count(apart) - 2 * shared
    names = {name.partition(".")[0] for name in method.state_dict()}
    assert names == {"trunk", "networks"}

    targets = torch.full((9,), DEEP.find("k"))
    method.loss(method(IMAGES), targets).sum().backward()
    assert all(
        parameter.grad.any() for parameter in method.trunk.parameters() if parameter.dim() > 1
    )
    moved = [any(p.grad.any() for p in network.parameters()) for network in method.networks]
    assert moved == [True, True, False]


def test_the_trunk_starts_as_a_flat_network_does(new_backbone):
    torch.manual_seed(7)
    flat = Flat(Taxonomy.from_paths(list(ACROSS)), new_backbone()).eval()
    method = routed(DEEP, new_backbone, seed=7, groups=ACROSS, merge_point=2)
    assert torch.equal(method(IMAGES)[0], flat(IMAGES)[0])


def test_a_merge_point_that_the_backbone_lacks(new_backbone):
    with pytest.raises(ConfigError, match=r"merge point 4 does not exist.*3 stages"):
        routed(DEEP, new_backbone, groups=ACROSS, merge_point=4)


@given(case=grouped(), data=st.data(), smoothing=st.sampled_from([0.0, 0.1]))
def test_the_loss_is_the_negative_log_of_the_probability(new_backbone, case, data, smoothing):
    taxonomy, groups = case
    options = {"groups": groups}
    if data.draw(st.booleans()):
        options = {"depth": data.draw(st.integers(1, taxonomy.depth))}
    method = routed(
        taxonomy, new_backbone, 3.0, merge_point=data.draw(st.integers(0, 1)), **options
    )
    targets = torch.arange(taxonomy.num_nodes)
    outputs = method(IMAGES[:1].expand(len(targets), -1, -1, -1))
    nodes = method.node_probabilities(outputs)[0]
    loss = method.loss(outputs, targets, smoothing)
    spans = np.zeros(taxonomy.num_nodes, dtype=bool)  # several groups
    if "groups" in options:
        group = {path: name for name, paths in groups.items() for path in paths}
        for node in range(taxonomy.num_nodes):
            below = taxonomy.is_at_or_below(taxonomy.leaves, np.int64(node))
            spans[node] = len({group[taxonomy.paths[n]] for n in taxonomy.leaves[below]}) > 1
    if smoothing:  # what spans several groups has no loss, not even the smoothing's
        assert loss[torch.from_numpy(spans)].eq(0).all()
        return
    expected = torch.where(torch.from_numpy(spans), 0.0, -nodes.log())
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-4)


def test_smoothing_is_of_the_router_and_of_one_expert(new_backbone):
    method = routed(DEEP, new_backbone, 5.0, groups=ACROSS)
    outputs = method(IMAGES[:1])
    logs = [output.log_softmax(1)[0] for output in outputs]
    target, place = DEEP.find("a/e/f"), method.networks[2].taxonomy
    own = place.leaf_index[place.find("a/e/f")]
    expected = -(0.9 * logs[0][2] + 0.1 * logs[0].mean())
    expected = expected - (0.9 * logs[2][own] + 0.1 * logs[2].mean())
    torch.testing.assert_close(method.loss(outputs, torch.tensor([target]), 0.1)[0], expected)


def test_only_the_group_s_own_expert_learns_where_experts_can_refuse(new_backbone):
    tree = Taxonomy.from_paths(["a", "b", "c", "d"])
    groups = {"ab": ["a", "b"], "cd": ["c", "d"]}
    method = routed(tree, new_backbone, groups=groups, misrouted="reject")
    outputs = tuple(torch.randn(1, network.taxonomy.num_leaves) for network in method.networks)
    logs = [output.log_softmax(1)[0] for output in outputs]
    assert method.networks[2].taxonomy.names[1:] == ("c", "d", REST)
    found = method.loss(outputs, torch.tensor([tree.find("d")]))
    torch.testing.assert_close(found, -(logs[0][1] + logs[2][1])[None])


def test_tables_grow_with_the_classes_and_not_with_the_experts(new_backbone):
    tree = Taxonomy.from_paths([f"kind {n // 4}/class {n}" for n in range(80)])
    few = {f"half {half}": tree.leaves.tolist()[half::2] for half in range(2)}
    many = {f"group {group}": tree.leaves.tolist()[group::40] for group in range(40)}
    sizes = []
    for groups in (few, many):
        paths = {name: [tree.paths[leaf] for leaf in leaves] for name, leaves in groups.items()}
        method = routed(tree, new_backbone, groups=paths)
        sizes.append(sum(table.numel() for table in method.buffers(recurse=False)))
        assert len(method.networks) == len(groups) + 1
    assert sizes[0] == sizes[1]


def test_half_precision_outputs_of_hard_routing(new_backbone):
    method = routed(DEEP, new_backbone, groups=ACROSS, routing="hard")
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        outputs = method(IMAGES)
    assert {output.dtype for output in outputs} == {torch.bfloat16}
    nodes = method.node_probabilities(outputs)
    assert nodes.dtype == torch.float32
    torch.testing.assert_close(nodes[:, DEEP.leaves].sum(1), torch.ones(9))
