"""The playground's page over HTTP, on the real emulators."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from playground.inspector import Step
from playground.words import words_in
from tests.playground.samples import HOSTILE, assert_harmless, read
from tests.playground.small_stage import HANAKO, MAI, NOON, OTHER_HANAKO, OTHER_MAI, TARO, SmallStage, running_page

PEOPLE = {"line": HANAKO, "slack": MAI, "telegram": TARO}


@pytest.fixture
def small() -> Iterator[SmallStage]:
    with running_page() as running:
        yield running


def test_page_opens_in_both_languages(small: SmallStage) -> None:
    for language in ("ja", "en"):
        elements, words = read(small.html(language=language))

        assert elements[0] == ("html", {"lang": language})
        assert words_in(language)["demo_words"] in words
        assert words_in(language)["empty"]["telegram"] in words


def test_page_allows_no_script_or_style_of_others(small: SmallStage) -> None:
    reply = httpx2.get(small.base + "/")

    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    elements, _ = read(reply.text)
    addresses = [given.get("src") or given.get("href") for _, given in elements if "src" in given or "href" in given]
    assert [one for one in addresses if one and not one.startswith(("/playground/static/", "#"))] == []
    assert [given for name, given in elements if name == "script"] == [
        {"src": "/playground/static/page.js", "defer": None}
    ]
    assert [given for _, given in elements if "style" in given or any(key.startswith("on") for key in given)] == []


def test_every_static_file_of_the_page_is_served(small: SmallStage) -> None:
    elements, _ = read(small.html())
    addresses = [given.get("src") or given["href"] for name, given in elements if name in ("link", "script")]

    served = [httpx2.get(small.base + str(address)).status_code for address in addresses]

    assert served == [200] * len(addresses)


def test_people_with_one_name_are_told_apart_by_id(small: SmallStage) -> None:
    elements, words = read(small.html())

    options = [given["value"] for name, given in elements if name == "option"]
    assert options == [HANAKO.id, OTHER_HANAKO.id, MAI.id, OTHER_MAI.id, TARO.id]
    assert "花子 (…aaaaa)" in words
    assert "花子 (…bbbbb)" in words


def test_page_shows_the_person_of_its_address(small: SmallStage) -> None:
    elements, _ = read(small.html(line=OTHER_HANAKO.id, slack="nobody"))

    assert [given["value"] for name, given in elements if name == "option" and "selected" in given] == [
        OTHER_HANAKO.id,
        MAI.id,
        TARO.id,
    ]


@pytest.mark.parametrize("platform", PEOPLE)
def test_what_a_person_says_goes_in_by_webhook_and_stays_words(small: SmallStage, platform: str) -> None:
    small.acts_as(PEOPLE[platform], "follows")

    reply = small.acts_as(PEOPLE[platform], "says", text=HOSTILE)

    assert (reply.status_code, reply.json()) == (200, {"errors": {}})
    html = small.html()
    assert_harmless(_shown(html))
    assert HOSTILE in read(html)[1]
    assert small.product.got[-1][0] == platform


def test_line_buttons_quick_replies_and_days_are_pressed(small: SmallStage) -> None:
    small.acts_as(HANAKO, "follows")
    quick = [
        {"type": "action", "action": {"type": "postback", "label": "はい", "data": "yes", "displayText": "はい"}},
        {"type": "action", "action": {"type": "datetimepicker", "label": "納期", "data": "due", "mode": "date"}},
    ]
    small.line_says({"type": "text", "text": "いつまで？", "quickReply": {"items": quick}})

    replies = [
        small.acts_as(HANAKO, "picks", label="納期", day="2026-07-24"),
        small.acts_as(HANAKO, "taps", label="はい"),
        small.acts_as(HANAKO, "picks", label="納期", day="never"),
    ]

    assert [reply.status_code for reply in replies] == [200, 409, 400]
    assert small.product.got[-1][1]["events"][0]["postback"] == {"data": "due", "params": {"date": "2026-07-24"}}


def test_telegram_buttons_are_pressed_on_their_own_message(small: SmallStage) -> None:
    small.acts_as(TARO, "follows")
    for number in ("1", "2"):
        small.telegram_says(
            text=f"審査 {number}",
            reply_markup={"inline_keyboard": [[{"text": "公開する", "callback_data": f"p{number}"}]]},
        )
    elements, _ = read(small.html())
    bubbles = [given["data-bubble"] for _, given in elements if "data-bubble" in given]

    small.acts_as(TARO, "taps", bubble=bubbles[-2], label="公開する")

    assert small.product.got[-1][1]["callback_query"]["data"] == "p1"


def test_slack_slash_command_home_and_modal(small: SmallStage) -> None:
    small.acts_as(MAI, "says", text="/arigato help")
    command = small.product.got[-1][1]
    small.acts_as(MAI, "opens_home")
    field = {"type": "plain_text_input", "action_id": "v"}
    label = {"type": "plain_text", "text": "金額"}
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": HOSTILE[:24]},
        "submit": {"type": "plain_text", "text": "送る"},
        "close": {"type": "plain_text", "text": "やめる"},
        "blocks": [{"type": "input", "block_id": "price", "label": label, "element": field}],
    }
    small.slack_calls("views.open", trigger_id=command["trigger_id"], view=view)
    html = small.html()

    empty = small.acts_as(MAI, "submits", values={"price": ""})
    closed = small.acts_as(MAI, "taps", label="やめる")

    assert (command["command"], command["text"]) == ("/arigato", "help")
    assert_harmless(_shown(html))
    assert 'name="price"' in html
    assert list(empty.json()["errors"]) == ["price"]
    assert closed.status_code == 200
    assert 'name="price"' not in small.html()


def test_file_is_sent_by_the_person(small: SmallStage) -> None:
    small.acts_as(HANAKO, "follows")

    reply = httpx2.post(
        f"{small.base}/playground/file",
        params={"phone": f"line:{HANAKO.id}", "name": "../logo.pdf"},
        content=b"%PDF-1.7",
    )

    assert reply.status_code == 200
    assert small.product.got[-1][1]["events"][0]["message"]["fileName"] == "logo.pdf"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"phone": "line:nobody", "verb": "says", "arguments": {"text": "x"}},
        {"phone": "line:" + HANAKO.id, "verb": "__class__", "arguments": {}},
        {"phone": "line:" + HANAKO.id, "verb": "says", "arguments": {}},
        {"phone": "line:" + HANAKO.id, "verb": "says", "arguments": "x"},
        {"phone": "line:" + HANAKO.id, "verb": "taps", "arguments": {"bubble": "1", "label": "x", "place": -1}},
        {"phone": "slack:" + MAI.id, "verb": "submits", "arguments": {"values": []}},
    ],
)
def test_unreadable_acts_are_refused(small: SmallStage, body: Any) -> None:
    reply = small.posts("act", body)

    assert (reply.status_code, reply.json()) == (400, {"error": words_in("ja")["bad_request"]})
    assert small.product.got == []


def test_other_sites_cannot_act_for_the_people(small: SmallStage) -> None:
    body = {"phone": f"telegram:{TARO.id}", "verb": "says", "arguments": {"text": "x"}}

    foreign = small.posts("act", body, origin="https://elsewhere.example")
    form = httpx2.post(small.base + "/playground/act", content=json.dumps(body), headers={"content-type": "text/plain"})
    own = small.posts("act", body, origin=small.base)

    assert [foreign.status_code, form.status_code, own.status_code] == [403, 403, 200]


def test_clock_moves_forward_only(small: SmallStage) -> None:
    replies = [small.posts("clock", {"to": to}) for to in (3600, "deadline", -1, "yesterday", True)]

    assert [reply.status_code for reply in replies] == [200, 200, 400, 400, 400]
    assert (small.clock.now() - NOON).total_seconds() == 3600 + 3 * 86400
    assert "7月18日(土) 13:00" in small.html()
    assert "Sat 18 Jul, 13:00" in small.html(language="en")


def test_faults_are_switched_on_and_off_one_by_one(small: SmallStage) -> None:
    faults = small.emulators["line"].faults

    for name in ("busy", "quota"):
        small.posts("fault", {"platform": "line", "fault": name, "on": True})
    small.posts("fault", {"platform": "line", "fault": "busy", "on": False})

    assert faults == {"quota": True}
    elements, _ = read(small.html())
    assert [given["id"] for _, given in elements if given.get("aria-checked") == "true"] == ["fault-line-quota"]
    assert small.posts("fault", {"platform": "fax", "fault": "busy", "on": True}).status_code == 400


def test_tour_plays_scene_by_scene_and_says_what_went_wrong(small: SmallStage) -> None:
    first = small.posts("tour", {"scenes": "next", "language": "en"})
    second = small.posts("tour", {"scenes": "next", "language": "en"})

    html = small.html(language="en")
    assert (first.status_code, second.status_code) == (200, 500)
    assert small.acts == ["follow", "fails"]
    assert_harmless(_shown(html))
    assert "<b>no</b> button" in read(html)[1]


def test_inspector_follows_a_message_from_webhook_to_call(small: SmallStage) -> None:
    small.acts_as(TARO, "follows")
    at = (NOON + timedelta(seconds=1)).isoformat()
    small.steps += [
        Step(1, at, "command", "PostJob <script>", {"title": HOSTILE}),
        Step(2, at, "stage", "draft → open", {}),
        Step(3, at, "transfer", "¥30,000", {}),
    ]
    small.html()
    small.telegram_says(text="はい")
    elements, words = read(small.html())

    kinds = [
        str(given["class"]).split()[1]
        for name, given in elements
        if name == "details" and "entry" in str(given.get("class"))
    ]
    assert kinds == ["kind-webhook", "kind-command", "kind-stage", "kind-transfer", "kind-call"]
    assert "PostJob <script>" in words
    assert "sendMessage" in words
    assert any(str(given.get("data-copy")).startswith("curl -X POST") for _, given in elements)


def test_broken_rules_are_shown_in_the_inspector(small: SmallStage) -> None:
    token = small.product.secrets.telegram_bot_token
    httpx2.post(f"{small.base}/telegram/bot{token}/sendMessage", json={"chat_id": TARO.id, "text": ""})

    _, words = read(small.html(language="en"))

    assert words_in("en")["rules_broken"] in words


def test_live_page_sends_everything_once_then_only_what_changed(small: SmallStage) -> None:
    with httpx2.stream("GET", small.base + "/playground/live", timeout=10) as reply:
        fragments = _fragments(reply.iter_lines())
        first = [next(fragments)["id"] for _ in range(18)]

        small.acts_as(TARO, "says", text="やあ")
        later = next(fragment for fragment in fragments if fragment["id"] == "chat-telegram")

    assert len(set(first)) == 18
    assert "やあ" in later["html"]


def test_both_languages_have_the_same_words() -> None:
    assert _keys(words_in("ja")) == _keys(words_in("en"))


def _shown(html: str) -> str:
    """Without the head and the empty frame of the pay page, which are the page's own."""
    return html.split("</nav>", 1)[1].split("<dialog", 1)[0]


def _fragments(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    return (json.loads(line[len("data: ") :]) for line in lines if line.startswith("data: {"))


def _keys(words: Any, path: str = "") -> list[str]:
    if not isinstance(words, dict):
        return [path]
    return sorted(key for name, inner in words.items() for key in _keys(inner, f"{path}.{name}"))
