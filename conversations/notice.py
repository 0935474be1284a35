"""A notice: one row of who is told of what, in which words, with which buttons to go on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conversations.flow import Link, Start
from conversations.ports import World
from engine.users import Address

Readers = Callable[[Any, World], Iterable[int]]
Buttons = Callable[[Any, int], tuple[Start, ...]]
Links = Callable[[Any, World, int], tuple[Link, ...]]
Places = Callable[[Any, World, int], Iterable[Address]]


@dataclass(frozen=True)
class Notice:
    """`to` gives the user ids, `starts` the buttons for one of them, `when` whether this row applies at all. `at` says
    on which of their messengers, if it is not the one they used last. `awaited`: they have asked for it, and wait for
    it, although it comes from elsewhere."""

    to: Readers
    words: str
    starts: Buttons = lambda _event, _reader: ()
    links: Links = lambda _event, _world, _reader: ()
    when: Callable[[Any], bool] = lambda _event: True
    at: Places | None = None
    awaited: bool = False
