"""Migrations say in one operation what one table is."""

import pytest
from django.db import models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from config.management.commands.makemigrations import folded

COLUMN = models.IntegerField()
HEADS = models.CheckConstraint(condition=models.Q(heads__gte=0), name="heads_from_zero")
BY_HEADS = models.Index(fields=["heads"], name="by_heads")
ROOMS = ("core", "community", "publish", "voting", "meetings", "deliberation")


def table(name: str, **options: object) -> CreateModel:
    return CreateModel(name=name, fields=[("heads", COLUMN)], options=options)


def said(operations: list[Operation]) -> list[tuple[str, object]]:
    """Return name, positional and named words of each operation, as a migration file would have them."""
    return [(operation.deconstruct()[0], operation.deconstruct()[2]) for operation in operations]


def test_constraints_and_indexes_stand_in_the_creation_of_their_table() -> None:
    both: list[Operation] = [
        table("Roll"),
        table("Voter"),
        AddConstraint("roll", HEADS),
        AddIndex("roll", BY_HEADS),
    ]

    assert said(folded(both, "voting")) == said(
        [table("Roll", constraints=[HEADS], indexes=[BY_HEADS]), table("Voter")]
    )


def test_they_stay_behind_a_column_that_comes_later() -> None:
    later: list[Operation] = [
        table("Roll"),
        AddField("roll", "area", models.IntegerField(default=0)),
        AddConstraint("roll", HEADS),
    ]

    assert said(folded(later, "voting")) == said(later)


def test_an_existing_table_gets_them_as_ever() -> None:
    alone: list[Operation] = [AddConstraint("roll", HEADS)]

    assert said(folded(alone, "voting")) == said(alone)


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_left_to_fold(room: str) -> None:
    loader = MigrationLoader(None)
    ours = [migration for (app, _name), migration in loader.disk_migrations.items() if app == room]

    assert ours
    assert [len(folded(one.operations, room)) for one in ours] == [len(one.operations) for one in ours]
