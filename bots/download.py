"""A file's content as it comes off the wire: never more than the limit, and never for longer than we wait."""

import time
from collections.abc import Iterable

from bots.ports import Unfetchable

WITHIN_SECONDS = 20
CHUNK_BYTES = 65_536


def gathered(chunks: Iterable[bytes], limit_bytes: int, within_seconds: float) -> bytes:
    """Each chunk has its own time-out, so a byte a second would go on for ever. Raises Unfetchable."""
    give_up_at = time.monotonic() + within_seconds
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > limit_bytes:
            raise Unfetchable("too_large")
        if time.monotonic() > give_up_at:
            raise Unfetchable("unreachable")
    return bytes(found)
