"""What browsers see of us: headers on every answer, no cookies, no redirects, and links to our own address alone."""

import re

import pytest
from starlette.requests import Request
from starlette.routing import Route

import app
from payments.pretend import Ticket, seal
from payments.web import STYLE
from tests.attacks.acting import Acts
from tests.attacks.server import Server

pytestmark = pytest.mark.xdist_group("attacks-doors")
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "p", "form", "button", "small"}
FRAMED = "frame-ancestors 'none'"
FRAMED_BY_US = "frame-ancestors 'self'"


def asked(server: Server, verb: str, path: str, *headers: str) -> dict[str, str]:
    lines = [f"{verb} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Length: 0", *headers]
    reply = server.send(("\r\n".join(lines) + "\r\n\r\n").encode())
    return {**reply.headers, "status": str(reply.status)}


def test_c5_every_answer_of_every_door_says_what_browsers_must_not_do(server: Server, acts: Acts) -> None:
    act = acts({})
    act.deal.at("awaiting_escrow")
    paths = [route.path for route in app.web(server.house).routes if isinstance(route, Route)]
    filled = [
        path.format(platform="line", provider="pretend", token="x") for path in paths if path != "/pretend/pay/{token}"
    ]
    pages = {act.deal.facts["pay_page"], "/payments/pretend/back"}

    for path in (*filled, *pages, "/nowhere", "/webhooks/none", "/pretend/pay/none"):
        for verb in ("GET", "POST", "HEAD", "PUT"):
            found = asked(server, verb, path)
            policy = found["content-security-policy"]
            shown = path in pages and found["status"] == "200"
            assert (FRAMED_BY_US if shown else FRAMED) in policy, (verb, path)
            assert found["x-frame-options"] == ("SAMEORIGIN" if shown else "DENY")
            assert "'unsafe-inline'" not in policy
            assert policy.startswith("default-src 'none'")
            assert (found["x-content-type-options"], found["cache-control"]) == ("nosniff", "no-store")
            assert found["referrer-policy"] in ("no-referrer", "same-origin")
            assert "set-cookie" not in found
            assert found["status"][0] in "24" or path == "/readyz", (verb, path)
    server.events.taken()


def test_c5_an_answer_that_went_wrong_says_so_too_and_nothing_else() -> None:
    broken = app.broken(Request({"type": "http"}), ValueError("the secret"))

    assert (broken.status_code, broken.headers["x-content-type-options"]) == (500, "nosniff")
    assert b"secret" not in bytes(broken.body)


def test_i11_a_title_on_the_pay_page_is_only_words(server: Server, acts: Acts) -> None:
    title = "<script>alert(1)</script>\"><img src=x onerror='alert(2)'>{{7*7}}"
    secret = server.house.settings.pretend_secret
    path = f"/pretend/pay/{seal(secret, Ticket(1, 100, title))}"

    page = server.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()).body.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert set(re.findall(r"<(\w+)", page)) <= TAGS
    assert (STYLE in page, "49" in re.sub(re.escape(STYLE), "", page)) == (True, False)


@pytest.mark.parametrize(
    "named", ["Host: evil.example", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"]
)
def test_c9_links_lead_to_the_configured_address_whatever_host_was_named(
    server: Server, acts: Acts, named: str
) -> None:
    act = acts({})
    act.deal.at("awaiting_escrow")
    said = act.last_said()
    name, _, value = named.partition(": ")

    act.does({"who": "client", "say": "/pay {contract}", "change": {"headers": {name: value}}})

    told = repr(act.told("client", said))
    assert "evil.example" not in told
    assert f"'{server.house.settings.url}/pretend/pay/" in told
