"""What stands behind buttons and links: opaque, and nothing but itself opens it."""

import re
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from bots import text
from conversations.ports import Action
from payments.pretend import Ticket, seal, unseal
from storage import handles, tables
from storage.database import open_database
from tests.fuzz.reading import number, words

SECRET = "a-secret-of-the-tests"
OWNER, STRANGER = 1, 2
NOW = datetime(2027, 1, 1, tzinfo=UTC)
KEPT = Action("start", "accept_work", {"contract_id": 7})
CHAT = "line:t:c"
HANDLE = "AbCdEfGhIjKlMnOpQrStUv"


def one_button() -> Connection:
    """A database with one person's one button in it."""
    engine = open_database("sqlite://")
    tables.metadata.create_all(engine)
    connection = engine.connect()
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    handles.keep(connection, [handles.NewHandle(HANDLE, OWNER, KEPT, CHAT)], NOW)
    return connection


DATABASE = one_button()


def handle(data: bytes) -> None:
    """Whatever a press says: the button's own words in its owner's hand, or nothing."""
    which, data = number(data)
    pressed = text.kept(words(data))
    person = (OWNER, STRANGER)[which % 2]
    found = handles.find(DATABASE, person, pressed, NOW)
    if person == OWNER and pressed == HANDLE:
        assert found == handles.Found(KEPT, used=False, chat=CHAT)
    else:
        assert found is None, "a button was pressed that is not theirs"


def token(data: bytes) -> None:
    """128 bits as 22 signs that every platform carries unchanged: no two of them alike."""
    bits = (data + bytes(handles.TOKEN_BYTES))[: handles.TOKEN_BYTES]
    others = [bits[:place] + bytes([bits[place] ^ 1]) + bits[place + 1 :] for place in range(len(bits))]
    made = [handles.token(partial(drawn_as, drawn)) for drawn in (bits, *others)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", each) for each in made)
    assert len(set(made)) == len(made)


def pay_page(data: bytes) -> None:
    """The token of a pay page: only what we sealed is opened, whoever wrote it."""
    token = words(data).encode("utf-8", "replace").decode()
    ticket = unseal((SECRET,), token)
    assert ticket is None or seal(SECRET, ticket) == token, "a page was opened that we never sealed"


def drawn_as(bits: bytes, _: int) -> bytes:
    return bits


def handle_seeds() -> list[bytes]:
    return [
        bytes([which]) + said
        for which in (0, 1)
        for said in (HANDLE.encode(), HANDLE.lower().encode(), b"%", b"' OR 1=1 --")
    ]


def page_seeds() -> list[bytes]:
    return [seal(SECRET, Ticket(7, 30_000, "仮払い")).encode(), b"e30.00"]
