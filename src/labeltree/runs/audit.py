"""What to mend in the data or the tree, by what a trained model takes for what.

```
audit/
  record.json             the figures, with the first of each list
  leakage_<level>.csv     images by the branch of the label (rows) and of the answer
  confused_pairs.csv      classes that are taken for each other
  misfits.csv             classes that would fit better under another parent
  suspicious_labels.csv   images whose label looks wrong, for the people who label
  examples/               thumbnails, named by their number in the split
  taxonomy.json           the label tree
  report.html, figures/   the page
```
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from rich.console import Console

from labeltree.audit import audit
from labeltree.data.collection import Collection
from labeltree.runs.audit_record import EXAMPLES, figures, pictured
from labeltree.runs.audit_tables import write_tables
from labeltree.runs.claiming import claim_folder
from labeltree.runs.environment import environment
from labeltree.runs.evaluation import raw_probabilities
from labeltree.runs.model_folder import load_model
from labeltree.runs.results import RECORD
from labeltree.runs.run_folder import check_apart
from labeltree.runs.telling import tell
from labeltree.runs.unseen import knows_its_images, open_unseen
from labeltree.taxonomy import save_taxonomy
from labeltree.writing import write_text

_SIDE = 96  # of a thumbnail: large enough to judge a label by


def run_audit(
    folder: Path,
    data: str,
    *,
    which: str = "auto",
    out: Path,
    data_root: Path | None = None,
    overwrite: bool = False,
    skip_bad_images: bool = False,
    console: Console | None = None,
) -> dict[str, Any]:
    """Audit `data` with the model in `folder`.

    Args:
        folder: a run folder or a model folder.
        data: as for training; its labels must be nodes of the model's tree.
        which: split to look at, as in `run_evaluation`.
        out: where to write record, tables and examples.
        data_root: where known sets lie.
        overwrite: replace an audit that `out` holds.
        skip_bad_images: leave damaged images out instead of stopping.
        console: where to tell what happens; None is silent.

    Returns:
        The record.

    Raises:
        LabeltreeError: whatever the user can mend.
    """
    console = console or Console(quiet=True)
    check_apart(out, data)
    claim_folder(out, "audit", overwrite)
    model = load_model(folder)
    images, split, skipped = open_unseen(
        folder, model.taxonomy, data, which, data_root, skip_bad_images
    )
    tell(console, "data", f"{data}: {len(images):,} images ({split})")
    decoded = model.decoder(model.taxonomy, raw_probabilities(model, images))
    found = audit(model.taxonomy, decoded, images.targets)
    record = {
        "format": 1,
        "kind": "audit",
        "name": folder.resolve().name,
        **environment(),
        "model": {**model.architecture.model_dump(mode="json"), "folder": str(folder)},
        "data": {
            "source": data,
            "split": split,
            "images": len(images),
            "classes": model.taxonomy.num_leaves,
            "levels": list(model.taxonomy.level_names),
            "skipped_images": skipped,
            "crops": model.preprocessing.crops,
        },
        "decoding": model.decoder.to_record(),
        "notes": [*_memorised(split, knows_its_images(folder)), *found.notes()],
        **figures(found, decoded, images.images),
    }
    if out.exists():  # may be replaced, and there is something to replace it with
        shutil.rmtree(out)
    (out / EXAMPLES).mkdir(parents=True)
    save_taxonomy(model.taxonomy, out / "taxonomy.json")
    write_tables(out, found, images.images)
    _write_thumbnails(out / EXAMPLES, images, pictured(record))
    # Last, so that it stands for the whole.
    write_text(out / RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return record


def _memorised(split: str, known: bool) -> list[str]:
    """What is to be said of images that the model has learned, or, if not `known`, may have."""
    if split == "train":
        return [
            "These images were trained on: the model has partly memorised their labels, wrong ones "
            "too, so that it makes fewer mistakes here than on new images and too few labels look "
            "wrong."
        ]
    if not known:
        return [
            "Nothing tells whether the model has seen these images, since its folder does not hold "
            "the run that trained it: of images that it was trained on it has partly memorised the "
            "labels, wrong ones too, and too few look wrong."
        ]
    return []


def _write_thumbnails(folder: Path, images: Collection, positions: list[int]) -> None:
    for index in positions:
        image = images.images.read(index, at_least=_SIDE)
        image.thumbnail((_SIDE, _SIDE))
        image.save(folder / f"{index}.png")
