"""Slack without a public address: the same rows through Socket Mode, into the same store."""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bots.ports import Received, Refusal
from bots.slack import SlackBot
from bots.slack.door import from_socket

log = logging.getLogger(__name__)

StoreNow = Callable[[str, Sequence[Received]], None]
Security = Callable[[str, str], None]
AGAIN_AFTER_SECONDS = 5


def listen(bot: SlackBot, store: StoreNow, security: Security, stopping: threading.Event) -> None:
    """Until `stopping` is set. The SDK reconnects by itself once it has been connected. `security` is told (platform,
    reason) of every refused envelope."""
    client = SocketModeClient(bot.app_token, web_client=bot.slack.client)
    client.socket_mode_request_listeners.append(lambda asked, request: take(bot, store, security, asked, request))
    try:
        while not stopping.is_set() and not connected(client):
            stopping.wait(AGAIN_AFTER_SECONDS)
        stopping.wait()
    finally:
        client.close()


def connected(client: SocketModeClient) -> bool:
    try:
        client.connect()
    except (SlackApiError, OSError, ValueError) as error:
        log.warning("Socket Mode is not connected: %s", error)
        return False
    return True


def take(
    bot: SlackBot, store: StoreNow, security: Security, client: BaseSocketModeClient, request: SocketModeRequest
) -> None:
    """Acknowledged once stored; what is not acknowledged comes again."""
    try:
        answer, rows = from_socket(bot.door, request.type, request.payload, time.time())
    except Refusal as refusal:
        security(bot.platform, refusal.reason)
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        return
    store(bot.platform, rows)
    payload = json.loads(answer.body) if answer.content_type == "application/json" else None
    client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
