"""The cache of trained members: each is an ordinary run folder, named after its configuration."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labeltree.data.identity import Identity, identity
from labeltree.data.opening import open_source
from labeltree.errors import ConfigError, DataError, ModelFolderError
from labeltree.probabilities import NODE_PROBABILITIES, NodeProbabilities, load_probabilities
from labeltree.recipes import Recipe
from labeltree.runs.results import RECORD
from labeltree.runs.run_folder import RECIPE, SETTLED, read_identity

FOLDER = "members"
_PARTS = {"training", "model", "data", "commit", "date", "test_before_decoding"}
_REMEDY = "remove {folder} to train it again"


@dataclass(frozen=True)
class TrainedMember:
    """A finished member; its probabilities are read when they are asked for.

    Attributes:
        name: for people.
        labels: see `Member`.
        folder: its run folder.
        record: its record.
        data_root: where known sets lie, for studies that show members more images.
    """

    name: str
    labels: Mapping[str, str | int]
    folder: Path
    record: dict[str, Any]
    data_root: Path | None = None

    def probabilities(self, split: str) -> NodeProbabilities:
        """As the method gave them, before any decoding, on `validation` or `test`, with targets.

        Raises:
            ModelFolderError: they were not kept, are damaged, or are those of other images.
        """
        path = self._file(split)
        if not self.keeps_probabilities(split):
            raise ModelFolderError(
                f"{path} is missing (runs keep no probabilities of very large splits); "
                f"{self.remedy}"
            )
        try:
            found = load_probabilities(path)
        except DataError as error:
            raise ModelFolderError(f"{error}; {self.remedy}") from None
        if found.targets is None or len(found) != self.record["data"][split]:
            raise ModelFolderError(
                f"{path} does not hold the {self.record['data'][split]:,} labelled images of this "
                f"member's {split} split; {self.remedy}"
            )
        return found

    def keeps_probabilities(self, split: str) -> bool:
        """Whether its run kept those of a split; see `probabilities`."""
        return self._file(split).is_file()

    def _file(self, split: str) -> Path:
        return self.folder / NODE_PROBABILITIES / f"{split}.npz"

    @property
    def study(self) -> Path:
        """The study's folder, for what is kept beside its record."""
        return self.folder.parents[1]

    @property
    def remedy(self) -> str:
        """What helps against damage."""
        return _REMEDY.format(folder=self.folder)


def member_folder(out: Path, name: str, recipe: Recipe) -> Path:
    """Where a member lives: another configuration is another folder."""
    readable = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
    return out / FOLDER / f"{readable}-{_digest(recipe)}"


def is_finished(folder: Path) -> bool:
    """Whether a member was trained and measured to its end: the record is written last."""
    return (folder / RECORD).is_file()


def read_member_record(folder: Path, recipe: Recipe) -> dict[str, Any]:
    """The record of a finished member that was trained as `recipe` says.

    Raises:
        ModelFolderError: its files are damaged, or it was trained with another configuration.
    """
    remedy = _REMEDY.format(folder=folder)
    try:
        changed = Recipe.from_yaml(folder / RECIPE).differences(recipe)
    except ConfigError as error:
        raise ModelFolderError(f"{error}; {remedy}") from None
    # What the images themselves decide stands in the folder's recipe only.
    if others := sorted(set(changed) - SETTLED):
        raise ModelFolderError(
            f"{folder} was trained with other values of {', '.join(others)} than the study asks "
            f"for; {remedy}"
        )
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelFolderError(f"{folder / RECORD} is damaged ({error}); {remedy}") from None
    if not isinstance(record, dict) or not record.keys() >= _PARTS:
        raise ModelFolderError(f"{folder / RECORD} is not the record of a training; {remedy}")
    return record


class DataCheck:
    """Whether the data can be opened, and have the names and labels a member was trained on.

    Each set is opened once, here: what is wrong with it is told before any process starts.
    """

    def __init__(self, data_root: Path | None) -> None:
        self.data_root = data_root
        self.known: dict[str, Identity] = {}

    def __call__(self, folder: Path, recipe: Recipe) -> None:
        """Check one member, trained or not.

        Raises:
            DataError: the data are missing, or no longer those that `folder` was trained on.
            ModelFolderError: `folder` does not tell.
        """
        key = json.dumps([recipe.data, recipe.data_options], sort_keys=True)
        if key not in self.known:
            source = open_source(recipe.data, self.data_root, **recipe.data_options)
            self.known[key] = identity(source)
        if not is_finished(folder):
            return
        trained_on = read_identity(folder)
        if trained_on is None:
            raise ModelFolderError(
                f"{folder} does not tell what it was trained on: its data.json is missing or "
                f"damaged; {_REMEDY.format(folder=folder)}"
            )
        if trained_on != self.known[key]:
            raise DataError(
                f"{folder} was trained on other images or labels than {recipe.data} holds now; "
                "restore them, or choose another --out"
            )


def _digest(recipe: Recipe) -> str:
    text = json.dumps(recipe.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
