"""The audit log: one line for each command of an operator."""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert

from engine.jobs import HoldJob, PublishJob, RejectJob
from engine.ports import Command
from engine.users import Restore, Suspend
from storage.tables import audit

OPERATOR_COMMANDS: tuple[type[Command], ...] = (HoldJob, PublishJob, RejectJob, Suspend, Restore)


def note(connection: Connection, wanted: Command, at: datetime) -> None:
    """Keep an operator's command, who gave it and when; others are no business of the audit log."""
    if not isinstance(wanted, OPERATOR_COMMANDS):
        return
    body = asdict(wanted)
    row = {
        "at": at,
        "actor_id": wanted.by,
        "action": type(wanted).__name__,
        "subject": f"job:{body['job_id']}" if "job_id" in body else f"user:{body['user_id']}",
        "body": json.dumps(body, ensure_ascii=False),
    }
    connection.execute(insert(audit), row)
