"""An exported file as a classifier: the same answers, and no torch."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_classifier import Set

from labeltree import TreeClassifier
from labeltree.errors import ConfigError
from labeltree.exporting import export_model

WITHOUT_TORCH = """
import json, sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "accelerate", "timm", "safetensors"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refusing())
import numpy as np
from labeltree import TreeClassifier
from labeltree.errors import MissingExtraError

file, images = sys.argv[1:]
images = np.load(images)
classifier = TreeClassifier.load(file)
try:
    TreeClassifier().fit(images, ["a", "b"] * 30)
except MissingExtraError as error:
    why = str(error)
html = classifier._repr_html_()
print(json.dumps([classifier.predict_proba(images).tolist(), classifier.classes_.tolist(), why]))
"""


@pytest.fixture(scope="module")
def exported(fitted: TreeClassifier, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "pets.onnx"
    export_model(run, out)
    return out


def test_an_exported_file_says_the_same(
    fitted: TreeClassifier, exported: Path, pictures: Set, tmp_path: Path
) -> None:
    loaded = TreeClassifier.load(exported)
    expected = fitted.predict_proba(pictures.images)
    np.testing.assert_allclose(loaded.predict_proba(pictures.images), expected, atol=1e-4)
    assert loaded.predict(pictures.images, level=1).shape == (60,)
    assert loaded.record_ is None and "onnxruntime" in loaded._repr_html_()
    with pytest.raises(ConfigError, match="copy that instead"):
        loaded.save(tmp_path / "model")


def test_it_needs_no_torch(
    fitted: TreeClassifier, exported: Path, pictures: Set, tmp_path: Path
) -> None:
    np.save(tmp_path / "images.npy", pictures.images)
    command = [sys.executable, "-c", WITHOUT_TORCH, str(exported), str(tmp_path / "images.npy")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    probabilities, classes, why = json.loads(done.stdout)
    np.testing.assert_allclose(probabilities, fitted.predict_proba(pictures.images), atol=1e-4)
    assert classes == fitted.classes_.tolist()
    assert "fit needs" in why and "install labeltree with its extra 'train'" in why
