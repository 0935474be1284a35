"""What transactions saw and wrote, and whether they could have come one after the other.

Each row has a version that grows with each write, so the order of writes is known, and who read what somebody else
overwrote. Edges between transactions: `ww` (wrote the next version), `wr` (read what the other wrote) and `rw` (read
what the other then overwrote, or did not see what the other added). A ring of edges is an anomaly; the names are those
of Adya, Liskov and O'Neil, "Generalized Isolation Level Definitions" (2000)."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

Item = tuple[str, object]  # a noun and its id, or "account" and its path
Kind = Literal["ww", "wr", "rw"]
UNBORN = 0


@dataclass(frozen=True)
class Search:
    """A look for all of a noun with these columns, and the ids it found."""

    noun: str
    equal: Mapping[str, object]
    found: frozenset[int]


@dataclass
class Transaction:
    """One that was committed. `reads` holds the first version seen of each item, `writes` the columns of each version
    it made; an account has no columns here."""

    name: str
    reads: dict[Item, int] = field(default_factory=dict)
    writes: dict[Item, dict[int, Mapping[str, object]]] = field(default_factory=lambda: defaultdict(dict))
    searches: list[Search] = field(default_factory=list)


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    kind: Kind
    item: Item


@dataclass(frozen=True)
class Anomaly:
    """`name` is G0, G1a, G1b, G1c, G-single or G2; `ring` the edges that close it."""

    name: str
    ring: tuple[Edge, ...]
    words: str = ""

    def __str__(self) -> str:
        steps = [f"{e.source} -{e.kind}-> {e.target} ({e.item[0]} {e.item[1]})" for e in self.ring]
        return f"{self.name}: {self.words or ', '.join(steps)}"


def anomalies(history: list[Transaction]) -> list[Anomaly]:
    """One of each class that is there, the worst first; none if the history is as if they had come one by one."""
    written = versions(history)
    edges = [*item_edges(history, written), *search_edges(history, written)]
    rings = (
        ("G0", ring([e for e in edges if e.kind == "ww"])),
        ("G1c", ring([e for e in edges if e.kind != "rw"])),
        ("G2", ring(edges)),
    )
    found = [*doubled(written), *dirty_reads(history, written)]
    found += [Anomaly(named(name, closed), closed) for name, closed in rings if closed]
    return found


Written = dict[Item, list[tuple[int, str, Mapping[str, object]]]]


def versions(history: Iterable[Transaction]) -> Written:
    """All versions of each item in their order: number, writer, columns."""
    written: Written = defaultdict(list)
    for one in history:
        for item, made in one.writes.items():
            written[item] += [(number, one.name, columns) for number, columns in made.items()]
    for made_by in written.values():
        made_by.sort(key=lambda version: version[:2])
    return written


def doubled(written: Written) -> Iterator[Anomaly]:
    """A version two transactions made: the later has overwritten the earlier without having seen it."""
    for item, made in written.items():
        for (number, first, _), (again, second, _) in itertools.pairwise(made):
            if number == again and first != second:
                there_and_back = (Edge(first, second, "ww", item), Edge(second, first, "rw", item))
                yield Anomaly("G-single", there_and_back, f"{first} and {second} both wrote {item} {number}")
                return


def dirty_reads(history: list[Transaction], written: Written) -> Iterator[Anomaly]:
    """G1a: read what nobody committed. G1b: read what its writer went on to change."""
    for one in history:
        for item, seen in one.reads.items():
            made = {number: writer for number, writer, _ in written.get(item, [])}
            # What was there before the history began has no writer in it.
            if not made or seen < min(made) or one.name == made.get(seen):
                continue
            if seen not in made:
                yield Anomaly("G1a", (), f"{one.name} read {item} {seen}, which nobody committed")
            elif made.get(seen + 1) == made[seen]:
                yield Anomaly("G1b", (), f"{one.name} read {item} {seen}, in the middle of {made[seen]}")


def item_edges(history: list[Transaction], written: Written) -> Iterator[Edge]:
    for item, made in written.items():
        writers = [writer for _, writer, _ in made]
        yield from (Edge(a, b, "ww", item) for a, b in itertools.pairwise(writers) if a != b)
    for one in history:
        for item, seen in one.reads.items():
            made = written.get(item, [])
            before = [writer for number, writer, _ in made if number == seen and writer != one.name]
            after = [writer for number, writer, _ in made if number > seen and writer != one.name]
            yield from (Edge(writer, one.name, "wr", item) for writer in before)
            yield from (Edge(one.name, writer, "rw", item) for writer in after[:1])


def search_edges(history: list[Transaction], written: Written) -> Iterator[Edge]:
    """A search that did not find what fits in all its versions was made before that was added."""
    added = defaultdict(list)
    for (noun, number), made in written.items():
        if noun != "account" and made[0][0] > UNBORN and not read_before_written(history, (noun, number), made):
            added[noun].append((number, made))
    for one in history:
        for search in one.searches:
            for number, made in added[search.noun]:
                if number not in search.found and made[0][1] != one.name and fits(search, made):
                    yield Edge(one.name, made[0][1], "rw", (search.noun, number))


def read_before_written(
    history: list[Transaction], item: Item, made: list[tuple[int, str, Mapping[str, object]]]
) -> bool:
    """Whether the item was there before the history began."""
    return any(item in one.reads and one.reads[item] < made[0][0] for one in history)


def fits(search: Search, made: list[tuple[int, str, Mapping[str, object]]]) -> bool:
    return all(columns.get(name) == wanted for _, _, columns in made for name, wanted in search.equal.items())


def ring(edges: list[Edge]) -> tuple[Edge, ...]:
    """The edges of one ring, or none."""
    graph: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        graph[edge.target].add(edge.source)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        between = {(e.source, e.target): e for e in reversed(edges)}
        return tuple(between[a, b] for a, b in itertools.pairwise(names))
    return ()


def named(name: str, closed: tuple[Edge, ...]) -> str:
    return "G-single" if name == "G2" and sum(e.kind == "rw" for e in closed) == 1 else name
