"""A page as a browser reads it, for tests."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

VOID = {"meta", "link", "img", "input", "br", "hr"}
LOADING = {"src", "href", "srcset", "action", "poster", "data", "background", "ping"}

Attributes = dict[str, str | None]


class Page(HTMLParser):
    """Tags with their attributes, the text of scripts, and whether elements are nested rightly."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.scripts: list[tuple[Attributes, str]] = []
        self.html = path.read_text(encoding="utf-8")
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]

    def data(self, name: str) -> Any:
        (text,) = [text for attributes, text in self.scripts if attributes.get("id") == name]
        return json.loads(text, parse_constant=lambda constant: pytest.fail(constant))


def paint(value: Any, theme: dict[str, str], colour: bool = False) -> Any:
    """What the page's script does; an unknown role fails."""
    if isinstance(value, list):
        return [paint(one, theme, colour) for one in value]
    if isinstance(value, dict):
        return {k: paint(v, theme, colour or "color" in k.lower()) for k, v in value.items()}
    return theme[value[1:]] if colour and str(value).startswith("$") else value
