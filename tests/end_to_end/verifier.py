"""Our signature checks as the published vectors' runner wants them: a vector in, whether it is genuine out."""

import http
from typing import Any

from aiogram.utils.auth_widget import check_integrity
from aiogram.utils.web_app import check_webapp_signature

from bots.line import inbound
from bots.ports import Refusal
from bots.slack import door

Vector = dict[str, Any]


def verify(vector: Vector) -> bool:
    match vector["kind"]:
        case "line":
            return line(vector)
        case "slack":
            return slack(vector)
        # The SDK's own checks stand at these two doors of Telegram's.
        case "telegram-webapp":
            return check_webapp_signature(vector["bot_token"], vector["init_data"])
        case "telegram-login":
            given = {key: str(value) for key, value in vector["data"].items()}
            return check_integrity(vector["bot_token"], given)
    raise ValueError(vector["kind"])


def line(vector: Vector) -> bool:
    headers = {inbound.SIGNATURE: vector["signature"]}
    try:
        inbound.receive((vector["secret"],), "", headers, vector["body"].encode(), 0)
    except Refusal as refusal:
        # A body that is signed and is no JSON has passed the check we ask about.
        return refusal.status != http.HTTPStatus.UNAUTHORIZED
    return True


def slack(vector: Vector) -> bool:
    headers = {door.SIGNATURE: vector["signature"], door.TIMESTAMP: str(vector["timestamp"])}
    try:
        # The vectors are old on purpose: they are checked at their own time.
        door.verify((vector["secret"],), headers, vector["body"].encode(), float(vector["timestamp"]))
    except Refusal:
        return False
    return True
