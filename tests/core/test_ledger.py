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


def test_an_entry_added_behind_the_head_is_named() -> None:
    _three_entries()

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_ledgerhead SET sequence = 2, hash = (SELECT hash FROM core_ledgerentry WHERE sequence = 2)"
        )

    found = ledger.first_break()
    assert found is not None
    assert "the head says 2 entries, 3 are there" in found.problem


def test_a_ledger_without_its_head_does_not_hold() -> None:
    assert ledger.first_break() is None
    _three_entries()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_ledgerhead")

    assert ledger.first_break() == ledger.ChainBreak(1, "the head of the ledger is missing")


def test_the_end_cut_off_with_the_head_put_back_shows_in_the_head_only() -> None:
    """What a chain cannot show by itself: keep the printed head elsewhere (docs/people.md)."""
    _three_entries()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_ledgerentry WHERE sequence = 3")
        cursor.execute(
            "UPDATE core_ledgerhead SET sequence = 2, hash = (SELECT hash FROM core_ledgerentry WHERE sequence = 2)"
        )

    assert ledger.first_break() is None


@pytest.mark.django_db(transaction=True)
def test_acts_that_go_on_during_the_walk_are_walked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _three_entries()
    judge = ledger._problem
    appended: list[int] = []

    def judge_while_somebody_acts(entry: LedgerEntry, expected: int, previous: str) -> str:
        if not appended:
            appended.append(1)
            with transaction.atomic():
                ledger.record(by=SYSTEM, act="set_calendar_day", subject=CalendarDay.objects.get())
        return judge(entry, expected, previous)

    monkeypatch.setattr(ledger, "_problem", judge_while_somebody_acts)

    assert ledger.first_break() is None


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    day = CalendarDay.objects.create(date="2027-01-04", is_working_day=False, source="调休")

    with pytest.raises(ledger.LedgerOutsideTransaction):
        ledger.record(by=SYSTEM, act="set_calendar_day", subject=day)

    assert LedgerEntry.objects.count() == 0


def test_python_neither_changes_nor_deletes_an_entry() -> None:
    _three_entries()
    entry = LedgerEntry.objects.get(sequence=2)

    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
