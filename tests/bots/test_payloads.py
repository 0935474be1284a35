"""Webhooks as the platforms send them, one file each: what is read in them, and whether it is first hand."""

import json
import time
from pathlib import Path

import pytest

from conversations.messages import Content, Press, Text
from tests.bots import platforms

FILES = sorted((Path(__file__).parent / "payloads").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_payload_is_read_as_written_beside_it(file: Path) -> None:
    captured = json.loads(file.read_text())
    platform, body = captured["platform"], captured["body"]
    bot = platforms.MAKE[platform]("http://127.0.0.1:9")
    form = captured["encoding"] == "form-payload"
    hook = platforms.form({"payload": json.dumps(body)}) if form else platforms.webhook(platform, body)

    _, rows = bot.receive(hook.headers, hook.body, time.time())
    read = [incoming for row in rows if (incoming := bot.read(row.body))]

    assert [[type(each.content).__name__, core(each.content), each.direct] for each in read] == captured["read"]
    bot.close()


def core(content: Content) -> str:
    match content:
        case Text(words):
            return words
        case Press(handle):
            return handle
        case _:
            return repr(content)
