"""What paper 004 says: its groups beside the facts, its megabytes beside our networks."""

import csv
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
import torch

from labeltree.backbones import make_backbone
from labeltree.data import open_source
from labeltree.studies.coarse_to_fine.groups import FOUR_GROUPS, THREE_GROUPS
from labeltree.studies.coarse_to_fine.paper import (
    INTRODUCTION,
    ON_CPU,
    PAPER_MB,
    PRERESNET,
    ROWS,
    TABLE_2,
    TABLE_4,
    PaperRow,
)

SHARED = Path(__file__).parents[3] / "shared"
FACTS = SHARED / "facts"
GROUPINGS = {"3 groups": THREE_GROUPS, "4 groups": FOUR_GROUPS}

RESNETS = [row for row in ROWS if row.experts != PRERESNET]
UNITS = (PAPER_MB, 10**6, 2**20)


@pytest.mark.parametrize(
    "groups, sizes", [(THREE_GROUPS, [20, 49, 31]), (FOUR_GROUPS, [27, 29, 31, 13])]
)
def test_groups_have_every_class_once(groups: dict[str, tuple[str, ...]], sizes: list[int]) -> None:
    assert [len(classes) for classes in groups.values()] == sizes
    assert len(set(chain(*groups.values()))) == 100
    assert set(chain(*groups.values())) == set(chain(*THREE_GROUPS.values()))


