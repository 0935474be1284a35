"""One suite for all bots: what each must take in, and what it may let out."""

import json
import time
import uuid
from dataclasses import replace

import pytest

from bots import lease
from bots.line import LineBot
from bots.ports import Bot, Refusal, Sent
from bots.slack import SlackBot
from conversations.messages import Message, Text
from tests.bots import messages, platforms, recorder

NOW = time.time()
SEND = {"line": "/message/", "slack": "chat.postMessage", "telegram": "sendMessage"}
FILES = {"line": ("webhooks", "generated"), "slack": ("webhooks", "generated"), "telegram": ("updates", "generated")}


def refused(bot: Bot, headers: object, body: bytes) -> int:
    with pytest.raises(Refusal) as refusal:
        bot.receive(headers, body, time.time())  # type: ignore[arg-type] # what a client sends has no type
    return refusal.value.status


def test_bot_takes_what_its_platform_signed(platform: str, bot: Bot) -> None:
    hook = platforms.webhook(platform, platforms.said(platform, "恵比寿のロゴ"))

    answer, rows = bot.receive(hook.headers, hook.body, time.time())
    incoming = bot.read(rows[0].body)

    assert answer.status == 200
    assert incoming is not None
    assert incoming.content == Text("恵比寿のロゴ")
    assert incoming.direct
    assert (incoming.sender.platform, incoming.sender.tenant, incoming.sender.outside_id) == (
        platform,
        platforms.TENANTS[platform],
        platforms.PEOPLE[platform],
    )
    assert rows[0].conversation == f"{platform}:{platforms.TENANTS[platform]}:{platforms.PEOPLE[platform]}"
    assert rows[0].event_id == incoming.id


def test_bot_reads_header_names_in_any_case_and_raw_lists(platform: str, bot: Bot) -> None:
    hook = platforms.webhook(platform, platforms.said(platform, "x"))
    raw = [(key.upper().encode(), value.encode()) for key, value in hook.headers.items()]

    answer, rows = bot.receive(raw, hook.body, time.time())

    assert (answer.status, len(rows)) == (200, 1)


@pytest.mark.parametrize("change", ["none", "other", "empty", "prefix", "doubled", "accented", "huge", "body"])
def test_bot_refuses_a_wrong_signature(platform: str, bot: Bot, change: str) -> None:
    hook = platforms.webhook(platform, platforms.said(platform, "x"))
    name = next(key for key in hook.headers if "ignature" in key or "Secret" in key)
    good = hook.headers[name].encode()
    rest = [(key.encode(), value.encode()) for key, value in hook.headers.items() if key != name]
    other = platforms.webhook(platform, hook.body, "another-secret").headers[name].encode()
    values = {
        "none": [],
        "other": [other],
        "empty": [b""],
        "prefix": [good[:-1]],
        "doubled": [good, other],
        "accented": [good + "é".encode()],
        "huge": [b"a" * 1_100_000],
        "body": [good],
    }[change]
    body = hook.body.replace(b"{", b"{ ", 1) if change == "body" and platform != "telegram" else hook.body
    if change == "body" and platform == "telegram":
        pytest.skip("Telegram signs no bytes")

    status = refused(bot, rest + [(name.encode(), value) for value in values], body)

    assert status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[]", 400),
        (b'{"a":1,"a":2}', 400),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, 400),
        (b'\xef\xbb\xbf{"a":1}', 400),
        ('{"a":1}'.encode("utf-16"), 400),
        (b'{"a":NaN}', 400),
        (b'{"a":"' + b"x" * (1024 * 1024) + b'"}', 413),
    ],
)
def test_bot_refuses_signed_rubbish(platform: str, bot: Bot, body: bytes, status: int) -> None:
    hook = platforms.webhook(platform, body)

    assert refused(bot, hook.headers, hook.body) == status


