"""The signed doors: what is not signed by the platform is refused, and what is signed is read or refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bots.line import LineBot
from bots.ports import Bot, Refusal
from bots.slack import SlackBot
from bots.telegram import TelegramBot
from conversations.doorcheck import problem_with
from payments.ports import Forged, Provider
from payments.pretend import Pretend, sign
from payments.stripe import ForAPerson, Stripe
from tests.bots import platforms
from tests.fuzz.reading import Json, doubled_key, grafted, number, storable, texts_in, words
from tests.payments import stripe_stand

NOWHERE = "http://127.0.0.1:9"
SECRET = platforms.SECRET
NOW = 1_900_000_000.0
STAMP = str(int(NOW))
CAPTURED = [json.loads(file.read_text()) for file in sorted(Path("tests/bots/payloads").glob("*.json"))]

LINE = LineBot(SECRET, "token", NOWHERE)
SLACK = SlackBot(SECRET, "xoxb-1", NOWHERE, check=problem_with)
TELEGRAM = TelegramBot("123456:AAconf", SECRET, NOWHERE)
PRETEND = Pretend(NOWHERE, SECRET)
STRIPE = Stripe(NOWHERE, "sk_test_1", stripe_stand.SECRET, NOWHERE, {})


@dataclass(frozen=True)
class Door:
    """`sign` gives the headers a body comes with, `header` is the one that proves it."""

    receive: Callable[[Mapping[str, str], bytes], list[bytes]]
    read: Callable[[bytes], object]
    sign: Callable[[bytes], dict[str, str]]
    header: str
    payloads: tuple[Json, ...]
    wrap: Callable[[Json], bytes] = platforms.encoded


def bot_door(bot: Bot, sign: Callable[[bytes], dict[str, str]], header: str, payloads: tuple[Json, ...]) -> Door:
    def receive(headers: Mapping[str, str], body: bytes) -> list[bytes]:
        _, rows = bot.receive(headers, body, NOW)
        for row in rows:
            assert all(map(storable, (row.tenant, row.event_id, row.conversation))), "no database takes this name"
            assert len(row.event_id) + len(row.conversation) < 1_000, "an index takes no such name"
        return [row.body for row in rows]

    return Door(receive, bot.read, sign, header, payloads)


def provider_door(provider: Provider, sign: Callable[[bytes], dict[str, str]], payloads: tuple[Json, ...]) -> Door:
    def receive(headers: Mapping[str, str], body: bytes) -> list[bytes]:
        told = provider.receive(headers, body, NOW)
        assert storable(told.event_id), "no database takes this name"
        assert storable(told.about), "no database takes this name"
        assert len(told.event_id) + len(told.about) < 1_000, "an index takes no such name"
        return [told.body]

    return Door(receive, provider.read, sign, next(iter(sign(b""))), payloads)


def captured(platform: str, *encodings: str) -> tuple[Json, ...]:
    return tuple(each["body"] for each in CAPTURED if each["platform"] == platform and each["encoding"] in encodings)


def slack_form(body: bytes) -> dict[str, str]:
    form = {"content-type": "application/x-www-form-urlencoded"}
    return {**platforms.slack_signature(SECRET, body, STAMP), **form}


def pretend_signature(body: bytes) -> dict[str, str]:
    return {"pretend-signature": f"t={STAMP},v1={sign(SECRET, f'{STAMP}.'.encode() + body)}"}


def stripe_signature(body: bytes) -> dict[str, str]:
    return {"stripe-signature": f"t={STAMP},v1={stripe_stand.signature(body, int(STAMP))}"}


def as_form(payload: Json) -> bytes:
    """An interaction as Slack wraps it; a slash command's fields stand on their own."""
    flat = "command" in payload
    fields: Mapping[str, Any] = payload if flat else {"payload": json.dumps(payload)}
    return urlencode({key: str(value) for key, value in fields.items()}, errors="surrogatepass").encode()