@pytest.mark.parametrize("name, groups", [("three", THREE_GROUPS), ("four", FOUR_GROUPS)])
def test_the_facts(name: str, groups: dict[str, tuple[str, ...]]) -> None:
    if not FACTS.exists():
        pytest.skip("the facts are not at hand")
    told: dict[str, tuple[str, ...]] = {}
    with (FACTS / f"cifar100_{name}_groups.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            told[row["group"]] = (*told.get(row["group"], ()), row["class"])
    assert told == groups


def test_names_are_those_of_the_data_and_few_superclasses_are_divided() -> None:
    if not (SHARED / "data" / "cifar100").exists():
        pytest.skip("no CIFAR-100 beside the project")
    tree = open_source("cifar100", SHARED / "data").taxonomy
    superclass = {tree.names[leaf]: tree.names[tree.parents[leaf]] for leaf in tree.leaves}
    assert set(superclass) == set(chain(*FOUR_GROUPS.values()))
    divided = [
        {above for above in superclass.values() if len(_groups_of(above, superclass, groups)) > 1}
        for groups in (THREE_GROUPS, FOUR_GROUPS)
    ]
    assert divided[0] == {"household_electrical_devices", "non-insect_invertebrates"}
    assert divided[1] == divided[0] | {"insects", "reptiles", "aquatic_mammals"}


def _groups_of(
    above: str, superclass: dict[str, str], groups: dict[str, tuple[str, ...]]
) -> set[str]:
    return {
        group for group, classes in groups.items() if above in {superclass[one] for one in classes}
    }


def test_the_tables_are_those_of_the_scan() -> None:
    """Rows such as `ResNet-18 PreResNet … 46.92% 69.98% 120 39 min 51`, a tab between columns."""
    scans = list((SHARED / "seeds").glob("004_*.txt"))
    if not scans:
        pytest.skip("the papers are not at hand")
    lines = [line.split("\t") for line in scans[0].read_text(encoding="utf-8").splitlines()]
    printed = [line for line in lines if line[0] == "ResNet-18" and len(line) > 5]
    names = {"ResNet-18": "resnet18", "ResNet-34": "resnet34", "PreResNet": PRERESNET}
    for row, line in zip((*TABLE_2, *TABLE_4, ON_CPU), printed, strict=True):
        router, *experts, top1, top3, epochs, minutes, memory_mb = line
        assert [names[router], *{names[one] for one in experts}] == [row.router, row.experts]
        assert row.grouping == f"{len(experts)} groups"
        assert [f"{row.top1:.2%}", f"{row.top3:.2%}"] == [top1, top3]
        assert (row.epochs, row.minutes) == (int(epochs), int(minutes.removesuffix(" min")))
        assert row.memory_mb == int(memory_mb)


@cache
def learned(backbone: str) -> tuple[int, int]:
    """Learned parameters of a backbone without outputs, and its number of features."""
    with torch.device("meta"):
        network = make_backbone(backbone)
    return sum(value.numel() for value in network.parameters()), network.num_features


def total_bytes(row: PaperRow, expert: tuple[int, int]) -> int:
    """Four for each parameter of the router and the experts with their outputs."""
    sizes = [len(classes) for classes in GROUPINGS[row.grouping].values()]
    networks = [(learned(row.router), len(sizes)), *((expert, size) for size in sizes)]
    return sum(4 * (body + (width + 1) * outputs) for (body, width), outputs in networks)


def preresnet(depth: int, bottleneck: bool) -> tuple[int, int]:
    """Counted by hand from He et al. 2016: 16, 32 and 64 channels, norms before convolutions."""
    factor, blocks = (4, (depth - 2) // 9) if bottleneck else (1, (depth - 2) // 6)
    count, inputs = 3 * 3 * 3 * 16, 16
    for base in (16, 32, 64):
        outputs = factor * base
        for _ in range(blocks):
            if bottleneck:
                shortcut = inputs * outputs if inputs != outputs else 0
                count += 2 * (inputs + 2 * base)  # norms
                count += inputs * base + 9 * base * base + base * outputs + shortcut
            else:
                count += 2 * (inputs + base) + 9 * (inputs * base + base * base)
            inputs = outputs
    return count + 2 * inputs, inputs


POSSIBLE = {
    (depth, bottleneck): preresnet(depth, bottleneck)
    for period, bottleneck in ((6, False), (9, True))
    for depth in range(period + 2, 300, period)
}


@pytest.mark.parametrize("depth", [8, 20, 44, 110])
def test_counting_basic_blocks_by_hand(depth: int) -> None:
    assert POSSIBLE[depth, False] == learned(f"preresnet{depth}")


@pytest.mark.parametrize("depth", [11, 47, 65, 164])
def test_counting_bottlenecks_by_hand(depth: int) -> None:
    assert POSSIBLE[depth, True] == learned(f"preresnet{depth}")


@pytest.mark.parametrize("row", RESNETS, ids=lambda row: f"{row.experts}-{row.memory_mb}")
def test_the_papers_megabyte_is_1000_kib(row: PaperRow) -> None:
    total = total_bytes(row, learned(row.experts))
    assert [round(total / unit) == row.memory_mb for unit in UNITS] == [True, False, False]


def test_only_44_layers_fit_51_and_54_mb() -> None:
    rows = (TABLE_2[2], TABLE_4[2])
    fitting = [
        key
        for key, expert in POSSIBLE.items()
        if all(round(total_bytes(row, expert) / PAPER_MB) == row.memory_mb for row in rows)
    ]
    assert fitting == [(44, False)] and PRERESNET == "preresnet44"


def test_44_layers_come_nearest_to_the_introduction_and_none_meets_it() -> None:
    sizes = {key: total_bytes(INTRODUCTION, one) / PAPER_MB for key, one in POSSIBLE.items()}
    told = INTRODUCTION.memory_mb
    assert told not in {round(size, 1) for size in sizes.values()}
    nearest = min(sizes, key=lambda key: abs(sizes[key] - told))
    assert nearest == (44, False) and sizes[nearest] - told == pytest.approx(0.35, abs=0.01)
    experts = 629_000  # learned parameters that would meet it, as the docstring says
    assert round(total_bytes(INTRODUCTION, (experts, 64)) / PAPER_MB, 1) == told


def test_other_readings() -> None:
    """Rows of the docstring's second table."""
    rows = (TABLE_2[2], TABLE_4[2], INTRODUCTION)
    told = {
        (38, False): (50.2, 52.4, 89.7),
        (44, False): (51.4, 53.9, 90.9),
        (50, False): (52.5, 55.5, 92.0),
        (47, True): (49.5, 51.5, 89.0),
        (56, True): (50.6, 52.9, 90.1),
        (65, True): (51.7, 54.4, 91.2),
    }
    for key, sizes in told.items():
        found = tuple(round(total_bytes(row, POSSIBLE[key]) / PAPER_MB, 1) for row in rows)
        assert found == sizes
