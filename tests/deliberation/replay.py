"""A walk that was walked before is written again, not thought through again: the same statements leave the same rows.

Three hundred tests begin with the same dozens of operations. The first test of a worker that walks somewhere walks; the
others repeat what it wrote, where everything it depended on is the same: the numbers the tables go on from, the
settings, the day. Only on SQLite, whose tables take their numbers back with a test's rows, and only in tests that
patch nothing.
"""

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

WRITES, UNDOES = ("INSERT", "UPDATE", "DELETE"), ("ROLLBACK",)
Statement = tuple[str, Any, bool]  # SQL, its parameters, whether they are many rows of parameters

_known: dict[Any, tuple[list[Statement], dict[str, Any]]] = {}
# Set for each test by tests/deliberation/conftest.py; never on PostgreSQL.
allowed = False


def changes() -> int:
    """Return how many rows this connection has ever written."""
    connection.ensure_connection()
    return int(connection.connection.total_changes)


def done_once(name: Any, act: Callable[[], object], subject: object) -> None:
    """Do `act`, or where it was done before write what it wrote and set on `subject` what it set."""
    if not allowed:
        act()
        return
    key = (name, _numbers(), _overridden(), dt.datetime.now(tz=dt.UTC).date())
    if key in _known:
        statements, after = _known[key]
        with connection.cursor() as cursor:
            for sql, parameters, is_many in statements:
                (cursor.executemany if is_many else cursor.execute)(sql, parameters)
                cursor.fetchall()  # what it RETURNs is known
        vars(subject).update(copy.deepcopy(after))
        return
    with _written() as statements:
        act()
    if not any(sql.startswith(UNDOES) for sql, _parameters, _many in statements):
        _known[key] = statements, copy.deepcopy(vars(subject))


@contextmanager
def _written() -> Iterator[list[Statement]]:
    """Yield the list that is filled with every statement that writes, in order, or takes back what was written."""
    statements: list[Statement] = []

    def keep(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's interface
        done = execute(sql, parameters, many, context)
        if sql.startswith(WRITES + UNDOES):
            statements.append((sql, parameters, many))
        return done

    with connection.execute_wrapper(keep):
        yield statements


def _numbers() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
        return tuple(cursor.fetchall())


def _overridden() -> str:
    """Return the settings a test or a fixture has changed."""
    changed = vars(settings._wrapped)  # type: ignore[misc] # not in its stubs
    return repr(sorted((name, repr(value)) for name, value in changed.items() if name.isupper()))
