"""What every answer of ours carries for browsers, and how a kept file is handed out: nothing is run, framed or kept."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from house import House
from storage import files

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
RAW_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
# A path, a reserved name or a very long one is the receiver's trouble once it is saved.
UNFIT = re.compile(r'[/\\:*?"<>|]')
NAME_MAX_CHARACTERS = 100
ENDING_MAX_CHARACTERS = 10


class Guarded:
    """Each answer, also one that went wrong, with the headers above; a page that needs less says so itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in RAW_HEADERS if pair[0] not in said)]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def handed_out(house: House, token: str) -> Response:
    """A kept file, to whoever holds the short-lived link; never shown in our own pages."""
    with house.database.connect() as connection:
        found = files.fetch(connection, token, house.now())
    if found is None:
        return PlainTextResponse("this link is not valid any more; open the file from the chat again", 404)
    headers = {"Content-Disposition": disposition(found.name)}
    return Response(found.content, media_type="application/octet-stream", headers=headers)


def disposition(name: str) -> str:
    """The name as its sender wrote it, for those who read RFC 6266, and in ASCII for all others."""
    name = file_name(name)
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_name(name: str) -> str:
    """One name in one folder, of signs that can be seen; its ending stays, for that opens the file."""
    seen = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    fit = UNFIT.sub("_", seen).strip(". ") or "file"
    head, dot, ending = fit.rpartition(".")
    if len(fit) <= NAME_MAX_CHARACTERS:
        return fit
    kept = f".{ending}" if head and dot and len(ending) <= ENDING_MAX_CHARACTERS else ""
    return fit[: NAME_MAX_CHARACTERS - len(kept)] + kept
