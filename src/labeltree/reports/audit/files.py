"""The tables beside the page, to hand to the people who label."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.words import short_name

WORDS = {
    "suspicious_labels.csv": "every image whose label looks wrong, the surest first",
    "misfits.csv": "every class that would fit better under another parent",
    "confused_pairs.csv": "every pair of classes that is taken for each other",
}


@dataclass(frozen=True)
class FileLink:
    """A file of the folder: its address from the page, its name, what it holds."""

    address: str
    name: str
    words: str


def file_links(audit: AuditFolder) -> list[FileLink]:
    """The tables that are there, in the order in which they are worked through."""
    words = WORDS | {
        level.file: f"images by branch of the label and of the answer: {short_name(level.level)}"
        for level in audit.record.levels
        if level.file
    }
    return [
        FileLink(quote(f"./{name}"), name, what)
        for name, what in words.items()
        if "/" not in name and (audit.path / name).is_file()
    ]
