"""LINE's rich menus: made, given a picture, linked to everybody or to one person."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from playground.exchange import Answer, Asked, Exchange
from playground.limits import Check
from playground.line_chats import Chat, LineChats
from playground.line_limits import check_menu
from playground.line_look import as_tap
from playground.screen import Tap

Endpoint = Callable[[Asked, dict[str, str]], Answer]
MENU = "/v2/bot/richmenu"
ALIAS = re.compile(r"[a-z0-9_-]{1,32}")
IMAGE_BYTES_MAX = 1024 * 1024
NOT_FOUND = Answer(404, {"message": "Not found"})


class LineMenus:
    """Which menus exist and who sees which."""

    def __init__(self, exchange: Exchange, chats: LineChats) -> None:
        self.exchange = exchange
        self.chats = chats
        self.menus: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, tuple[str, bytes]] = {}
        self.aliases: dict[str, str] = {}
        self.default: str | None = None

    def routes(self) -> list[tuple[str, str, Endpoint]]:
        return [
            ("POST", MENU, self._create),
            ("POST", MENU + "/validate", self._validate),
            ("GET", MENU + "/list", lambda *_: Answer(200, {"richmenus": list(self.menus.values())})),
            ("GET", MENU + "/alias/list", self._list_aliases),
            ("POST", MENU + "/alias", self._alias),
            ("GET", MENU + "/alias/{alias}", self._get_alias),
            ("POST", MENU + "/alias/{alias}", self._alias),
            ("DELETE", MENU + "/alias/{alias}", self._drop_alias),
            ("POST", MENU + "/bulk/link", self._link_many),
            ("POST", MENU + "/bulk/unlink", self._link_many),
            ("POST", MENU + "/{menu}/content", self._picture),
            ("GET", MENU + "/{menu}/content", self._get_picture),
            ("GET", MENU + "/{menu}", self._get),
            ("DELETE", MENU + "/{menu}", self._delete),
            ("GET", "/v2/bot/user/all/richmenu", self._get_default),
            ("DELETE", "/v2/bot/user/all/richmenu", self._drop_default),
            ("POST", "/v2/bot/user/all/richmenu/{menu}", self._set_default),
            ("GET", "/v2/bot/user/{id}/richmenu", self._get_link),
            ("DELETE", "/v2/bot/user/{id}/richmenu", self._unlink),
            ("POST", "/v2/bot/user/{id}/richmenu/{menu}", self._link),
        ]

    def shown_to(self, chat: Chat) -> dict[str, Any] | None:
        menu = self.menus.get(chat.menu_id or "") or self.menus.get(self.default or "")
        return menu if chat.friend else None

    def taps(self, chat: Chat) -> tuple[Tap, ...]:
        menu = self.shown_to(chat)
        return tuple(as_tap(area["action"], "") for area in menu["areas"]) if menu else ()

    def switch(self, chat: Chat, alias: str) -> bool:
        """A richmenuswitch action; only a known alias changes anything."""
        menu_id = self.aliases.get(alias)
        if menu_id is not None:
            chat.menu_id = menu_id
        return menu_id is not None

    def _create(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        check_menu(check, asked.fields)
        if check.problems:
            return _refused(check)
        id = f"richmenu-{uuid.uuid4().hex}"
        self.menus[id] = {"richMenuId": id, **asked.fields}
        return Answer(200, {"richMenuId": id})

    def _validate(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        check_menu(check, asked.fields)
        return _refused(check) if check.problems else Answer(200, {})

    def _get(self, asked: Asked, found: dict[str, str]) -> Answer:
        menu = self.menus.get(found["menu"])
        return Answer(200, menu) if menu else NOT_FOUND

    def _delete(self, asked: Asked, found: dict[str, str]) -> Answer:
        return Answer(200, {}) if self.menus.pop(found["menu"], None) else NOT_FOUND

    def _picture(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        kind = asked.headers.get("content-type", "")
        check.need(kind in ("image/png", "image/jpeg"), "Content-Type", "must be image/png or image/jpeg")
        check.need(0 < len(asked.body) <= IMAGE_BYTES_MAX, "body", "the image must have at most 1 MB")
        if check.problems:
            return _refused(check)
        if found["menu"] not in self.menus:
            return NOT_FOUND
        self.pictures[found["menu"]] = (kind, asked.body)
        return Answer(200, {})

    def _get_picture(self, asked: Asked, found: dict[str, str]) -> Answer:
        kind, content = self.pictures.get(found["menu"], ("", b""))
        return Answer(200, content, {"content-type": kind}) if kind else NOT_FOUND

    def _usable(self, id: str) -> Answer | None:
        if id not in self.menus:
            return NOT_FOUND
        if id in self.pictures:
            return None
        check = Check()
        check.fail("richMenuId", "must upload richmenu image before applying it to user")
        return _refused(check)

    def _set_default(self, asked: Asked, found: dict[str, str]) -> Answer:
        refusal = self._usable(found["menu"])
        if refusal is None:
            self.default = found["menu"]
        return refusal or Answer(200, {})

    def _get_default(self, asked: Asked, found: dict[str, str]) -> Answer:
        return Answer(200, {"richMenuId": self.default}) if self.default else NOT_FOUND

    def _drop_default(self, asked: Asked, found: dict[str, str]) -> Answer:
        self.default = None
        return Answer(200, {})

    def _link(self, asked: Asked, found: dict[str, str]) -> Answer:
        chat = self.chats.chats.get(found["id"])
        refusal = self._usable(found["menu"]) if chat else NOT_FOUND
        if chat is not None and refusal is None:
            chat.menu_id = found["menu"]
        return refusal or Answer(200, {})

    def _get_link(self, asked: Asked, found: dict[str, str]) -> Answer:
        chat = self.chats.chats.get(found["id"])
        return Answer(200, {"richMenuId": chat.menu_id}) if chat and chat.menu_id else NOT_FOUND

    def _unlink(self, asked: Asked, found: dict[str, str]) -> Answer:
        chat = self.chats.chats.get(found["id"])
        if chat is not None:
            chat.menu_id = None
        return Answer(200, {})

    def _link_many(self, asked: Asked, found: dict[str, str]) -> Answer:
        menu_id = asked.fields.get("richMenuId")
        refusal = self._usable(menu_id) if menu_id else None
        if refusal is not None:
            return refusal
        for id in asked.fields.get("userIds") or []:
            if id in self.chats.chats:
                self.chats.chats[id].menu_id = menu_id
        return Answer(202, {})

    def _alias(self, asked: Asked, found: dict[str, str]) -> Answer:
        check = Check()
        alias = found.get("alias") or str(asked.fields.get("richMenuAliasId"))
        check.need(ALIAS.fullmatch(alias) is not None, "richMenuAliasId", "1 to 32 of a-z, 0-9, _ and -")
        check.need("alias" in found or alias not in self.aliases, "richMenuAliasId", "conflict richmenu alias id")
        check.need(asked.fields.get("richMenuId") in self.menus, "richMenuId", "richmenu not found")
        if check.problems:
            return _refused(check)
        self.aliases[alias] = asked.fields["richMenuId"]
        return Answer(200, {})

    def _list_aliases(self, asked: Asked, found: dict[str, str]) -> Answer:
        return Answer(200, {"aliases": [_shown(alias, id) for alias, id in self.aliases.items()]})

    def _get_alias(self, asked: Asked, found: dict[str, str]) -> Answer:
        id = self.aliases.get(found["alias"])
        return Answer(200, _shown(found["alias"], id)) if id else NOT_FOUND

    def _drop_alias(self, asked: Asked, found: dict[str, str]) -> Answer:
        return Answer(200, {}) if self.aliases.pop(found["alias"], None) else NOT_FOUND


def _shown(alias: str, menu_id: str) -> dict[str, str]:
    return {"richMenuAliasId": alias, "richMenuId": menu_id}


def _refused(check: Check) -> Answer:
    details = [{"message": problem.message, "property": problem.where} for problem in check.problems]
    message = f"The request body has {len(details)} error(s)"
    return Answer(400, {"message": message, "details": details}, breaches=tuple(check.problems))
