"""Where images come from that are to be answered for: named lazily, read when they are needed."""

from labeltree.prediction.sources.named import STANDARD_INPUT, NamedImages
from labeltree.prediction.sources.picture import (
    Picture,
    Source,
    picture_in_file,
    place_of,
    written_out,
)

__all__ = [
    "STANDARD_INPUT",
    "NamedImages",
    "Picture",
    "Source",
    "picture_in_file",
    "place_of",
    "written_out",
]
