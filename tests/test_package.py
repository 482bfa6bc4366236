"""The visible contract: what packages export, the version, and the README's tree of the code."""

from __future__ import annotations

import ast
import importlib
import re
from importlib.metadata import version
from pathlib import Path

import pytest

import labeltree

PACKAGE = Path(labeltree.__file__).parent
ROOT = Path(__file__).parents[1]
PACKAGES = sorted(
    ".".join(("labeltree", *path.parent.relative_to(PACKAGE).parts))
    for path in PACKAGE.rglob("__init__.py")
    if path.parent != PACKAGE
)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def init_of(package: str) -> Path:
    return PACKAGE.joinpath(*package.split(".")[1:], "__init__.py")


def defined(module: ast.Module) -> set[str]:
    """Public names that a module itself makes: functions, classes, tables; numbers are its own."""
    names: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("package", PACKAGES)
def test_exports_match_all(package: str) -> None:
    made = defined(parsed(init_of(package)))
    exported = getattr(importlib.import_module(package), "__all__", [])
    assert len(exported) == len(set(exported))
    missing = [name for name in exported if not hasattr(importlib.import_module(package), name)]
    assert not missing, f"{package}.__all__ names {missing}, which it does not have"
    hidden = made - set(exported)
    assert not hidden, f"{package} makes {sorted(hidden)}, which its __all__ does not name"


def test_others_use_only_what_a_package_exports() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom) or node.module not in PACKAGES:
                continue
            allowed = set(getattr(importlib.import_module(node.module), "__all__", ()))
            folder = init_of(node.module).parent
            allowed |= {entry.stem for entry in folder.iterdir()}  # its modules
            names = {alias.name for alias in node.names} - allowed
            assert not names, f"{path}: {sorted(names)} not in {node.module}.__all__"


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest and newest[1] == labeltree.__version__ == version("labeltree")


def test_the_readme_draws_the_folders_as_they_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = re.search(r"```\nsrc/labeltree/\n(.*?)```", readme, re.DOTALL)
    assert tree
    drawn = {name.rstrip("/") for name in re.findall(r"^  (\w\S*)", tree[1], re.MULTILINE)}
    there = {entry.name for entry in PACKAGE.iterdir() if not entry.name.startswith(("_", "."))}
    assert drawn == there
    for folder in re.findall(r"^(?:    )?(\w+/)", tree[1], re.MULTILINE):
        assert (ROOT / folder).is_dir() or list(PACKAGE.glob(f"*/{folder}"))
