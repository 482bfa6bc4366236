"""Every error that a user can meet.

```
LabeltreeError              one line: what was got, what was expected, the remedy (exit code 2)
├── TaxonomyError           the label tree is broken, or a label is not in it
├── DataError               images, tables or folders that cannot be used
│   └── BadImageError       one image that cannot be decoded
├── ConfigError             a recipe or a `--set` that does not fit
├── ModelFolderError        a model or run folder that is missing a part, damaged or in the way
├── OutputExistsError       a path that would be overwritten
├── MissingExtraError       an optional part of the package that is not installed
└── TrainingInterruptedError  Ctrl-C: the checkpoint is saved (exit code 130)
```

The command line prints the message and no traceback; a library user catches `LabeltreeError`.
"""

from collections.abc import Iterable


class LabeltreeError(Exception):
    """Base of all errors that the user can mend."""

    exit_code = 2


class TaxonomyError(LabeltreeError, ValueError):
    """The label tree is broken, or a label is not in it."""


class DataError(LabeltreeError, ValueError):
    """Images, tables or folders that cannot be used."""


class BadImageError(DataError):
    """One image that cannot be decoded."""


class ConfigError(LabeltreeError, ValueError):
    """A configuration that does not fit: unknown key, wrong type, value out of range."""


class ModelFolderError(LabeltreeError):
    """A model or run folder that is missing a part, damaged or in the way."""


class OutputExistsError(LabeltreeError):
    """A path that would be overwritten without `--overwrite`."""


class MissingExtraError(LabeltreeError, ImportError):
    """An optional part of the package that is not installed."""


class TrainingInterruptedError(LabeltreeError):
    """Training was stopped by the user; what was learned is saved."""

    exit_code = 130


def with_extra(*extras: str) -> str:
    """What a `MissingExtraError` tells to do: true wherever labeltree was installed from.

    >>> with_extra("runtime"), with_extra("train", "hub")
    ("install labeltree with its extra 'runtime'", "install labeltree with its extras 'train,hub'")
    """
    return f"install labeltree with its extra{'s' if extras[1:] else ''} {','.join(extras)!r}"


def suggestion(wrong: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """The end of a message about a name that is not known.

    Args:
        wrong: what was given.
        known: what could have been given.
        otherwise: what to say if nothing is near; all known names if None.

    >>> suggestion("cifar10o", ["cifar100", "mnist"])
    "did you mean 'cifar100'?"
    >>> suggestion("dogs", ["cifar100", "mnist"])
    'known: cifar100, mnist'
    """
    from difflib import get_close_matches

    known = list(known)
    near = get_close_matches(wrong, known, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known) or 'none'}" if otherwise is None else otherwise
