"""Reading an audit's folder: all that its report knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from labeltree.reports.audit.record import AuditRecord, Level, parse
from labeltree.reports.examples import find_examples
from labeltree.reports.record import read_record
from labeltree.reports.words import isolated, node_labels, printable, short_name, shorten


@dataclass(frozen=True)
class AuditFolder:
    """What an audit left behind; parts that it did not write are empty.

    Attributes:
        path: the folder.
        record: `record.json`.
        labels: what to call each node, by its path.
        examples: thumbnails by the number of their image.
    """

    path: Path
    record: AuditRecord
    labels: dict[str, str] = field(default_factory=dict)
    examples: dict[int, Path] = field(default_factory=dict)

    def label(self, path: str) -> str:
        """What to call a node: its bare name where that is unique in the tree, else its path."""
        return self.labels.get(path) or printable(path)

    def said(self, path: str) -> str:
        """The label of a node, as it may stand in a sentence."""
        return isolated(shorten(self.label(path)))

    @property
    def has_one_level(self) -> bool:
        """Whether all classes stand directly below the root: there is no branch to leak from."""
        return len(self.record.data.levels) == 1

    def at(self, level: Level) -> str:
        """The end of a heading: which level it is, where there are several."""
        return f": {short_name(level.level)}" if len(self.record.levels) > 1 else ""


def read_audit_folder(path: Path) -> AuditFolder:
    """Read an audit's folder.

    Raises:
        ModelFolderError: there is no `record.json`, or it is damaged.
        TaxonomyError: `taxonomy.json` is damaged.
    """
    path = Path(path)
    return AuditFolder(
        path=path,
        record=parse(read_record(path)),
        labels=_read_labels(path / "taxonomy.json"),
        examples=find_examples(path),
    )


def _read_labels(path: Path) -> dict[str, str]:
    from labeltree.taxonomy import load_taxonomy

    if not path.is_file():
        return {}
    taxonomy = load_taxonomy(path)
    return dict(zip(taxonomy.paths, node_labels(taxonomy), strict=True))
