"""X: what people hand over: fetched from the platform and nowhere else, kept as it came, and only downloaded."""

import ast
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from urllib.parse import unquote, urlsplit

import pytest

import answers
from bots import download
from bots.line import LineBot
from bots.ports import Bot, Unfetchable
from bots.slack import SlackBot
from bots.telegram import TelegramBot
from engine.ports import NOBODY
from storage import files
from tests.attacks.acting import Act, Acts
from tests.attacks.server import Reply, Server
from tests.source import name_of, python_files, tree

pytestmark = pytest.mark.xdist_group("attacks-chats")
TOKEN = "xoxb-the-token"
HOME = "http://127.0.0.1:{port}"
LIMIT_BYTES = 1000
HOSTILE_NAMES = {
    "../../etc/passwd": "_.._etc_passwd",
    "a\x00b\r\nSet-Cookie: x.txt": "abSet-Cookie_ x.txt",
    'a"; filename="b.exe': "a_; filename=_b.exe",
    "報告書\u202egpj.exe": "報告書gpj.exe",
    "ロゴ案（最終）.svg": "ロゴ案（最終）.svg",
    "<script>.html": "_script_.html",
    "長" * 100_000 + ".pdf": "長" * 96 + ".pdf",
    "...": "file",
}


@contextmanager
def host(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A host on loopback; gives its port and what it was asked, each with the token it was shown."""
    heard: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.path, self.headers.get("Authorization", "")))
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Nobody reads along."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def says(content: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.end_headers()
        asked.wfile.write(content)

    return answer


def leads_to(address: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(302)
        asked.send_header("Location", address)
        asked.end_headers()

    return answer


def without_end(asked: BaseHTTPRequestHandler) -> None:
    asked.send_response(200)
    asked.end_headers()
    try:
        while True:
            asked.wfile.write(b"x" * 10_000)
    except OSError:
        pass  # Whoever asked has had enough.


def slack_at(port: int) -> SlackBot:
    return SlackBot("secret", TOKEN, HOME.format(port=port) + "/api/")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{inner}/x",
        "http://localhost:{inner}/x",
        "http://[::1]:{inner}/x",
        "http://2130706433:{inner}/x",
        "http://0x7f.1:{inner}/x",
        "https://127.0.0.1:{inner}/x",
        "http://127.0.0.1:{port}@127.0.0.1:{inner}/x",
        "https://files.slack.com@127.0.0.1:{inner}/x",
        "https://127.0.0.1:{inner}\\.slack.com/x",
        "https://127.0.0.1:{inner}#.slack.com/x",
        "https://evilslack.com/x",
        "https://files.slack.com.evil.example/x",
        "https://files\u3002slack\u3002com/x",
        "http://files.slack.com/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://100.64.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{inner}/x",
        "ftp://127.0.0.1/x",
        "data:text/plain,x",
        "//127.0.0.1:{inner}/x",
        "http://[::1",
        "",
    ],
)
def test_x1_x3_no_address_but_slacks_own_is_asked(address: str) -> None:
    with host(says(b"inner")) as (inner, heard), host(says(b"slack")) as (port, _):
        bot = slack_at(port)

        with pytest.raises(Unfetchable, match="gone"):
            bot.fetch(address.format(inner=inner, port=port), LIMIT_BYTES)

        assert heard == []
        assert bot.fetch(HOME.format(port=port) + "/files/x", LIMIT_BYTES) == b"slack"


def test_x1_an_address_in_a_signed_message_is_not_asked_either(server: Server, acts: Acts) -> None:
    act = acts({})
    act.deal.at("in_progress")
    act.does({"who": "worker", "say": "/deliver {contract}"})
    said = act.last_said()
    with host(says(b"inner")) as (inner, heard):
        file = {"id": "F1", "name": "x.txt", "size": 1, "url_private": HOME.format(port=inner) + "/x"}
        act.does({"who": "worker", "say": "x", "twist": {"event": {"subtype": "file_share", "files": [file]}}})

    assert heard == []
    assert act.answers("worker", said) != []
    assert server.events.taken() == []


@pytest.mark.parametrize("platform", ["slack", "line", "telegram"])
def test_x2_a_file_that_leads_elsewhere_is_not_followed(platform: str) -> None:
    with host(says(b"inner")) as (inner, heard), host(leads_to(HOME.format(port=inner) + "/x")) as (port, _):
        with pytest.raises(Unfetchable):
            fetched(platform, port)

        assert heard == []


def fetched(platform: str, port: int) -> bytes:
    base = HOME.format(port=port)
    made: dict[str, Callable[[], Bot]] = {
        "slack": lambda: slack_at(port),
        "line": lambda: LineBot("secret", "token", base),
        "telegram": lambda: TelegramBot("1:a", "secret", base),
    }
    bot = made[platform]()
    try:
        return bot.fetch(base + "/files/x" if platform == "slack" else "7", LIMIT_BYTES)
    finally:
        bot.close()


@pytest.mark.parametrize("platform", ["slack", "line"])
def test_x4_a_file_without_end_is_left_at_the_limit(platform: str) -> None:
    with host(without_end) as (port, _), pytest.raises(Unfetchable, match="too_large"):
        fetched(platform, port)


def test_x4_a_file_that_comes_a_byte_at_a_time_is_left() -> None:
    began = time.monotonic()

    with pytest.raises(Unfetchable, match="unreachable"):
        download.gathered((time.sleep(0.01) or byte for byte in repeat(b"x")), 10**6, 0.1)  # type: ignore[func-returns-value] # slow on purpose

    assert time.monotonic() - began < 5


# -- what was kept


def delivered_file(act: Act, name: str, content: bytes) -> str:
    """A file through the whole house, by the worker's phone on Telegram; gives the client's link to it."""
    act.deal.at("in_progress")
    act.does({"who": "worker", "say": "/deliver {contract}"})
    phone = act.server.demo.emulators["telegram"].phone(act.deal.person("worker"))
    phone.sends_file(name, content)
    act.server.settle()
    act.does({"who": "worker", "press": {"key": "card"}})
    said = act.last_said()
    act.does({"who": "client", "say": "/work {contract}"})
    links = [button.url for outgoing in act.told("client", said) for button in outgoing.message.buttons]
    return next(urlsplit(link).path for link in links if "/files/" in link)


def opened(server: Server, path: str, *headers: str) -> Reply:
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
    return server.send(("\r\n".join(lines) + "\r\n\r\n").encode())


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_x5_a_name_is_one_name_in_one_folder(name: str) -> None:
    found = answers.disposition(name)

    plain, _, coded = found.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert unquote(coded) == HOSTILE_NAMES[name]
    assert plain.isascii()
    assert not set(plain) & set('"\\/;\r\n')
    assert len(found) < 1500


def test_x5_x6_x8_a_drawing_with_a_script_is_only_downloaded(server: Server, acts: Acts) -> None:
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    act = acts({"platforms": {"worker": "telegram"}})
    path = delivered_file(act, "../ロゴ案<b>.svg", drawing)

    found = opened(server, path)
    began = time.monotonic()
    ranged = opened(server, path, "Range: bytes=" + ",".join(f"{place}-{place}" for place in range(10_000)))
    seconds = time.monotonic() - began

    assert (found.status, found.body) == (200, drawing)
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"].startswith('attachment; filename="')
    assert unquote(found.headers["content-disposition"]).endswith("UTF-8''_ロゴ案_b_.svg")
    assert found.headers["content-security-policy"].startswith("default-src 'none'")
    assert ranged.status in (200, 400)
    assert seconds < 5
    assert act.answers("client", 0) != []


def test_x6_a_link_is_over_after_a_while_and_only_its_people_have_one(server: Server, acts: Acts) -> None:
    act = acts({"platforms": {"worker": "telegram"}})
    path = delivered_file(act, "a.txt", b"words")
    token = path.rpartition("/")[2]
    now = server.house.now()
    said = act.last_said()

    act.does({"who": "stranger", "say": "/work {contract}"})

    assert len(token) == 22
    with server.house.database.connect() as connection:
        late = files.fetch(connection, token, now + timedelta(minutes=files.LINK_MINUTES + 1))
    told = act.told("stranger", said) + act.told("client", said)
    assert (late, [outgoing for outgoing in told if "/files/" in repr(outgoing)]) == (None, [])
    assert server.events.taken() == ["not_found"]
    assert act.deal.ids["stranger"] != NOBODY
    assert opened(server, path[:-1] + ("A" if path[-1] != "A" else "B")).status == 404


def test_x9_x10_nothing_kept_is_ever_read_as_more_than_json() -> None:
    """A source gate: no pickles, no YAML, no documents and no archives of people's are opened."""
    closed = {"pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "openpyxl", "pypdf", "PIL", "zipfile"}
    found = []
    for path in python_files():
        if name_of(path).startswith(("tests/", "docs/")):
            continue
        for node in ast.walk(tree(path)):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{name_of(path)}: {name}" for name in names if name.partition(".")[0] in closed]

    assert found == []
