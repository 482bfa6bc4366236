"""Imports point downward: each package may use only what stands in its row."""

import ast
from pathlib import Path

import pytest

import labeltree

PACKAGE = Path(labeltree.__file__).parent
FREE = {"errors", "configuration", "writing"}  # anybody may use these
ARROWS: dict[str, set[str]] = {
    "taxonomy": set(),
    "data": {"taxonomy"},
    "backbones": set(),
    "rollup": {"taxonomy"},
    "losses": {"taxonomy", "rollup"},
    "methods": {"taxonomy", "rollup", "losses", "backbones"},
    "decoding": {"taxonomy"},
    "metrics": {"taxonomy", "decoding"},
    "training": {"data", "methods"},
    "recipes": {"data", "decoding", "training"},
    "runs": {
        "backbones",
        "taxonomy",
        "data",
        "methods",
        "decoding",
        "metrics",
        "training",
        "recipes",
    },
    "reports": {"taxonomy", "metrics"},
    "cli": {"taxonomy", "data", "backbones", "methods", "recipes", "runs", "reports"},
}


def imports(path: Path) -> set[str]:
    """Parts of labeltree that a module imports, anywhere in its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
            if node.module == "labeltree":
                names = [f"labeltree.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("labeltree.")}
    return found & {path.stem for path in PACKAGE.iterdir()}


def parts() -> list[str]:
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    )


def test_every_part_has_its_row() -> None:
    assert set(parts()) == set(ARROWS) | FREE


@pytest.mark.parametrize("part", sorted(ARROWS))
def test_imports_point_downward(part: str) -> None:
    place = PACKAGE / part
    modules = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    for module in modules:
        upward = imports(module) - ARROWS[part] - FREE - {part}
        assert not upward, f"{module.relative_to(PACKAGE)} imports {sorted(upward)}"


@pytest.mark.parametrize("module", sorted((PACKAGE / "taxonomy").rglob("*.py")), ids=str)
def test_taxonomy_imports_no_torch(module: Path) -> None:
    assert "torch" not in module.read_text(encoding="utf-8").split()
