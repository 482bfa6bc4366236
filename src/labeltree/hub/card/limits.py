"""What to keep in mind before a model is believed."""

from __future__ import annotations

import numpy as np

from labeltree.data.views import CROPS
from labeltree.hub.card.described import Described
from labeltree.hub.card.escaping import shown
from labeltree.reports.record import Json
from labeltree.reports.run.folder import RunFolder
from labeltree.reports.words import count, known, listed, node_labels, plural

MOST_NAMES = 5


def limits(model: Described, run: RunFolder | None) -> list[str]:
    """A line for each, those of the record only where it shows them."""
    record: Json = {} if run is None else run.record
    return [
        f"- {line}"
        for line in (
            "It knows the labels above and nothing else: a picture of anything else gets one of "
            "them, too.",
            _sight(model),
            "A mirrored picture may be taken for something else; it learned from unmirrored ones."
            if not model.preprocessing.mirror
            else "",
            _calibrated(record),
            _untested(run),
            _broad(run),
            _skipped(record),
            _pretrained(record),
            _once(record),
        )
        if line
    ]


def _sight(model: Described) -> str:
    shape = model.preprocessing
    side = f"{shape.image_size} × {shape.image_size} pixels"
    if shape.fit == "pad":
        return f"It sees the whole picture, padded to a square, at {side}: finer details are lost."
    views = CROPS[shape.crops].description
    return f"It sees {views} of a picture at {side}: what is finer or lies outside is lost."


def _calibrated(record: Json) -> str:
    images = (record.get("data") or {}).get("validation")
    fitted = "temperature" in (record.get("decoding") or {})
    if not (fitted and known(images)):
        return ""
    return (
        f"Its probabilities and its back-off were fitted on {plural(images, 'image')} of the same "
        "collection. Of other pictures (another camera, season or place) they promise nothing: "
        "measure before you rely on them."
    )


def _untested(run: RunFolder | None) -> str:
    if run is None or run.predictions is None:
        return ""
    tree, asked = run.predictions.taxonomy, run.predictions.targets
    images = np.bincount(asked, minlength=tree.num_nodes)
    none = [leaf for leaf in tree.leaves.tolist() if not images[leaf]]
    if not none:
        return ""
    labels = node_labels(tree)
    names = [shown(labels[leaf]) for leaf in none[:MOST_NAMES]]
    rest = [f"{count(len(none) - len(names))} more"] if len(none) > len(names) else []
    return (
        f"No test image shows {listed([*names, *rest])}: how often it is right about "
        f"{'it' if len(none) == 1 else 'them'} is not known."
    )


def _broad(run: RunFolder | None) -> str:
    if run is None or run.predictions is None:
        return ""
    tree, asked = run.predictions.taxonomy, run.predictions.targets
    broad = int((~tree.is_leaf[asked]).sum())
    if not broad:
        return ""
    return (
        f"{plural(broad, 'test image')} of {count(len(asked))} had a broader label than a class: "
        "they count at the levels that it reaches."
    )


def _skipped(record: Json) -> str:
    skipped = (record.get("data") or {}).get("skipped_images")
    if not known(skipped) or not skipped:
        return ""
    return (
        f"{plural(skipped, 'damaged image')} of the collection could not be read and were left out."
    )


def _pretrained(record: Json) -> str:
    recipe = record.get("recipe") or {}
    if not (recipe.get("pretrained") or recipe.get("weights")):
        return ""
    return (
        "Its network began with weights that were trained on other pictures; what those were, and "
        "their licence, concern this model, too."
    )


def _once(record: Json) -> str:
    seed = ((record.get("recipe") or {}).get("training") or {}).get("seed")
    if not known(seed):
        return ""
    return (
        f"The figures are of one training (seed {count(seed)}); their intervals tell of other test "
        "images, not of another training."
    )
