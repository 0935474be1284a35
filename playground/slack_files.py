"""Slack's files: the three-step upload of the app, and what people share with it."""

import mimetypes
import re
import secrets as dice
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from playground.exchange import Answer, Asked, Exchange
from playground.slack_chats import SlackChats
from playground.slack_views import fine, refused

Method = Callable[[dict[str, Any]], Answer]
UNFIT = re.compile(r"[^\w.-]+")
PATH = re.compile(r"/(upload|files)/(F\w+)(?:/.*)?")


class SlackFiles:
    """Kept in memory, served with the bot's token."""

    def __init__(self, exchange: Exchange, chats: SlackChats) -> None:
        self.exchange = exchange
        self.chats = chats

    def methods(self) -> dict[str, Method]:
        return {
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete,
            "files.info": self._info,
        }

    def transfer(self, asked: Asked) -> Answer:
        """The bytes themselves, in either direction."""
        found = PATH.fullmatch(asked.path)
        if found is None or found[2] not in self.chats.files:
            return Answer(404, b"not found")
        file, content = self.chats.files[found[2]]
        if found[1] == "upload":
            sent = next(iter(asked.files.values()))[1] if asked.files else asked.body
            if len(sent) != file["size"]:
                return Answer(400, b"size mismatch")
            self.chats.files[found[2]] = (file, sent)
            return Answer(200, f"OK - {len(sent)}".encode())
        if asked.headers.get("authorization") != f"Bearer {self.chats.workspace.bot_token}":
            return Answer(302, b"", {"location": "https://slack.com/"})
        return Answer(200, content, {"content-type": file["mimetype"]})

    def _upload_url(self, args: dict[str, Any]) -> Answer:
        if not args.get("filename") or not str(args.get("length", "")).isdigit():
            return refused("invalid_arguments")
        file = new_file(self.chats, str(args["filename"]), int(args["length"]))
        self.chats.files[file["id"]] = (file, b"")
        return fine(upload_url=f"{self.exchange.base}upload/{file['id']}", file_id=file["id"])

    def _complete(self, args: dict[str, Any]) -> Answer:
        wanted = args.get("files") or []
        if not wanted or any(each.get("id") not in self.chats.files for each in wanted):
            return refused("file_not_found")
        files = [{**self.chats.files[each["id"]][0], "title": each.get("title")} for each in wanted]
        places = args.get("channel_id") or args.get("channels") or ""
        for place in [each for each in str(places).split(",") if each]:
            channel = self.chats.channel(place)
            if channel is None:
                return refused("channel_not_found")
            content = self.chats.bot_message(str(args.get("initial_comment") or ""), None)
            self.chats.add(channel, {**content, "files": files})
        return fine(files=files)

    def _info(self, args: dict[str, Any]) -> Answer:
        known = self.chats.files.get(str(args.get("file")))
        return fine(file=known[0]) if known else refused("file_not_found")


def new_file(chats: SlackChats, name: str, size: int) -> dict[str, Any]:
    id = "F" + dice.token_hex(5).upper()
    # As Slack does: no sign in an address that would have to be escaped.
    slug = UNFIT.sub("_", name)
    url = f"{chats.exchange.base}files/{id}/{quote(slug)}"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    about = {"id": id, "name": name, "title": name, "mimetype": kind, "size": size, "mode": "hosted"}
    return {**about, "url_private": url, "url_private_download": url}
