"""Models to the hub and back, over its own protocol."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from command_line import run_command
from hub_cases import PLACES, TREE, small_model, write_run
from hub_stub import Hub, Repository, running_hub
from huggingface_hub import HfApi
from small_exported import small_metadata, write_small_exported

from labeltree.decoding import Decoder
from labeltree.errors import (
    ConfigError,
    LabeltreeError,
    ModelFolderError,
    OutputExistsError,
)
from labeltree.hub import pull, push
from labeltree.hub.layout import LAYOUT
from labeltree.runs.model_folder import load_model, save_model
from labeltree.runtime.metadata import fingerprint
from labeltree.taxonomy import Taxonomy

REPO = "kennel/dogs"
MADE = {"README.md", "config.json", "taxonomy.json", "model.safetensors", "record.json"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


def api(hub: Hub, token: str | bool = "good-token") -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=token)


def write_exported_of(model: Path, file: Path, **changes: Any) -> None:
    """A file that says of itself what the export of a model does."""
    told = {"weights": fingerprint(model / "model.safetensors"), "decoding": Decoder(1.5).to_dict()}
    write_small_exported(file, small_metadata(**told | changes))


def model_files(folder: Path, tree: Taxonomy = TREE) -> dict[str, bytes]:
    save_model(small_model(tree), folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def published(hub: Hub, tmp_path: Path) -> Hub:
    hub.repositories[REPO] = Repository(model_files(tmp_path / "published"))
    (tmp_path / "here").mkdir()
    return hub


def test_there_and_back_is_the_same_model(run: Path, hub: Hub, tmp_path: Path) -> None:
    pushed = push(run, REPO, api=api(hub), licence="mit")
    assert set(pushed.files) == MADE and pushed.url is not None and REPO in pushed.url
    assert set(hub.repositories[REPO].files) == MADE | {".gitattributes"}
    assert hub.repositories[REPO].messages == ["Add the model"]
    pulled = pull(REPO, out=tmp_path / "dogs", api=api(hub, False))
    assert pulled.revision == hub.repositories[REPO].sha and pulled.unread == ()
    assert {file.name for file in pulled.folder.iterdir()} == MADE
    ours, theirs = load_model(run), load_model(pulled.folder)
    assert theirs.taxonomy == TREE and theirs.decoder == ours.decoder
    images = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        for mine, other in zip(ours.method(images), theirs.method(images), strict=True):
            assert torch.equal(mine, other)


def test_nothing_else_of_the_run_and_nothing_of_the_machine(run: Path, tmp_path: Path) -> None:
    files = push(run, REPO, dry_run=tmp_path / "dry").files
    assert {file.name for file in (tmp_path / "dry").iterdir()} == set(files) == MADE <= set(LAYOUT)
    text = "".join((tmp_path / "dry" / name).read_text() for name in files if "safe" not in name)
    for told in (*PLACES, str(run), str(run.parent), str(Path.home()) + "/", socket.gethostname()):
        assert told not in text
    record = json.loads((tmp_path / "dry" / "record.json").read_text())
    assert "command" not in record and "something new" not in record
    assert record["data"]["source"] == record["recipe"]["data"] == "dogs"
    assert record["data"]["loader"] == "streamed: cache in cache, 12 MB"
    assert record["recipe"]["data_options"] == {"combined": "mixes.csv"}
    assert record["recipe"]["streaming"] == {"base": "before"}
    assert record["test"]["levels"][0]["top1"] == 0.875


def test_a_dry_run_asks_nobody_and_overwrites_nothing(run: Path, tmp_path: Path) -> None:
    (tmp_path / "dry").mkdir()
    (tmp_path / "dry" / "mine").touch()
    with pytest.raises(OutputExistsError, match="new or empty folder"):
        push(run, REPO, dry_run=tmp_path / "dry")


def test_the_model_folder_of_a_run_has_its_record(run: Path, tmp_path: Path) -> None:
    assert set(push(run / "model", REPO, dry_run=tmp_path / "dry").files) == MADE


def test_what_was_pulled_can_be_pushed_again(run: Path, hub: Hub, tmp_path: Path) -> None:
    push(run, REPO, api=api(hub))
    folder = pull(REPO, out=tmp_path / "dogs", api=api(hub)).folder
    push(folder, "other/dogs", api=api(hub))
    first, second = (hub.repositories[name].files for name in (REPO, "other/dogs"))
    assert first["record.json"] == second["record.json"]


def test_a_replaced_model_has_no_record_of_another(run: Path, tmp_path: Path) -> None:
    copy = write_run(tmp_path / "run")
    history = [{"run": "../../gone", "replaced": "model-before-1"}]
    (copy / "model" / "extensions.json").write_text(json.dumps(history))
    files = push(copy, REPO, dry_run=tmp_path / "dry").files
    assert "record.json" not in files and "extensions.json" not in files
    assert "%" not in (tmp_path / "dry" / "README.md").read_text()


def test_an_update_is_a_commit_that_leaves_nothing_old(run: Path, hub: Hub, tmp_path: Path) -> None:
    push(run, REPO, api=api(hub))
    hub.repositories[REPO].files |= {"model.onnx": b"of the model before", "notes.txt": b"theirs"}
    save_model(small_model(seed=1), tmp_path / "model")
    push(tmp_path / "model", REPO, api=api(hub), message="Another seed")
    found = hub.repositories[REPO]
    assert set(found.files) == MADE - {"record.json"} | {".gitattributes", "notes.txt"}
    assert found.messages == ["Add the model", "Another seed"]
    assert found.files["model.safetensors"] == (tmp_path / "model/model.safetensors").read_bytes()


def test_an_export_goes_along_only_if_it_is_of_the_model(run: Path, tmp_path: Path) -> None:
    copy = write_run(tmp_path / "run")
    exported = copy / "model.onnx"
    exported.write_bytes(b"no model")
    with pytest.raises(ModelFolderError, match=r"model\.onnx"):
        push(copy, REPO, dry_run=tmp_path / "dry")
    write_exported_of(copy / "model", exported)
    os.utime(exported, (0, 0))  # git and zip files keep no times
    assert "model.onnx" in push(copy, REPO, dry_run=tmp_path / "old").files
    write_exported_of(copy / "model", exported, decoding=Decoder(1.25).to_dict())
    with pytest.raises(ModelFolderError, match=r"decodes otherwise than config\.json"):
        push(copy, REPO, dry_run=tmp_path / "dry")
    write_exported_of(copy / "model", exported)
    save_model(small_model(seed=1), copy / "model")
    with pytest.raises(ModelFolderError, match=r"not made of model\.safetensors: export it again"):
        push(copy, REPO, dry_run=tmp_path / "dry")
    assert not (tmp_path / "dry").exists()


def test_an_exported_model_goes_along_and_is_looked_at(hub: Hub, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    write_exported_of(run / "model", run / "model.onnx")
    assert set(push(run, REPO, api=api(hub)).files) == {*MADE, "model.onnx"} == set(LAYOUT)
    assert b"answers without PyTorch" in hub.repositories[REPO].files["README.md"]
    pulled = pull(REPO, out=tmp_path / "here/dogs", api=api(hub))
    assert pulled.unread == () and (pulled.folder / "model.onnx").is_file()
    other = Taxonomy.from_paths(["cat", "dog/beagle", "dog/poodle"], ["kind", "breed"])
    hub.repositories[REPO].files |= model_files(tmp_path / "other", other)
    with pytest.raises(ModelFolderError, match=r"model\.onnx has other labels"):
        pull(REPO, out=tmp_path / "here/cats", api=api(hub))


def test_push_makes_private_repositories_and_no_public_ones_so(run: Path, hub: Hub) -> None:
    push(run, REPO, private=True, api=api(hub))
    assert hub.repositories[REPO].private
    hub.repositories[REPO].private = False
    with pytest.raises(LabeltreeError, match="public already"):
        push(run, REPO, private=True, api=api(hub))


@pytest.mark.parametrize(
    "name", ["dogs", "a/b/c", "../dogs", "a/", "a/b--c", "a/.b", "a/b.git", ""]
)
def test_wrong_names_are_refused(run: Path, name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected owner/name"):
        push(run, name, dry_run=tmp_path / "dry")
    with pytest.raises(ConfigError, match="expected owner/name"):
        pull(name)


def test_a_licence_is_one_of_the_hubs(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'apache-2\.0'"):
        push(run, REPO, licence="apache2.0", dry_run=tmp_path / "dry")


def test_a_push_needs_a_token(run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(LabeltreeError, match=r"no token for .*hf auth login"):
        push(run, REPO, api=HfApi(endpoint=hub.endpoint))
    assert hub.asked == []


@pytest.mark.parametrize(
    ("token", "reason"),
    [("wrong", "does not accept the token"), ("read-token", "no right to do that")],
)
def test_tokens_that_may_not_write(run: Path, hub: Hub, token: str, reason: str) -> None:
    with pytest.raises(LabeltreeError, match=reason) as caught:
        push(run, REPO, api=api(hub, token))
    assert "\n" not in str(caught.value) and token not in str(caught.value).replace("token", "")


def test_other_content_is_never_overwritten(run: Path, hub: Hub) -> None:
    hub.repositories[REPO] = Repository({"train.py": b"", "config.json": b"{}"})
    with pytest.raises(LabeltreeError, match="something else than a model of labeltree"):
        push(run, REPO, api=api(hub))
    assert set(hub.repositories[REPO].files) == {"train.py", "config.json"}


def test_an_empty_repository_may_be_filled(run: Path, hub: Hub) -> None:
    hub.repositories[REPO] = Repository({".gitattributes": b"", "README.md": b"soon"})
    push(run, REPO, api=api(hub))
    assert set(hub.repositories[REPO].files) == MADE | {".gitattributes"}


def test_two_who_push_at_once(run: Path, hub: Hub) -> None:
    push(run, REPO, api=api(hub))
    hub.meanwhile = lambda repository: repository.files.update({"README.md": b"theirs"})
    save = hub.repositories[REPO].files
    with pytest.raises(LabeltreeError, match="somebody else changed"):
        push(run / "model", REPO, api=api(hub), licence="mit")
    assert save["README.md"] == b"theirs"


@pytest.mark.parametrize(
    ("status", "reason"), [(429, "too many requests"), (500, "answered 500"), (418, "answered 418")]
)
def test_a_hub_in_trouble(hub: Hub, tmp_path: Path, status: int, reason: str) -> None:
    hub.broken = status
    with pytest.raises(LabeltreeError, match=reason):
        pull(REPO, out=tmp_path / "dogs", api=api(hub))


def test_a_hub_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(LabeltreeError, match="cannot be reached") as caught:
        pull(REPO, out=tmp_path / "dogs", api=HfApi(endpoint=endpoint))
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_offline(published: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub.utils import close_session

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    close_session()
    try:
        with pytest.raises(LabeltreeError, match="HF_HUB_OFFLINE"):
            pull(REPO, out=tmp_path / "here/dogs", api=api(published))
    finally:
        close_session()


def test_what_pull_is_not_given(published: Hub, tmp_path: Path) -> None:
    out = tmp_path / "here/dogs"
    with pytest.raises(LabeltreeError, match="kennel/cats: no such repository, or a private one"):
        pull("kennel/cats", out=out, api=api(published))
    with pytest.raises(LabeltreeError, match="no revision 'v9'"):
        pull(REPO, "v9", out, api=api(published))
    published.repositories[REPO].gated = True
    with pytest.raises(LabeltreeError, match="access by request"):
        pull(REPO, out=out, api=api(published))
    assert not list((tmp_path / "here").iterdir())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("config.json", None, "is no model of labeltree: config.json is missing"),
        ("model.safetensors", None, "is no model of labeltree: model.safetensors is missing"),
        ("config.json", b"../../etc/passwd", "config.json is damaged"),  # how git keeps a link
        ("config.json", b'{"model_type": "bert"}', "'id2label' is missing: no model of labeltree"),
        ("config.json", b"[" * 100_000, "config.json is damaged"),
        ("config.json", b"\xff\xfe", "config.json is damaged"),
        ("taxonomy.json", b"{}", "taxonomy.json is damaged"),
        ("taxonomy.json", b"[" * 100_000, "taxonomy.json is damaged"),
        ("model.safetensors", b"PK\x03\x04 a pickle in a zip", "model.safetensors: damaged"),
        ("model.safetensors", b"", "model.safetensors: damaged"),
        ("model.onnx", b"\x08\x07 no graph", "model.onnx"),
        ("record.json", b"[]", "record.json"),
    ],
)
def test_what_is_no_model_is_refused_and_not_kept(
    published: Hub, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    files = published.repositories[REPO].files
    if content is None:
        del files[name]
    else:
        files[name] = content
    with pytest.raises(ModelFolderError) as caught:
        pull(REPO, out=tmp_path / "here/dogs", api=api(published))
    assert reason in str(caught.value) and REPO in str(caught.value)
    assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    assert not list((tmp_path / "here").iterdir())


def test_labels_that_are_not_the_trees(published: Hub, tmp_path: Path) -> None:
    other = Taxonomy.from_paths(["cat", "dog/beagle", "dog/poodle"], ["kind", "breed"])
    save_model(small_model(other), tmp_path / "other")
    files = published.repositories[REPO].files
    files["taxonomy.json"] = (tmp_path / "other/taxonomy.json").read_bytes()
    with pytest.raises(ModelFolderError, match=r"labels are not the leaves of taxonomy\.json"):
        pull(REPO, out=tmp_path / "here/dogs", api=api(published))


def test_only_files_of_the_layout_are_fetched(published: Hub, tmp_path: Path) -> None:
    published.repositories[REPO].files |= {
        "../../outside": b"evil",
        "pytorch_model.bin": b"a pickle",
        "model.onnx.data": b"elsewhere",
        "sub/config.json": b"{}",
        "labeltree/__init__.py": b"evil",
    }
    folder = pull(REPO, out=tmp_path / "here/dogs", api=api(published)).folder
    needed = {"config.json", "taxonomy.json", "model.safetensors"}
    assert {file.name for file in folder.iterdir()} == needed
    fetched = {line.split("/")[-1] for line in published.asked if "/resolve/" in line}
    assert fetched == needed and [file.name for file in folder.parent.iterdir()] == ["dogs"]


def test_huge_files_are_not_fetched(published: Hub, tmp_path: Path) -> None:
    published.repositories[REPO].sizes["config.json"] = 10**12
    with pytest.raises(ModelFolderError, match=r"config\.json has 1,000,000,000,000 bytes"):
        pull(REPO, out=tmp_path / "here/dogs", api=api(published))
    assert not any("/resolve/" in line for line in published.asked)


def test_a_place_that_is_taken(published: Hub, tmp_path: Path) -> None:
    place = tmp_path / "here/dogs"
    place.mkdir()
    pull(REPO, out=place, api=api(published))  # empty: free
    with pytest.raises(OutputExistsError, match="add --overwrite"):
        pull(REPO, out=place, api=api(published))
    weights = (place / "model.safetensors").read_bytes()
    published.repositories[REPO].files |= {"model.safetensors": b"broken"}
    with pytest.raises(ModelFolderError, match="nothing was kept"):
        pull(REPO, out=place, overwrite=True, api=api(published))
    assert (place / "model.safetensors").read_bytes() == weights  # as it was
    published.repositories[REPO].files = model_files(tmp_path / "next") | {"README.md": b"new"}
    pull(REPO, out=place, overwrite=True, api=api(published))
    assert (place / "README.md").read_bytes() == b"new"
    assert [file.name for file in place.parent.iterdir()] == ["dogs"]
    (place / "diary.txt").touch()
    with pytest.raises(ModelFolderError, match="no pulled model"):
        pull(REPO, out=place, overwrite=True, api=api(published))
    (tmp_path / "here/link").symlink_to(place)
    with pytest.raises(ModelFolderError, match="no pulled model"):
        pull(REPO, out=tmp_path / "here/link", overwrite=True, api=api(published))


def test_without_torch_the_weights_are_not_looked_into(published: Hub, tmp_path: Path) -> None:
    code = f"""
