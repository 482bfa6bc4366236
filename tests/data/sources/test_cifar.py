"""CIFAR from small files in both official layouts."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from labeltree.data import Source, open_source
from labeltree.data.sources import cifar10, cifar100
from labeltree.data.sources.cifar import Layout
from labeltree.data.sources.cifar10 import open_cifar10
from labeltree.data.sources.cifar100 import open_cifar100
from labeltree.errors import DataError

COARSE = ["fish", "insects"]
FINE = ["bee", "shark", "ant", "ray"]  # fine label i has coarse label:
ABOVE = [1, 0, 1, 0]
CIFAR10 = [name for names in cifar10.TREE.values() for name in names]


def pixels(seed: int, number: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (number, 32, 32, 3), dtype=np.uint8)


def records(labels: list[list[int]], images: np.ndarray) -> bytes:
    planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return np.concatenate([np.array(labels, dtype=np.uint8), planes], axis=1).tobytes()


def binary_files(layout: Layout) -> dict[str, bytes]:
    hundred = layout.name == "cifar100"
    names = (COARSE, FINE) if hundred else (CIFAR10,)
    labels = [[ABOVE[i % 4], i % 4] if hundred else [i % 10] for i in range(10)]
    files = {
        file: records(labels, pixels(seed, 10))
        for seed, file in enumerate((*layout.train, layout.test))
    }
    for file, words in zip(layout.names, names, strict=True):
        files[file] = ("\n".join(words) + "\n\n").encode()
    return files


def write_binary(root: Path, layout: Layout, archive: bool, without: str = "") -> Path:
    files = {name: body for name, body in binary_files(layout).items() if name != without}
    if archive:
        (root / layout.name).mkdir(parents=True)
        path = root / layout.name / layout.archive
        with tarfile.open(path, "w:gz") as tar:
            for name, body in files.items():
                member = tarfile.TarInfo(f"{layout.folder}/{name}")
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
        return path
    folder = root / layout.folder
    folder.mkdir(parents=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return folder


def write_parquet(root: Path, cut: bool = False, coarse: str = "coarse_label") -> Path:
    folder = root / "cifar100"
    folder.mkdir(parents=True)
    features = {
        "fine_label": {"names": FINE, "_type": "ClassLabel"},
        "coarse_label": {"names": COARSE, "_type": "ClassLabel"},
    }
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    for seed, name in enumerate(("train-00000-of-00002", "train-00001-of-00002", "test-0")):
        images = []
        for array in pixels(seed, 4):
            file = io.BytesIO()
            Image.fromarray(array).save(file, "PNG")
            images.append({"bytes": file.getvalue()[: 50 if cut else None], "path": None})
        table = pa.table({"img": images, "fine_label": [0, 1, 2, 3], coarse: ABOVE})
        pq.write_table(table.replace_schema_metadata(metadata), folder / f"{name}.parquet")
    return folder


def check_cifar100(source: Source, each: int) -> None:
    tree = source.taxonomy
    assert tree.paths[1:] == (
        *("fish", "insects", "fish/shark", "fish/ray"),
        *("insects/bee", "insects/ant"),
    )
    assert tree.level_names == ("coarse", "fine")
    names = [tree.paths[target].split("/")[1] for target in source.train.targets[:4]]
    assert names == FINE
    assert np.array_equal(source.train.images.array[:each], pixels(0, each))
    assert source.test is not None
    assert source.test.images.name(3) == "cifar100 test image 3"


@pytest.mark.parametrize("archive", [True, False])
def test_cifar100_binary(tmp_path: Path, archive: bool) -> None:
    write_binary(tmp_path, cifar100.LAYOUT, archive)
    check_cifar100(open_source("cifar100", tmp_path), 10)


def test_cifar100_parquet_is_decoded_once(tmp_path: Path, own_cache: Path) -> None:
    folder = write_parquet(tmp_path)
    check_cifar100(open_cifar100(tmp_path), 4)
    copies = sorted((own_cache / "decoded").iterdir())
    assert [copy.name.rsplit("-", 2)[0] for copy in copies] == ["cifar100-test", "cifar100-train"]
    before = [copy.stat().st_mtime_ns for copy in copies]
    check_cifar100(open_cifar100(tmp_path), 4)
    assert [copy.stat().st_mtime_ns for copy in copies] == before
    assert folder.exists()


@pytest.mark.parametrize("archive", [True, False])
def test_cifar10_binary(tmp_path: Path, archive: bool) -> None:
    write_binary(tmp_path, cifar10.LAYOUT, archive)
    source = open_cifar10(tmp_path)
    assert (len(source.train), len(source.test or ())) == (50, 10)
    assert source.taxonomy.paths[source.train.targets[3]] == "vehicle/truck"
    assert source.taxonomy.paths[source.train.targets[9]] == "animal/horse"
    assert np.array_equal(source.train.images.array[10:20], pixels(1, 10))


@pytest.mark.parametrize("archive", [True, False])
def test_a_missing_member(tmp_path: Path, archive: bool) -> None:
    write_binary(tmp_path, cifar100.LAYOUT, archive, without="fine_label_names.txt")
    with pytest.raises(DataError, match=r"fine_label_names.txt is missing"):
        open_cifar100(tmp_path)


def test_damaged_files(tmp_path: Path) -> None:
    folder = write_binary(tmp_path / "a", cifar100.LAYOUT, archive=False)
    (folder / "test.bin").write_bytes(b"1234")
    with pytest.raises(DataError, match=r"test\.bin is truncated"):
        open_cifar100(tmp_path / "a")
    (folder / "test.bin").write_bytes(b"")
    with pytest.raises(DataError, match="test part is empty"):
        open_cifar100(tmp_path / "a")
    archive = write_binary(tmp_path / "b", cifar100.LAYOUT, archive=True)
    archive.write_bytes(archive.read_bytes()[:500])
    with pytest.raises(DataError, match="damaged archive"):
        open_cifar100(tmp_path / "b")
    with pytest.raises(DataError, match="row 0: damaged image"):
        write_parquet(tmp_path / "c", cut=True)
        open_cifar100(tmp_path / "c")
    with pytest.raises(DataError, match="no column 'coarse_label'; it has img, fine_label, other"):
        write_parquet(tmp_path / "d", coarse="other")
        open_cifar100(tmp_path / "d")


def test_a_label_without_a_name(tmp_path: Path) -> None:
    folder = write_binary(tmp_path, cifar100.LAYOUT, archive=False)
    (folder / "fine_label_names.txt").write_text("bee\nshark\n")
    with pytest.raises(DataError, match="labels without a name"):
        open_cifar100(tmp_path)


def test_where_to_put_what(tmp_path: Path) -> None:
    (tmp_path / "cifar-100-python").mkdir()
    with pytest.raises(DataError) as caught:
        open_cifar100(tmp_path, download=False)
    for part in ("cifar100/cifar-100-binary.tar.gz", "pickled", "--data-root", str(tmp_path)):
        assert part in str(caught.value)


def test_real_cifar100(real_data: Path) -> None:
    """The 20 × 5 tree of the files is the published one."""
    if not (real_data / "cifar100").is_dir():
        pytest.skip("no cifar100 there")
    from labeltree.data.sources.parquet import ParquetTable

    table = ParquetTable(sorted((real_data / "cifar100").glob("test-*.parquet")))
    pairs = set(zip(table.texts("coarse_label"), table.texts("fine_label"), strict=True))
    assert len(pairs) == 100
    assert ("aquatic_mammals", "beaver") in pairs
    facts = real_data.parent / "facts" / "cifar100_superclasses.csv"
    if facts.exists():
        rows = [tuple(line.split(",")) for line in facts.read_text().splitlines()[1:]]
        assert pairs == set(rows)
    image = table.images("img").read(17)
    assert (image.size, image.mode) == ((32, 32), "RGB")
