"""Who may do what, office by office."""

import pytest

from community.models import Office, Unit, User
from core.actors import COMMAND_LINE, SYSTEM
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from publish import kinds
from publish.models import Notice, NoticeStatus, Objection
from publish.operations import (
    acknowledge_objection,
    file_objection,
    issue_notice,
    reserve_number,
    rule_on_objection,
    withdraw_notice,
)
from publish.rules import may_read
from tests.publish.conftest import Hire, Issue
from tests.publish.test_periods import at

pytestmark = pytest.mark.django_db

MAY = {
    "issue": {"secretary", "director", "committee_member"},
    "issue_vote_result": {"secretary", "director", "committee_member", "teller"},
    "issue_evaluation": {"secretary", "director", "committee_member", "supervision_committee"},
    "issue_meeting_notice": {"secretary", "director", "committee_member", "facilitator"},
    "reserve": {"secretary", "director", "committee_member"},
    "withdraw": {"secretary", "director"},
    "acknowledge": {"secretary", "director", "committee_member", "grid_worker"},
    "rule": {"secretary", "director", "supervision_committee"},
}


def _try(act: str, by: User, community: Unit, notice: Notice, objection: Objection) -> None:
    kind = {
        "issue": "topic_list",
        "issue_vote_result": "vote_result",
        "issue_evaluation": "evaluation_report",
        "issue_meeting_notice": "meeting_notice",
    }.get(act)
    if kind is not None:
        issue_notice(kind=kind, facts=kinds.example(kind), issuer=community, by=by)
    elif act == "reserve":
        reserve_number(issuer=community, family="notice", purpose="手写通知", by=by)
    elif act == "withdraw":
        withdraw_notice(notice, reason="有误", by=by)
    elif act == "acknowledge":
        acknowledge_objection(objection, by=by)
    else:
        acknowledge_objection(objection, by=SYSTEM)
        rule_on_objection(objection, upheld=False, ruling="无误", by=by)


@pytest.mark.parametrize("act", list(MAY))
@pytest.mark.parametrize("office", Office.values)
def test_the_table_of_offices(issue: Issue, hire: Hire, community: Unit, resident: User, act: str, office: str) -> None:
    notice = issue("roll", now=at(2026, 11, 2))
    objection = file_objection(notice, text="漏了一户。", by=resident, now=at(2026, 11, 2))
    person = hire(office, community)

    if office in MAY[act]:
        _try(act, person, community, notice, objection)
    else:
        with pytest.raises(NotAllowed):
            _try(act, person, community, notice, objection)


@pytest.mark.parametrize("act", list(MAY))
def test_an_office_elsewhere_or_of_the_past_does_not_count_and_one_above_does(
    issue: Issue, hire: Hire, community: Unit, neighbours: Unit, subdistrict: Unit, resident: User, act: str
) -> None:
    notice = issue("roll", now=at(2026, 11, 2))
    objection = file_objection(notice, text="漏了一户。", by=resident, now=at(2026, 11, 2))
    former = hire("secretary", community)
    former.terms.update(ends_on=at(2026, 2, 1).date())

    before = LedgerEntry.objects.exclude(act="acknowledge_objection").count()
    for stranger in (former, hire("secretary", neighbours)):
        with pytest.raises(NotAllowed):
            _try(act, stranger, community, notice, Objection.objects.get(pk=objection.pk))
        Objection.objects.filter(pk=objection.pk).update(status="received", acknowledged_at=None)
    assert LedgerEntry.objects.exclude(act="acknowledge_objection").count() == before
    _try(act, hire("secretary", subdistrict), community, notice, Objection.objects.get(pk=objection.pk))


def test_the_platform_itself_may_issue(community: Unit) -> None:
    for actor in (SYSTEM, COMMAND_LINE):
        issue_notice(kind="roll", facts=kinds.example("roll"), issuer=community, by=actor)

    assert set(Notice.objects.values_list("issued_by", flat=True)) == {None}


def test_a_withdrawal_needs_a_reason_and_keeps_the_paper(issue: Issue, secretary: User) -> None:
    notice = issue()

    with pytest.raises(BadInput, match="撤回的理由"):
        withdraw_notice(notice, reason="  ", by=secretary)
    withdrawn = withdraw_notice(notice, reason="面积有误", by=secretary)

    assert (withdrawn.status, withdrawn.withdrawn_reason, withdrawn.withdrawn_by) == (
        NoticeStatus.WITHDRAWN,
        "面积有误",
        secretary,
    )
    assert withdrawn.number == "平城社区〔2026〕1号"
    with pytest.raises(WrongStage, match="已撤回"):
        withdraw_notice(notice, reason="再撤", by=secretary)


def test_a_correction_takes_the_place_of_its_notice_when_it_is_posted(
    issue: Issue, secretary: User, neighbours: Unit
) -> None:
    first = issue("roll")

    second = issue("roll", supersedes=first)

    first.refresh_from_db()
    assert (first.status, second.status, second.version) == (NoticeStatus.SUPERSEDED, NoticeStatus.POSTED, 2)
    assert second.paper is not None
    assert second.paper["supersedes"] == "平城社区〔2026〕1号"
    with pytest.raises(WrongStage, match="不在有效状态"):
        issue("roll", supersedes=first)
    with pytest.raises(BadInput, match="只能更正本单位"):
        issue("roll", supersedes=second, issuer=neighbours, by=SYSTEM)


def test_two_corrections_of_one_notice_do_not_race(issue: Issue, community: Unit, secretary: User) -> None:
    first = issue("roll")
    issue_notice(kind="roll", facts=kinds.example("roll"), issuer=community, by=secretary, supersedes=first)

    with pytest.raises(WrongStage, match="已经有一份更正"):
        issue("roll", supersedes=first)


def test_letters_are_read_by_their_recipient_and_the_office(
    issue: Issue, hire: Hire, community: Unit, neighbours: Unit, resident: User, secretary: User
) -> None:
    letter = issue("minutes", recipient=resident)

    readers = [resident, secretary, hire("director", community), hire("grid_worker", community)]
    strangers = [hire("resident", community), hire("secretary", neighbours), hire("", community)]
    assert letter.is_public is False
    assert [may_read(person, letter) for person in readers] == [True] * 4
    assert [may_read(person, letter) for person in strangers] == [False] * 3
    assert may_read(None, letter) is False
