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
└── TrainingInterrupted     Ctrl-C: the checkpoint is saved (exit code 130)
```

The command line prints the message and no traceback; a library user catches `LabeltreeError`.
"""


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


class TrainingInterrupted(LabeltreeError):
    """Training was stopped by the user; what was learned is saved."""

    exit_code = 130
