"""Empties the database behind a test that committed.

Django's way costs a third of a second a test: it makes every content type and permission anew, which nothing here
reads, and on PostgreSQL its TRUNCATE makes new files for a hundred tables of which a dozen hold rows. A table that
grew is truncated nevertheless: the planner takes one that was filled and deleted from for nearly empty.
"""

from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

FEW = 512 * 1024  # bytes of a table


@cache
def _tables() -> tuple[str, ...]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(map(connection.ops.quote_name, found))


def empty_database() -> None:
    """Delete every row of every table of ours."""
    if connection.vendor != "postgresql" or not _delete_few():
        # Numbers go on: what a server of the module before keeps of its ballot 1 must not be asked of another.
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
    ContentType.objects.clear_cache()


def _delete_few() -> bool:
    """Empty a PostgreSQL whose tables are small, whatever points at what; nothing, and False, where one is large."""
    filled = " UNION ALL ".join(
        f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (SELECT FROM {name})" for name in _tables()
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Waits for what a server apart is just about to commit, as TRUNCATE would.
        cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # neither foreign keys nor our own triggers ask
        cursor.execute(filled)
        found = cursor.fetchall()
        if any(size > FEW for _name, size in found):
            return False
        for name, _size in found:
            cursor.execute(f"DELETE FROM {name}")
    return True


def teardown(_case: Any) -> None:
    """Stand in for `TransactionTestCase._fixture_teardown`."""
    empty_database()
