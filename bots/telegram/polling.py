"""Telegram without a public address: the same rows by long polling, into the same store."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import aiohttp
from aiogram.exceptions import AiogramError, TelegramRetryAfter

from bots.door import whole_number
from bots.ports import Received
from bots.telegram import ALLOWED_UPDATES, TelegramBot, inbound

log = logging.getLogger(__name__)

StoreNow = Callable[[str, Sequence[Received]], None]
POLL_SECONDS = 20
ANSWER_WITHIN_SECONDS = POLL_SECONDS + 10
AGAIN_AFTER_SECONDS = 3
UPDATES_MAX = 100


def listen(bot: TelegramBot, store: StoreNow, stopping: threading.Event) -> None:
    """Until `stopping` is set. A webhook that is still registered would take the updates away, so it goes first."""
    offset = 0
    ready = False
    while not stopping.is_set():
        try:
            ready = ready or bot.telegram.call("deleteWebhook") is not None
            offset = poll(bot, store, offset, POLL_SECONDS)
        except TelegramRetryAfter as error:
            stopping.wait(error.retry_after)
        except (AiogramError, aiohttp.ClientError, OSError) as error:
            log.warning("Telegram does not answer: %s", error)
            stopping.wait(AGAIN_AFTER_SECONDS)
        except Exception:
            # Not stored: the same updates come again, because the offset has not moved.
            log.exception("updates were not stored")
            stopping.wait(AGAIN_AFTER_SECONDS)


def poll(bot: TelegramBot, store: StoreNow, offset: int, seconds: int) -> int:
    """Takes what waits, and says from where to go on. Telegram forgets updates below the offset it is asked for."""
    updates = bot.telegram.call(
        "getUpdates",
        ANSWER_WITHIN_SECONDS,
        offset=offset,
        limit=UPDATES_MAX,
        timeout=seconds,
        allowed_updates=ALLOWED_UPDATES,
    )
    found = [each for each in updates if isinstance(each, dict) and whole_number(each, "update_id")]
    store(bot.platform, [inbound.row(bot.tenant, each, time.time()) for each in found])
    return max((whole_number(each, "update_id") + 1 for each in found), default=offset)
