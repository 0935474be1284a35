"""Telegram's messages on the page."""

from typing import Any

import pytest

from playground.render_telegram import telegram_keyboard, telegram_message
from playground.telegram_text import entities_text, html_text
from tests.playground.samples import BAD_ADDRESSES, HOSTILE, assert_harmless, read, with_hostile_words

MESSAGE: dict[str, Any] = {
    "message_id": 2,
    "text": "審査待ち 1件 くわしく",
    "entities": [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://example.com"},
    ],
    "reply_markup": {
        "inline_keyboard": [
            [{"text": "公開する", "callback_data": "p"}, {"text": "差し戻す", "callback_data": "r"}],
            [{"text": "くわしく", "url": "https://example.com/x"}],
        ]
    },
    "document": {"file_name": "logo.pdf"},
}


def test_telegram_message_keeps_hostile_words_as_words() -> None:
    for hostile in with_hostile_words(MESSAGE):
        assert_harmless(telegram_message(hostile) + telegram_keyboard(hostile))


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_telegram_links_lead_to_pages_only(address: str) -> None:
    entity = {"type": "text_link", "offset": 0, "length": 2, "url": address}

    assert_harmless(entities_text("見る", [entity]))
    assert_harmless(html_text(f'<a href="{address}">見る</a>'))
    assert_harmless(entities_text(address, [{"type": "url", "offset": 0, "length": len(address)}]))


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("😀太字", [("bold", 2, 2)], "😀<strong>太字</strong>"),
        ("abcd", [("bold", 0, 4), ("italic", 1, 2)], "<strong>a<em>bc</em>d</strong>"),
        ("ab", [("bold", 0, 2), ("italic", 0, 2)], "<strong><em>ab</em></strong>"),
        ("a\nb", [("code", 0, 3)], "<code>a<br>b</code>"),
        ("ab", [("bold", 1, 99)], "a<strong>b</strong>"),
        ("ab", [("bold", 9, 2)], "ab"),
        ("<b>", [("hashtag", 0, 3)], "&lt;b&gt;"),
    ],
)
def test_entities_count_utf16_units_and_nest(text: str, entities: list[tuple[str, int, int]], html: str) -> None:
    known = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]

    assert entities_text(text, known) == html


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("<b>太</b><i>斜</i>", "<strong>太</strong><em>斜</em>"),
        ("5 &lt; 6 &amp; 7", "5 &lt; 6 &amp; 7"),
        ("<b>a<i>b</b>", "<strong>a<em>b&lt;/b&gt;</em></strong>"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- x -->", "&lt;!-- x --&gt;"),
        ("一\n二", "一<br>二"),
    ],
)
def test_html_knows_only_telegrams_tags(written: str, html: str) -> None:
    assert html_text(written) == html


def test_hostile_text_is_shown_word_for_word() -> None:
    _, words = read(telegram_message({"text": HOSTILE}))

    assert words == HOSTILE


def test_keyboard_keeps_its_rows() -> None:
    elements, _ = read(telegram_keyboard(MESSAGE))

    rows = [attributes["class"] for _, attributes in elements if attributes.get("class") == "keyboard-row"]
    labels = [attributes["data-label"] for _, attributes in elements if "data-verb" in attributes]
    assert (len(rows), labels) == (2, ["公開する", "差し戻す"])


def test_message_without_keyboard_has_none() -> None:
    assert telegram_keyboard({"text": "x"}) == ""
