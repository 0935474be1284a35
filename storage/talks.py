"""Talks: each person's conversation between two messages, and the address they last spoke from."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from conversations.ports import Answer, Saved
from storage.tables import conversations

READ = select(conversations).where(conversations.c.user_id == bindparam("user")).with_for_update()


@dataclass(frozen=True)
class Talk:
    saved: Saved = field(default_factory=Saved)
    address_id: int = 0


@cache
def writing(dialect: str) -> Insert:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(conversations)
    changed = {c.name: made.excluded[c.name] for c in conversations.c if not c.primary_key}
    result: Insert = made.on_conflict_do_update(index_elements=["user_id"], set_=changed)
    return result


def read(connection: Connection, user_id: int) -> Talk:
    row = connection.execute(READ, {"user": user_id}).one_or_none()
    if row is None:
        return Talk()
    answers = {
        key: Answer(told["value"], datetime.fromisoformat(told["at"])) for key, told in json.loads(row.answers).items()
    }
    saved = Saved(row.flow, json.loads(row.args), row.begun_at, answers, row.turn, row.missed, row.asked_at)
    return Talk(saved, row.address_id)


def write(connection: Connection, user_id: int, talk: Talk) -> None:
    saved = talk.saved
    answers = {key: {"value": a.value, "at": a.at.isoformat()} for key, a in saved.answers.items()}
    row = {
        "user_id": user_id,
        "flow": saved.flow,
        "args": json.dumps(dict(saved.args), ensure_ascii=False),
        "begun_at": saved.begun_at,
        "answers": json.dumps(answers, ensure_ascii=False),
        "turn": saved.turn,
        "missed": saved.missed,
        "asked_at": saved.asked_at,
        "address_id": talk.address_id,
    }
    connection.execute(writing(connection.dialect.name), row)


def spoken_from(talk: Talk, address_id: int) -> Talk:
    return talk if talk.address_id == address_id else replace(talk, address_id=address_id)
