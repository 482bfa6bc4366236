"""From a run to the hub: one commit to a new repository, or to one that holds a model already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labeltree.errors import LabeltreeError
from labeltree.hub.layout import CARD, CONFIG, EXPORTED, LAYOUT, RECORD, TAXONOMY, check_repository
from labeltree.hub.packing import Package, pack
from labeltree.hub.reaching import check_installed, check_token, in_one_line, reach_hub

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import ModelInfo

_GIT = ".gitattributes"  # the hub's own


@dataclass(frozen=True)
class Pushed:
    """What went along.

    Attributes:
        files: names in the repository.
        url: of the commit; None if it was a dry run.
    """

    files: tuple[str, ...]
    url: str | None = None


def push(
    run: Path,
    repo: str,
    private: bool = False,
    licence: str | None = None,
    message: str | None = None,
    dry_run: Path | None = None,
    api: HfApi | None = None,
) -> Pushed:
    """Put a model on the Hugging Face hub, with a card that is written from its record.

    What goes along is in `labeltree.hub.layout.LAYOUT`: no image, no prediction, no path of this
    machine.

    Args:
        run: a run folder or a model folder.
        repo: `owner/name`; made if there is none.
        private: whether a repository that is made is private.
        licence: an identifier of the hub (`apache-2.0`); None is that of the card which is there,
            else `unknown`.
        message: of the commit.
        dry_run: a new folder to write the files to instead; the hub is not asked for anything.
        api: another hub than that of `reach_hub`, or another token.

    Raises:
        ConfigError: a wrong name of a repository, or a licence that the hub does not know.
        ModelFolderError: there is no whole model in `run`.
        OutputExistsError: `dry_run` holds something.
        LabeltreeError: the hub cannot be reached, or does not take it; or the repository holds
            something else.
        MissingExtraError: huggingface_hub or torch is not installed.
    """
    check_repository(repo)
    if dry_run is not None:
        check_installed()
        package = pack(run, repo, licence)
        package.write(dry_run)
        return Pushed(tuple(package.files))
    hub = api or reach_hub()
    check_token(hub)
    found = _found(hub, repo)
    if found is not None:
        _check_may_update(repo, found, private)
    package = pack(run, repo, licence or _stated(found))
    if found is None:
        with in_one_line(hub, repo):
            hub.create_repo(repo, private=private or None)
    return Pushed(tuple(package.files), _commit(hub, repo, package, found, message))


def _found(hub: HfApi, repo: str) -> ModelInfo | None:
    """The repository, if there is one that the token opens."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    with in_one_line(hub, repo):
        try:
            return hub.model_info(repo)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None


def _stated(found: ModelInfo | None) -> str | None:
    """The licence on the card of the repository, which the new card is to state again."""
    stated = found.card_data.get("license") if found and found.card_data else None
    return stated if isinstance(stated, str) else None


def _check_may_update(repo: str, found: ModelInfo, private: bool) -> None:
    names = {one.rfilename for one in found.siblings or ()}
    if not names <= {CARD, _GIT} and not {CONFIG, TAXONOMY} <= names:
        raise LabeltreeError(
            f"{repo} holds something else than a model of labeltree; choose another name"
        )
    if private and not found.private:
        raise LabeltreeError(
            f"{repo} is public already: --private is for new repositories; make it private on its "
            "settings page first, or leave --private out"
        )


def _commit(
    hub: HfApi, repo: str, package: Package, found: ModelInfo | None, message: str | None
) -> str:
    """One commit that leaves no file of an older model behind; its URL."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    there = {one.rfilename for one in (found.siblings or ())} if found else set()
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(name, content) for name, content in package.files.items()
    ]
    operations += [
        CommitOperationDelete(name)
        for name in (RECORD, EXPORTED)
        if name in there and name not in package.files
    ]
    assert set(package.files) <= set(LAYOUT)
    with in_one_line(hub, repo):
        made = hub.create_commit(
            repo,
            operations,
            commit_message=message or ("Update the model" if found else "Add the model"),
            parent_commit=found.sha if found else None,
        )
    return str(made.commit_url)
