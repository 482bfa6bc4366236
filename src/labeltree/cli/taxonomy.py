"""`labeltree taxonomy check PATH`, `show PATH`; `discover SOURCE` is in its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labeltree.cli.discover import discover

if TYPE_CHECKING:
    from rich.tree import Tree

    from labeltree.taxonomy import Finding, Taxonomy

LINES = 100  # of findings, or of a tree whose depth was not asked for
CHILDREN = 20  # of one node
LABELS = 2000  # of a tree, however deep it was asked for

app = typer.Typer(help="Check, show and discover label trees.", no_args_is_help=True)
app.command()(discover)

PathArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="Nested folders; a CSV with a column per rank or of parent,child edges; nested JSON "
        "or YAML; a parquet file with class columns; a list of WordNet ids; or: imagenet.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(
    path: PathArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find what is wrong with a label tree, and where; ends with 2 if there are errors."""
    from labeltree.taxonomy import check

    findings = check(path)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        _print_json([_as_dict(finding) for finding in findings])
    else:
        for finding in findings[:LINES]:
            colour = typer.colors.RED if finding.severity == "error" else typer.colors.YELLOW
            severity = typer.style(finding.severity, fg=colour)
            typer.echo(f"{finding.place}: {severity}: {finding.message}")
        if len(findings) > LINES:
            typer.echo(f"… and {len(findings) - LINES} more (--json prints all)")
        typer.echo(
            f"{path}: {_count(errors, 'error')}, {_count(len(findings) - errors, 'warning')}"
        )
    if errors or (strict and findings):
        raise typer.Exit(2)


@app.command()
def show(
    path: PathArgument,
    depth: Annotated[
        int | None,
        typer.Option(min=1, help="Levels to show. Default: what fits.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a label tree with the number of leaves below each node."""
    from labeltree.taxonomy import read_taxonomy

    tree = read_taxonomy(path)
    if as_json:
        _print_json(_nested(tree, min(depth or tree.depth, tree.depth)))
        return
    print_tree(tree, path, depth)


def print_tree(tree: Taxonomy, title: str, depth: int | None = None) -> None:
    """Draw a tree, down to `depth` or to what fits."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console.width = 200
    shown = min(depth, tree.depth) if depth else _depth_that_fits(tree)
    console.print(_drawn(tree, title, shown), highlight=False)
    if depth is None and shown < tree.depth:
        typer.echo(f"{shown} of {tree.depth} levels shown; --depth N shows more")


def _as_dict(finding: Finding) -> dict[str, str]:
    return {"severity": finding.severity, "kind": finding.kind} | {
        key: getattr(finding, key) for key in ("message", "place")
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _nested(tree: Taxonomy, depth: int) -> dict[str, Any]:
    """Mappings of names down to `depth`, null for the last: what `read_taxonomy` reads."""
    below: list[dict[str, Any]] = [{}]
    for node in range(1, tree.level(depth).stop):
        inner = tree.num_children[node] > 0 and tree.depths[node] < depth
        below.append({})
        below[tree.parents[node]][tree.names[node]] = below[node] if inner else None
    return below[0]


def _depth_that_fits(tree: Taxonomy) -> int:
    """The deepest level that can be shown in about `LINES` lines."""
    lines = 0
    for depth in range(tree.depth):
        children = tree.num_children[tree.level(depth)]
        lines += int(children.clip(max=CHILDREN + 1).sum())
        if lines > LINES:
            return max(depth, 1)
    return tree.depth


def _drawn(tree: Taxonomy, title: str, depth: int) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    named = tree.level_names[0] != "level 1"
    levels = f" ({' > '.join(tree.level_names)})" if named else ""
    counts = f"{tree.num_nodes - 1:,} labels, {tree.num_leaves:,} leaves"
    drawn = Tree(Text(f"{title}: {counts}, {_count(tree.depth, 'level')}{levels}"))
    branches = {0: drawn}
    for node in range(tree.level(depth).start):
        branch, children = branches.get(node), tree.children(node)
        if branch is None or len(branches) > LABELS:
            continue
        numbers = range(children.start, children.stop)
        whole = len(numbers) <= CHILDREN + 1
        for child in numbers if whole else numbers[:CHILDREN]:
            label = Text(tree.names[child], no_wrap=True, overflow="ellipsis")
            if tree.num_children[child]:
                count = int(tree.leaf_counts[child])
                label.append(f"  {count:,} {'leaf' if count == 1 else 'leaves'}", "dim")
            branches[child] = branch.add(label)
        if not whole:
            rest = tree.leaf_counts[numbers[CHILDREN] : children.stop].sum()
            more = f"… {len(numbers) - CHILDREN:,} more, with {int(rest):,} leaves"
            branch.add(Text(more, "dim"))
    return drawn
