"""The images that a person means by files, folders, globs, tables and standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labeltree.data.sources.table import PARQUET_SUFFIX, TEXT_SUFFIXES
from labeltree.errors import DataError
from labeltree.prediction.sources.folder import Once, images_below
from labeltree.prediction.sources.parquet_rows import ParquetRows
from labeltree.prediction.sources.pattern import matching
from labeltree.prediction.sources.picture import (
    Picture,
    Source,
    picture_in_file,
    place_of,
    printable,
)
from labeltree.prediction.sources.text_rows import TextRows

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class NamedImages:
    """Images, each once, in the order given; rows of tables and files on standard input each time.

    Attributes:
        arguments: image files (taken as they are), tables (CSV, JSON lines, parquet), folders (all
            images below them; where there are none, their parquet files), globs such as
            `"photos/**/*.jpg"`, or `-` for one of these per line of standard input.
        column: of tables, with images or their paths; None finds it.
        standard_input: its lines, which can be read once.
    """

    arguments: Sequence[str]
    column: str | None = None
    standard_input: Iterable[str] = ()

    def count(self) -> int | None:
        """How many there are; None if standard input will tell.

        Raises:
            DataError: an argument names nothing or cannot be read, or there is no image at all.
        """
        if STANDARD_INPUT in self.arguments:
            return None
        total = sum(source.count() for source in self._sources())
        if not total:
            raise self.nothing()
        return total

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """All of them; the first `only_named` need not be read.

        Raises:
            DataError: an argument names nothing or cannot be read.
        """
        number = 0
        for source in self._sources():
            for picture in source.pictures(max(0, only_named - number)):
                yield picture
                number += 1

    def nothing(self) -> DataError:
        """The error of those who expected an image."""
        names = {STANDARD_INPUT: "standard input"}
        places = ", ".join(names.get(argument, argument) for argument in self.arguments)
        return DataError(f"no image in {places or 'nothing'}; name image files")

    def _sources(self) -> Iterator[Source]:
        once = Once()
        for argument in self.arguments:
            if argument == STANDARD_INPUT:
                for line in self.standard_input:
                    if text := line.rstrip("\r\n"):
                        yield from self._of(text, once, kept=False)
            else:
                yield from self._of(argument, once, kept=True)

    def _of(self, argument: str, once: Once, kept: bool) -> Iterator[Source]:
        if not argument or "\0" in argument:
            raise DataError(
                f"{argument[:80]!r} is no path; give files, folders or patterns, one a line"
            )
        path = place_of(argument)
        if path.is_dir() or path.exists():
            yield from self._at(path, once, kept)
            return
        matches = matching(path)
        if not matches:
            raise DataError(
                f"{printable(argument)}: no such file or folder, and no pattern that matches one"
            )
        for match in matches:
            yield from self._at(Path(match), once, kept)

    def _at(self, path: Path, once: Once, kept: bool) -> Iterator[Source]:
        if path.is_dir():
            below = FolderImages(path, once)
            yield below
            if not below.found:
                for file in sorted([*path.glob("*.parquet"), *path.glob("data/*.parquet")]):
                    yield from self._at(file, once, kept)
        elif once.file(path, kept):
            suffix = path.suffix.lower()
            if suffix == PARQUET_SUFFIX:
                yield ParquetRows(path, self.column)
            elif suffix in TEXT_SUFFIXES:
                yield TextRows(path, self.column)
            else:
                yield OneFile(path)


@dataclass(frozen=True)
class OneFile:
    """See `Source`; an image file."""

    path: Path

    def count(self) -> int:
        """See `Source.count`."""
        return 1

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """See `Source.pictures`."""
        yield picture_in_file(str(self.path))


@dataclass
class FolderImages:
    """See `Source`; the images below a folder that were not named before.

    Attributes:
        path: of the folder.
        once: what was named before; either method may be used once.
        found: whether there was an image.
    """

    path: Path
    once: Once
    found: bool = False

    def count(self) -> int:
        """See `Source.count`."""
        return sum(1 for _ in self.pictures())

    def pictures(self, only_named: int = 0) -> Iterator[Picture]:
        """See `Source.pictures`."""
        for picture in images_below(self.path, self.once):
            self.found |= picture.problem is None
            yield picture
