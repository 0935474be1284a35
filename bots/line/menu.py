"""LINE's rich menu: six words at the bottom of the chat, each said for the person who taps it."""

from collections.abc import Sequence
from http import HTTPStatus

from bots import text
from bots.door import Json, word
from bots.line.outbound import Line

WIDTH, HEIGHT = 2500, 1686
COLUMNS, ROWS = 3, 2
NAME_MAX, CHAT_BAR_MAX, SAID_MAX, LABEL_MAX = 300, 14, 300, 20


def rich_menu(words: Sequence[tuple[str, str]], chat_bar: str) -> Json:
    """The areas in reading order, three in a row."""
    wide, high = WIDTH // COLUMNS, HEIGHT // ROWS
    return {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "name": "Arigato",
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


def set_up(line: Line, words: Sequence[tuple[str, str]]) -> list[str]:
    """Registers the menu. Without a picture LINE does not show it; the picture is the operator's to upload."""
    if not words:
        return []
    made = line.call("POST", "/v2/bot/richmenu", rich_menu(words, words[0][0]))
    if made.status != HTTPStatus.OK:
        return [f"rich menu not made: {made.status} {made.message}".strip()]
    menu_id = word(made.body, "richMenuId")
    return [f"rich menu {menu_id} made; LINE shows it once it has a picture ({WIDTH} x {HEIGHT}) and is the default"]
