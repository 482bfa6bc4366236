"""How configurations say what does not fit."""

from pathlib import Path
from typing import Any

import pytest

from labeltree.configuration import Config
from labeltree.errors import ConfigError


class Small(Config):
    """One of each."""

    share: float | None = None
    several: str | dict[str, int] | None = None
    sizes: tuple[tuple[float, int], ...] = ()
    groups: Path | dict[str, tuple[int, ...]] | None = None
    inner: "Inner | None" = None


class Inner(Config):
    """Within."""

    count: int = 0
    needed: int


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"share": "x"}, "share: should be a valid number (got 'x')"),
        (
            {"several": 3},
            "several: should be a valid string, or a valid dictionary (got 3)",
        ),
        ({"several": {"a": "x"}}, "several.a: should be a valid integer (got 'x')"),
        (
            {"sizes": [[0.5, 8], ["a", 1.5]]},
            "sizes.1.0: should be a valid number (got 'a'); "
            "sizes.1.1: should be a valid integer (got 1.5)",
        ),
        ({"groups": 3}, "groups: should be a path, or a valid dictionary (got 3)"),
        ({"groups": {"a": ["x"]}}, "groups.a.0: should be a valid integer (got 'x')"),
        ({"inner": {"count": 3}}, "inner: needed: Field required"),
        (
            {"inner": {"count": "x" * 200, "needed": 1}},
            f"inner: count: should be a valid integer (got '{'x' * 99}…)",
        ),
        ({"shares": 1}, "unknown key 'shares'; did you mean 'share'?"),
    ],
)
def test_one_line_without_the_names_of_types(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Small(**values)
    assert str(refused.value) == message
