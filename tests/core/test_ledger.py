"""The ledger: appended in the transaction of the act, chained, and any edit is found."""

import pytest
from django.db import connection, transaction

from core import ledger
from core.actors import SYSTEM
from core.models import CalendarDay, LedgerEntry

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _three_entries() -> None:
    day = CalendarDay.objects.create(date="2027-01-04", is_working_day=False, source="调休")
    with transaction.atomic():
        for number in range(3):
            ledger.record(by=SYSTEM, act="set_calendar_day", subject=day, after={"number": number})


def test_an_untouched_chain_holds() -> None:
    _three_entries()

    assert ledger.first_break() is None
    assert [entry.sequence for entry in LedgerEntry.objects.all()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("column", "value"), [("reason", "改过"), ("after", '{"number": 7}'), ("actor_name", "李四"), ("act", "other")]
)
def test_an_edited_entry_is_named(column: str, value: str) -> None:
    _three_entries()

    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE core_ledgerentry SET {connection.ops.quote_name(column)} = %s WHERE sequence = 2", [value]
        )

    found = ledger.first_break()
    assert found is not None
    assert found.sequence == 2


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_deleted_entry_is_named(gone: int) -> None:
    _three_entries()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_ledgerentry WHERE sequence = %s", [gone])

    found = ledger.first_break()
    assert found is not None
    assert found.sequence == gone


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    day = CalendarDay.objects.create(date="2027-01-04", is_working_day=False, source="调休")

    with pytest.raises(ledger.LedgerOutsideTransaction):
        ledger.record(by=SYSTEM, act="set_calendar_day", subject=day)

    assert LedgerEntry.objects.count() == 0
