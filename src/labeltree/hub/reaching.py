"""The hub itself: how it is reached, and what it answers in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labeltree.errors import LabeltreeError, MissingExtraError, with_extra

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_LOG_IN = "log in with `hf auth login`, or set HF_TOKEN"

# status: what that means
_STATUS = {
    401: f"the hub does not accept the token; {_LOG_IN}",
    402: "the hub asks for a payment first; see the owner's billing page there",
    403: "the token has no right to do that; take one that may write to repositories of this owner",
    409: "the hub has a conflicting repository or commit; try again",
    412: "somebody else changed the repository meanwhile; push again",
    413: "too large for the hub",
    429: "too many requests; try again in some minutes",
}


def reach_hub() -> HfApi:
    """The hub at $HF_ENDPOINT, else huggingface.co, with the token of $HF_TOKEN or `hf auth login`.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
    """
    check_installed()
    from huggingface_hub import HfApi

    return HfApi(library_name="labeltree")


def check_installed() -> None:
    """Raise MissingExtraError if huggingface_hub is not installed."""
    try:
        import huggingface_hub  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"push and pull need {error.name}: {with_extra('hub')}") from None


def check_token(api: HfApi) -> None:
    """Raise LabeltreeError if there is no token: to write, the hub must know who is writing."""
    from huggingface_hub import get_token

    if not (api.token or get_token()):
        raise LabeltreeError(f"there is no token for {api.endpoint}; {_LOG_IN}")


@contextmanager
def in_one_line(api: HfApi, repo: str, revision: str | None = None) -> Iterator[None]:
    """What goes wrong on the way to the hub, there or back becomes one LabeltreeError."""
    from huggingface_hub import errors

    # The base of what the HTTP library raises, whichever huggingface_hub is built with.
    unreachable: type[BaseException] = errors.HfHubHTTPError.__bases__[0]
    try:
        yield
    except errors.GatedRepoError:
        reason = f"its owner gives access by request; ask at {api.endpoint}/{repo}, then {_LOG_IN}"
    except errors.RevisionNotFoundError:
        reason = f"there is no revision {revision!r}"
    except errors.RepositoryNotFoundError:
        reason = f"no such repository, or a private one; check the name, or {_LOG_IN}"
    except errors.OfflineModeIsEnabled:
        reason = "the hub may not be reached while HF_HUB_OFFLINE is set"
    except errors.LocalEntryNotFoundError as error:
        reason = _not_reached(api, error.__cause__ or error)
    except errors.EntryNotFoundError:
        reason = "a file went away while it was fetched; try again"
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        said = _first_line(error.server_message or "")
        reason = _STATUS.get(status) or f"the hub answered {status}{said and f' ({said})'}"
    except (unreachable, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
            raise  # of this machine: the disk is full, a folder may not be written to
        reason = _not_reached(api, error)
    except ValueError as error:
        reason = f"the hub refused it ({' '.join(str(error).split())[:200]})"
    else:
        return
    raise LabeltreeError(f"{repo}: {reason}")


def _not_reached(api: HfApi, error: BaseException) -> str:
    return f"{api.endpoint} cannot be reached ({_first_line(str(error)) or type(error).__name__})"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else ""
