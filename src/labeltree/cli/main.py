"""`labeltree`: the table of commands, and how errors reach a person."""

from __future__ import annotations

import io
import sys

import typer

from labeltree.cli import data, models, taxonomy
from labeltree.cli.adapt import adapt
from labeltree.cli.audit import audit
from labeltree.cli.compare import compare
from labeltree.cli.demo import demo
from labeltree.cli.evaluate import evaluate
from labeltree.cli.export import export
from labeltree.cli.extend import extend
from labeltree.cli.predict import predict
from labeltree.cli.pull import pull
from labeltree.cli.push import push
from labeltree.cli.report import report
from labeltree.cli.serve import serve
from labeltree.cli.study import study
from labeltree.cli.train import train
from labeltree.errors import LabeltreeError

app = typer.Typer(
    help="Image classification when the labels form a tree and there are many of them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (
    demo,
    train,
    extend,
    evaluate,
    predict,
    export,
    serve,
    adapt,
    audit,
    compare,
    study,
    report,
    push,
    pull,
):
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may hold what a terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except LabeltreeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        from labeltree.cli.extras import missing_extra

        missing = missing_extra(error)
        if missing is None:
            raise  # a bug
        print(f"error: {missing}", file=sys.stderr)
        sys.exit(missing.exit_code)
    except OSError as error:
        if error.strerror is None:
            raise  # not from the operating system
        place = "" if error.filename is None else f"{error.filename}: "
        print(f"error: {place}{error.strerror}", file=sys.stderr)
        sys.exit(LabeltreeError.exit_code)
