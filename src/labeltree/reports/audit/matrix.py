"""Images that leak from each branch to each other one, as far as a readable figure shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labeltree.reports.audit.folder import AuditFolder
from labeltree.reports.audit.record import Level
from labeltree.reports.confusion_file import Cell, gathered, read_confusion_file
from labeltree.reports.flows import Flows, folded
from labeltree.reports.words import known

MOST_BRANCHES = 60


def level_flows(audit: AuditFolder, level: Level) -> Flows:
    """Flows between the branches of a level: of its file, else of the record's most frequent ones.

    Raises:
        ModelFolderError: the file is damaged; the message names the line.
    """
    path = audit.path / Path(level.file).name
    cells = read_confusion_file(path) if path.is_file() else gathered(_recorded(level))
    names = [audit.label(path) for path in cells.paths]
    truths, answers, images = (np.array(column, dtype=np.int64) for column in cells[1:])
    flows = folded(names, truths, answers, images, MOST_BRANCHES + 1)
    # Without what is left over: it would be the largest of all, and say nothing.
    return flows.first(MOST_BRANCHES)


def _recorded(level: Level) -> Iterator[Cell]:
    """The flows of the record, and the images that stayed as far as they follow from them."""
    left: dict[str, int] = {}
    asked: dict[str, int] = {}
    for flow in level.flows:
        left[flow.source] = left.get(flow.source, 0) + flow.images
        if known(flow.share) and flow.share > 0:
            asked[flow.source] = round(flow.images / flow.share)
    for source, images in asked.items():
        yield source, source, max(0, images - left[source])
    for flow in level.flows:
        yield flow.source, flow.target, flow.images
