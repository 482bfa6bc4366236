"""From the hub to a folder: fetched beside its place, looked at, then moved there in one step."""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labeltree.errors import LabeltreeError, ModelFolderError, OutputExistsError
from labeltree.hub.checking import check_model
from labeltree.hub.layout import CONFIG, LAYOUT, bare_name, check_repository
from labeltree.hub.reaching import in_one_line, reach_hub

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import ModelInfo


_ENDING = ".pulling"
_FORGOTTEN = 3600.0  # seconds without a byte after which nobody is fetching any more


@dataclass(frozen=True)
class Pulled:
    """A model that was fetched.

    Attributes:
        folder: the model folder.
        revision: the commit that it is of.
        unread: files that nothing here could look into, see `check_model`.
    """

    folder: Path
    revision: str
    unread: tuple[str, ...]


def pull(
    repo: str,
    revision: str | None = None,
    out: Path | None = None,
    overwrite: bool = False,
    api: HfApi | None = None,
) -> Pulled:
    """Fetch a model from the Hugging Face hub.

    Only the files of `labeltree.hub.layout.LAYOUT` are fetched, whatever else the repository holds.

    Args:
        repo: `owner/name`.
        revision: a branch, tag or commit; None is the newest.
        out: the model folder that is made; None is `name`, here.
        overwrite: whether a model folder there may be replaced; nothing else ever is.
        api: another hub than that of `reach_hub`, or another token.

    Raises:
        ConfigError: `repo` is no name of a repository.
        OutputExistsError: there is a model at `out` already.
        ModelFolderError: the repository holds no model, or a damaged one; or `out` something else.
        LabeltreeError: the hub cannot be reached, or does not give it.
        MissingExtraError: huggingface_hub is not installed.
    """
    place = Path(out or bare_name(check_repository(repo))).absolute()
    _check_place(place, overwrite)
    hub = api or reach_hub()
    with in_one_line(hub, repo, revision):
        found = hub.model_info(repo, revision=revision, files_metadata=True)
    names = _files(repo, found)
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(place)
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}{_ENDING}")
    try:
        for name in names:
            with in_one_line(hub, repo, revision):
                hub.hf_hub_download(repo, name, revision=found.sha, local_dir=unfinished)
        shutil.rmtree(unfinished / ".cache", ignore_errors=True)  # notes of huggingface_hub
        try:
            unread = check_model(unfinished)
        except LabeltreeError as error:
            raise ModelFolderError(f"{repo}: {error}; nothing was kept of it") from None
        _put(unfinished, place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Pulled(place, found.sha or "", unread)


def _check_place(place: Path, overwrite: bool) -> None:
    if place.is_dir() and not place.is_symlink():
        inside = {file.name for file in place.iterdir()}
        if not inside:
            return
        if CONFIG in inside and inside <= set(LAYOUT):
            if overwrite:
                return
            raise OutputExistsError(
                f"{place} holds a model already; add --overwrite or choose another --out"
            )
    elif not place.exists() and not place.is_symlink():
        return
    raise ModelFolderError(f"{place} exists and is no pulled model; choose another --out")


def _remove_forgotten(place: Path) -> None:
    """Remove what an earlier pull to the same place had fetched when it was killed."""
    for folder in place.parent.glob(f".*{_ENDING}"):
        if folder.name.startswith(f".{place.name}.") and folder.is_dir():
            with suppress(OSError):  # another pull finishes meanwhile
                newest = max(file.stat().st_mtime for file in (folder, *folder.rglob("*")))
                if time.time() - newest > _FORGOTTEN:
                    shutil.rmtree(folder)


def _files(repo: str, found: ModelInfo) -> list[str]:
    """Files to fetch, if together they can be a model."""
    sizes = {one.rfilename: one.size for one in found.siblings or ()}
    missing = [name for name, file in LAYOUT.items() if file.needed and name not in sizes]
    if missing:
        raise ModelFolderError(
            f"{repo} is no model of labeltree: {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing"
        )
    for name, file in LAYOUT.items():
        if file.most is not None and (sizes.get(name) or 0) > file.most:
            raise ModelFolderError(
                f"{repo}: {name} has {sizes[name]:,} bytes, more than the {file.most:,} that are "
                "fetched; this is no model of labeltree"
            )
    return [name for name in LAYOUT if name in sizes]


def _put(made: Path, place: Path) -> None:
    """Give a folder its place; the one that was there goes only once the new one stands."""
    if not place.exists():
        made.rename(place)
        return
    before = made.with_suffix(".before")
    place.rename(before)
    try:
        made.rename(place)
    except OSError:
        before.rename(place)
        raise
    shutil.rmtree(before)
