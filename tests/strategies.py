"""Hypothesis strategies shared by the tests: `from strategies import taxonomies`."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from labeltree.taxonomy import Taxonomy


def label_names() -> st.SearchStrategy[str]:
    """One label: any Unicode but `/` and control characters, no outer space, NFC."""
    characters = st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\")
    anything = st.text(characters, min_size=1, max_size=5)
    usual = st.sampled_from(
        ["cat", "dog", "pug", "big dog", "été", "σκύλος", "犬", "ねこ", "🐈", "-", "0"]
    )
    names = st.one_of(usual, anything).map(lambda name: unicodedata.normalize("NFC", name))
    return names.filter(lambda name: name not in (".", ".."))


@st.composite
def taxonomies(draw: st.DrawFn, max_leaves: int = 12, max_depth: int = 5) -> Taxonomy:
    """A tree of 1 … `max_leaves` leaves, unequal depth up to `max_depth`; shrinks to one leaf."""
    paths: list[tuple[str, ...]] = [()]
    inner: set[tuple[str, ...]] = {()}  # nodes that have children
    for pick in draw(st.lists(st.integers(0, 2**16), min_size=1, max_size=2 * max_leaves)):
        parent = paths[pick % len(paths)]
        num_leaves = len(paths) - len(inner)
        if len(parent) == max_depth or (parent in inner and num_leaves == max_leaves):
            continue
        child = (*parent, draw(label_names()))
        while child in paths:
            child = (*parent, f"{child[-1]}{len(paths)}")
        paths.append(child)
        inner.add(parent)
    return Taxonomy.from_paths(paths[1:])


@st.composite
def two_level_taxonomies(draw: st.DrawFn, max_groups: int = 4, max_size: int = 4) -> Taxonomy:
    """A coarse and a fine level: every leaf at depth 2."""
    sizes = draw(st.lists(st.integers(1, max_size), min_size=1, max_size=max_groups))
    return Taxonomy.from_paths(
        [f"group {g}/class {c}" for g, size in enumerate(sizes) for c in range(size)],
        level_names=["coarse", "fine"],
    )
