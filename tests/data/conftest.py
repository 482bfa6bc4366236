"""Every test here has a cache of its own and no data root, and none reaches the network."""

import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labeltree.data import roots


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    base = tmp_path_factory.mktemp("cache")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(base))
    if roots.sys.platform == "darwin":
        monkeypatch.setenv("HOME", str(base))
    monkeypatch.delenv(roots.ROOT_VARIABLE, raising=False)
    opened = urllib.request.urlopen

    def local_only(url: str, *args: Any, **kwargs: Any) -> Any:
        assert url.startswith("file://"), f"a test reaches for {url}"
        return opened(url, *args, **kwargs)

    monkeypatch.setattr(urllib.request, "urlopen", local_only)
    return roots.cache_folder()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """The animal taxonomy as a folder: 3 cats, 2 beagles, 1 pug, and a dog of unknown race."""
    names = [f"cat/{i}.png" for i in range(3)]
    names += ["dog/beagle/0.jpg", "dog/beagle/1.png", "dog/pug/0.webp", "dog/some.bmp"]
    folder = tmp_path / "photos"
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((6, 8, 3), 20 * number, dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real sets, where this machine has them."""
    import os

    places = [os.environ.get(roots.ROOT_VARIABLE), Path(__file__).parents[3] / "shared" / "data"]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    pytest.skip("no real data sets: neither $LABELTREE_DATA nor ../shared/data is there")