def test_bot_takes_a_signed_empty_object(platform: str, bot: Bot) -> None:
    hook = platforms.webhook(platform, b"{}")

    answer, rows = bot.receive(hook.headers, hook.body, time.time())

    assert (answer.status, rows) == (200, [])


@pytest.mark.parametrize("event", [b"", b"{", b"[]", b"null", b'{"event":[],"payload":3,"update":"x"}', b"\xff"])
def test_bot_reads_nothing_in_rubbish(bot: Bot, event: bytes) -> None:
    assert bot.read(event) is None


def test_bot_keeps_words_with_half_a_surrogate_pair_storable(platform: str, bot: Bot) -> None:
    body = json.dumps(platforms.said(platform, "a\ud800\x00b")).encode()
    hook = platforms.webhook(platform, body)

    _, rows = bot.receive(hook.headers, hook.body, time.time())
    incoming = bot.read(rows[0].body)

    assert incoming is not None
    assert incoming.content == Text("a\ufffdb")


def test_bot_stands_every_sample(platform: str, bot: Bot) -> None:
    folder = recorder.CONFORMANCE / "samples" / platform
    if not folder.is_dir():
        pytest.skip(f"no samples at {folder}: set ARIGATO_SHARED")
    samples = [
        json.loads(row) for file in FILES[platform] for row in (folder / f"{file}.jsonl").read_text().splitlines()
    ]
    read = 0

    for sample in samples:
        hook = webhook_of(platform, sample)
        answer, rows = bot.receive(hook.headers, hook.body, time.time())
        read += sum(bot.read(row.body) is not None for row in rows)
        assert answer.status == 200, sample["id"]

    assert read > 0


def webhook_of(platform: str, sample: dict[str, object]) -> platforms.Webhook:
    body = sample["body"]
    if sample["encoding"] == "form" and isinstance(body, dict):
        return platforms.form({key: str(value) for key, value in body.items()})
    if sample["encoding"] == "form-payload":
        return platforms.form({"payload": json.dumps(body)})
    return platforms.webhook(platform, body)


@pytest.mark.parametrize("kind", messages.KINDS)
@pytest.mark.parametrize("surface", ["chat", "edit", "toast", "home"])
def test_bot_sends_whatever_it_is_given(
    platform: str, live_bot: Bot, clean: recorder.Recorder, kind: str, surface: str
) -> None:
    outgoing = messages.outgoing(platform, messages.KINDS[kind], surface)

    sent = live_bot.send(outgoing, str(uuid.uuid4()))

    assert clean.errors() == []
    assert sent == Sent("sent")


def test_bot_neutralises_what_people_write(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    live_bot.send(messages.outgoing(platform, messages.KINDS["hostile"]), str(uuid.uuid4()))

    body = json.dumps(clean.bodies(platform), ensure_ascii=False)
    assert [sign for sign in "\u202e\u2066\u200b\ufeff\U000e0041\x00" if sign in body] == []
    assert "\u0301" * 4 not in body


def test_bot_waits_as_long_as_it_is_told(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    clean.fault(platform, SEND[platform], status=429, retry_after=7)

    sent = live_bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))

    # LINE does not say how long.
    assert (sent.result, sent.not_before_seconds) == ("retry", 2 if platform == "line" else 7)


def test_bot_does_not_know_what_became_of_a_broken_send(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    clean.fault(platform, SEND[platform], status=500)
    first = live_bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))
    clean.fault(platform, SEND[platform], drop=True)
    second = live_bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))

    assert [(sent.result, sent.ambiguous) for sent in (first, second)] == [("retry", True), ("retry", True)]


def test_bot_sends_one_request_for_one_attempt(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    clean.fault(platform, SEND[platform], drop=True, count=5)

    live_bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))

    assert len(clean.calls(platform)) == 1


WRITES = {"line": 2, "slack": 2, "telegram": 1}  # how often one request is written to: head and body, or both at once
LATE: dict[str, dict[str, object]] = {
    "line": {"token": "used"},
    "slack": {"channel": "C1", "ts": "1.000100"},
    "telegram": {"callback": "pressed-1", "chat": 4242, "edit": 7},
}


