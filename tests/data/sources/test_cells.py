"""Several labels in one cell: what is written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeltree.data.sources.cells import as_labels, labels_text
from labeltree.errors import DataError
from labeltree.taxonomy.names import clean, flaw

names = st.text("ab;\",'= é", min_size=1).map(clean).filter(lambda name: flaw(name) is None)
labels = st.lists(st.tuples(names) | st.tuples(names, names), max_size=4)


@given(labels)
def test_written_labels_are_read_back(labels: list[tuple[str, ...]]) -> None:
    text = labels_text("/".join(label) for label in labels)
    assert as_labels(text, "/", "here") == tuple(labels)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("cat;dog/pug", ["cat", "dog/pug"]),
        (' cat ; "a;b/c" ;dog', None),
        (' cat ; "a;b/c";dog', ["cat", "a;b/c", "dog"]),
        ('5" pipe;cat', ['5" pipe', "cat"]),
        ('"say ""hi""";cat', ['say "hi"', "cat"]),
        ("big\ncat;dog", ["big cat", "dog"]),
        (" ", []),
        ('"big" dog;cat', None),
        ('cat;"dog', None),
    ],
)
def test_quotes(text: str, paths: list[str] | None) -> None:
    if paths is None:
        with pytest.raises(DataError, match=r"^pets\.csv line 2: labels .*double those within"):
            as_labels(text, "/", "pets.csv line 2")
    else:
        found = as_labels(text, "/", "pets.csv line 2")
        assert ["/".join(label) for label in found] == paths
