"""The main table of a study, for the console."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from labeltree.reports.record import Json
from labeltree.reports.study import words
from labeltree.reports.study.record import StudyRecord, WordTable, parse


def study_table(record: Json) -> Table:
    """The first table of a study's record; an empty one where it has none.

    Raises:
        ModelFolderError: the record is damaged.
    """
    study = parse(StudyRecord, record)
    first = study.tables[0] if study.tables else WordTable(columns=())
    table = Table(
        title=Text(first.title or words.title(study)),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    shown = words.shown_table(first)
    for number, head in enumerate(shown.head):
        table.add_column(
            Text(head),
            justify="left" if number < shown.text_columns else "right",
            overflow="fold",  # where it is narrow: a cut number says nothing
        )
    for row in shown.rows:
        table.add_row(*map(Text, row))
    return table
