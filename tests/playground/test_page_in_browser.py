"""The playground's page in a real browser: live, by keyboard, on a narrow screen, readable without colour."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.playground.chromium import NARROW, WIDE, chromium
from tests.playground.chromium import opened as open_page
from tests.playground.samples import HOSTILE
from tests.playground.small_stage import HANAKO, MAI, TARO, SmallStage, running_page

pytestmark = pytest.mark.browser

# Every visible text against the nearest painted ground behind it; a gradient counts by its colours.
LOW_CONTRAST = """
() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const stops = style.backgroundImage.match(/rgba?\\([^)]*\\)/g);
      if (stops) return stops.map(parse);
      const colour = parse(style.backgroundColor);
      if (colour.length === 3 || colour[3] > 0.85) return [colour];
    }
    return [[255, 255, 255]];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const shown = walker.currentNode.data.trim() && parent.checkVisibility();
    if (!shown || parent.closest("script, .unseen, option")) continue;
    const colour = parse(getComputedStyle(parent).color);
    const worst = Math.min(...grounds(parent).map((ground) => ratio(colour, ground)));
    if (worst < 4.5) found.push(`${worst.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return found;
}
"""
UNNAMED = """
() => [...document.querySelectorAll("button, select, input, textarea, a[href], summary, [role=button]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.ariaLabel || node.textContent.trim() || node.labels?.[0]?.textContent.trim() || node.title))
  .map((node) => node.outerHTML)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def small() -> Iterator[SmallStage]:
    with running_page() as running:
        yield running


def opened(browser: Browser, small: SmallStage, viewport: dict[str, int], language: str) -> tuple[Page, list[str]]:
    return open_page(browser, f"{small.base}/?language={language}", viewport)


def everything_said(small: SmallStage) -> None:
    for person in (HANAKO, MAI, TARO):
        small.acts_as(person, "follows")
        small.acts_as(person, "says", text=f"こんにちは {HOSTILE}")
    small.line_says({"type": "flex", "altText": "確認", "contents": _card()})
    small.slack_calls("chat.postMessage", channel=MAI.id, text="仕事", blocks=_blocks())
    keyboard = {"inline_keyboard": [[{"text": "公開する", "callback_data": "p"}]]}
    small.telegram_says(text="<b>審査</b> <code>J-7K2M4Q</code>", parse_mode="HTML", reply_markup=keyboard)


def test_what_happens_appears_without_reloading(browser: Browser, small: SmallStage) -> None:
    page, complaints = opened(browser, small, WIDE, "ja")
    page.get_by_role("button", name="友だち追加").last.click()
    box = page.locator('.line .composer input[type="text"]')

    box.fill(HOSTILE)
    box.press("Enter")
    expect(page.locator("#chat-line .mine").last).to_contain_text(HOSTILE)
    small.line_says({"type": "flex", "altText": "確認", "contents": _card()})
    page.locator("#chat-line").get_by_role("button", name="募集する").click()

    expect(page.locator("#chat-line .mine").last).to_contain_text("募集します")
    expect(page.locator("#timeline .kind-webhook").first).to_contain_text("postback")
    expect(page.locator("#chat-line .flex-header > .flex-box")).to_have_css("background-color", "rgb(4, 122, 52)")
    assert complaints == []


def test_cards_of_a_list_are_pressed_one_by_one(browser: Browser, small: SmallStage) -> None:
    page, _ = opened(browser, small, WIDE, "ja")
    small.acts_as(HANAKO, "follows")
    small.acts_as(TARO, "follows")
    cards = [_card(), _card(), _card()]
    for number, card in enumerate(cards):
        card["footer"]["contents"][0]["action"]["data"] = f"line {number}"
    small.line_says({"type": "flex", "altText": "一覧", "contents": {"type": "carousel", "contents": cards}})
    rows = [[{"text": "採用する", "callback_data": f"telegram {number}"}] for number in range(3)]
    small.telegram_says(text="一覧", reply_markup={"inline_keyboard": rows})
    words = {"type": "plain_text", "text": "応募"}
    buttons = [{"type": "button", "text": words, "value": f"slack {n}", "action_id": f"a{n}"} for n in range(3)]
    small.slack_calls(
        "chat.postMessage", channel=MAI.id, text="一覧", blocks=[{"type": "actions", "elements": buttons}]
    )

    page.locator("#chat-line").get_by_role("button", name="募集する").nth(1).click()
    expect(page.locator("#timeline .turn").first).to_contain_text("postback")
    page.locator("#chat-telegram").get_by_role("button", name="採用する").nth(2).click()
    expect(page.locator("#timeline .turn").first).to_contain_text("callback_query")
    page.locator("#chat-slack").get_by_role("button", name="応募").nth(1).click()
    expect(page.locator("#timeline .turn").first).to_contain_text("block_actions")

    line, telegram, slack = [payload for _, payload in small.product.got[-3:]]
    assert line["events"][0]["postback"]["data"] == "line 1"
    assert telegram["callback_query"]["data"] == "telegram 2"
    assert slack["actions"][0]["value"] == "slack 1"


def test_slack_modal_is_filled_in_by_hand(browser: Browser, small: SmallStage) -> None:
    page, _ = opened(browser, small, WIDE, "en")
    box = page.locator('.slack .composer input[type="text"]')
    box.fill("/arigato apply")
    box.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("/arigato")
    small.slack_calls("views.open", trigger_id=small.product.got[-1][1]["trigger_id"], view=_modal())

    page.get_by_label("希望金額").fill("")
    page.get_by_role("button", name="応募", exact=True).click()
    expect(page.locator(".modal .error").first).not_to_be_empty()
    page.get_by_label("希望金額").fill("28000")
    page.get_by_role("button", name="応募", exact=True).click()

    expect(page.locator(".modal")).to_have_count(0)
    submitted = small.product.got[-1][1]
    assert submitted["view"]["state"]["values"]["price"]["v"]["value"] == "28000"


def test_tour_moves_the_phones_to_the_scene(browser: Browser, small: SmallStage) -> None:
    page, _ = opened(browser, small, WIDE, "ja")

    page.get_by_role("button", name="代わりにやる").click()

    expect(page.locator(".scenes .over")).to_have_count(1)
    expect(page.locator(".line [data-person]")).to_have_value("U" + "b" * 32)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_page_is_readable_and_every_control_has_a_name(
    browser: Browser, small: SmallStage, viewport: dict[str, int], language: str
) -> None:
    everything_said(small)
    page, complaints = opened(browser, small, viewport, language)
    page.wait_for_timeout(300)

    for view in ("line", "slack", "telegram", "inspector"):
        if viewport == NARROW:
            page.locator(f'[data-view="{view}"]').click()
        assert page.evaluate(LOW_CONTRAST) == []
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert complaints == []


def test_narrow_page_shows_one_phone_at_a_time(browser: Browser, small: SmallStage) -> None:
    page, _ = opened(browser, small, NARROW, "ja")

    page.get_by_role("button", name="Telegram", exact=True).click()

    shown = page.evaluate(
        "[...document.querySelectorAll('[data-pane]')].filter((one) => one.checkVisibility())"
        ".map((one) => one.dataset.pane)"
    )
    assert shown == ["telegram"]


def test_phone_is_used_with_the_keyboard_alone(browser: Browser, small: SmallStage) -> None:
    everything_said(small)
    page, _ = opened(browser, small, WIDE, "ja")
    button = page.locator(".keyboard-button")
    button.focus()

    page.keyboard.press("Enter")

    expect(page.locator("#timeline .turn").first).to_contain_text("callback_query")
    assert page.evaluate("document.activeElement.className") == "keyboard-button"


def _card() -> dict[str, Any]:
    action = {"type": "postback", "label": "募集する", "data": "post", "displayText": "募集します"}
    head = {"type": "text", "text": "依頼の確認", "color": "#ffffff", "weight": "bold"}
    return {
        "type": "bubble",
        "header": {"type": "box", "layout": "vertical", "backgroundColor": "#047A34", "contents": [head]},
        "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": HOSTILE, "wrap": True}]},
        "footer": {
            "type": "box",
            "layout": "vertical",
            "contents": [{"type": "button", "style": "primary", "color": "#047A34", "action": action}],
        },
    }


def _blocks() -> list[dict[str, Any]]:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "応募する"},
        "action_id": "a",
        "style": "primary",
    }
    return [
        {"type": "header", "text": {"type": "plain_text", "text": "募集中の仕事"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*ロゴ* `J-7K2M4Q`"}, "accessory": button},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "仮払いが済むまで作業は始まりません"}]},
    ]


def _modal() -> dict[str, Any]:
    field = {"type": "plain_text_input", "action_id": "v", "initial_value": "30000"}
    label = {"type": "plain_text", "text": "希望金額"}
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "応募する"},
        "submit": {"type": "plain_text", "text": "応募"},
        "close": {"type": "plain_text", "text": "やめる"},
        "blocks": [{"type": "input", "block_id": "price", "label": label, "element": field}],
    }