@pytest.mark.parametrize("requests", [0, 1])
def test_bot_sends_nothing_more_when_the_lease_is_lost_on_the_way(
    platform: str, live_bot: Bot, clean: recorder.Recorder, requests: int
) -> None:
    """Also between two requests of one message."""
    clean.fault("line", "/message/reply", status=400, body={"message": "Invalid reply token"})
    clean.fault("slack", "chat.update", body={"ok": False, "error": "message_not_found"}, status=200)
    reply_to = json.dumps({**LATE[platform], "at": time.time()})
    outgoing = replace(messages.outgoing(platform, Message("x"), "edit"), reply_to=reply_to)
    looks = iter([True] * requests * WRITES[platform])

    with lease.held(lambda: next(looks, False)):
        sent = live_bot.send(outgoing, str(uuid.uuid4()))

    assert (sent.result, sent.ambiguous, len(clean.calls(platform))) == ("retry", True, requests)


BLOCKED = {
    "line": (403, {"message": "forbidden"}),
    "slack": (200, {"ok": False, "error": "user_disabled"}),
    "telegram": (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}),
}


def test_bot_knows_who_blocked_it(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    status, body = BLOCKED[platform]
    clean.fault(platform, SEND[platform], status=status, body=body)

    sent = live_bot.send(messages.outgoing(platform, Message("x")), str(uuid.uuid4()))

    assert sent.result == "blocked"


def test_bot_examines_and_sets_itself_up(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    findings = live_bot.examine()
    done = live_bot.set_up("https://arigato.example")

    assert [finding.level for finding in findings if finding.level == "error"] == []
    assert done != []
    assert clean.errors() == []


def test_bot_says_when_its_token_is_refused(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    first = {"line": "/bot/info", "slack": "auth.test", "telegram": "getMe"}[platform]
    clean.fault(platform, first, status=401)

    assert [finding.level for finding in live_bot.examine()] == ["error"]


def test_bot_asks_for_a_profile_only_where_it_helps(platform: str, live_bot: Bot, clean: recorder.Recorder) -> None:
    hook = platforms.webhook(platform, platforms.said(platform, "x"))
    _, rows = live_bot.receive(hook.headers, hook.body, time.time())
    incoming = live_bot.read(rows[0].body)
    assert incoming is not None

    found = live_bot.profile(incoming.sender)

    known = {"line": ("LINE taro", "en"), "slack": ("taro", "ja"), "telegram": ("Taro", "ja")}
    assert (found.name, found.language) == known[platform]
    assert clean.errors() == []


def test_signatures_hold_for_the_published_vectors(platform: str) -> None:
    file = recorder.CONFORMANCE / "samples" / "vectors.json"
    if platform == "telegram" or not file.is_file():
        pytest.skip("no vectors for Telegram's webhook, or none here: set ARIGATO_SHARED")
    vectors = [each for each in json.loads(file.read_text()) if each["kind"] == platform]

    assert [verified(platform, vector) for vector in vectors] == [vector["valid"] for vector in vectors]


def verified(platform: str, vector: dict[str, str]) -> bool:
    """Refused for its signature or not; what is in the body does not matter here."""
    bot: Bot
    if platform == "line":
        bot = LineBot(vector["secret"], "tok", "http://127.0.0.1:9")
        headers = {"x-line-signature": vector["signature"]}
    else:
        bot = SlackBot(vector["secret"], "xoxb-1", "http://127.0.0.1:9")
        headers = {"x-slack-signature": vector["signature"], "x-slack-request-timestamp": vector["timestamp"]}
    try:
        bot.receive(headers, vector["body"].encode(), float(vector.get("timestamp", "0")))
    except Refusal as refusal:
        return refusal.status != 401
    return True
