"""Where sets are looked for, and what happens when one is nowhere."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from labeltree.data.download import REMOTES, Place, Remote, fetch, locate
from labeltree.data.opening import NUMBERED, PLACES, SOURCES
from labeltree.data.roots import cache_folder, data_roots, find
from labeltree.errors import DataError

PLACE = Place(("it/set.bin", "it/other-*.bin"), "the official it/set.bin")


def remote(tmp_path: Path, md5: str | None = None) -> Remote:
    path = tmp_path / "server" / "set.bin"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"content")
    digest = hashlib.md5(b"content", usedforsecurity=False).hexdigest()
    return Remote(path.as_uri(), md5 or digest, "it/set.bin")


def test_fetched_once_and_whole(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REMOTES, "it", (remote(tmp_path),))
    found = locate("it", PLACE)
    assert found == own_cache / "data" / "it" / "set.bin"
    assert found.read_bytes() == b"content"
    assert [path.name for path in found.parent.iterdir()] == ["set.bin"]
    (tmp_path / "server" / "set.bin").unlink()
    assert locate("it", PLACE) == found


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_bytes(b"other"), "gave checksum .* expected"),
    ],
)
def test_a_failed_download_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path, break_it: Any, message: str
) -> None:
    monkeypatch.setitem(REMOTES, "it", (remote(tmp_path),))
    break_it(tmp_path / "server" / "set.bin")
    with pytest.raises(DataError, match=message) as caught:
        locate("it", PLACE)
    assert "it was not found, and its download failed" in str(caught.value)
    assert "put the official it/set.bin into the folder named by --data-root" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not [path for path in own_cache.rglob("*") if path.is_file()]


def test_a_connection_that_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib.request
    from http.client import IncompleteRead

    def broken(*args: object, **kwargs: object) -> None:
        raise IncompleteRead(b"half")

    monkeypatch.setattr(urllib.request, "urlopen", broken)
    with pytest.raises(DataError, match="IncompleteRead"):
        fetch(remote(tmp_path), tmp_path / "target")


def test_without_download(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"it was not found under {tmp_path} or {cache_folder()}"):
        locate("it", PLACE, tmp_path, download=False)


def test_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        (root / "it").mkdir(parents=True)
        (root / "it" / "other-1.bin").touch()
    cache = cache_folder() / "data"
    assert data_roots() == [cache]
    monkeypatch.setenv("LABELTREE_DATA", str(second))
    assert data_roots() == [second, cache]
    assert data_roots(first) == [first, cache]
    assert find(PLACE.globs, first) == first / "it" / "other-1.bin"
    assert find(PLACE.globs) == second / "it" / "other-1.bin"
    (second / "it" / "set.bin").touch()
    assert find(PLACE.globs) == second / "it" / "set.bin"
    with pytest.raises(DataError, match=r"--data-root is .*nowhere.* not a folder"):
        data_roots(tmp_path / "nowhere")
    monkeypatch.setenv("LABELTREE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"\$LABELTREE_DATA is .*nowhere"):
        data_roots()


@pytest.mark.parametrize(
    ("platform", "variable", "end"),
    [
        ("linux", "XDG_CACHE_HOME", ".cache/labeltree"),
        ("darwin", "", "Library/Caches/labeltree"),
        ("win32", "LOCALAPPDATA", "AppData/Local/labeltree"),
    ],
)
def test_the_cache_is_where_the_platform_wants_it(
    platform: str, variable: str, end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().as_posix() == f"{tmp_path}/{end}"
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "own"))
        assert cache_folder() == tmp_path / "own" / "labeltree"


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "expanduser", homeless)
    assert cache_folder().name == "labeltree"


def test_tables_agree() -> None:
    # Some are painted, and scikit-learn has the digits.
    assert set(PLACES) == set(SOURCES) - set(NUMBERED) - {"digits"}
    # ImageNet's licence allows no download, and Stanford Dogs has no published checksum.
    assert set(REMOTES) == set(PLACES) - {"imagenet", "stanford-dogs"}
    for name, files in REMOTES.items():
        paths = [Path(file.path) for file in files]
        assert any(path.match(glob) for path in paths for glob in PLACES[name].globs)
        for file in files:
            assert len(file.md5) == 32
            assert file.url.endswith(Path(file.path).name)


def test_mnist_checksums_are_the_published_ones() -> None:
    from torchvision.datasets import MNIST

    assert {(Path(file.path).name, file.md5) for file in REMOTES["mnist"]} == set(MNIST.resources)
