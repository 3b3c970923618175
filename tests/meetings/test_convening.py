"""Calling a meeting: who may, how many days, whom the kind requires."""

import datetime as dt

import pytest

from community.models import Term
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.models import LedgerEntry, Notification
from meetings.models import Attendance, Meeting
from meetings.operations import AgendaDraft, Invitee, cancel_meeting, invite, request_leave
from meetings.quorum import rules_in_words
from publish.models import Notice
from tests.meetings.makers import TODAY, Place, attendance_of, bring_in, convene, make_user, opened

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def test_the_button_pressed_twice_calls_one_meeting(place: Place) -> None:
    meeting = convene(place)

    with pytest.raises(WrongStage) as refused:
        convene(place)

    assert refused.value.reason_code == "already_convened"
    assert (Meeting.objects.count(), Notice.objects.count()) == (1, 1)
    cancel_meeting(meeting=meeting, reason="场地有变，另行通知。", by=place.director, now=TODAY)
    assert convene(place).phase == "convened"


@pytest.mark.parametrize(
    ("kind", "days", "article"),
    [
        ("residents_meeting", 10, "《城市居民委员会组织法》第二十六条"),
        ("resident_reps_meeting", 10, "《城市居民委员会组织法》第二十六条"),
        ("owners_meeting", 15, "《物业管理条例》第十四条"),
        ("deliberation_council", 3, "五议工作法议事规则"),
        ("hearing", 3, "五议工作法议事规则"),
        ("joint_committee", 3, "五议工作法议事规则"),
        ("review_meeting", 3, "五议工作法议事规则"),
    ],
)
def test_the_notice_must_be_long_enough_to_the_day(place: Place, kind: str, days: int, article: str) -> None:
    with pytest.raises(Refused) as refused:
        convene(place, kind=kind, days=days - 1)

    assert refused.value.reason_code == "notice_too_short"
    assert refused.value.article == article
    assert f"须提前{days}日通知，现在只提前{days - 1}日" in str(refused.value)
    assert (Meeting.objects.count(), Notice.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)

    assert convene(place, kind=kind, days=days).phase == "convened"


def test_an_urgent_meeting_needs_its_reason_and_prints_it(place: Place) -> None:
    meeting = convene(place, days=1, urgent_reason="水管爆裂，须当天商定抢修。")

    notice = Notice.objects.get(kind="meeting_notice")
    assert meeting.urgent_reason == "水管爆裂，须当天商定抢修。"
    assert notice.facts["paragraphs"] == ["紧急召开的理由：水管爆裂，须当天商定抢修。"]
    assert LedgerEntry.objects.get(act="convene_meeting").reason == "水管爆裂，须当天商定抢修。"


def test_the_notice_carries_the_agenda_with_what_will_be_voted_on(place: Place) -> None:
    meeting = convene(place)

    notice = Notice.objects.get(kind="meeting_notice")
    assert (notice.subject_type, notice.subject_id) == ("meetings.meeting", str(meeting.pk))
    assert notice.facts["agenda"] == [
        {"title": "通报意向征集情况", "motion": "", "vote": False},
        {"title": "加装电梯", "motion": "同意加装电梯一部。", "vote": True},
    ]
    assert notice.facts["chair"] == "欧阳*"


@pytest.mark.parametrize("who", ["grid_worker", "member"])
def test_who_holds_no_convening_office_may_not(place: Place, who: str) -> None:
    by = place.grid_worker if who == "grid_worker" else place.members[0]

    with pytest.raises(NotAllowed):
        convene(place, by=by)

    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "picnic"}, "kind"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"place": ""}, "place"),
        ({"agenda": []}, "agenda"),
        ({"agenda": [" "]}, "agenda"),
        ({"invitees": []}, "invitees"),
        ({"invitees": [Invitee(name="  ")]}, "invitees"),
        ({"starts_at": TODAY - dt.timedelta(days=1)}, "starts_at"),
    ],
)
def test_bad_facts_name_their_field_and_store_nothing(place: Place, more: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        convene(place, **more)  # type: ignore[arg-type] # a table of keywords

    assert refused.value.field == field
    assert (Meeting.objects.count(), Attendance.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


def test_the_kind_invites_its_offices(place: Place) -> None:
    representative, supervisor = make_user("rep", "代表甲"), make_user("sup", "监督乙")
    for user, office in ((representative, "resident_representative"), (supervisor, "supervision_committee")):
        Term.objects.create(user=user, office=office, unit=place.community, starts_on=dt.date(2025, 1, 1))

    meeting = convene(place, kind="resident_reps_meeting")

    assert attendance_of(meeting, representative).role == "member"
    assert attendance_of(meeting, representative).capacity == "resident_representative"
    assert attendance_of(meeting, supervisor).role == "observer"


def test_an_owners_meeting_tells_the_residents_committee_whose_director_has_no_vote(place: Place) -> None:
    """Property Management Regulation 14: the residents' committee concerned is told at the same time."""
    meeting = convene(place, kind="owners_meeting")

    assert attendance_of(meeting, place.director).role == "guest"
    assert Notification.objects.filter(user=place.director, text__startswith="请您参加").count() == 1
    assert rules_in_words(meeting.template)["invited"] == ["主任（列席）"]


def test_nobody_is_invited_twice_and_everybody_is_told(place: Place) -> None:
    meeting = convene(place, invitees=[place.members[0], place.members[0], Invitee(name="只有姓名")])

    assert [a.name for a in meeting.attendances.order_by("id")] == ["赵铁柱", "只有姓名"]
    assert Notification.objects.filter(user=place.members[0]).count() == 1


def test_members_cannot_be_added_once_the_meeting_is_open_guests_can(place: Place) -> None:
    meeting = opened(place)

    with pytest.raises(WrongStage):
        invite(meeting=meeting, invitees=[Invitee(name="迟来的")], by=place.facilitator)
    (guest,) = invite(meeting=meeting, invitees=[Invitee(name="物业经理", role="guest")], by=place.facilitator)

    assert guest.role == "guest"


def test_calling_off_tells_everybody_and_needs_a_reason(place: Place) -> None:
    meeting = convene(place)

    with pytest.raises(BadInput):
        cancel_meeting(meeting=meeting, reason=" ", by=place.director)
    cancel_meeting(meeting=meeting, reason="停电", by=place.director)

    meeting.refresh_from_db()
    assert meeting.phase == "cancelled"
    assert Notification.objects.filter(user=place.members[3], text__startswith="会议取消").count() == 1
    with pytest.raises(WrongStage):
        bring_in(meeting, place, place.members[:1])


def test_leave_by_telephone_is_entered_by_the_desk(place: Place) -> None:
    meeting = convene(place)
    somebody = attendance_of(meeting, place.members[0])

    request_leave(meeting=meeting, reason="住院", by=place.grid_worker, attendance=somebody)
    with pytest.raises(NotAllowed):
        request_leave(meeting=meeting, reason="替他请假", by=place.members[1], attendance=somebody)
    with pytest.raises(NotAllowed):
        request_leave(meeting=meeting, reason="没有邀请我", by=make_user("x", "外人甲"))

    somebody.refresh_from_db()
    assert (somebody.reply, somebody.leave_reason) == ("leave", "住院")


def test_an_agenda_item_can_be_about_something(place: Place) -> None:
    meeting = convene(place, agenda=[AgendaDraft("新网格", subject=place.community)], subject=place.community)

    item = meeting.agenda.get()
    assert (item.subject_type, item.subject_id) == ("community.unit", str(place.community.pk))
    assert (meeting.subject_type, meeting.subject_id) == ("community.unit", str(place.community.pk))
