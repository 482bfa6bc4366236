"""Findings and tables of a study as Markdown: for a results folder, a README, an issue."""

from __future__ import annotations

from collections.abc import Iterator

from labeltree.reports.markdown import inline, table_lines
from labeltree.reports.record import Json
from labeltree.reports.study import words
from labeltree.reports.study.record import StudyRecord, parse


def study_markdown(record: Json) -> str:
    """What a study found and measured, without its figures.

    Args:
        record: the content of a study's `record.json`; what it does not hold is left out.

    Raises:
        ModelFolderError: the record is damaged.
    """
    study = parse(StudyRecord, record)
    return "\n".join([*_head(study), *_findings(study), *_tables(study), *_making(study)])


def _head(study: StudyRecord) -> Iterator[str]:
    yield f"# {inline(words.title(study))}\n"
    for text in (words.subtitle(study), study.source, *study.conclusions):
        if text:
            yield f"{inline(text)}\n"


def _findings(study: StudyRecord) -> Iterator[str]:
    if study.findings:
        yield "## What agrees with the paper\n"
        rows = [
            (one.claim, f"{words.verdict_sign(one.verdict)} {one.verdict}", one.measured)
            for one in study.findings
        ]
        yield from table_lines(("the paper says", "verdict", "measured here"), rows, 3)
        yield ""


def _tables(study: StudyRecord) -> Iterator[str]:
    for number, table in enumerate(study.tables, start=1):
        yield f"## {inline(table.title or table.name or f'Table {number}')}\n"
        if table.lead:
            yield f"{inline(table.lead)}\n"
        shown = words.shown_table(table)
        yield from table_lines(shown.head, shown.rows, shown.text_columns)
        yield ""
        if table.note:
            yield f"{inline(table.note)}\n"


def _making(study: StudyRecord) -> Iterator[str]:
    yield "## How it was made\n"
    if study.command:
        yield f"    {' '.join(study.command.split())}\n"  # code, in which no sign means anything
    for part in words.fact_tables(study):
        yield from (f"- {inline(name)}: {inline(value)}" for name, value in part.table.rows)
    yield ""
