"""LINE's rich menu: six words at the bottom of the chat, each said for the person who taps it."""

import hashlib
import json
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from bots import text
from bots.door import Json, parts, word
from bots.line.outbound import Line, Reply

# The picture's own size: LINE takes no other. It is drawn by docs/make_menu.py.
WIDTH, HEIGHT = 1200, 810
PICTURE = Path(__file__).parent / "menu.png"
COLUMNS, ROWS = 3, 2
NAME_MAX, CHAT_BAR_MAX, SAID_MAX, LABEL_MAX = 300, 14, 300, 20
NAME = "Arigato"
DIGEST_LENGTH = 12


def rich_menu(words: Sequence[tuple[str, str]], chat_bar: str, picture: bytes) -> Json:
    """The areas in reading order, three in a row. The name says what it is made of, so that it is made once only."""
    wide, high = WIDTH // COLUMNS, HEIGHT // ROWS
    menu = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": text.cut_graphemes(text.label(chat_bar), CHAT_BAR_MAX),
        "areas": [
            {
                "bounds": {"x": place % COLUMNS * wide, "y": place // COLUMNS * high, "width": wide, "height": high},
                "action": {
                    "type": "message",
                    "label": text.cut_graphemes(text.label(label), LABEL_MAX),
                    "text": text.cut_utf16(said, SAID_MAX),
                },
            }
            for place, (label, said) in enumerate(words[: COLUMNS * ROWS])
        ],
    }
    digest = hashlib.sha256(json.dumps(menu, sort_keys=True).encode() + picture).hexdigest()
    return {**menu, "name": f"{NAME} {digest[:DIGEST_LENGTH]}"}


def set_up(line: Line, words: Sequence[tuple[str, str]], chat_bar: str) -> list[str]:
    """Makes the menu everybody's, unless it is already, and takes our older ones away."""
    if not words:
        return []
    picture = PICTURE.read_bytes()
    wanted = rich_menu(words, chat_bar or words[0][0], picture)
    there = parts(line.call("GET", "/v2/bot/richmenu/list").body, "richmenus")
    menu_id = next((word(menu, "richMenuId") for menu in there if menu.get("name") == wanted["name"]), "")
    if not menu_id:
        made = line.call("POST", "/v2/bot/richmenu", wanted)
        menu_id = word(made.body, "richMenuId")
        if made.status != HTTPStatus.OK or not menu_id:
            return [failed("made", made)]
        shown = line.give_picture(menu_id, picture)
        if shown.status != HTTPStatus.OK:
            line.call("DELETE", f"/v2/bot/richmenu/{menu_id}")
            return [failed("given its picture", shown)]
    default = line.call("POST", f"/v2/bot/user/all/richmenu/{menu_id}")
    if default.status != HTTPStatus.OK:
        return [failed("made the default", default)]
    for menu in there:
        if word(menu, "name").split(" ")[0] == NAME and word(menu, "richMenuId") != menu_id:
            line.call("DELETE", f"/v2/bot/richmenu/{word(menu, 'richMenuId')}")
    return [f"rich menu {menu_id}: everybody's"]


def failed(what: str, reply: Reply) -> str:
    return f"rich menu not {what}: {reply.status} {reply.message}".strip()
