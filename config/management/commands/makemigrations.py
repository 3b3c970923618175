"""manage.py makemigrations: Django's own, which also says in one operation what one table is.

Django adds each constraint and index of a new table by an operation of its own, and before each it builds the models of
all tables anew: 180 of them were half of the time of a first `migrate`.
"""

from collections.abc import Sequence
from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations.base import Operation


def folded(operations: Sequence[Operation], app_label: str) -> list[Operation]:
    """Return `operations` with constraints and indexes moved into the creation of their table.

    Those of a table that gets a further column later stay where they are: they may speak of that column.
    """
    done: list[Operation] = []
    created: dict[str, int] = {}
    for operation in operations:
        if isinstance(operation, CreateModel):
            created[operation.name_lower] = len(done)
        elif isinstance(operation, AddField):
            created.pop(operation.model_name_lower, None)
        elif isinstance(operation, AddConstraint | AddIndex):
            place = created.get(operation.model_name_lower)
            reduced = done[place].reduce(operation, app_label) if place is not None else None
            if place is not None and isinstance(reduced, list):
                [done[place]] = reduced
                continue
        done.append(operation)
    return done


class Autodetector(MigrationAutodetector):
    """Finds changes as Django does and folds them."""

    def changes(self, *args: Any, **options: Any) -> Any:
        """Return {app: [migration]}."""
        found = super().changes(*args, **options)
        for app_label, migrations in found.items():
            for migration in migrations:
                migration.operations = folded(migration.operations, app_label)  # type: ignore[misc] # as Django does
        return found


class Command(makemigrations.Command):
    """Write migrations."""

    autodetector = Autodetector
