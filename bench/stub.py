"""The platforms' APIs as a stub that says yes to everything, as fast as it can."""

from typing import Any

CHAT = b'{"id":1,"type":"private","first_name":"Taro"}'
ANSWERS = {
    "line": b'{"sentMessages":[{"id":"1"}]}',
    "slack": b'{"ok":true,"channel":"D1","ts":"1700000000.000100"}',
    "telegram": b'{"ok":true,"result":{"message_id":1,"date":1700000000,"chat":' + CHAT + b',"text":"x"}}',
}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = ANSWERS[scope["path"].split("/")[1]]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
