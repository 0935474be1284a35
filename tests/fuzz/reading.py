"""What a fuzzer's bytes stand for: words as people and machines garble them, and payloads with one part replaced."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]


def words(data: bytes) -> str:
    """Any text, lone halves of surrogate pairs included: they stand where the bytes are no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def number(data: bytes) -> tuple[int, bytes]:
    """The first byte as a choice, and the rest."""
    return (data[0], data[1:]) if data else (0, b"")


def grafted(payloads: Sequence[Json], data: bytes) -> Json:
    """One of the payloads with one of its parts replaced by what the bytes say: JSON if they are, else text."""
    which, data = number(data)
    place, data = number(data)
    payload = copy.deepcopy(payloads[which % len(payloads)])
    places = list(parts_of(payload))
    holder, key = places[place % len(places)]
    holder[key] = value_of(data)
    return payload


def value_of(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return words(data)


def parts_of(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every (object or list, key) below."""
    keys = list(found) if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()
    for key in keys:
        yield found, key
        yield from parts_of(found[key])


def storable(text: str) -> bool:
    """PostgreSQL takes neither NUL nor half a surrogate pair."""
    return "\x00" not in text and text.encode("utf-8", "ignore").decode() == text


def texts_in(found: object) -> Iterator[str]:
    """Every text in a neutral message, whatever it is made of."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from texts_in(key)
            yield from texts_in(value)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from texts_in(value)
    elif hasattr(found, "__dataclass_fields__"):
        for name in found.__dataclass_fields__:
            yield from texts_in(getattr(found, name))


def doubled_key(body: bytes) -> bool:
    """Whether some object in this JSON has a key twice; said by a second reader, not by the door's own."""
    doubled: list[str] = []

    def look(items: list[tuple[str, Any]]) -> Json:
        names = [name for name, _ in items]
        doubled.extend(name for name in names if names.count(name) > 1)
        return dict(items)

    json.loads(body, object_pairs_hook=look)
    return bool(doubled)