import sys
for name in ("torch", "safetensors", "scipy", "sklearn", "pyarrow", "matplotlib"):
    sys.modules[name] = None
from pathlib import Path
from huggingface_hub import HfApi
from labeltree.hub import pull
print(pull({REPO!r}, out=Path("dogs"), api=HfApi(endpoint={published.endpoint!r})).unread)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "here", capture_output=True, text=True
    )
    assert done.stdout == "('model.safetensors',)\n", done.stderr
    assert (tmp_path / "here/dogs/config.json").is_file()


def test_the_commands(
    run: Path,
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in ("pushing", "pulling"):  # as $HF_ENDPOINT does before huggingface_hub is read
        monkeypatch.setattr(
            f"labeltree.hub.{module}.reach_hub", lambda: HfApi(endpoint=hub.endpoint)
        )
    monkeypatch.setenv("HF_TOKEN", "good-token")
    monkeypatch.chdir(tmp_path)
    done = run_command(capsys, "push", run, REPO, "--licence", "mit", "--dry-run", "dry")
    assert done.code == 0 and "nothing was uploaded" in done.out and not hub.asked
    done = run_command(capsys, "push", run, REPO, "--private", "--message", "Dogs")
    assert done.code == 0 and "labeltree pull kennel/dogs" in done.out, done.err
    assert hub.repositories[REPO].messages == ["Dogs"]
    done = run_command(capsys, "pull", REPO)
    assert done.code == 0 and "labeltree predict dogs" in done.out, done.err
    assert load_model(tmp_path / "dogs").taxonomy == TREE
    done = run_command(capsys, "pull", REPO)
    assert done.code == 2 and done.err.count("\n") == 1 and "--overwrite" in done.err
    done = run_command(capsys, "pull", REPO, "--overwrite", "--revision", "main", "--out", "dogs")
    assert done.code == 0, done.err
    done = run_command(capsys, "push", tmp_path / "nothing", REPO)
    assert done.code == 2 and "no model here" in done.err


def test_hand_made_answers_are_what_the_card_is_tested_against(run: Path) -> None:
    with np.load(run / "predictions.npz") as arrays:
        assert arrays["targets"].tolist() == [1, 1, 1, 1, 3, 3, 3, 3]
        assert arrays["probabilities"].argmax(axis=1).tolist() == [0] * 8
