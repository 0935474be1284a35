"""What every webhook's door does alike: find the one signature header, compare it, read strict JSON."""

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bots.ports import Headers, Refusal

HEADER_LIMIT_BYTES = 8 * 1024
NAME_MAX_CHARACTERS = 255
NUMBER_MAX = 2**63 - 1
Json = dict[str, Any]


def header(headers: Headers, name: str) -> bytes:
    """The value of a header that must be there once. Of two, a proxy may have looked at the other."""
    found = [value for key, value in pairs(headers) if key.lower() == name.encode()]
    if len(found) != 1:
        raise Refusal(401, "signature_missing" if not found else "signature_doubled")
    if len(found[0]) > HEADER_LIMIT_BYTES or not found[0].isascii():
        raise Refusal(401, "signature_malformed")
    return found[0]


def optional_header(headers: Headers, name: str) -> str:
    return next((value.decode("latin-1") for key, value in pairs(headers) if key.lower() == name.encode()), "")


def pairs(headers: Headers) -> list[tuple[bytes, bytes]]:
    if isinstance(headers, Mapping):
        return [(key.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for key, value in headers.items()]
    return list(headers)


def each_of(secrets: str) -> tuple[str, ...]:
    """Comma separated: while one takes another's place, both are good. The first is the one to be used by us."""
    return tuple(secret.strip() for secret in secrets.split(",") if secret.strip())


def same(expected: Iterable[bytes], given: bytes) -> None:
    """What one of the secrets makes of it. All are compared: the time it takes does not tell which one it was."""
    if not sum(hmac.compare_digest(each, given) for each in expected):
        raise Refusal(401, "signature_wrong")


def sha256_mac(key: str, message: bytes) -> bytes:
    return hmac.digest(key.encode(), message, "sha256")


def load(body: bytes) -> Json:
    """A JSON object in which no key stands twice: a verifier and a reader may otherwise see different people."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=without_doubles, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "not_json") from error
    if not isinstance(found, dict):
        raise Refusal(400, "not_an_object")
    return found


def without_doubles(items: list[tuple[str, Any]]) -> Json:
    made = dict(items)
    if len(made) != len(items):
        raise Refusal(400, "doubled_key")
    return made


def refuse_constant(name: str) -> None:
    raise Refusal(400, "not_json")


def stored(event: object) -> bytes:
    """One event as it is kept in the inbox; plain ASCII, so that no half of a surrogate pair can hurt a database."""
    return json.dumps(event, separators=(",", ":")).encode()


def compact(found: Mapping[str, object]) -> str:
    """A reply_to: only what is there. Plain ASCII, as in `stored`."""
    return json.dumps({key: value for key, value in found.items() if value}, separators=(",", ":"))


def opened(reply_to: str) -> Json:
    """A reply_to as it was made by `compact`."""
    return object_in(reply_to.encode("utf-8", "replace"))


def object_in(body: bytes) -> Json:
    """The JSON object in stored bytes, or an empty one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def part(found: object, *keys: str) -> Json:
    """The object under these keys; an empty one where the platform sent something else."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def parts(found: object, key: str) -> list[Json]:
    held = found.get(key) if isinstance(found, dict) else None
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def word(found: object, *keys: str) -> str:
    """The text under these keys; "" where there is none."""
    held = part(found, *keys[:-1]).get(keys[-1])
    return held if isinstance(held, str) else ""


def outside_id(found: object, *keys: str) -> str:
    """The platform's id of something under these keys; "" for what is none, which no database would take as a key."""
    held = word(found, *keys)
    return held if len(held) <= NAME_MAX_CHARACTERS and held.isascii() and held.isprintable() else ""


def whole_number(found: object, *keys: str) -> int:
    """0 where there is none, and for a number no column or clock can hold."""
    held = part(found, *keys[:-1]).get(keys[-1])
    return held if isinstance(held, int) and not isinstance(held, bool) and abs(held) <= NUMBER_MAX else 0
