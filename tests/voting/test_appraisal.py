"""The yearly appraisal: who runs it, what a mark is, and that two years of 不称职 end the office."""

import datetime as dt

import pytest
from django.test import Client, TestCase

from community.models import Office, Term, Unit, User
from core import clock
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from core.news import deliver_owed
from tests.voting.factories import intent, items_of, make_unit, voters_of
from voting.models import Appraisal, Ballot
from voting.operations import (
    cast_votes,
    certify_ballot,
    close_ballot,
    create_appraisal,
    open_ballot,
    record_appraisal,
    remove_voter,
    repeat_ballot,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
NOW = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
LATER = dt.timedelta(days=3)


def _holder(name: str, office: str, unit: Unit) -> User:
    user = User.objects.create(username=name, name=name, unit=unit)
    Term.objects.create(user=user, office=office, unit=unit, starts_on=dt.date(2024, 1, 1))
    return user


def _community() -> tuple[Unit, User]:
    """Return a community of one director, one member and five representatives, and its supervisor."""
    unit = make_unit()
    _holder("主任甲", Office.DIRECTOR, unit)
    _holder("委员乙", Office.COMMITTEE_MEMBER, unit)
    for number in range(5):
        _holder(f"代表{number}", Office.RESIDENT_REPRESENTATIVE, unit)
    return unit, _holder("监督丙", Office.SUPERVISION_COMMITTEE, unit)


def _appraised(year: int, marks: list[tuple[str, str]], *, now: dt.datetime = NOW, heard: bool = True) -> Ballot:
    """Hold an appraisal in which voter after voter gives the two members these marks ("1" 称职 to "3" 不称职)."""
    unit = make_unit()
    supervisor = User.objects.get(name="监督丙")
    ballot = create_appraisal(unit, year=year, closes_at=now + LATER, by=supervisor, now=now).ballot
    open_ballot(ballot, by=COMMAND_LINE, now=now)
    first, second = (str(item.pk) for item in items_of(ballot))
    for voter, (one, other) in zip(voters_of(ballot), marks, strict=False):
        assert cast_votes([intent(voter, choices={first: one, second: other})], now=now)[0].accepted
    close_ballot(ballot, by=COMMAND_LINE, reason="都已投票。", now=now)
    with TestCase.captureOnCommitCallbacks(execute=heard):
        certify_ballot(ballot, by=["计一", "计二"], now=now)
    return ballot


def _marks(ballot: Ballot) -> list[tuple[str, bool]]:
    return list(Appraisal.objects.filter(item__ballot=ballot).order_by("pk").values_list("mark", "ended_term"))


@pytest.mark.parametrize(
    ("given", "marks"),
    [
        ([("1", "3")] * 5, ["competent", "incompetent"]),
        ([("1", "3")] * 3 + [("2", "1")] * 2, ["competent", "incompetent"]),
        ([("1", "3")] * 2 + [("2", "1")] * 2 + [("3", "2")], ["fair", "fair"]),
        ([("1", "3")] * 2, ["", ""]),
    ],
)
def test_a_mark_needs_more_than_half_of_those_who_took_part(given: list[tuple[str, str]], marks: list[str]) -> None:
    _community()

    assert [mark for mark, _ended in _marks(_appraised(2026, given))] == marks


def test_two_years_running_end_the_office_once() -> None:
    _community()
    _appraised(2025, [("1", "3")] * 5)
    still = Term.objects.get(user__name="委员乙").ends_on

    ballot = _appraised(2026, [("3", "3")] * 5)
    record_appraisal(ballot, now=NOW)

    assert still is None
    assert _marks(ballot) == [("incompetent", False), ("incompetent", True)]
    assert Term.objects.get(user__name="委员乙").ends_on is not None
    assert Term.objects.get(user__name="主任甲").ends_on is None
    [entry] = LedgerEntry.objects.filter(act="end_term")
    assert entry.reason.startswith("连续两年评议为不称职（城市居民委员会组织法")
    assert "连续两年不称职，职务终止" in Client().get(f"/ballots/{ballot.pk}/result/").content.decode()


def test_it_is_the_supervision_committees_and_once_a_year() -> None:
    unit, supervisor = _community()
    _appraised(2026, [("1", "1")] * 5)

    with pytest.raises(NotAllowed):
        create_appraisal(unit, year=2026, closes_at=NOW + LATER, by=User.objects.get(name="主任甲"), now=NOW)
    with pytest.raises(BadInput, match="2026年度已经评议过"):
        create_appraisal(unit, year=2026, closes_at=NOW + LATER, by=supervisor, now=NOW)


@pytest.mark.parametrize(
    ("more", "field"), [({"year": 2023}, "year"), ({"scope": "owners"}, "scope"), ({"closes_at": NOW}, "closes_at")]
)
def test_an_appraisal_that_makes_no_sense_is_refused(more: dict[str, object], field: str) -> None:
    unit, supervisor = _community()
    given = {"year": 2026, "closes_at": NOW + LATER, **more}

    with pytest.raises(BadInput) as refused:
        create_appraisal(unit, by=supervisor, now=NOW, **given)  # type: ignore[arg-type] # wrong on purpose

    assert refused.value.field == field
    assert not Ballot.objects.exists()


def test_the_supervision_committee_starts_it_from_a_page() -> None:
    _unit, supervisor = _community()
    client, other = Client(), Client()
    client.force_login(supervisor)
    other.force_login(User.objects.get(name="主任甲"))
    today = dt.datetime.now(dt.UTC) + LATER
    given = {"year": today.year, "scope": "elected_representatives", "closes_at": f"{today:%Y-%m-%dT%H:%M}"}

    shown = client.get("/ballots/appraisal/")
    made = client.post("/ballots/appraisal/", given)

    assert (shown.status_code, made.status_code) == (200, 200)
    assert made.content.decode().count('class="figures"') == 5
    assert [item.title for item in items_of(Ballot.objects.get())] == ["主任甲（主任）", "委员乙（居委会委员）"]
    assert other.get("/ballots/appraisal/", {"community": "511302001001"}).status_code == 403


def test_a_second_one_of_the_year_waits_for_the_first_and_follows_one_without_a_quorum() -> None:
    unit, supervisor = _community()
    create_appraisal(unit, year=2025, closes_at=NOW + LATER, by=supervisor, now=NOW)

    with pytest.raises(BadInput, match="2025年度已经评议过"):
        create_appraisal(unit, year=2025, closes_at=NOW + LATER, by=supervisor, now=NOW)
    _appraised(2026, [("1", "1")] * 2)

    assert _marks(_appraised(2026, [("1", "1")] * 5)) == [("competent", False)] * 2


def test_two_years_counted_the_other_way_round_end_the_office_too() -> None:
    _community()
    _appraised(2026, [("1", "3")] * 5)

    assert _marks(_appraised(2025, [("1", "3")] * 5)) == [("competent", False), ("incompetent", True)]


def test_the_director_conducts_no_appraisal_of_the_director() -> None:
    unit, supervisor = _community()
    ballot = create_appraisal(unit, year=2026, closes_at=NOW + LATER, by=supervisor, now=NOW).ballot
    director, desk = Client(), Client()
    director.force_login(User.objects.get(name="主任甲"))
    desk.force_login(supervisor)

    assert director.get(f"/ballots/{ballot.pk}/desk/").status_code == 403
    assert director.post(f"/ballots/{ballot.pk}/desk/", {"act": "open"}).status_code == 403
    assert desk.get(f"/ballots/{ballot.pk}/desk/").status_code == 200
    with pytest.raises(NotAllowed):
        remove_voter(voters_of(ballot)[0], by=User.objects.get(name="主任甲"), reason="不想要", now=NOW)


def test_it_has_no_next_round() -> None:
    _community()

    with pytest.raises(WrongStage, match="年度评议没有下一轮"):
        repeat_ballot(_appraised(2026, [("1", "1")] * 5), by=COMMAND_LINE)


def test_marks_survive_a_process_that_dies_after_certifying() -> None:
    _community()
    _appraised(2025, [("1", "3")] * 5)
    ballot = _appraised(2026, [("1", "3")] * 5, heard=False)  # nothing that follows the commit is run
    lost = _marks(ballot)

    assert deliver_owed(clock.now() + dt.timedelta(minutes=2)) > 0
    assert deliver_owed(clock.now() + dt.timedelta(minutes=2)) == 0

    assert lost == [("", False), ("", False)]
    assert _marks(ballot) == [("competent", False), ("incompetent", True)]
    assert Term.objects.get(user__name="委员乙").ends_on is not None
    assert LedgerEntry.objects.filter(act="record_appraisal").count() == 4
