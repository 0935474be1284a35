"""I12: what is made to take long. A pattern that tries all ways to part a run of signs takes years for forty of them,
and holds up everybody: `re` lets no other thread of its process run."""

import subprocess
import sys
from datetime import datetime
from itertools import permutations
from pathlib import Path
from zoneinfo import ZoneInfo

from conversations.parsers import days, money
from conversations.parsers.sentence import LENGTH_MAX, understand

NOW = datetime(2026, 7, 15, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
# Whatever the grammars have in common may be read in two ways; repeated, in very many.
PIECES = (
    "0",
    "12:30",
    ",",
    ".",
    "-",
    "〜",
    " ",
    "円",
    "万",
    "人",
    "月",
    "日",
    "まで",
    "を",
    "お願い",
    "the ",
    "for ",
    "x",
)
ENDS = ("", "寿", "x", "!")
PROGRAM = "from tests.conversations.parsers.test_hostile import read_all; read_all()"
SECONDS_MAX = 120


def read_all() -> None:
    for pieces in [*((one,) for one in PIECES), *permutations(PIECES, 2)]:
        pump = "".join(pieces)
        for end in ENDS:
            said = pump * ((LENGTH_MAX - len(end)) // len(pump)) + end
            understand(said, NOW)
            days.day(said, NOW)
            money.yen(said)
            money.yen_range(said)


def test_repeated_pieces_of_the_grammars_are_read_in_time() -> None:
    """In a process of its own, which can be ended."""
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[3], timeout=SECONDS_MAX, check=True)
