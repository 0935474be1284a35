"""Order: whoever adds to the same line waits for the one before, so that ids of a line grow in order of commit."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from storage.prepared import Prepared

LOCK = Prepared(
    text("SELECT pg_advisory_xact_lock(line) FROM unnest(:lines) AS line").bindparams(
        bindparam("lines", type_=ARRAY(BigInteger))
    )
)


def hold(connection: Connection, names: Iterable[tuple[str, ...]]) -> None:
    """Held to the end of the transaction. On SQLite there is one writer: everything is in order already."""
    if connection.dialect.name == "postgresql":
        # Sorted, so that two who want the same lines cannot wait for each other in a ring.
        lines = sorted({number(name) for name in names})
        LOCK.change(connection, {"lines": lines})


def number(name: tuple[str, ...]) -> int:
    return int.from_bytes(sha256("\0".join(name).encode()).digest()[:8], "big", signed=True)
