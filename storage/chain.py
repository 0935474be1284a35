"""The chain of the audit log: each row carries a keyed hash over itself and the hash before it."""

import hmac
import json
from datetime import UTC, datetime

# Known to everybody: good for the demo and for tests. With real messengers settings.py wants another.
DEMO_KEY = "demo"
BEGINNING = "0" * 64


def link(key: str, seq: int, at: datetime, said: tuple[int, str, str, str], before: str) -> str:
    """The hash of one row. `said`: actor, action, subject and body."""
    row = json.dumps([seq, at.astimezone(UTC).isoformat(), *said, before], ensure_ascii=False)
    return hmac.new(key.encode(), row.encode(), "sha256").hexdigest()
