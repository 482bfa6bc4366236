"""Whether the files of a stranger are a model: looked at before they get their place.

Labels, tree, preprocessing and decoding are read without torch; the weights only where it is
installed. Nothing is unpickled, and no code comes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from labeltree.decoding import Decoder, SetDecoder
from labeltree.errors import LabeltreeError, ModelFolderError
from labeltree.hub.layout import CONFIG, EXPORTED, LAYOUT, RECORD, TAXONOMY, WEIGHTS
from labeltree.reports.record import read_record
from labeltree.runtime import Preprocessing
from labeltree.runtime.metadata import ExportMetadata, fingerprint
from labeltree.taxonomy import Taxonomy, load_taxonomy


def check_model(folder: Path) -> tuple[str, ...]:
    """Raise unless a folder is a model.

    Args:
        folder: the files of the layout.

    Returns:
        Names of the files that could not be looked into, because what reads them is not installed.

    Raises:
        ModelFolderError: a file is missing, damaged, or does not fit the others; names the file.
    """
    for name, file in LAYOUT.items():
        if file.needed and not (folder / name).is_file():
            raise ModelFolderError(f"{name} is missing")
    if links := [name for name in LAYOUT if (folder / name).is_symlink()]:
        raise ModelFolderError(f"{links[0]} is a link, not a file")
    taxonomy = _described(folder)
    if (folder / RECORD).is_file():
        _of_this_file(folder, read_record)
    unread = []
    if find_spec("torch") is None:
        unread.append(WEIGHTS)
    else:
        from labeltree.runs.model_folder import load_model

        _of_this_file(folder, load_model)
    if (folder / EXPORTED).is_file():
        if find_spec("onnxruntime") is None:
            unread.append(EXPORTED)
        else:
            _of_this_file(folder, lambda place: check_exported(place / EXPORTED, place, taxonomy))
    return tuple(unread)


def check_exported(file: Path, folder: Path, taxonomy: Taxonomy) -> ExportMetadata:
    """What an exported model tells of itself.

    Whether it is of the model is told by the digest of the weights that it was made of, and by its
    decoding: answers to some pictures may agree by chance, and those of 8 bits need not.

    Args:
        file: the exported model.
        folder: the model folder.
        taxonomy: its tree.

    Raises:
        ModelFolderError: it is none, or of another model.
    """
    from labeltree.runtime.exported import load_exported

    exported = load_exported(file)
    if exported.taxonomy != taxonomy:
        raise ModelFolderError(f"{file.name} has other labels than {TAXONOMY}: export it again")
    if exported.metadata.weights != fingerprint(folder / WEIGHTS):
        raise ModelFolderError(
            f"{file.name} was not made of {WEIGHTS}: export it again, or leave it out"
        )
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if exported.metadata.decoding != config["decoding"]:
        raise ModelFolderError(
            f"{file.name} decodes otherwise than {CONFIG}: export it again, or leave it out"
        )
    return exported.metadata


def _described(folder: Path) -> Taxonomy:
    """The label tree, if all that is said of the model agrees."""
    try:
        taxonomy = load_taxonomy(folder / TAXONOMY)
    except (ValueError, RecursionError) as error:
        reason = str(error).removeprefix(f"{folder / TAXONOMY}: ").partition(";")[0]
        raise _damaged(TAXONOMY, reason) from None
    try:
        config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        labels = list(config["id2label"].values())
        Preprocessing(**config["preprocessing"])
        Decoder.from_dict(config["decoding"])
        if "label_sets" in config["decoding"]:
            SetDecoder.from_dict(taxonomy, config["decoding"]["label_sets"])
        if not isinstance(config["architecture"], dict):
            raise ValueError("no architecture")
    except KeyError as error:
        raise _damaged(CONFIG, f"{error} is missing: no model of labeltree") from None
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise _damaged(CONFIG, error) from None
    if labels != [taxonomy.paths[leaf] for leaf in taxonomy.leaves]:
        raise _damaged(CONFIG, f"its labels are not the leaves of {TAXONOMY}")
    return taxonomy


def _of_this_file(folder: Path, read: Callable[[Path], object]) -> None:
    """Read a folder; what is wrong names the file and not where it lies for a moment."""
    try:
        read(folder)
    except LabeltreeError as error:
        raise ModelFolderError(str(error).replace(f"{folder}/", "")) from None


def _damaged(name: str, reason: Exception | str) -> ModelFolderError:
    return ModelFolderError(f"{name} is damaged ({' '.join(str(reason).split())[:200]})")
