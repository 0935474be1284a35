"""A provider's event as JSON: an object with an id, or not looked at."""

import json
from typing import Any

from payments.ports import Forged


def without_doubles(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice, two readers may take different ones."""
    made = dict(items)
    if len(made) != len(items):
        raise ValueError("doubled key")
    return made


def parse(body: bytes) -> dict[str, Any]:
    """Of bytes whose signature is right. Raises Forged."""
    try:
        event = json.loads(body, object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:
        raise Forged("malformed", 400) from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise Forged("malformed", 400)
    return event
