"""Models that are exported once, for all tests that look at them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exporting_models import new_model, tiny_backbone

from labeltree.exporting import Exported, export_model
from labeltree.runs.model_folder import save_model


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with tiny_backbone():
        yield


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The model folder of a method: `flat` on the network of the demo, the others on a tiny one."""
    made: dict[str, Path] = {}

    def make(method: str) -> Path:
        if method not in made:
            made[method] = tmp_path_factory.mktemp("models") / method
            backbone = "slim" if method == "flat" else "tiny"
            save_model(new_model(method, backbone=backbone), made[method])
        return made[method]

    return make


@pytest.fixture(scope="session")
def exported(
    folder_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Exported]:
    """The ONNX file of a method."""
    made: dict[str, Exported] = {}

    def make(method: str) -> Exported:
        if method not in made:
            out = tmp_path_factory.mktemp("exported") / f"{method}.onnx"
            made[method] = export_model(folder_of(method), out)
        return made[method]

    return make
