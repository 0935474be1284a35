"""Telegram's rules for what a bot may send; the first one broken is the one it names."""

import re
from collections.abc import Iterable
from typing import Any

from playground.limits import Check

CALLBACK_BYTES_MAX = 64
TEXT_MAX = 4096
CAPTION_MAX = 1024
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
           "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")  # fmt: skip
OUTSIDE_ACTION = ("text", "icon_custom_emoji_id", "style")
NO_PUBLIC_DOMAIN = re.compile(r"https?://(localhost|127\.|10\.|192\.168\.)")


def check_parameters(check: Check, fields: dict[str, Any], required: Iterable[str]) -> None:
    for name in required:
        check.need(fields.get(name) not in (None, ""), name, f"Bad Request: {_wanted(name)}")


def check_text(check: Check, words: str, where: str) -> None:
    if where == "caption":
        check.need(len(words) <= CAPTION_MAX, where, "Bad Request: message caption is too long")
        return
    check.need(bool(words.strip()), where, "Bad Request: message text is empty")
    check.need(len(words) <= TEXT_MAX, where, "Bad Request: message is too long")


def check_markup(check: Check, markup: Any) -> None:
    if markup in (None, ""):
        return
    if not isinstance(markup, dict):
        check.fail("reply_markup", "Bad Request: object expected as reply markup")
        return
    if "inline_keyboard" in markup:
        _rows(check, markup["inline_keyboard"], _check_inline)
    elif "keyboard" in markup:
        _rows(check, markup["keyboard"], _check_key)
    else:
        known = "remove_keyboard" in markup or "force_reply" in markup
        check.need(known, "reply_markup", "Bad Request: object expected as reply markup")


def check_commands(check: Check, commands: Any) -> None:
    if not isinstance(commands, list) or len(commands) > 100:
        check.fail("commands", "Bad Request: BOT_COMMANDS_TOO_MUCH")
        return
    for command in commands:
        name, says = str(command.get("command", "")), str(command.get("description", ""))
        check.need(re.fullmatch(r"[a-z0-9_]{1,32}", name) is not None, "command", "Bad Request: BOT_COMMAND_INVALID")
        check.need(1 <= len(says) <= 256, "description", "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")


def _rows(check: Check, rows: Any, check_button: Any) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        check.fail("reply_markup", "Bad Request: field keyboard must be an Array of Arrays")
        return
    buttons = [button for row in rows for button in row]
    check.need(len(buttons) <= 100, "reply_markup", "Bad Request: reply markup is too long")
    for button in buttons:
        check_button(check, button)


def _check_inline(check: Check, button: Any) -> None:
    where = "reply_markup.inline_keyboard"
    if not isinstance(button, dict):
        check.fail(where, "Bad Request: InlineKeyboardButton must be an Object")
        return
    check.need(bool(str(button.get("text", "")).strip()), where, "Bad Request: inline keyboard button text is empty")
    for name in button:
        known = name in ACTIONS or name in OUTSIDE_ACTION
        check.need(known, f"{where}.{name}", f"Bad Request: InlineKeyboardButton has no field {name}")
    actions = [name for name in ACTIONS if button.get(name) is not None]
    check.need(len(actions) == 1, where, "Bad Request: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in actions:
        size = len(str(button["callback_data"]).encode())
        check.need(1 <= size <= CALLBACK_BYTES_MAX, f"{where}.callback_data", "Bad Request: BUTTON_DATA_INVALID")
    if "url" in actions:
        url = str(button["url"])
        usable = re.match(r"(https?|tg|ton)://|mailto:|[\w.-]+\.\w+", url) and not NO_PUBLIC_DOMAIN.match(url)
        wrong = f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
        check.need(bool(usable), where, wrong)
    if "web_app" in actions:
        url = str(button["web_app"].get("url"))
        check.need(url.startswith("https://"), where, "Bad Request: Only HTTPS links are allowed")


def _check_key(check: Check, button: Any) -> None:
    text = button if isinstance(button, str) else button.get("text", "") if isinstance(button, dict) else ""
    check.need(bool(text.strip()), "reply_markup.keyboard", "Bad Request: keyboard button text is empty")


def _wanted(name: str) -> str:
    return {"chat_id": "chat_id is empty", "text": "message text is empty"}.get(name, f'parameter "{name}" is required')
