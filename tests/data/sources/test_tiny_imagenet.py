"""Tiny-ImageNet in its official layout, packed and unpacked."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeltree.data import EncodedImages, FileImages, open_source
from labeltree.data.sources.tiny_imagenet import open_tiny_imagenet
from labeltree.errors import DataError, TaxonomyError

PUG, BEAGLE, TABBY = "n02110958", "n02088364", "n02123045"


def jpeg(value: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 8), value).save(file, "JPEG")
    return file.getvalue()


def files(wnids: tuple[str, ...] = (PUG, BEAGLE, TABBY)) -> dict[str, bytes]:
    content = {"wnids.txt": "\n".join(wnids).encode(), "words.txt": b"n02110958\tpug, pug-dog\n"}
    rows = []
    for number, wnid in enumerate(wnids):
        content[f"train/{wnid}/{wnid}_boxes.txt"] = b"x"
        for i in range(2):
            content[f"train/{wnid}/images/{wnid}_{i}.JPEG"] = jpeg(10 * number + i)
        content[f"val/images/val_{number}.JPEG"] = jpeg(100 + number)
        rows.append(f"val_{number}.JPEG\t{wnid}\t0\t0\t7\t7")
    rows.append(f"val_99.JPEG\t{PUG}\t0\t0\t7\t7")  # an image that this copy does not have
    content["val/val_annotations.txt"] = "\n".join(rows).encode()
    content["test/images/test_0.JPEG"] = jpeg(0)
    return content


def write(root: Path, kind: str, content: dict[str, bytes]) -> Path:
    path = root / f"tiny-imagenet-200{kind}"
    if kind == "":
        for name, body in content.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(body)
    elif kind == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, body in content.items():
                archive.writestr(f"tiny-imagenet-200/{name}", body)
    else:
        with tarfile.open(path, "w:gz" if kind.endswith("gz") else "w") as archive:
            for name, body in content.items():
                member = tarfile.TarInfo(f"tiny-imagenet-200/{name}")
                member.size = len(body)
                archive.addfile(member, io.BytesIO(body))
    return path


@pytest.mark.parametrize("kind", ["", ".zip", ".tar", ".tar.gz"])
def test_layouts(tmp_path: Path, kind: str) -> None:
    write(tmp_path, kind, files())
    source = open_source("tiny-imagenet", tmp_path)
    tree = source.taxonomy
    assert set(tree.paths) == {"", "dog", "dog/pug", "dog/beagle", "tabby"}
    assert (len(source.train), source.validation) == (6, None)
    assert source.test is not None
    names = [source.test.images.name(i) for i in range(3)]
    assert [tree.paths[target] for target in source.test.targets] == [
        "dog/pug",
        "dog/beagle",
        "tabby",
    ]
    assert [Path(name).name for name in names] == ["val_0.JPEG", "val_1.JPEG", "val_2.JPEG"]
    assert isinstance(source.test.images, EncodedImages if kind else FileImages)
    assert source.test.images.read(1).getpixel((0, 0)) == (101, 101, 101)
    for i in range(6):
        wnid = Path(source.train.images.name(i)).name.split("_")[0]
        label = tree.paths[source.train.targets[i]]
        assert label == {PUG: "dog/pug", BEAGLE: "dog/beagle", TABBY: "tabby"}[wnid]


def test_archives_are_never_unpacked(tmp_path: Path) -> None:
    content = files()
    content["../../train/n02110958/images/out.JPEG"] = jpeg(0)
    write(tmp_path / ".", ".zip", content)
    before = sorted(tmp_path.rglob("*"))
    open_tiny_imagenet(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["", ".zip", ".tar"])
def test_missing_parts(tmp_path: Path, kind: str) -> None:
    content = files()
    del content["val/val_annotations.txt"]
    write(tmp_path, kind, content)
    with pytest.raises(DataError, match=r"val_annotations\.txt is missing"):
        open_tiny_imagenet(tmp_path)


def test_no_images(tmp_path: Path) -> None:
    write(tmp_path, ".zip", {"val/val_annotations.txt": b"", "train/x/images/a.JPEG": b""})
    with pytest.raises(DataError, match="no labelled images"):
        open_tiny_imagenet(tmp_path)


@pytest.mark.parametrize("kind", [".zip", ".tar", ".tar.gz"])
def test_damaged_archives(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, files())
    path.write_bytes(np.random.default_rng(0).bytes(3000))
    with pytest.raises(DataError, match="damaged archive"):
        open_tiny_imagenet(tmp_path)


def test_a_class_that_is_not_in_the_table(tmp_path: Path) -> None:
    write(tmp_path, "", files((PUG, "n99999999")))
    with pytest.raises(TaxonomyError, match="n99999999"):
        open_tiny_imagenet(tmp_path)


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tiny-imagenet-200\.zip"):
        open_tiny_imagenet(tmp_path, download=False)


def test_real_tiny_imagenet(real_data: Path) -> None:
    if not list(real_data.glob("tiny-imagenet*")):
        pytest.skip("no tiny-imagenet there")
    source = open_tiny_imagenet(real_data, download=False)
    assert source.taxonomy.num_leaves == 200
    assert source.test is not None
    assert set(source.taxonomy.leaves) == set(source.test.targets) == set(source.train.targets)
    assert source.train.images.read(5).size == (64, 64)
