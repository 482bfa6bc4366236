"""What a card says of the model itself, without any record."""

from __future__ import annotations

from dataclasses import dataclass

from labeltree.hub.layout import bare_name
from labeltree.runtime import Preprocessing
from labeltree.runtime.metadata import ExportMetadata
from labeltree.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class Described:
    """A model on its way to a repository.

    Attributes:
        repo: `owner/name`.
        licence: an identifier of the hub.
        taxonomy: the label tree.
        preprocessing: what the model looks at.
        exclusive: whether its labels exclude each other.
        exported: what the `model.onnx` that goes along tells of itself; None if none does.
    """

    repo: str
    licence: str
    taxonomy: Taxonomy
    preprocessing: Preprocessing
    exclusive: bool = True
    exported: ExportMetadata | None = None

    @property
    def name(self) -> str:
        """Of the repository, without its owner."""
        return bare_name(self.repo)
