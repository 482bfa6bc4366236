"""`labeltree models list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(help="The networks that `--backbone` knows.", no_args_is_help=True)

CLASSES = 100


@app.callback()
def models() -> None:
    """The networks that `--backbone` knows."""


@app.command("list")
def list_models(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="FILTER",
            help="Part of a name or description, or the whole name of any network, which is then "
            "built and counted: preresnet29, timm:resnet50.",
            show_default=False,
        ),
    ] = "",
    timm: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="List timm's names instead, e.g. --timm 'resnet*'; convolutional ones can be used "
            "as timm:NAME.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List the backbones with their number of parameters."""
    from rich.console import Console

    if timm is not None:
        for name in _timm_names(timm):
            print(name)
        return
    Console().print(_table(wanted))


def _timm_names(pattern: str) -> list[str]:
    from labeltree.backbones.timm_networks import timm_names
    from labeltree.errors import ConfigError

    names = timm_names(pattern)
    if not names:
        raise ConfigError(f"timm has no network like {pattern!r}; try a wider pattern: '*net*'")
    return names


def _table(wanted: str) -> Table:
    from rich.table import Table

    table = Table("name", "stages", "parameters", "description", box=None, pad_edge=False)
    for column in table.columns[1:3]:
        column.justify = "right"
    for name, description, counted in _rows(wanted):
        stages, parameters = _measure(name) if counted else ("", "")
        table.add_row(name, stages, parameters, description)
    table.caption = f"parameters: with a classifier for {CLASSES} classes"
    table.caption_justify = "left"
    return table


def _rows(wanted: str) -> list[tuple[str, str, bool]]:
    """Name, description, and whether to build it: other libraries' only when asked for by name."""
    from labeltree.backbones import BACKBONES, find_backbone

    rows = []
    for key, entry in BACKBONES.items():
        if key.partition("<")[0].endswith(":"):
            example = entry.examples[0].partition(":")[2]
            rows.append((key, f"{entry.description}, e.g. {example}", False))
        else:
            rows += [(name, entry.description, True) for name in entry.examples]
    found = [row for row in rows if wanted in row[0] or wanted in row[1]]
    return found or [(wanted, find_backbone(wanted)[0].description, True)]


def _measure(name: str) -> tuple[str, str]:
    """Number of stages and of parameters, the latter with a classifier."""
    from labeltree.backbones import make_backbone

    backbone = make_backbone(name)
    learned = [*backbone.parameters(), *backbone.classifier(CLASSES).parameters()]
    return str(len(backbone.stages)), f"{sum(each.numel() for each in learned):,}"
