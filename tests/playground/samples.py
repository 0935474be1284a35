"""Hostile words and small messages of each platform, for the tests of the page."""

import json
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>&lt;b&gt;{{7*7}}"
BAD_ADDRESSES = (
    "javascript:alert(1)",
    " jAvAsCrIpT:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//elsewhere.example/",
    'https://x.example/"onmouseover="alert(1)',
    "http://[",
)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> tuple[list[tuple[str, dict[str, str | None]]], str]:
    """The elements and the words of a piece of HTML, as a browser would find them."""
    reader = _Elements()
    reader.feed(html)
    reader.close()
    return reader.found, "".join(reader.words)


def assert_harmless(html: str) -> None:
    elements, _ = read(html)
    for name, attributes in elements:
        assert name not in ("script", "iframe", "object", "style", "base", "link", "meta"), html
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "srcdoc", "formaction")], html
        assert (name, attributes.get("src")) != ("img", "x"), html
        address = (attributes.get("href") or "https:").strip().lower()
        assert address.startswith(("https:", "http:", "tel:", "mailto:", "/")), address
        assert not address.startswith("//"), address


def with_hostile_words(part: Any) -> Iterator[Any]:
    """One copy for every text in the JSON, with that text made hostile; what names a kind is left alone."""
    kept = {"type", "layout", "style"}
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in kept:
                yield from ({**part, key: changed} for changed in with_hostile_words(value))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from ([*part[:place], changed, *part[place + 1 :]] for changed in with_hostile_words(value))
    elif isinstance(part, str):
        yield HOSTILE
        yield from BAD_ADDRESSES if "://" in part else ()


def conformance_samples(name: str) -> list[dict[str, Any]]:
    """Messages of real products, which live beside this checkout."""
    shared = Path(os.environ.get("ARIGATO_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = shared / "tools" / "conformance" / "samples" / name
    if not path.exists():
        pytest.skip(f"no conformance samples at {path}; set ARIGATO_SHARED")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
