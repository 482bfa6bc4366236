"""`labeltree data list` and `labeltree data check DATA`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labeltree.cli.options import DataArgument, DataRoot

if TYPE_CHECKING:
    from labeltree.data.survey import Survey

app = typer.Typer(help="Known data sets; what is in a set.", no_args_is_help=True)

_LISTED = 10  # lines of one kind that are printed; --json has all

Json = Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")]


@app.command("list")
def list_sources(data_root: DataRoot = None, json: Json = False) -> None:
    """Known sets, and where they were found or belong."""
    import inspect
    from json import dumps

    from labeltree.data.download import REMOTES
    from labeltree.data.opening import PLACES, SOURCES
    from labeltree.data.roots import find

    rows = []
    for name, opener in SOURCES.items():
        place = PLACES.get(name)
        found = find(place.globs, data_root) if place else None
        rows.append(
            {
                "name": name,
                "description": (inspect.getdoc(opener) or "").splitlines()[0],
                "found": str(found) if found else None if place else "in the program",
                "remedy": place.remedy if place else None,
            }
        )
    if json:
        print(dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['name']:<15}{row['description']}")
        fetched = "it is downloaded at first use, or " if row["name"] in REMOTES else ""
        missing = f"not here: {fetched}{row['remedy']}"
        print(f"{'':<15}{row['found'] or missing}")


@app.command()
def check(
    data: DataArgument,
    data_root: DataRoot = None,
    taxonomy: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Another label tree for these images.", show_default=False
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An option of the source, e.g. --set ranks=family,species; may be repeated.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Count classes, decode every image, look for copies; exit code 2 if images are damaged."""
    from json import dumps

    from labeltree.data.opening import open_source
    from labeltree.data.survey import survey

    options = dict(map(_key_and_value, settings or []))
    if taxonomy is not None:
        options["taxonomy"] = taxonomy
    found = survey(open_source(data, data_root, **options))
    if json:
        print(dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        _print(found)
    if found.num_damaged:
        raise typer.Exit(2)


def _key_and_value(setting: str) -> tuple[str, Any]:
    import yaml

    from labeltree.errors import ConfigError

    key, equals, text = setting.partition("=")
    if not equals:
        raise ConfigError(f"--set {setting!r} has no '='; write --set key=value")
    try:
        return key.strip(), yaml.safe_load(text)
    except yaml.YAMLError:
        return key.strip(), text


def _print(found: Survey) -> None:
    tree = found.taxonomy
    print(f"{found.name}: {tree.num_leaves:,} classes, levels {', '.join(tree.level_names)}")
    for note in found.notes:
        print(f"  note: {note}")
    for part, counts in found.counts.items():
        sizes = " / ".join(f"{width}×{height}" for width, height in found.sizes[part])
        number = found.images[part]
        print(f"{part}: {number:,} images; smallest / median / largest {sizes or 'none'}")
        given = counts[tree.leaves]
        if len(given):
            print(f"  images per class: {given.min():,} to {given.max():,}")
        if combined := found.combined[part]:
            print(f"  {combined:,} images with several labels")
        if inner := found.inner[part]:
            print(f"  {inner:,} images are known only down to an inner node")
        _print_some("damaged", found.damaged[part])
    _print_some("classes without a training image", found.empty)
    _print_some("classes with one training image", found.single)
    _print_some("equal images in different parts", [" = ".join(g) for g in found.across_parts])
    _print_some("equal images with different labels", [" = ".join(g) for g in found.two_labels])
    if not (found.num_damaged or found.empty or found.across_parts or found.two_labels):
        print("nothing wrong was found")


def _print_some(title: str, lines: list[str]) -> None:
    if lines:
        print(f"{title}: {len(lines):,}")
        for line in lines[:_LISTED]:
            print(f"  {line}")
        if len(lines) > _LISTED:
            print(f"  … and {len(lines) - _LISTED:,} more (--json has all)")
