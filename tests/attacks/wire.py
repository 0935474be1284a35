"""Requests as the three platforms and the provider make them, and all the ways in which they can be made wrong."""

import gzip
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Keys:
    """The secrets both sides know, and each platform's name for us."""

    line: str
    slack: str
    telegram: str
    pretend: str
    destination: str
    team: str
    bot: str


@dataclass(frozen=True)
class Request:
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    verb: str = "POST"
    length: str = ""  # what Content-Length claims; "" the truth, "chunked" no claim

    def raw(self) -> bytes:
        lines = [f"{self.verb} {self.path} HTTP/1.1", "Connection: close"]
        if not any(name == "Host" for name, _ in self.headers):
            lines.append("Host: 127.0.0.1")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.length == "chunked":
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {self.length or len(self.body)}")
        body = chunks(self.body) if self.length == "chunked" else self.body
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunks(body: bytes, size: int = 60_000) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


# -- signatures, and near misses


def mac(secret: str, words: bytes) -> bytes:
    return hmac.digest(secret.encode(), words, "sha256")


def reserialised(body: bytes) -> bytes:
    return json.dumps(json.loads(body), indent=1).encode()


LINE_SIGNATURES: Mapping[str, Callable[[str, bytes], str]] = {
    "": lambda secret, body: b64encode(mac(secret, body)).decode(),
    "empty": lambda _secret, _body: "",
    "hex": lambda secret, body: mac(secret, body).hex(),
    "short": lambda secret, body: b64encode(mac(secret, body)[:16]).decode(),
    "first_characters": lambda secret, body: b64encode(mac(secret, body)).decode()[:20],
    "reserialised": lambda secret, body: b64encode(mac(secret, reserialised(body))).decode(),
    "other_secret": lambda _secret, body: b64encode(mac("another channel's", body)).decode(),
    "no_secret": lambda _secret, body: b64encode(mac("", body)).decode(),
    "sha1": lambda secret, body: b64encode(hmac.digest(secret.encode(), body, "sha1")).decode(),
    "non_ascii": lambda secret, body: b64encode(mac(secret, body)).decode() + "\xe9",
    "long": lambda _secret, _body: "A" * 60_000,
}


def line(keys: Keys, body: bytes, how: Json) -> Request:
    headers = [("Content-Type", "application/json; charset=utf-8")]
    if how.get("signature") != "missing":
        headers.append(("X-Line-Signature", LINE_SIGNATURES[how.get("signature", "")](keys.line, body)))
    return Request("/webhooks/line", body, tuple(headers))


def slack(keys: Keys, body: bytes, how: Json) -> Request:
    """`seconds` is how far the timestamp is from now, `timestamp` what stands there instead."""
    stamp = str(how.get("timestamp", int(time.time()) + int(how.get("seconds", 0))))
    seen = body
    if how.get("signature") == "reserialised":
        seen = urlencode(parse_qsl(body.decode())[::-1]).encode() + b"&"
    digest = mac("" if how.get("signature") == "no_secret" else keys.slack, f"v0:{stamp}:".encode() + seen).hex()
    version = "v1" if how.get("signature") == "v1" else "v0"
    digest = digest.upper() if how.get("signature") == "upper" else digest
    headers = [("Content-Type", how.get("content_type", "application/json" if body[:1] == b"{" else FORM))]
    if how.get("timestamp") != "missing":
        headers.append(("X-Slack-Request-Timestamp", stamp))
    if how.get("signature") != "missing":
        headers.append(("X-Slack-Signature", f"{version}={digest}"))
    return Request("/webhooks/slack", body, tuple(headers))


TELEGRAM_SIGNATURES: Mapping[str, Callable[[str], str]] = {
    "": lambda secret: secret,
    "empty": lambda _: "",
    "prefix": lambda secret: secret[:-1],
    "longer": lambda secret: secret + "a",
    "upper": lambda secret: secret.swapcase(),
    "other": lambda _: "the-secret-of-another-bot",
    "non_ascii": lambda secret: secret + "\xe9",
}


def telegram(keys: Keys, body: bytes, how: Json) -> Request:
    headers = [("Content-Type", "application/json")]
    if how.get("signature") != "missing":
        secret = TELEGRAM_SIGNATURES[how.get("signature", "")](keys.telegram)
        headers.append(("X-Telegram-Bot-Api-Secret-Token", secret))
    return Request("/webhooks/telegram", body, tuple(headers))


def pretend(keys: Keys, body: bytes, how: Json) -> Request:
    stamp = str(how.get("timestamp", int(time.time()) + int(how.get("seconds", 0))))
    digest = hmac.new(keys.pretend.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    written = {
        "": f"t={stamp},v1={digest}",
        "v0": f"t={stamp},v0={digest}",
        "no_stamp": f"v1={digest}",
        "upper": f"t={stamp},v1={digest.upper()}",
        "short": f"t={stamp},v1={digest[:32]}",
        "empty": "",
        "non_ascii": f"t={stamp},v1={digest}\xe9",
    }
    headers = [("Content-Type", "application/json")]
    if how.get("signature") != "missing":
        headers.append(("Pretend-Signature", written[how.get("signature", "")]))
    return Request("/payments/pretend", body, tuple(headers))


SIGN: Mapping[str, Callable[[Keys, bytes, Json], Request]] = {
    "line": line,
    "slack": slack,
    "telegram": telegram,
    "pretend": pretend,
}


# -- what is done to a request after it was signed


def edited_body(request: Request, words: Sequence[str]) -> Request:
    old, new = (word.encode() for word in words)
    assert old in request.body, f"{old!r} is in the body"
    return replace(request, body=request.body.replace(old, new, 1))


def with_headers(request: Request, more: Mapping[str, str]) -> Request:
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in {name.lower() for name in more})
    return replace(request, headers=(*kept, *((name, str(value)) for name, value in more.items())))


def doubled_header(request: Request, more: Mapping[str, str]) -> Request:
    """`name`, its second `value`, and whether that stands before the right one."""
    pair = (more["name"], more["value"])
    headers = (pair, *request.headers) if more.get("before") else (*request.headers, pair)
    return replace(request, headers=headers)


def grown(request: Request, size: int) -> Request:
    return replace(request, body=request.body + b" " * size)


def zipped(request: Request, size: int) -> Request:
    bomb = gzip.compress(b"0" * size)
    return replace(request, body=bomb, headers=(*request.headers, ("Content-Encoding", "gzip")))


CHANGES: Mapping[str, Callable[[Request, Any], Request]] = {
    "body": edited_body,
    "headers": with_headers,
    "double": doubled_header,
    "grow": grown,
    "gzip": zipped,
    "verb": lambda request, verb: replace(request, verb=verb),
    "path": lambda request, path: replace(request, path=path),
    "length": lambda request, length: replace(request, length=str(length)),
}


def changed(request: Request, changes: Mapping[str, Any]) -> Request:
    for name, argument in changes.items():
        request = CHANGES[name](request, argument)
    return request
