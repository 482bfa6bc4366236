"""What of a trained model goes to the hub: the files of the layout, and nothing else of its run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from labeltree.errors import MissingExtraError, OutputExistsError, with_extra
from labeltree.hub.card import Described, model_card
from labeltree.hub.checking import check_exported
from labeltree.hub.layout import CARD, CONFIG, EXPORTED, RECORD, TAXONOMY, WEIGHTS
from labeltree.hub.licences import check_licence
from labeltree.hub.stripping import stripped
from labeltree.reports.run.folder import RunFolder, read_run_folder


@dataclass(frozen=True)
class Package:
    """Files by their names in the repository: text that was made, or a file to be sent as it is."""

    files: dict[str, bytes | Path]

    def write(self, folder: Path) -> None:
        """Write just what would be uploaded, all of it or nothing.

        Raises:
            OutputExistsError: the folder holds something already.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputExistsError(f"{folder} exists; --dry-run writes to a new or empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for name, content in self.files.items():
                data = content if isinstance(content, bytes) else content.read_bytes()
                (folder / name).write_bytes(data)
        except BaseException:  # a full disk, Ctrl-C: all or nothing
            for name in self.files:
                (folder / name).unlink(missing_ok=True)
            raise


def pack(run: Path, repo: str, licence: str | None = None) -> Package:
    """Gather a model, its card, its record without places, and `model.onnx` if it was exported.

    Args:
        run: a run folder or a model folder.
        repo: `owner/name`, for the card.
        licence: an identifier of the hub; None is `unknown`.

    Raises:
        ModelFolderError: there is no whole model, or its `model.onnx` is not of it.
        ConfigError: the hub knows no such licence.
        MissingExtraError: torch is not installed.
    """
    known_licence = check_licence(licence)
    if find_spec("torch") is None:
        raise MissingExtraError(
            f"{run}: a model is looked at before it is pushed, which needs torch: "
            + with_extra("train", "hub")
        )
    from labeltree.runs.extensions import model_place, run_place
    from labeltree.runs.model_folder import load_model

    model = load_model(run)
    place = model_place(run)
    exported = _exported((place, run_place(run)))
    measured = _measured(run)
    described = Described(
        repo=repo,
        licence=known_licence,
        taxonomy=model.taxonomy,
        preprocessing=model.preprocessing,
        exclusive=model.sets is None,
        exported=None if exported is None else check_exported(exported, place, model.taxonomy),
    )
    files: dict[str, bytes | Path] = {
        CARD: model_card(described, measured).encode(),
        **{name: place / name for name in (CONFIG, TAXONOMY, WEIGHTS)},
    }
    if measured is not None:
        text = json.dumps(measured.record, indent=1, ensure_ascii=False)
        files[RECORD] = f"{text}\n".encode()
    if exported is not None:
        files[EXPORTED] = exported
    return Package(files)


def _measured(run: Path) -> RunFolder | None:
    """What was recorded of this very model, without places; None if nothing was."""
    from labeltree.runs.extensions import learned_in, read_extensions, run_place

    learned = learned_in(run)
    if read_extensions(run) and learned == run:
        return None  # what its run tells is told of a model before it
    place = run_place(learned)
    if not (place / RECORD).is_file():
        return None
    folder = read_run_folder(place)
    return RunFolder(
        path=Path(folder.path.name),
        record=stripped(folder.record),
        taxonomy=folder.taxonomy,
        predictions=folder.predictions,
    )


def _exported(places: Iterable[Path]) -> Path | None:
    """The exported model in or beside the model folder, if there is one."""
    return next((place / EXPORTED for place in places if (place / EXPORTED).is_file()), None)
