"""Talks: each person's conversation between two messages, and the address they last spoke from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from conversations.ports import Answer, Saved
from engine.users import Address
from storage.prepared import Prepared
from storage.tables import conversations

# One for all: `json.dumps` makes an encoder anew each time.
as_json = json.JSONEncoder(ensure_ascii=False).encode
READ = Prepared(select(conversations).where(conversations.c.user_id == bindparam("user")).with_for_update())


@dataclass(frozen=True)
class Talk:
    saved: Saved = field(default_factory=Saved)
    address_id: int = 0


@cache
def writing(dialect: str) -> Prepared:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(conversations)
    changed = {c.name: made.excluded[c.name] for c in conversations.c if not c.primary_key}
    return Prepared(made.on_conflict_do_update(index_elements=["user_id"], set_=changed), conversations.c.keys())


def read(connection: Connection, user_id: int) -> Talk:
    row = READ.row(connection, {"user": user_id})
    return Talk() if row is None else talk_from(row)


def talk_from(row: Sequence[Any]) -> Talk:
    """The talk in a row of exactly the table's columns."""
    _user_id, flow, args, begun_at, told, turn, missed, asked_at, address_id = row
    answers = {key: Answer(t["value"], datetime.fromisoformat(t["at"])) for key, t in json.loads(told).items()}
    return Talk(Saved(flow, json.loads(args), begun_at, answers, turn, missed, asked_at), address_id)


def write(connection: Connection, user_id: int, talk: Talk) -> None:
    saved = talk.saved
    answers = {key: {"value": a.value, "at": a.at.isoformat()} for key, a in saved.answers.items()}
    row = {
        "user_id": user_id,
        "flow": saved.flow,
        "args": as_json(dict(saved.args)),
        "begun_at": saved.begun_at,
        "answers": as_json(answers),
        "turn": saved.turn,
        "missed": saved.missed,
        "asked_at": saved.asked_at,
        "address_id": talk.address_id,
    }
    writing(connection.dialect.name).change(connection, row)


class Talks:
    """Those of one transaction: each is read when it is first asked for, and written once, if it has changed."""

    def __init__(self) -> None:
        self._now: dict[int, Talk] = {}
        self._kept: dict[int, Talk] = {}

    def met(self, user_id: int, talk: Talk) -> None:
        """It was read with something else."""
        self._kept.setdefault(user_id, talk)
        self._now.setdefault(user_id, talk)

    def of(self, connection: Connection, user_id: int) -> Talk:
        if user_id not in self._now:
            self.met(user_id, read(connection, user_id))
        return self._now[user_id]

    def save(self, connection: Connection, user_id: int, saved: Saved) -> None:
        self._now[user_id] = replace(self.of(connection, user_id), saved=saved)

    def forget(self, user_id: int) -> None:
        self._now.pop(user_id, None)

    def write(self, connection: Connection, spoken_from: Mapping[int, Address]) -> None:
        """With the address from which each person has just spoken."""
        for user_id, address in spoken_from.items():
            talk = self.of(connection, user_id)
            if talk.address_id != address.id:
                self._now[user_id] = replace(talk, address_id=address.id)
        for user_id, talk in self._now.items():
            if talk != self._kept.get(user_id):
                write(connection, user_id, talk)
