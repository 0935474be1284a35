"""What comes to a provider's door before its signature is looked at: never more than the limit, never for long."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

BODY_MAX_BYTES = 1_000_000
BODY_WITHIN_SECONDS = 5
HEADER_MAX_CHARACTERS = 8_192


class TurnedAway(Exception):
    """Not even looked at: `reason` is a code for the security log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def read_headers(request: Request) -> Mapping[str, str]:
    """Each header once. Of two signatures a proxy may have looked at the other."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        if "signature" in name and (name in found or len(value) > HEADER_MAX_CHARACTERS):
            raise TurnedAway(401, "signature_doubled" if name in found else "signature_malformed")
        found[name] = value
    return found


async def read_body(request: Request) -> bytes:
    """Never holds more than the limit, whatever Content-Length says."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise TurnedAway(400, "length_malformed")
    if int(declared[:12]) > BODY_MAX_BYTES or request.headers.get("content-encoding"):
        raise TurnedAway(413, "body_too_large")
    try:
        return await asyncio.wait_for(gathered(request), BODY_WITHIN_SECONDS)
    except TimeoutError:
        raise TurnedAway(408, "body_too_slow") from None


async def gathered(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            raise TurnedAway(413, "body_too_large")
    return bytes(body)
