"""The main table of a study on a console."""

from typing import Any

import pytest
from rich.console import Console

from labeltree.reports import study_table


def printed(record: dict[str, Any], width: int = 100) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(study_table(record))
    return [line.strip() for line in capture.get().splitlines()]


def test_the_first_table_is_printed(record: dict[str, Any]) -> None:
    lines = printed(record)
    assert lines[0] == record["tables"][0]["title"]
    assert [line.split() for line in lines][2] == [
        "variant", "level", "α", "=", "0", "α", "=", "1", "best", "α", "paper,", "α", "=", "1",
    ]  # fmt: skip
    assert any(line.startswith("flat") and line.endswith("–") for line in lines)


@pytest.mark.parametrize("tables", [[], None, [{"columns": ["[red]a[/red]"], "rows": [["[b]"]]}]])
def test_no_table_and_markup(tables: Any) -> None:
    lines = printed({"name": "[i]", "tables": tables})
    assert set(lines) - {""} <= {"[i]", "[red]a[/red]", "─" * 12, "[b]"}
    assert not tables or {"[i]", "[red]a[/red]", "[b]"} <= set(lines)


def test_no_number_is_cut_where_it_is_narrow() -> None:
    columns = ["network", "variant", "α = 0", "α = 1", "best α", "chosen", "parameters", "minutes"]
    share = "43.47\u202f±\u202f0.36\u202f%"
    rows = [["slim", "separate", share, share, share, "0.9, 1, 1.1, 1.2", "0.95 M", "4.9"]]
    table = {"columns": columns, "rows": rows, "text_columns": 2}
    for width in (80, 60):
        text = "".join(printed({"name": "errors", "tables": [table]}, width))
        assert "…" not in text and text.count("43.47") == text.count("0.36") == 3
