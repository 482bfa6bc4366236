"""`labeltree`: the table of commands, and how errors reach a person."""

from __future__ import annotations

import sys

import typer

from labeltree.cli import data, models, taxonomy
from labeltree.cli.demo import demo
from labeltree.cli.evaluate import evaluate
from labeltree.cli.predict import predict
from labeltree.cli.train import train
from labeltree.errors import LabeltreeError

app = typer.Typer(
    help="Image classification when the labels form a tree and there are many of them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (demo, train, evaluate, predict):
    app.command()(command)
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Image classification when the labels form a tree and there are many of them."""
    if version:
        from labeltree import __version__

        print(f"labeltree {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; what a user can mend is one line and no traceback."""
    try:
        app()
    except LabeltreeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise  # not about a file of the user's
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(LabeltreeError.exit_code)
