"""Measure a trained model on images with labels."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from rich.console import Console

from labeltree.costs import Cost, Peak, PeakMemory
from labeltree.data.collection import Collection
from labeltree.data.config import Crops, DataConfig
from labeltree.data.view_loading import make_view_loader
from labeltree.decoding import depth_to_tell, given
from labeltree.runs.assessment import label_set_figures, measure
from labeltree.runs.claiming import claim_folder
from labeltree.runs.costing import cost_of
from labeltree.runs.environment import environment
from labeltree.runs.model_folder import Model, load_model
from labeltree.runs.results import write_node_probabilities, write_results
from labeltree.runs.run_folder import check_apart
from labeltree.runs.telling import tell
from labeltree.runs.unseen import open_unseen
from labeltree.training.evaluation import Scores, scores


def run_evaluation(
    folder: Path,
    data: str,
    *,
    which: str = "auto",
    out: Path | None = None,
    data_root: Path | None = None,
    overwrite: bool = False,
    skip_bad_images: bool = False,
    crops: Crops | None = None,
    routing: str | None = None,
    given_level: str | None = None,
    console: Console | None = None,
) -> dict[str, Any]:
    """Measure the model in `folder` on `data`.

    With `given_level` the model is told the true node of each image at that level, after decoding
    as before (`labeltree.decoding.given`); levels from there up then answer themselves. Of an image
    whose label is not that deep its label is told: a leaf is so answered, too (the record's
    `decided` counts them), and one known to be at the root is told nothing. Of a routed model all
    experts answer then; see `Model.asking`.

    Of a model whose labels do not exclude each other, the labels that it answers are measured, too
    (`label_sets` of the record), but not those that it would answer if it were told some.

    Args:
        folder: a run folder or a model folder.
        data: as for training; its labels must be nodes of the model's tree.
        which: split to measure on: `train`, `validation`, `test`; `auto` is the test split if the
            model was trained on `data` or `data` brings one, else all images.
        out: where to write record, predictions and examples; None writes nothing.
        data_root: where known sets lie.
        overwrite: replace an evaluation that `out` holds.
        skip_bad_images: leave damaged images out instead of stopping.
        crops: the views to average over; None are those that the decoder was fitted with.
        routing: which experts of a routed model answer: `soft`, `hard`, `top-2`, …; None are those
            that it was trained to ask.
        given_level: name or depth of the level that is told; None tells nothing.
        console: where to tell what happens; None is silent.

    Returns:
        The record.

    Raises:
        LabeltreeError: whatever the user can mend.
    """
    console = console or Console(quiet=True)
    if out is not None:
        check_apart(out, data)
        claim_folder(out, "evaluate", overwrite)
    model = load_model(folder)
    if crops is not None:
        model = model.with_crops(crops)
    model = model.asking(routing, told=given_level is not None)
    depth = None if given_level is None else depth_to_tell(model.taxonomy, given_level)
    if depth is not None and model.fitted_routing:
        tell(console, "note", "told a label, all experts answer: soft routing")
    images, chosen, skipped = open_unseen(
        folder, model.taxonomy, data, which, data_root, skip_bad_images
    )
    tell(console, "data", f"{data}: {len(images):,} images ({chosen})")
    if images.sets is not None and model.sets is None:
        tell(console, "note", "judged by what an image's labels have in common: it answers one")
        images = images.with_one_label()
    with PeakMemory(Accelerator().device) as memory:
        said = raw_scores(model, images)
    raw = said.probabilities
    decoded = model.decoder(model.taxonomy, raw)
    decoding = model.decoder.to_record()
    if depth is not None:
        told = model.taxonomy.ancestor_at(images.targets, depth)
        raw, decoded = (given(model.taxonomy, values, told) for values in (raw, decoded))
        decoding["given"] = {
            "level": model.taxonomy.level_names[depth - 1],
            "depth": depth,
            "decided": int(model.taxonomy.is_leaf[told].sum()),
        }
    record = {
        "format": 1,
        "kind": "evaluate",
        "name": folder.name,
        **environment(),
        "data": {
            "source": data,
            "test": len(images),
            "split": chosen,
            "classes": model.taxonomy.num_leaves,
            "nodes": model.taxonomy.num_nodes,
            "levels": list(model.taxonomy.level_names),
            "skipped_images": skipped,
            "crops": model.preprocessing.crops,
        },
        "model": {
            **model.architecture.model_dump(mode="json"),
            **({"routing": model.routing} if model.routing else {}),
        },
        "cost": _cost(model, images, memory.peak).to_record(),
        "decoding": decoding,
        **measure(model.decoder, images, raw, decoded),
    }
    if model.sets is not None and depth is None:
        record["label_sets"] = {"test": label_set_figures(model.sets, images, said.presence)}
    if out is not None:
        if out.exists():  # may be replaced, and there is something to replace it with
            shutil.rmtree(out)
        out.mkdir(parents=True)
        write_node_probabilities(out, "test", images, raw)
        write_results(out, record, images, decoded)
    return record


def raw_scores(model: Model, images: Collection) -> Scores:
    """What the method says of images, before any decoding."""
    accelerator = Accelerator()
    shape = model.preprocessing
    loader = make_view_loader(
        images,
        DataConfig(image_size=shape.image_size, crops=shape.crops, fit=shape.fit),
        (shape.mean, shape.std),
        device=accelerator.device,
        seed=0,
    )
    # The layout of training: faster, and the same sums in the same order.
    method = model.method.to(accelerator.device).to(memory_format=torch.channels_last)
    return scores(method, loader, accelerator)


def raw_probabilities(model: Model, images: Collection) -> NDArray[np.float32]:
    """Node probabilities as the method gives them, `(n, num_nodes)`."""
    return raw_scores(model, images).probabilities


def _cost(model: Model, images: Collection, peak: Peak) -> Cost:
    shape = model.preprocessing
    known = Cost(peak_memory_mb=peak.megabytes, memory_of=peak.of)
    loading = DataConfig(image_size=shape.image_size, fit=shape.fit)
    return cost_of(model.method, images, loading, (shape.mean, shape.std), Accelerator(), known)
