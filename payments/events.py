"""A provider's event as JSON: an object with an id, or not looked at."""

import json
import re
from typing import Any

from payments.ports import Forged

OUTSIDE_ID = re.compile(r"[!-~]{1,255}", re.ASCII)


def without_doubles(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice, two readers may take different ones."""
    made = dict(items)
    if len(made) != len(items):
        raise ValueError("doubled key")
    return made


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def parse(body: bytes) -> dict[str, Any]:
    """Of bytes whose signature is right. Raises Forged."""
    try:
        event = json.loads(body.decode(), object_pairs_hook=without_doubles, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Forged("malformed", 400) from error
    if not isinstance(event, dict):
        raise Forged("malformed", 400)
    outside_id(event.get("id"))
    return event


def outside_id(found: object) -> str:
    """A provider's own id of something, fit to be a key in the database. Raises Forged."""
    if not isinstance(found, str) or not OUTSIDE_ID.fullmatch(found):
        raise Forged("malformed", 400)
    return found
