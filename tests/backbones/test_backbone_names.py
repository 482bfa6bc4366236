import subprocess
import sys

import pytest
from typer.testing import CliRunner

from labeltree.backbones import BACKBONES, find_backbone, make_backbone
from labeltree.cli.models import app
from labeltree.errors import ConfigError


@pytest.mark.parametrize(("key", "entry"), BACKBONES.items())
def test_examples_belong_to_their_entry(key: str, entry: object) -> None:
    for example in BACKBONES[key].examples:
        found, filled_in = find_backbone(example)
        assert found is entry
        assert key.partition("<")[0] + filled_in == example or key == example


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("slim-w130", "slim-w130: expected a multiple of 4, the channels of the last stage"),
        ("slimm", "unknown backbone 'slimm'; did you mean 'slim'?"),
        ("resnet-18", "unknown backbone 'resnet-18'; did you mean 'resnet18'?"),
        ("", "unknown backbone ''; known: slim, slim-w<width>,"),
        ("timm:resnet5o", "timm has no network 'resnet5o'; did you mean 'timm:resnet50', "),
        ("timm:", "timm has no network ''; see `labeltree models list --timm"),
        ("torchvision:resnet19", "torchvision has no network 'resnet19'; did you mean 'torchvis"),
        ("torchvision:fcn_resnet50", "torchvision has no network 'fcn_resnet50'; did you mean"),
        ("torchvision:squeezenet1_0", "torchvision:squeezenet1_0 ends in no linear classifier"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_backbone(name)
    assert str(caught.value).startswith(message)


def test_neither_the_package_nor_its_own_networks_import_timm() -> None:
    code = (
        "import sys; from labeltree.backbones import make_backbone; make_backbone('slim'); "
        "sys.exit(bool({'timm', 'torchvision'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_does_without_torch() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from labeltree.cli.models import app; "
        "result = CliRunner().invoke(app, ['list', '--help']); "
        "sys.exit(result.exit_code or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def lines(*arguments: str) -> list[str]:
    result = CliRunner().invoke(app, ["list", *arguments])
    assert result.exception is None
    return result.output.splitlines()


def test_the_list_counts_its_own_networks() -> None:
    rows = {line.split()[0]: line.split()[1:3] for line in lines("resnet18")}
    assert rows["resnet18"] == ["4", "11,220,132"]
    rows = {line.split()[0] for line in lines("CPUs")} - {"name", "parameters:"}
    assert rows == {"slim", "slim-senet-w64", "slim-senet-w64-x2-r32"}


def test_any_network_asked_for_by_its_whole_name_is_counted() -> None:
    assert any(line.split()[:3] == ["preresnet29", "3", "335,348"] for line in lines("preresnet29"))


def test_names_of_timm() -> None:
    assert "resnet50" in lines("--timm", "resnet5*")


@pytest.mark.parametrize("arguments", [["nonsense"], ["--timm", "nonsense*"], ["preresnet21"]])
def test_what_is_not_there_is_one_clear_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["list", *arguments])
    assert isinstance(result.exception, ConfigError)
