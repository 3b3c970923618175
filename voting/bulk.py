"""Many rows in one statement, on SQLite and PostgreSQL alike. The live path's only hand-written SQL dialect."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

# The PostgreSQL types of the columns written in bulk; text stands for every other column.
_TYPES = {
    "id": "bigint",
    "item_id": "bigint",
    "voter_id": "bigint",
    "cast_by_id": "bigint",
    "votes": "bigint",
    "heads": "bigint",
    "area": "bigint",
    "at": "timestamptz",
}
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def is_sqlite() -> bool:
    """Return whether the database is SQLite."""
    return connection.vendor == "sqlite"


def _copied(value: Any) -> str:
    """Return a value in the text format of COPY."""
    if value is None:
        return r"\N"
    if type(value) is int:
        return str(value)
    text = str(value)
    return text if text.isalnum() else text.translate(_ESCAPED)


def among(ids: Iterable[Any], kind: str = "bigint") -> tuple[str, Any]:
    """Return the SQL that follows a column to say "is one of these", and its single parameter: numbers, or texts."""
    if is_sqlite():
        return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))
    return f"= ANY(%s::{kind}[])", list(ids)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, conflict: str = "") -> None:
    """Insert `rows` in one statement; `conflict` is an ON CONFLICT clause.

    PostgreSQL takes them by COPY, three times cheaper than an array for each column, unless there is a conflict clause.
    """
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if not conflict and not is_sqlite():
            # Django translates errors of `execute` alone: without this a lost connection would not be tried again.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write("".join(["\t".join(map(_copied, row)) + "\n" for row in rows]))
            return
        if is_sqlite():
            # Not `executemany`: it hands the interpreter over at each row, and a busy loop gives it back 1 ms later.
            values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
            sql = f"INSERT INTO {table} ({names}) SELECT {values} FROM json_each(%s) WHERE true {conflict}"  # noqa: S608 - our own words
            cursor.execute(sql, [msgspec.json.encode(rows).decode()])
        else:
            arrays = ", ".join(f"%s::{_TYPES.get(column, 'text')}[]" for column in columns)
            sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - our own words
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])


def add_to_counts(changes: Sequence[tuple[int, str, int, int, int]]) -> None:
    """Add (item, key, votes, heads, area) to the option counts; negative amounts take away."""
    if not changes:
        return
    added = "SET votes = c.votes + d.votes, heads = c.heads + d.heads, area = c.area + d.area"
    with connection.cursor() as cursor:
        if is_sqlite():
            fields = ", ".join(
                f"json_extract(value, '$[{place}]') AS {name}"
                for place, name in enumerate(["item", "key", "votes", "heads", "area"])
            )
            cursor.execute(
                f"UPDATE voting_optioncount AS c {added} FROM (SELECT {fields} FROM json_each(%s)) AS d"  # noqa: S608 - our own words
                " WHERE c.item_id = d.item AND c.key = d.key",
                [json.dumps(changes)],
            )
        else:
            cursor.execute(
                f"UPDATE voting_optioncount AS c {added} FROM unnest(%s::bigint[], %s::text[], %s::bigint[],"
                " %s::bigint[], %s::bigint[]) AS d(item, key, votes, heads, area)"
                " WHERE c.item_id = d.item AND c.key = d.key",
                [list(column) for column in zip(*changes, strict=True)],
            )


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def run(sql: str, *parameters: Any) -> None:
    """Execute one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def empty_log() -> None:
    """Move SQLite's write-ahead log into the database and cut it: its frames stand in the order of the votes."""
    if is_sqlite() and not connection.in_atomic_block:
        run("PRAGMA wal_checkpoint(TRUNCATE)")
