"""Run a command in this process, as the console script would."""

import sys
from dataclasses import dataclass
from typing import Any

import pytest

from labeltree.cli.main import main


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_command(capsys: pytest.CaptureFixture[str], *arguments: Any) -> Result:
    """`labeltree arguments…`; prints nothing."""
    before = sys.argv
    sys.argv = ["labeltree", *map(str, arguments)]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
    captured = capsys.readouterr()
    return Result(code, captured.out, captured.err)
