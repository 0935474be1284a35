"""Slack's messages, views and modals on the page."""

from typing import Any

import pytest

from playground.mrkdwn import mrkdwn
from playground.render_slack import slack_blocks, slack_message
from playground.slack_modal import slack_modal
from tests.playground.samples import HOSTILE, assert_harmless, conformance_samples, read, with_hostile_words

WORDS = {"optional": "(optional)"}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


OPTIONS = [
    {"text": plain("くわしく"), "value": "1", "description": plain("すべて")},
    {"text": plain("通報"), "value": "2"},
]
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("募集中の仕事")},
    {
        "type": "section",
        "text": marked("*ロゴ* `J-7K2M4Q`\n> 引用\n<https://example.com|見る>"),
        "fields": [marked("_納期_"), plain("7/24")],
        "accessory": {"type": "button", "text": plain("応募する"), "action_id": "a", "style": "primary"},
    },
    {"type": "section", "text": plain("x"), "accessory": {"type": "overflow", "action_id": "o", "options": OPTIONS}},
    {"type": "divider"},
    {
        "type": "context",
        "elements": [marked(":lock: 仮払い"), {"type": "image", "image_url": "https://x/y", "alt_text": "印"}],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": plain("規約"), "url": "https://example.com/terms", "action_id": "u"},
            {"type": "static_select", "placeholder": plain("選ぶ"), "options": OPTIONS, "action_id": "s"},
            {"type": "datepicker", "placeholder": plain("納期"), "initial_date": "2026-07-24", "action_id": "d"},
            {"type": "radio_buttons", "options": OPTIONS, "action_id": "r"},
        ],
    },
    {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "見本", "title": plain("題")},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "太字", "style": {"bold": True}},
                    {"type": "link", "url": "https://example.com", "text": "リンク"},
                    {"type": "user", "user_id": "U1"},
                ],
            }
        ],
    },
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": plain("応募する"),
    "blocks": [
        {"type": "section", "text": marked("*ロゴ*")},
        {
            "type": "input",
            "block_id": "price",
            "label": plain("希望金額"),
            "hint": plain("税込み"),
            "element": {
                "type": "plain_text_input",
                "action_id": "v",
                "initial_value": "30000",
                "placeholder": plain("円"),
            },
        },
        {
            "type": "input",
            "block_id": "words",
            "optional": True,
            "label": plain("ひとこと"),
            "element": {"type": "plain_text_input", "multiline": True, "action_id": "v", "initial_value": "はい"},
        },
        {
            "type": "input",
            "block_id": "kind",
            "label": plain("種類"),
            "element": {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1], "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "days",
            "label": plain("曜日"),
            "element": {"type": "checkboxes", "options": OPTIONS, "initial_options": [OPTIONS[0]], "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "due",
            "label": plain("納期"),
            "element": {"type": "datepicker", "action_id": "v", "initial_date": "2026-07-24"},
        },
    ],
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block["type"])
def test_block_keeps_hostile_words_as_words(block: dict[str, Any]) -> None:
    for hostile in with_hostile_words(block):
        assert_harmless(slack_blocks([hostile]))


def test_modal_keeps_hostile_words_as_words() -> None:
    for hostile in with_hostile_words(MODAL):
        assert_harmless(slack_modal(hostile, WORDS))


def test_message_without_blocks_shows_its_text() -> None:
    _, words = read(slack_message({"text": "5 &lt; 6 &amp; *太字*", "files": [{"name": HOSTILE}]}))

    assert words == "5 < 6 & 太字▤ " + HOSTILE


def test_message_with_blocks_does_not_repeat_its_text() -> None:
    _, words = read(slack_message({"text": "通知", "blocks": [BLOCKS[0]]}))

    assert words == "募集中の仕事"


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("*太* _斜_ ~消~ `コード`", "<strong>太</strong> <em>斜</em> <s>消</s> <code>コード</code>"),
        ("`*a*`", "<code>*a*</code>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name", "snake_case_name"),
        ("一\n二", "一<br>二"),
        ("&gt; 引用\n本文", "<blockquote>引用</blockquote>本文"),
        ("<@U1> <#C1|general> <!here>", None),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
        (":tada: :no_such:", "🎉 :no_such:"),
        ("<javascript:alert(1)|押す>", "<span>押す</span>"),
        ("<|x>", None),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(written: str, html: str | None) -> None:
    shown = mrkdwn(written)

    assert_harmless(shown)
    if html is not None:
        assert shown == html


def test_elements_tap_open_and_pick() -> None:
    elements, _ = read(slack_blocks(BLOCKS))

    taps = [attributes["data-label"] for _, attributes in elements if attributes.get("data-verb") == "taps"]
    assert taps == ["応募する", "くわしく", "通報", "くわしく", "通報", "くわしく", "通報"]
    others = [
        (attributes["data-verb"], attributes["data-label"])
        for _, attributes in elements
        if attributes.get("data-verb") in ("opens", "picks")
    ]
    assert others == [("opens", "規約"), ("picks", "納期")]


def test_modal_fields_are_named_by_their_block_and_filled() -> None:
    elements, words = read(slack_modal(MODAL, WORDS))

    named = [(name, attributes["name"]) for name, attributes in elements if attributes.get("name")]
    assert named == [
        ("input", "price"),
        ("textarea", "words"),
        ("select", "kind"),
        ("input", "days"),
        ("input", "days"),
        ("input", "due"),
    ]
    assert [attributes["data-error"] for _, attributes in elements if "data-error" in attributes] == [
        "price",
        "words",
        "kind",
        "days",
        "due",
    ]
    assert [
        attributes["value"] for _, attributes in elements if "selected" in attributes or "checked" in attributes
    ] == ["2", "1"]
    assert "(optional)" in words


def test_published_slack_messages_are_shown() -> None:
    samples = conformance_samples("slack/blocks_valid.jsonl")

    for sample in samples:
        shown = slack_blocks([sample["body"]]) if sample["kind"] == "blocks" else slack_message(sample["body"])
        assert_harmless(shown)
        assert "unknown" not in shown, sample["name"]
    assert len(samples) > 30
