"""A requisition: its signing period, by how much it falls short, and else the meeting that must be called."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from community.models import Office, Term, Unit, User
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed
from core.models import LedgerEntry, Notification
from core.requirements import RequirementsNotMet
from deliberation.queries import work_of
from tests.voting.factories import intent, make_ballot, make_unit, voters_of
from voting.models import Ballot, Convening, RuleOverride
from voting.operations import (
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    open_ballot,
    record_convening,
    set_rule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ZONE = dt.timezone(dt.timedelta(hours=8))
OPENED = dt.datetime(2026, 11, 2, 9, tzinfo=ZONE)
ENDS = dt.datetime(2026, 11, 20, 18, tzinfo=ZONE)
TWELVE = [VoterDraft(f"业主{n}", area=10_000) for n in range(12)]


def _officer(office: str, name: str, unit: Unit | None = None) -> User:
    user = User.objects.create_user(name, name=name)
    Term.objects.create(user=user, office=office, unit=unit or make_unit(), starts_on="2026-01-01")
    return user


def _requisition(signed: int, **more: Any) -> Ballot:
    given: dict[str, Any] = {"rule": "owners_requisition", "scope": "owners", "closes_at": ENDS, **more}
    ballot = open_ballot(make_ballot(TWELVE, title="提议召开业主大会", **given), by=COMMAND_LINE, now=OPENED)
    cast_votes([intent(voter) for voter in voters_of(ballot)[:signed]], now=OPENED)
    return close_ballot(ballot, by=COMMAND_LINE, now=ENDS)


def _certified(signed: int, **more: Any) -> Ballot:
    return certify_ballot(_requisition(signed, **more), by=["甲", "乙"], now=ENDS)


def _shown(user: User, path: str) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    response = client.get(path)
    return response.status_code, response.content.decode()


def test_signatures_are_collected_until_a_day_that_was_said() -> None:
    ballot = make_ballot(TWELVE, rule="owners_requisition", scope="owners")

    with pytest.raises(RequirementsNotMet) as refused:
        open_ballot(ballot, by=COMMAND_LINE)

    assert [(one.key, str(one.sentence), one.article) for one in refused.value.missing] == [
        ("signing_period_planned", "还没有定联名到什么时候截止", "物业管理条例第十三条")
    ]


def test_what_is_lacking_is_said_in_heads_and_area() -> None:
    ballot = _certified(1)

    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert "联名没有达到法定比例：人数还差2人，面积还差140.00平方米。" in page
    assert "2026年11月2日 — 2026年11月20日" in page
    assert Convening.objects.count() == 0


def test_whoever_must_convene_is_told_and_notes_the_call() -> None:
    member = _officer(Office.OWNERS_COMMITTEE_MEMBER, "业委会委员")
    secretary, resident = _officer(Office.SECRETARY, "书记"), User.objects.create_user("resident", name="居民")

    ballot = _certified(3)

    owed = Convening.objects.get()
    assert (owed.ballot, owed.due_on, owed.basis, owed.owed_at) == (ballot, None, "", ENDS)
    assert list(Notification.objects.values_list("user", "text", "url")) == [
        (member.pk, "“提议召开业主大会”达到法定比例，须由您召集会议。", f"/ballots/{ballot.pk}/convening/")
    ]
    assert [(row.verb, row.ends) for row in work_of(member, now=ENDS)] == [("召集会议", None)]
    assert [row.verb for row in work_of(secretary, now=ENDS)] == []
    public = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()
    assert "法律没有规定天数" in public
    assert "业主委员会委员" in public
    for stranger in (resident, _officer(Office.COMMITTEE_MEMBER, "委员")):
        assert _shown(stranger, f"/ballots/{ballot.pk}/convening/")[0] == 403
        with pytest.raises(NotAllowed):
            record_convening(ballot, note="12月1日", by=stranger)

    client = Client()
    client.force_login(member)
    assert client.post(f"/ballots/{ballot.pk}/convening/", {"note": ""}).status_code == 422
    done = client.post(f"/ballots/{ballot.pk}/convening/", {"note": "12月1日 19:00，小区会所"})
    record_convening(ballot, note="再记一次", by=secretary)

    owed.refresh_from_db()
    assert (done.status_code, owed.note, owed.convened_by) == (302, "12月1日 19:00，小区会所", member)
    assert work_of(member, now=ENDS) == []
    assert "12月1日 19:00，小区会所" in Client().get(f"/ballots/{ballot.pk}/result/").content.decode()
    assert LedgerEntry.objects.filter(act="record_convening").count() == 1


def test_without_an_owners_committee_the_heads_of_the_community_see_to_it() -> None:
    secretary = _officer(Office.SECRETARY, "书记")

    _certified(3)

    assert [row.verb for row in work_of(secretary, now=ENDS)] == ["召集会议"]


def test_a_jurisdiction_sets_the_days_with_its_citation() -> None:
    director = _officer(Office.DIRECTOR, "主任")
    set_rule(
        unit=make_unit(), key="owners_requisition", article="某市物业管理条例第二十条", convene_days=30, by=COMMAND_LINE
    )

    ballot = _certified(3)

    owed = Convening.objects.get()
    # Thirty days after Friday 20 November 2026 is Sunday 20 December: it moves to Monday.
    assert (owed.due_on, owed.basis) == (dt.date(2026, 12, 21), "某市物业管理条例第二十条")
    assert [row.ends for row in work_of(director, now=ENDS)] == [dt.date(2026, 12, 21)]
    assert "期限2026年12月21日" in Notification.objects.get(user=director).text
    record_convening(ballot, note="12月22日开会", by=director, now=ENDS + dt.timedelta(days=32))
    assert LedgerEntry.objects.get(act="record_convening").after == {"note": "12月22日开会", "is_late": True}


@pytest.mark.parametrize(
    ("key", "days", "said"),
    [
        ("owners_278_ordinary", 30, "只有联名提议的规则可以定召集会议的期限。"),
        ("owners_requisition", 0, "召集会议的期限须为 1 至 365 天。"),
        ("owners_requisition", 366, "召集会议的期限须为 1 至 365 天。"),
        ("owners_requisition", True, "召集会议的期限须为 1 至 365 天。"),
    ],
)
def test_days_that_make_no_sense_are_refused(key: str, days: int, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        set_rule(unit=make_unit(), key=key, article="某条例", convene_days=days, by=COMMAND_LINE)

    assert (str(refused.value), refused.value.field) == (said, "convene_days")
    assert RuleOverride.objects.count() == 0
