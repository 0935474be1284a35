"""LINE's messages on the page."""

from typing import Any

import pytest

from playground.render_line import line_message
from tests.playground.samples import HOSTILE, assert_harmless, conformance_samples, read, with_hostile_words

CARD: dict[str, Any] = {
    "type": "flex",
    "altText": "依頼の確認：ロゴ、30,000円",
    "contents": {
        "type": "bubble",
        "styles": {"footer": {"separator": True, "backgroundColor": "#ffffff"}},
        "hero": {"type": "image", "url": "https://example.com/a.png", "aspectRatio": "20:13", "size": "full"},
        "body": {
            "type": "box",
            "layout": "vertical",
            "spacing": "md",
            "contents": [
                {"type": "text", "text": "ロゴ", "weight": "bold", "size": "lg", "color": "#111111", "wrap": True},
                {"type": "text", "contents": [{"type": "span", "text": "30,000円", "color": "#047A34"}]},
                {"type": "separator", "color": "#dddddd"},
                {
                    "type": "box",
                    "layout": "horizontal",
                    "contents": [{"type": "text", "text": "くわしく"}],
                    "action": {"type": "postback", "data": "d"},
                },
            ],
        },
        "footer": {
            "type": "box",
            "layout": "horizontal",
            "contents": [
                {
                    "type": "button",
                    "style": "primary",
                    "action": {"type": "postback", "label": "募集する", "data": "p"},
                },
                {"type": "button", "action": {"type": "uri", "label": "支払う", "uri": "https://example.com/pay"}},
                {
                    "type": "button",
                    "action": {
                        "type": "datetimepicker",
                        "label": "納期",
                        "data": "d",
                        "mode": "date",
                        "min": "2026-07-15",
                    },
                },
            ],
        },
    },
}
OTHERS: list[dict[str, Any]] = [
    {"type": "text", "text": "こんにちは\nhttps://example.com/x?a=1&b=2 を見てください"},
    {"type": "sticker", "packageId": "1", "stickerId": "2", "keywords": ["hi"]},
    {
        "type": "image",
        "originalContentUrl": "https://example.com/i.png",
        "previewImageUrl": "https://example.com/p.png",
    },
    {"type": "file", "fileName": "logo.pdf", "fileSize": 3},
    {"type": "location", "title": "恵比寿", "address": "東京都"},
    {
        "type": "template",
        "altText": "選んでください",
        "template": {
            "type": "carousel",
            "columns": [
                {
                    "title": "題",
                    "text": "本文",
                    "thumbnailImageUrl": "https://example.com/t.png",
                    "actions": [{"type": "message", "label": "はい", "text": "はい"}],
                }
            ],
        },
    },
    {"type": "something_new", "text": "x"},
]


@pytest.mark.parametrize("message", [CARD, *OTHERS], ids=lambda message: message["type"])
def test_line_message_keeps_hostile_words_as_words(message: dict[str, Any]) -> None:
    for hostile in with_hostile_words(message):
        assert_harmless(line_message(hostile))


def test_line_text_is_shown_word_for_word() -> None:
    elements, words = read(line_message({"type": "text", "text": HOSTILE}))

    assert words == HOSTILE
    assert [name for name, _ in elements] == ["p"]


def test_line_text_links_addresses_and_keeps_lines() -> None:
    elements, words = read(line_message(OTHERS[0]))

    assert [attributes["href"] for name, attributes in elements if name == "a"] == ["https://example.com/x?a=1&b=2"]
    assert [name for name, _ in elements if name == "br"] == ["br"]
    assert words == "こんにちはhttps://example.com/x?a=1&b=2 を見てください"


def test_flex_buttons_tap_open_and_pick() -> None:
    elements, _ = read(line_message(CARD))

    verbs = [
        (name, attributes["data-verb"], attributes["data-label"])
        for name, attributes in elements
        if "data-verb" in attributes
    ]
    assert verbs == [("div", "taps", "くわしく"), ("button", "taps", "募集する"), ("form", "picks", "納期")]
    assert [attributes["href"] for name, attributes in elements if name == "a"] == ["https://example.com/pay"]
    inputs = [attributes for name, attributes in elements if name == "input"]
    assert [(one["type"], one["min"], one["aria-label"]) for one in inputs] == [("date", "2026-07-15", "納期")]


def test_flex_loads_nothing_from_outside() -> None:
    elements, words = read(line_message(CARD))

    assert [name for name, _ in elements if name == "img"] == []
    assert "a.png" in words


def test_flex_says_its_alternative_text() -> None:
    elements, _ = read(line_message(CARD))

    assert elements[0][1]["aria-label"] == "依頼の確認：ロゴ、30,000円"


def test_flex_looks_are_lengths_and_colours_only() -> None:
    evil = {
        "type": "box",
        "layout": "vertical",
        "backgroundColor": "red;background:url(//x)",
        "width": "expression(1)",
        "paddingAll": "1px;x:y",
        "contents": [],
    }
    elements, _ = read(line_message({"type": "flex", "altText": "", "contents": {"type": "bubble", "body": evil}}))

    looks = [attributes["data-style"] for _, attributes in elements if attributes.get("data-style")]
    assert looks == ["flex:0 0 auto"]


def test_published_flex_messages_are_shown() -> None:
    samples = conformance_samples("line/flex_valid.jsonl")

    shown = [line_message({"type": "flex", "altText": "x", "contents": sample["contents"]}) for sample in samples]

    assert len(shown) == len(samples) > 20
    for html in shown:
        assert_harmless(html)
        assert "unknown" not in html
