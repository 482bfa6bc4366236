"""An audit's folder as `labeltree audit` would leave it, of made-up probabilities: no model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labeltree.audit import audit
from labeltree.reports import write_report
from labeltree.reports.audit.folder import read_audit_folder
from labeltree.reports.audit.page import describe, render_page
from labeltree.runs.audit_record import figures, pictured
from labeltree.runs.audit_tables import write_tables
from labeltree.taxonomy import Taxonomy, save_taxonomy

MakeAudit = Callable[..., Path]
Change = Callable[[dict[str, Any]], None]

# Rather unlike in size, so that branches and levels differ; a class stands under a wrong parent.
ANIMALS = Taxonomy.from_paths(
    [
        *(f"mammal/dog/{name}" for name in ("beagle", "basset", "pug", "spaniel")),
        *(f"mammal/cat/{name}" for name in ("tabby", "siamese", "persian", "dingo")),
        *(f"bird/{name}" for name in ("owl", "finch", "robin", "wren")),
        *(f"fish/{name}" for name in ("trout", "perch", "shark")),
    ],
    ["class", "family", "breed"],
)
LIVES_WITH = {"dingo": "dog"}

LONG = "a very long name that goes on " * 8
# "</script>" makes a level of its own: a slash parts names.
HOSTILE = Taxonomy.from_paths(
    [
        *(f"<script>alert(1)</script>/{name}" for name in ("$\\frac{a$", "日本語 犬", "=1+1")),
        *(f"مرحبا/{name}" for name in (LONG, "_hidden", "عليكم")),
        *(f"</script><b>x/{name}" for name in ("a&b", "\"quoted' {{7*7}}", "<img src=x>")),
    ],
    ['<i>one</i> "level"', "_two", "$three$"],
)
HOSTILE_FILES = (
    "photos/<img src=x onerror=alert(1)>.jpg",
    '="HYPERLINK".png',
    "مجلد/صورة.png",
    f"{'very-long-folder-without-a-break' * 6}/1.png",
    'a "b" {{7*7}}.png',
)
TREES = {
    "animals": ANIMALS,
    "hostile": HOSTILE,
    "one level": Taxonomy.from_paths(["cat", "dog", "owl", "pug"], ["kind"]),
    "thousand": Taxonomy.from_paths(
        [f"b {a:03}/c {a:03} {b}" for a in range(200) for b in range(5)]
    ),
}


class NamedImages:
    """What the tables and the record are told of images."""

    def __init__(self, count: int, names: tuple[str, ...] = ()) -> None:
        self.count, self.names = count, names

    def __len__(self) -> int:
        return self.count

    def name(self, index: int) -> str:
        return self.names[index % len(self.names)] if self.names else f"photos/{index:05}.jpg"


def resembling(tree: Taxonomy, images: int, sharpness: float, wrong: int, seed: int) -> tuple:
    """Probabilities that favour the class and, less, its relatives; some labels are made wrong."""
    rng = np.random.default_rng(seed)
    shown = np.sort(rng.choice(tree.num_leaves, images))
    home = [
        LIVES_WITH.get(tree.names[leaf], tree.names[tree.parents[leaf]]) for leaf in tree.leaves
    ]
    kin = np.array(home)[shown][:, None] == np.array(home)[None, :]
    logits = rng.normal(size=(images, tree.num_leaves)) + 0.4 * sharpness * kin
    logits[np.arange(images), shown] += sharpness * rng.uniform(0.6, 1.4, images)
    targets = tree.leaves[shown]
    mistaken = rng.choice(images, wrong, replace=False)
    logits[mistaken, shown[mistaken]] += 8
    targets[mistaken] = tree.leaves[(shown[mistaken] + 1 + mistaken) % tree.num_leaves]
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    leaves = weights / weights.sum(axis=1, keepdims=True)
    return tree.roll_up(leaves).astype(np.float32), targets


def write_audit(
    folder: Path,
    tree: Taxonomy | str = "animals",
    images: int = 600,
    sharpness: float = 2.6,
    wrong: int = 12,
    side: int = 24,
    files: tuple[str, ...] = (),
    change: Change | None = None,
) -> Path:
    """Write all files of an audit but its page; `change` edits the record before it is written."""
    tree = TREES[tree] if isinstance(tree, str) else tree
    named = NamedImages(images, files)
    probabilities, targets = resembling(tree, images, sharpness, wrong, seed=0)
    found = audit(tree, probabilities, targets)
    record = header(tree, images) | figures(found, probabilities, named)
    (folder / "examples").mkdir(parents=True)
    for index in pictured(record):
        write_picture(folder / "examples" / f"{index}.png", side, index)
    if change:
        change(record)
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    save_taxonomy(tree, folder / "taxonomy.json")
    write_tables(folder, found, named)
    return folder


def header(tree: Taxonomy, images: int) -> dict[str, Any]:
    return {
        "format": 1,
        "kind": "audit",
        "name": "my photos",
        "labeltree": "0.1.0",
        "date": "2026-11-21T08:16:00+00:00",
        "commit": "ec26a47",
        "command": "labeltree audit runs/mine photos --out audits/mine",
        "hardware": {"cpu": "Two cores", "cores": 2, "gpu": None, "torch": "2.8.0"},
        "model": {"method": "flat", "backbone": "slim", "folder": "runs/mine"},
        "data": {
            "source": "photos",
            "split": "test",
            "images": images,
            "classes": tree.num_leaves,
            "levels": list(tree.level_names),
            "skipped_images": 0,
        },
        "notes": [],
    }


def write_picture(path: Path, side: int, seed: int) -> None:
    a, b = np.random.default_rng(seed).integers(0, 255, (2, 3))
    ramp = np.linspace(0, 1, side)
    pixels = a * ramp[:, None, None] + b * (1 - ramp)[None, :, None]
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)


@pytest.fixture(scope="session")
def full_audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit with everything in it, and its report written."""
    folder = write_audit(tmp_path_factory.mktemp("audits") / "full")
    write_report(folder)
    return folder


@pytest.fixture
def make_audit(tmp_path: Path) -> MakeAudit:
    """Write a made-up audit: `make_audit("name", tree=…, images=…, change=…)`."""
    return lambda name="audit", **options: write_audit(tmp_path / name, **options)


@pytest.fixture
def write_page() -> Callable[[Path], Path]:
    """Write the page without its PNG files, which take most of the time."""

    def write(folder: Path) -> Path:
        audit = read_audit_folder(folder)
        page = folder / "report.html"
        page.write_text(render_page(audit, describe(audit)), encoding="utf-8")
        return page

    return write


@pytest.fixture
def hostile_files() -> tuple[str, ...]:
    """What images may be called."""
    return HOSTILE_FILES
