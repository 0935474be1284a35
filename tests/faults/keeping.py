"""A process that keeps events and says each time whether it could: `python -m tests.faults.keeping ADDRESS NAME COUNT`.

It ends without a good-bye, as after kill -9: what it leaves behind is what a dead process leaves behind."""

import os
import sys

from storage import inbox
from storage.database import begin, open_database
from tests.builders import MONDAY


def keep(url: str, name: str, count: int) -> None:
    database = open_database(url)
    for number in range(count):
        event = f"{name}-{number}"
        row = inbox.NewRow("line", "tenant", event, f"line:tenant:{name}", b"{}", MONDAY)
        try:
            with begin(database) as connection:
                inbox.store(connection, [row])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            os.write(1, f"refused {event} {type(error).__name__}\n".encode())
        else:
            os.write(1, f"kept {event}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    keep(sys.argv[1], sys.argv[2], int(sys.argv[3]))
