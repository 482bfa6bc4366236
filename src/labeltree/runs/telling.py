"""How a run tells what it chose: a word and a sentence, one line each."""

from __future__ import annotations

from rich.console import Console


def tell(console: Console, word: str, sentence: str) -> None:
    """Print one line; names of files and labels are never taken for markup, nor cut."""
    console.print(f"{word:8} {sentence}", highlight=False, markup=False, soft_wrap=True)
