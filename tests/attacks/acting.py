"""One row of the table, acted out: its steps, what each is made of, and what the person is answered."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from conversations import render
from conversations.messages import Outgoing
from storage.tables import handles, transitions
from tests.attacks import speaking, wire
from tests.attacks.deals import Deal
from tests.attacks.server import Reply, Server
from tests.attacks.wire import Json, Keys, Request

Acts = Callable[[Json], "Act"]
SHIFTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "bcdefghijklmnopqrstuvwxyzaBCDEFGHIJKLMNOPQRSTUVWXYZA"
)


@dataclass
class Act:
    """Steps are mappings out of the table: `who` does what; see README.md beside the tables for the words."""

    server: Server
    keys: Keys
    deal: Deal
    saved: dict[str, str] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)

    def does(self, step: Mapping[str, Any]) -> Reply:
        request = self.request(step)
        if "as" in step:
            self.requests[step["as"]] = request
        reply = self.server.send(request.raw())
        self.server.settle()
        return reply

    def request(self, step: Mapping[str, Any]) -> Request:
        if "again" in step:
            return self.requests[step["again"]]
        how = step.get("sign", {})
        platform, body = self.body(step)
        return wire.changed(speaking.signed(self.keys, platform, body, how), self.filled(step.get("change", {})))

    def body(self, step: Mapping[str, Any]) -> tuple[str, bytes]:
        if "pays" in step:
            return "pretend", json.dumps(self.filled(step["pays"])).encode()
        if "many" in step:
            many = step["many"]
            return step["on"], (many.get("before", "") + many["of"] * many["times"] + many.get("after", "")).encode()
        if "raw" in step:
            return step["on"], str(self.filled(step["raw"])).encode(step.get("encoding", "utf-8"))
        person = self.deal.person(step["who"])
        twist = self.filled(step.get("twist", {}))
        if "say" in step:
            return person.platform, speaking.says(self.keys, person, self.filled(step["say"]), twist)
        handle = self.handle(step)
        if "form" in step:
            values = self.filled(step["form"])
            return person.platform, speaking.slack_sends_form(self.keys, person, handle, values, twist)
        return person.platform, speaking.presses(self.keys, person, handle, step.get("value", ""), twist)

    def filled(self, found: Any) -> Any:
        """{contract} and the like, wherever they stand."""
        if isinstance(found, str):
            return found.format(**self.deal.facts) if "{" in found else found
        if isinstance(found, dict):
            filled = {key: self.filled(value) for key, value in found.items()}
            return self.deal.ids[filled["id_of"]] if set(filled) == {"id_of"} else filled
        return [self.filled(each) for each in found] if isinstance(found, list) else found

    # -- handles

    def handle(self, step: Mapping[str, Any]) -> str:
        wanted = step.get("press") or step["handle"]
        if isinstance(wanted, str):
            return str(self.filled(wanted))
        known = self.saved.get(wanted.get("saved", ""))
        token = known or self.shown(wanted.get("of", step["who"]), wanted)
        if "keep" in wanted:
            self.saved[wanted["keep"]] = token
        return f"{EDITS[wanted.get('edit', '')](token)}{wanted.get('more', '')}"

    def shown(self, role: str, wanted: Mapping[str, Any]) -> str:
        """The newest button of this person that begins this flow, or answers this question."""
        user_id = self.deal.by(role)
        mine = select(handles).where(handles.c.user_id == user_id).order_by(handles.c.created_at.desc())
        with self.server.house.database.connect() as connection:
            rows = connection.execute(mine).all()
        for row in rows:
            action = json.loads(row.action)
            if all(action[name] == wanted[name] for name in ("flow", "key", "value") if name in wanted):
                return str(row.token)
        raise AssertionError(f"{role} was not shown {wanted}, only {[row.action for row in rows]}")

    # -- what came of it

    def answers(self, role: str, after: int) -> list[str]:
        """The words this person was told since."""
        return [self.words(outgoing) for outgoing in self.told(role, after)]

    def told(self, role: str, after: int) -> list[Outgoing]:
        """What this person was told since."""
        person = self.deal.person(role)
        home = (person.platform, person.id)
        return [each for each in self.server.said[after:] if (each.to.platform, each.to.outside_id) == home]

    def words(self, outgoing: Outgoing) -> str:
        return outgoing.message.text

    def last_said(self) -> int:
        return len(self.server.said)

    def moved(self) -> int:
        with self.server.house.database.connect() as connection:
            found = connection.scalar(select(transitions.c.id).order_by(transitions.c.id.desc()).limit(1))
        return found or 0

    def moves(self, after: int) -> list[str]:
        """What was moved since, as "contract cancel"."""
        wanted = select(transitions).where(transitions.c.id > after).order_by(transitions.c.id)
        with self.server.house.database.connect() as connection:
            return [f"{row.noun} {row.move}" for row in connection.execute(wanted)]


def sentence(words: str, facts: Mapping[str, Any] | None = None) -> str:
    """A polite answer, as it reads in English."""
    return render.page("en", words, facts or {}).text


def flipped(token: str) -> str:
    return (
        token[:-2] + token[-2].translate(SHIFTED) + token[-1] if token[-2].isalpha() else token[:-2] + "a" + token[-1]
    )


EDITS: Json = {
    "": lambda token: token,
    "cut": lambda token: token[:-1],
    "flip": flipped,
    "swapcase": str.swapcase,
    "pad": lambda token: token + "==",
    "long": lambda token: token.ljust(64, "A"),
    "blank": lambda token: token + " ",
}
