"""Prepared statements: written in SQLAlchemy Core, compiled once for each database, run on the driver's own cursor.

SQLAlchemy's own execution costs several times what SQLite needs for the statement itself. What runs with every message
goes this way; what runs seldom, or looks different each time, goes through `connection.execute`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Executable, Insert, Update, bindparam
from sqlalchemy.sql import visitors

Values = Mapping[str, Any]
Process = Callable[[Any], Any]


@dataclass(frozen=True)
class Compiled:
    """One statement for one kind of database. `binds`: each parameter in its place; `written`: those whose value has to
    be written otherwise, by their place; `results`: the columns whose values have to be read, by their place."""

    sql: str
    binds: tuple[str, ...]
    written: tuple[tuple[int, Process], ...]
    by_name: bool
    fixed: Mapping[str, Any]
    results: tuple[tuple[int, Process], ...]

    def parameters(self, values: Values) -> Any:
        given = {**self.fixed, **values} if self.fixed else values
        found = [given[name] for name in self.binds]
        if self.written:
            changed(found, self.written)
        return dict(zip(self.binds, found, strict=True)) if self.by_name else found

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        changed(values, self.results)
        return values


def changed(values: list[Any], places: tuple[tuple[int, Process], ...]) -> None:
    for place, process in places:
        if values[place] is not None:
            values[place] = process(values[place])


class Prepared:
    """`columns`: what an insert or an update is given by name, besides its own parameters."""

    def __init__(self, statement: Executable, columns: Sequence[str] = ()) -> None:
        self.statement, self.columns = statement, columns
        self.compiled: dict[str, Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[Sequence[Any]]:
        compiled = self.for_dialect(connection.dialect)
        cursor = run(connection, compiled.sql, compiled.parameters(values))
        found: list[Sequence[Any]] = cursor.fetchall()
        cursor.close()
        return [compiled.read(row) for row in found] if compiled.results else found

    def row(self, connection: Connection, values: Values) -> Sequence[Any] | None:
        """The first of at most one."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def change(self, connection: Connection, values: Values) -> int:
        """How many rows it was."""
        compiled = self.for_dialect(connection.dialect)
        cursor = run(connection, compiled.sql, compiled.parameters(values))
        count: int = cursor.rowcount
        cursor.close()
        return count

    def change_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Once for each of these; how many rows it was in all."""
        if len(rows) == 1:
            return self.change(connection, rows[0])
        compiled = self.for_dialect(connection.dialect)
        cursor = run(connection, compiled.sql, [compiled.parameters(values) for values in rows], many=True)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def for_dialect(self, dialect: Dialect) -> Compiled:
        found = self.compiled.get(dialect.name)
        if found is None:
            found = self.compiled[dialect.name] = compile_for(dialect, self.statement, self.columns)
        return found


def compile_for(dialect: Dialect, statement: Any, columns: Sequence[str]) -> Compiled:
    """Constants are written into the text: a partial index is used only if its condition stands there."""
    results = [column.type for column in getattr(statement, "exported_columns", ())]
    if columns:
        assert isinstance(statement, Insert | Update), "only what writes is given columns"
        statement = statement.values({name: bindparam(name, None) for name in columns})
    if isinstance(statement, Insert):
        statement = statement.inline()
    types: dict[str, Any] = {}

    def settle(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter):
            return None
        if element.value is not None:
            return element.render_literal_execute()
        types[element.key] = element.type
        return bindparam(element.key, None, element.type)

    made = visitors.replacement_traverse(statement, {}, settle).compile(
        dialect=dialect, compile_kwargs={"render_postcompile": True}
    )
    # A column's own type is known only now, where it is given by name.
    types |= {name: bind.type for name, bind in made.binds.items()}
    names = made.positiontup if made.positional else list(made.params)
    return Compiled(
        sql=made.string,
        binds=tuple(names),
        written=placed([types[name].dialect_impl(dialect).bind_processor(dialect) for name in names]),
        by_name=not made.positional,
        fixed={name: value for name, value in made.params.items() if value is not None},
        results=placed([kind.dialect_impl(dialect).result_processor(dialect, None) for kind in results]),
    )


def placed(processes: Sequence[Process | None]) -> tuple[tuple[int, Process], ...]:
    return tuple((place, process) for place, process in enumerate(processes) if process)


def run(connection: Connection, sql: str, parameters: Any, *, many: bool = False) -> Any:
    """A cursor that has run it. Errors are those of `connection.execute`."""
    if not connection.in_transaction():
        connection.begin()
    dialect: Any = connection.dialect
    cursor = connection.connection.cursor()
    try:
        if many:
            dialect.do_executemany(cursor, sql, parameters, None)
        else:
            dialect.do_execute(cursor, sql, parameters, None)
    except Exception as error:
        # SQLAlchemy's own way out: wraps the error, and gives up connections that are gone.
        connection._handle_dbapi_exception(error, sql, parameters, cursor, None)  # noqa: SLF001 - there is no other
        raise
    return cursor
