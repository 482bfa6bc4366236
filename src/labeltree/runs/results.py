"""What a finished run writes beside its model: record, taxonomy, predictions, names, examples."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeltree.data.collection import Collection
from labeltree.metrics import leaf_answers
from labeltree.probabilities import NODE_PROBABILITIES, save_probabilities
from labeltree.taxonomy import Nodes, save_taxonomy
from labeltree.writing import whole_file, write_text

RECORD, TAXONOMY = "record.json", "taxonomy.json"
PREDICTIONS, TEST_IMAGES, EXAMPLES = "predictions.npz", "test_images.txt", "examples"
TRAINING_ANSWERS = "training_answers.npz"

PER_PAIR = 4
"""Mistakes of each pair of classes of which thumbnails are kept."""

_MOST_VALUES = 20_000_000  # of a probability matrix that is still written
_MOST_EXAMPLES = 300
_COMMON_PAIRS = 20
_SIDE = 64


def write_results(
    folder: Path, record: dict[str, Any], test: Collection, probabilities: NDArray[np.floating]
) -> None:
    """Write all that a report reads; `record.json` last, so that it stands for the whole.

    Args:
        folder: the run folder, which exists.
        record: see `docs/formats.md`.
        test: the images that were answered.
        probabilities: decoded node probabilities of these, `(n, num_nodes)`.
    """
    save_taxonomy(test.taxonomy, folder / TAXONOMY)
    _write_predictions(folder / PREDICTIONS, test, probabilities)
    names = (test.images.name(i) for i in range(len(test)))
    write_text(folder / TEST_IMAGES, "".join(f"{name}\n" for name in names))
    _write_examples(folder / EXAMPLES, test, probabilities)
    write_text(folder / RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def write_node_probabilities(
    folder: Path, split: str, part: Collection, raw: NDArray[np.floating]
) -> None:
    """Write what a method gave before any decoding, to be adapted and averaged later.

    Left out where it would be too large (`_MOST_VALUES`).
    """
    if raw.size <= _MOST_VALUES:
        (folder / NODE_PROBABILITIES).mkdir(exist_ok=True)
        path = folder / NODE_PROBABILITIES / f"{split}.npz"
        save_probabilities(path, part.taxonomy, raw, part.targets)


def write_training_answers(folder: Path, train: Collection, answers: Nodes) -> None:
    """Write the most probable leaf of each training image, by which experts divide the images.

    Args:
        folder: the run folder, which exists.
        train: the training images.
        answers: these leaves, before decoding, `(n,)`.
    """
    with whole_file(folder / TRAINING_ANSWERS) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, answers=answers, targets=train.targets)


def _write_predictions(path: Path, test: Collection, probabilities: NDArray[np.floating]) -> None:
    """All node probabilities, or only the best leaf of each image where that is too much."""
    arrays: dict[str, Any] = {"targets": test.targets}
    if probabilities.size <= _MOST_VALUES:
        arrays["probabilities"] = probabilities.astype(np.float16)
    else:
        arrays["answers"] = leaf_answers(test.taxonomy, probabilities)
        arrays["confidences"] = probabilities[np.arange(len(test)), arrays["answers"]]
    np.savez_compressed(path, **arrays)


def _write_examples(folder: Path, test: Collection, probabilities: NDArray[np.floating]) -> None:
    """Thumbnails of the most confident mistakes, a few for each pair of classes."""
    folder.mkdir(exist_ok=True)
    for index in confident_mistakes(test, probabilities):
        image = test.images.read(index, at_least=_SIDE)
        image.thumbnail((_SIDE, _SIDE))
        image.save(folder / f"{index}.png")


def confident_mistakes(test: Collection, probabilities: NDArray[np.floating]) -> list[int]:
    """Positions of wrongly answered images that are worth a look.

    A few of each pair of classes, the surest first; the pairs that are confused most often come
    before all others.
    """
    taxonomy = test.taxonomy
    answers = leaf_answers(taxonomy, probabilities)
    confidences = probabilities[np.arange(len(test)), answers]
    wrong = np.flatnonzero(~taxonomy.is_at_or_below(answers, test.targets))
    surest = wrong[np.argsort(-confidences[wrong], kind="stable")].tolist()
    pairs = {index: (int(test.targets[index]), int(answers[index])) for index in surest}
    common = {pair for pair, _ in Counter(pairs.values()).most_common(_COMMON_PAIRS)}
    seen: Counter[tuple[int, int]] = Counter()
    chosen: list[int] = []
    for index in sorted(surest, key=lambda index: pairs[index] not in common):
        seen[pairs[index]] += 1
        if seen[pairs[index]] <= PER_PAIR:
            chosen.append(index)
    return chosen[:_MOST_EXAMPLES]
