"""Imports point downward: each package uses exactly what stands in its row."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import labeltree

PACKAGE = Path(labeltree.__file__).parent
FREE = {"errors", "configuration", "spreadsheet", "writing"}  # anybody may use these
# fmt: off
ARROWS: dict[str, set[str]] = {
    "taxonomy": set(),
    "data": {"taxonomy"},
    "backbones": set(),
    "costs": set(),
    "losses": {"taxonomy"},
    "methods": {"taxonomy", "data", "backbones", "losses"},
    "decoding": {"taxonomy"},
    "metrics": {"taxonomy"},
    "significance": set(),
    "probabilities": {"taxonomy"},
    "audit": {"taxonomy", "metrics", "significance"},
    "training": {"data", "methods"},
    "streaming": {"data", "backbones", "losses", "methods", "training"},
    "runtime": {"taxonomy", "data", "decoding"},
    "recipes": {"data", "decoding", "streaming", "training"},
    "runs": {
        "taxonomy", "data", "methods", "decoding", "metrics", "probabilities", "audit", "training",
        "streaming", "recipes", "costs", "runtime",
    },
    "prediction": {"taxonomy", "data", "decoding", "runs", "runtime"},
    "classifier": {
        "taxonomy", "data", "decoding", "prediction", "recipes", "reports", "runs", "runtime",
        "training",
    },
    "exporting": {"taxonomy", "data", "methods", "decoding", "metrics", "runs", "runtime"},
    "serving": {"taxonomy", "data", "decoding", "prediction", "runtime"},
    "comparison": {"taxonomy", "metrics", "significance", "reports", "runs"},
    "studies": {
        "taxonomy", "data", "backbones", "methods", "decoding", "metrics", "significance",
        "probabilities", "training", "streaming", "recipes", "runs", "reports", "audit", "costs",
        "comparison",
    },
    "reports": {"taxonomy", "metrics"},
    "hub": {"taxonomy", "data", "decoding", "metrics", "runs", "reports", "runtime"},
    "cli": {
        "taxonomy", "data", "backbones", "methods", "decoding", "metrics", "probabilities",
        "streaming", "recipes", "runs", "studies", "reports", "comparison", "hub", "serving",
        "exporting", "prediction",
    },
}
# fmt: on


def modules(part: str) -> list[Path]:
    place = PACKAGE / part
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports, anywhere in its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts_used(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imported(path) if name.startswith("labeltree.")}
    return names & set(parts())


def parts() -> list[str]:
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    )


def test_every_part_has_its_row() -> None:
    assert set(parts()) == set(ARROWS) | FREE


def test_the_rows_hold_no_circle() -> None:
    TopologicalSorter(ARROWS).prepare()


@pytest.mark.parametrize("part", sorted(ARROWS))
def test_imports_point_downward(part: str) -> None:
    used = {module: parts_used(module) - FREE - {part} for module in modules(part)}
    for module, names in used.items():
        upward = names - ARROWS[part]
        assert not upward, f"{module.relative_to(PACKAGE)} imports {sorted(upward)}"
    unused = ARROWS[part].difference(*used.values())
    assert not unused, f"{part} no longer uses {sorted(unused)}: take them out of its row"


@pytest.mark.parametrize("part", sorted({*ARROWS, *FREE}))
def test_what_is_private_stays_in_its_module(part: str) -> None:
    for module in modules(part):
        private = [
            name
            for name in imported(module)
            if name.startswith("labeltree.") and re.search(r"\._(?!_)", name)
        ]
        assert not private, f"{module.relative_to(PACKAGE)} imports {private}"


@pytest.mark.parametrize(
    "part", ["taxonomy", "decoding", "metrics", "probabilities", "audit", "reports", "runtime"]
)
def test_behind_the_hinge_there_is_no_torch(part: str) -> None:
    for module in modules(part):
        torch = [name for name in imported(module) if name.split(".")[0] == "torch"]
        assert not torch, f"{module.relative_to(PACKAGE)} imports {torch}"
