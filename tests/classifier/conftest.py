"""One training for all tests that only ask what came of it."""

from pathlib import Path

import pytest
from small_classifier import Set, small_classifier, small_set

from labeltree import TreeClassifier


@pytest.fixture(scope="session")
def pictures() -> Set:
    """What `fitted` has learned."""
    return small_set()


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `fitted` was trained."""
    return tmp_path_factory.mktemp("classifier") / "run é"


@pytest.fixture(scope="session")
def fitted(pictures: Set, run: Path) -> TreeClassifier:
    """Trained in a run folder."""
    return small_classifier(folder=run).fit(*pictures)
