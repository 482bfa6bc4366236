"""Settings of all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# Hypothesis' own profile for shared machines: the same examples on every run, and nothing timed.
settings.load_profile("ci")


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports have empty PNG files: matplotlib takes seconds for what tests/reports looks at."""

    def empty(figure: object, path: Path) -> None:
        path.touch()

    monkeypatch.setattr("labeltree.reports.still.write_png", empty)
