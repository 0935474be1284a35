"""How long a platform asks us to wait before we ask again."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

# Nobody means a longer wait, and a mistyped number must not be for ever.
WAIT_MAX_SECONDS = 24 * 60 * 60


def asked(headers: Mapping[str, object], otherwise: float, now: float) -> float:
    """By Retry-After, in seconds or as a date; `otherwise`, where it says neither."""
    found = next((str(value).strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if found.isascii() and found.isdigit():
        return at_most(float(found))
    try:
        at = parsedate_to_datetime(found)
    except ValueError:
        return otherwise
    return at_most(max(otherwise, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now))


def at_most(seconds: float) -> float:
    return min(seconds, WAIT_MAX_SECONDS)
