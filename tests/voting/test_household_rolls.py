"""A household's entry on a roll is the household's, whoever speaks for it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.models import Household, Residency, User
from community.operations import name_household_representative
from core.actors import COMMAND_LINE
from core.errors import BadInput
from core.models import LedgerEntry
from tests.community.places import COMMUNITY, a_person, a_tree, import_roll, unit
from tests.voting.factories import voters_of
from voting import electorates
from voting.models import Ballot, Proxy, RollChange
from voting.operations import create_ballot, lodge_proxy, redraw_roll
from voting.rules import ENTRIES

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
RULE = {**next(entry for entry in ENTRIES if entry["key"] == "residents_meeting"), "proxy": {"allowed": True, "cap": 3}}


def _represent(label: str, name: str) -> User:
    """Make somebody the representative of the household, in the place of whoever was."""
    home = Household.objects.get(label__endswith=label)
    Residency.objects.filter(household=home).update(is_representative=False)
    user = a_person(name)
    Residency.objects.create(user=user, household=home, is_representative=True)
    return user


def _drawn(households: int = 3) -> Ballot:
    a_tree()
    import_roll([f"E1-3-2,{flat}01,88.40,业主{flat},{flat:04},,业主,sold" for flat in range(1, households + 1)])
    for flat in range(1, households + 1):
        _represent(f"{flat}01", f"代表{flat}")
    place = unit("E1-3-2")
    return create_ballot(
        community=unit(COMMUNITY), title="公约", items=[{"title": "是否通过"}], rule=RULE,
        voters=electorates.draw("households", place), scope="households", drawn_from=place, by=COMMAND_LINE,
    ).ballot  # fmt: skip


def test_another_representative_keeps_the_code_and_the_powers_the_household_gave() -> None:
    ballot = _drawn()
    first, second, third = voters_of(ballot)
    given = lodge_proxy(ballot, principal=first, holder=second, by=COMMAND_LINE)
    successor = _represent("101", "新代表")

    done = redraw_roll(ballot, by=COMMAND_LINE, reason="户内改推")

    kept = voters_of(ballot)[0]
    assert (done.added, done.removed, done.corrected, done.codes) == (0, 0, 1, {})
    assert (kept.pk, kept.name, kept.user, kept.code_hash) == (first.pk, "新代表", successor, first.code_hash)
    assert Proxy.objects.get(revoked_at=None).pk == given.pk
    assert [(one.kind, one.name) for one in RollChange.objects.all()] == [("corrected", "新代表")]
    assert [voter.pk for voter in voters_of(ballot)] == [first.pk, second.pk, third.pk]


def test_a_power_stays_with_the_person_it_was_given_to() -> None:
    ballot = _drawn()
    first, second, _third = voters_of(ballot)
    held = lodge_proxy(ballot, principal=first, holder=second, by=COMMAND_LINE)
    _represent("201", "新代表")

    redraw_roll(ballot, by=COMMAND_LINE, reason="户内改推")

    held.refresh_from_db()
    assert (held.holder, held.holder_user, held.holder_name, held.revoked_at) == (None, second.user, "代表2", None)


def test_a_power_of_a_representative_without_an_account_ends_with_the_office() -> None:
    ballot = _drawn()
    first, _second, _third = voters_of(ballot)
    User.objects.filter(name="代表2").delete()
    held = lodge_proxy(ballot, principal=first, holder=voters_of(ballot)[1], by=COMMAND_LINE)
    _represent("201", "新代表")

    redraw_roll(ballot, by=COMMAND_LINE, reason="户内改推")

    held.refresh_from_db()
    assert held.revoked_at is not None
    assert LedgerEntry.objects.get(act="redraw_roll").after["powers_ended"] == 1


def test_two_households_may_exchange_their_representatives() -> None:
    ballot = _drawn()
    first, second, _third = voters_of(ballot)
    Residency.objects.filter(user__in=[first.user, second.user]).update(is_representative=False)
    assert first.user is not None
    assert second.user is not None
    for label, user in (("101", second.user), ("201", first.user)):
        home = Household.objects.get(label__endswith=label)
        Residency.objects.create(user=user, household=home, is_representative=True)

    done = redraw_roll(ballot, by=COMMAND_LINE, reason="核对")

    assert done.corrected == 2
    assert [voter.user for voter in voters_of(ballot)[:2]] == [second.user, first.user]


def _queries_of_redrawing(ballot: Ballot) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        redraw_roll(ballot, by=COMMAND_LINE, reason="核对")
    return len(caught)


def test_so_many_statements_however_many_changes() -> None:
    ballot = _drawn(6)
    _represent("101", "新1")
    one = _queries_of_redrawing(ballot)
    for flat in (2, 3, 4, 5):
        _represent(f"{flat}01", f"新{flat}")

    assert _queries_of_redrawing(ballot) == one


def test_a_representative_under_eighteen_does_not_vote() -> None:
    ballot = _drawn()
    User.objects.filter(name="代表1").update(born_on=dt.date(2008, 11, 21))
    place = unit("E1-3-2")

    before = electorates.households_of(place, today=dt.date(2026, 11, 20))
    after = electorates.households_of(place, today=dt.date(2026, 11, 21))

    assert [(draft.name, draft.user is None) for draft in before][:2] == [
        (voters_of(ballot)[0].place, True),
        ("代表2", False),
    ]
    assert [(draft.name, draft.user is None) for draft in after][:2] == [("代表1", False), ("代表2", False)]
    residency = Residency.objects.get(user__name="代表1")
    residency.is_representative = False
    residency.save()
    with pytest.raises(BadInput, match="代表1未满十八周岁，不能作为户代表"):
        name_household_representative(residency, by=COMMAND_LINE, now=dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC))
