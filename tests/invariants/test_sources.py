"""What the source itself shows: money is never a fraction, and nobody is looked for by a name they gave themselves."""

import ast
from collections.abc import Iterator

from sqlalchemy import Numeric

from storage.tables import metadata
from tests.source import HOUSE, name_of, python_files, tree

SEARCHES = ("find", "find_by", "filter_by")


def test_no_column_holds_a_fraction() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]

    assert [str(column) for column in columns if isinstance(column.type, Numeric)] == []


def test_nobody_is_looked_for_by_name() -> None:
    """A1: a name is what its person says; who somebody is, and what they may, is found by ids."""
    files = [path for path in python_files() if not path.is_relative_to(HOUSE / "tests")]

    assert [f"{name_of(path)}:{line}" for path in files for line in by_name(tree(path))] == []


def test_search_by_name_is_seen() -> None:
    written = ("select(users).where(users.c.name == name)", "facts.find(User, name=name)", "users.c.name.in_(names)")

    assert [list(by_name(ast.parse(each))) for each in (*written, "select(users.c.name)")] == [[1], [1], [1], []]


def by_name(module: ast.AST) -> Iterator[int]:
    """The lines that compare a user's name, or look for one by it."""
    for node in ast.walk(module):
        match node:
            case ast.Compare() if any(map(is_name, (node.left, *node.comparators))):
                yield node.lineno
            case ast.Call(func=ast.Attribute(value=compared)) if is_name(compared):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=attribute)) if attribute in SEARCHES:
                yield from (node.lineno for keyword in node.keywords if keyword.arg == "name")


def is_name(node: ast.expr) -> bool:
    return ast.unparse(node) == "users.c.name"
