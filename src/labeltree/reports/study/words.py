"""What a study comes to, in the words and numbers that stand above its figures."""

from __future__ import annotations

from labeltree.reports.charts import Table
from labeltree.reports.costs import cost_cells
from labeltree.reports.facts import Facts, KeyNumber, environment_of, facts_of
from labeltree.reports.study.record import StudyRecord, WordTable
from labeltree.reports.words import MISSING, compact, count, duration, known, plural

# A sign besides the word and the colour: whoever sees only one of the three knows as much.
VERDICTS = {"agrees": "✓", "disagrees": "✗", "undecided": "?"}
OTHER_VERDICT = "•"
LENGTH_OF_COMMIT = 10


def title(study: StudyRecord) -> str:
    """What the page is called."""
    return study.title or study.name or "A study"


def subtitle(study: StudyRecord) -> str:
    """At which scale, on what, and when."""
    hardware = study.hardware
    cores = hardware.get("cores")
    processor = ", ".join(
        part
        for part in (str(hardware.get("cpu") or ""), plural(cores, "core") if known(cores) else "")
        if part
    )
    parts = (
        f"scale: {study.scale}" if study.scale else "",
        str(hardware.get("gpu") or processor),
        study.date[:10],
    )
    return " · ".join(part for part in parts if part)


def key_numbers(study: StudyRecord) -> list[KeyNumber]:
    """How much was confirmed, and how much that took."""
    found = []
    if study.findings:
        verdicts = [finding.verdict for finding in study.findings]
        agree, open_ = verdicts.count("agrees"), verdicts.count("undecided")
        note = f"{count(open_)} undecided" if open_ else ""
        found.append(
            KeyNumber(f"{agree} of {len(verdicts)}", "findings agree with the paper", note)
        )
    if study.members:
        many = len(study.members)
        name = "network trained" if many == 1 else "networks trained"
        found.append(KeyNumber(count(many), name))
    if known(study.training_seconds):
        found.append(KeyNumber(duration(study.training_seconds), "training time", "all networks"))
    return found


def verdict_sign(verdict: str) -> str:
    """A sign for a verdict; a dot for one that is not in the table."""
    return VERDICTS.get(verdict, OTHER_VERDICT)


def shown_table(table: WordTable) -> Table:
    """A table of the record as the page draws it."""
    rows = tuple(tuple(MISSING if cell is None else cell for cell in row) for row in table.rows)
    return Table(table.columns, rows, table.text_columns)


def fact_tables(study: StudyRecord) -> list[Facts]:
    """Settings and circumstances."""
    times = {
        "this command": study.seconds,
        "training, all networks": study.training_seconds,
    }
    return facts_of(
        {
            "Settings": study.settings,
            "Time": {name: duration(time) for name, time in times.items() if known(time)},
            "Environment": environment_of(study.model_dump()),
        }
    )


def member_table(study: StudyRecord) -> Table | None:
    """The networks that were trained; columns that no member fills are left out."""
    columns = {
        "network": [member.name for member in study.members],
        "epochs": [compact(member.epochs) for member in study.members],
        "parameters": [count(member.parameters) for member in study.members],
        **cost_cells([member.cost for member in study.members], ("macs", "peak_memory_mb")),
        "training time": [duration(member.seconds) for member in study.members],
        "images a second": [count(member.images_per_second) for member in study.members],
        "commit": [_short(member.commit) for member in study.members],
    }
    filled = {head: cells for head, cells in columns.items() if set(cells) != {MISSING}}
    rows = tuple(zip(*filled.values(), strict=True))
    return Table(tuple(filled), rows) if rows else None


def _short(commit: str) -> str:
    """A commit's first digits, with what was added to it ("+changes")."""
    digits, plus, rest = commit.partition("+")
    return f"{digits[:LENGTH_OF_COMMIT]}{plus}{rest}" or MISSING