COMMAND = {"command": "/arigato", "text": "post", "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
MODAL = {
    "type": "view_submission",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "view": {
        "callback_id": "form:ja",
        "private_metadata": "handle",
        "state": {"values": {"yen:needed:price": {"value": {"type": "plain_text_input", "value": "3万円"}}}},
    },
}
MONEY = {"id": "evt_1", "type": "payment.paid", "payment": 7, "amount": 30_000}
SESSION = {
    "id": "cs_1",
    "currency": "jpy",
    "amount_total": 30_000,
    "payment_status": "paid",
    "metadata": {"payment": "7"},
}
TRANSFER = {"id": "tr_1", "currency": "jpy", "amount": 500, "amount_reversed": 500, "metadata": {"payout": "9"}}

DOORS: dict[str, Door] = {
    "line": bot_door(
        LINE,
        lambda body: platforms.line_signature(SECRET, body),
        "X-Line-Signature",
        (platforms.said("line", "こんにちは"), *captured("line", "json")),
    ),
    "slack": bot_door(
        SLACK,
        lambda body: platforms.slack_signature(SECRET, body, STAMP),
        "X-Slack-Signature",
        (platforms.said("slack", "<@U1> &lt;hi&gt;"), *captured("slack", "json")),
    ),
    "slack_form": Door(
        bot_door(SLACK, slack_form, "X-Slack-Signature", ()).receive,
        SLACK.read,
        slack_form,
        "X-Slack-Signature",
        (COMMAND, MODAL, *captured("slack", "form-payload")),
        as_form,
    ),
    "telegram": bot_door(
        TELEGRAM,
        lambda body: platforms.telegram_signature(SECRET, body),
        "X-Telegram-Bot-Api-Secret-Token",
        (platforms.said("telegram", "/start abc"), *captured("telegram", "json")),
    ),
    "pretend": provider_door(
        PRETEND, pretend_signature, (MONEY, {"id": "evt_2", "type": "payout.failed", "payout": 9})
    ),
    "stripe": provider_door(
        STRIPE,
        stripe_signature,
        (
            stripe_stand.event("checkout.session.completed", SESSION),
            stripe_stand.event("transfer.reversed", TRANSFER),
        ),
    ),
}
# A secret word in a header says nothing about the body.
SIGNS_NO_BODY = ("telegram",)


def opened(door: Door, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the door took it; what it takes is read at once. Nothing may be raised but a refusal."""
    rows: list[bytes] = []
    status = 200
    try:
        rows = door.receive(headers, body)
    except (Refusal, Forged) as refused:
        status = refused.status
    assert status == 200 or 400 <= status < 500
    for row in rows:
        assert all(map(storable, texts_in(read(door, row)))), "no database takes this text"
    return status == 200


def read(door: Door, row: bytes) -> object:
    try:
        return door.read(row)
    except ForAPerson:
        return None


def signed(name: str, data: bytes) -> None:
    """Bytes with the right signature. JSON is taken as the platform's SDK would take it, or not at all."""
    door = DOORS[name]
    taken = opened(door, door.sign(data), data)
    if taken and name != "slack_form":
        data.decode()
        assert not doubled_key(data), "two readers may see two people"


def garbled(name: str, data: bytes) -> None:
    """A real payload with one part replaced, rightly signed; and then with one byte of it changed on the way."""
    door = DOORS[name]
    body = door.wrap(grafted(door.payloads, data))
    headers = door.sign(body)
    opened(door, headers, body)
    place, change = (sum(data) * 7919) % len(body), 1 + sum(data) % 255
    changed = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    if name not in SIGNS_NO_BODY:
        assert not opened(door, headers, changed), "a changed body was taken"


def unsigned(data: bytes) -> None:
    """Whatever stands in the header: only the right signature opens."""
    which, data = number(data)
    name = list(DOORS)[which % len(DOORS)]
    door = DOORS[name]
    claim, _, body = data.partition(b"\n")
    right = door.sign(body)
    said = words(claim)
    headers = {**right, door.header: said}
    assert not opened(door, headers, body) or said.strip() == right[door.header], "a wrong signature was taken"
    without = {key: value for key, value in right.items() if key != door.header}
    assert not opened(door, without, body), "no signature was needed"


def inbox_row(data: bytes) -> None:
    """A row of the inbox, whatever became of it: reading never raises."""
    which, data = number(data)
    bot = (LINE, SLACK, TELEGRAM)[which % 3]
    bot.read(data)


def door_seeds(name: str) -> list[bytes]:
    return [DOORS[name].wrap(payload) for payload in DOORS[name].payloads]


def graft_seeds(name: str) -> list[bytes]:
    hard = (b"1", b'"x"', b"null", b"[]", b"{}", b"true", b"1e999", b"9" * 400, b'"\\ud800"', b'"\\u0000"', b"\xff")
    return [bytes([which, place]) + value for which in (0, 1) for place in (3, 9) for value in hard]


def claim_seeds() -> list[bytes]:
    return [
        bytes([which]) + door.sign(b"{}")[door.header].encode() + b"\n" + body
        for which, door in enumerate(DOORS.values())
        for body in (b"{}", b"{ }")
    ]


def row_seeds() -> list[bytes]:
    found = []
    for which, name in enumerate(("line", "slack", "telegram")):
        for body in door_seeds(name):
            found += [bytes([which]) + row for row in DOORS[name].receive(DOORS[name].sign(body), body)]
    return found
