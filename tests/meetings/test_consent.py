"""Consent without objection: asked with a window, heard until declared, one objection brings a vote."""

import datetime as dt

import pytest
from django.test import Client

from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.models import LedgerEntry
from core.requirements import RequirementsNotMet
from meetings.models import AgendaItem, ConsentRequest, Meeting, Motion, SheetCount
from meetings.operations import (
    ask_consent,
    close_meeting,
    declare_consent,
    declare_recusal,
    draft_minutes,
    next_agenda_item,
    object_to_consent,
    order_amendment,
    propose_amendment,
    propose_motion,
    record_hand_vote,
    second_amendment,
    second_motion,
    sign_out,
    withdraw_consent,
)
from meetings.queries.asked import consent_message
from meetings.queries.minutes import public_facts
from meetings.queries.situation import situation_of
from meetings.queries.steps import next_act, steps_in
from tests.meetings.makers import Place, attendance_of, opened

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def meeting(place: Place) -> Meeting:
    """A council that debates a seconded motion."""
    found = opened(place)
    motion = propose_motion(meeting=found, text="同意安装扶手。", by=place.members[0])
    second_motion(motion=motion, by=place.members[1])
    return found


def test_nobody_objected(place: Place, meeting: Meeting) -> None:
    at = meeting.starts_at
    ask_consent(meeting=meeting, seconds=30, by=place.facilitator, now=at)
    with pytest.raises(Refused, match="异议期还有1秒，期满才能宣布通过。"):
        declare_consent(meeting=meeting, by=place.facilitator, now=at + 29 * SECOND)

    count = declare_consent(meeting=meeting, by=place.facilitator, now=at + 30 * SECOND)

    assert (count.method, count.for_count, count.present_count, count.outcome) == ("consent", 6, 6, "passed")
    assert Motion.objects.get().status == "adopted"
    assert ConsentRequest.objects.get().status == "adopted"
    with pytest.raises(WrongStage, match="异议期已过"):
        object_to_consent(meeting=meeting, by=place.members[2], now=at + 31 * SECOND)
    acts = ["ask_consent", "enter_count", "declare_consent"]
    assert list(LedgerEntry.objects.filter(act__in=acts).order_by("pk").values_list("act", flat=True)) == acts


def test_one_objection_brings_a_vote(place: Place, meeting: Meeting) -> None:
    at = meeting.starts_at
    ask_consent(meeting=meeting, by=place.facilitator, now=at)

    request = object_to_consent(meeting=meeting, by=place.members[2], now=at + 45 * SECOND)
    again = object_to_consent(meeting=meeting, by=place.members[3], now=at + 46 * SECOND)

    assert (request.status, request.objector and request.objector.user) == ("objected", place.members[2])
    assert again.objector_id == request.objector_id
    with pytest.raises(RequirementsNotMet, match="现在没有征求异议的事项"):
        declare_consent(meeting=meeting, by=place.facilitator, now=at + 60 * SECOND)
    assert (SheetCount.objects.count(), Motion.objects.get().status) == (0, "seconded")
    assert next_act(situation_of(meeting)) == "open_ballot"
    said = consent_message(meeting)
    assert said is not None
    assert (said["status"], "孙" in str(said)) == ("objected", False)


def test_who_may_object(place: Place, meeting: Meeting) -> None:
    declare_recusal(item=situation_of(meeting).item_at_hand, reason="亲属", by=place.members[4])
    gone = attendance_of(meeting, place.members[5])
    sign_out(meeting=meeting, attendance=gone, by=place.members[5], now=meeting.starts_at)
    ask_consent(meeting=meeting, by=place.facilitator)

    for user, sentence in (
        (place.members[4], "已回避"),
        (place.members[5], "请先签到"),
        (place.grid_worker, "不在本次会议的邀请名单上"),
    ):
        with pytest.raises(NotAllowed, match=sentence):
            object_to_consent(meeting=meeting, by=user)

    with pytest.raises(NotAllowed):
        object_to_consent(meeting=meeting, attendance=gone, by=place.members[0])
    object_to_consent(meeting=meeting, attendance=attendance_of(meeting, place.members[3]), by=place.recorder)
    assert ConsentRequest.objects.get().status == "objected"


def test_only_those_who_may_vote_are_counted(place: Place, meeting: Meeting) -> None:
    declare_recusal(item=situation_of(meeting).item_at_hand, reason="亲属", by=place.members[4])
    at = meeting.starts_at
    ask_consent(meeting=meeting, by=place.facilitator, now=at)

    count = declare_consent(meeting=meeting, by=place.facilitator, now=at + 30 * SECOND)

    assert (count.for_count, count.present_count, count.due_count) == (5, 5, 6)


def test_nothing_else_goes_on_meanwhile(place: Place, meeting: Meeting) -> None:
    ask_consent(meeting=meeting, by=place.facilitator)

    assert {step.key for step in steps_in(situation_of(meeting), may=True) if step.is_ready} == {
        "decide",
        "object_for",
        "withdraw_consent",
    }
    withdraw_consent(meeting=meeting, by=place.facilitator)
    assert ConsentRequest.objects.get().status == "withdrawn"
    assert next_act(situation_of(meeting)) == "open_ballot"


def test_the_order_of_amendments_stays_while_one_is_asked_about(place: Place, meeting: Meeting) -> None:
    motion = Motion.objects.get()
    first, other = (
        propose_amendment(motion=motion, passage=passage, replacement="安装木质", by=place.members[2])
        for passage in ("同意安装", "安装")
    )
    second_amendment(amendment=first, by=place.members[3])
    asked = ask_consent(meeting=meeting, by=place.facilitator)

    assert (asked.amendment, asked.question) == (first, "修正案：把“同意安装”改为“安装木质”")
    with pytest.raises(RequirementsNotMet, match="正在征求异议"):
        order_amendment(amendment=other, before=first, by=place.facilitator)


def test_the_button_waits_for_the_window(place: Place, meeting: Meeting) -> None:
    request = ask_consent(meeting=meeting, by=place.facilitator)

    (waiting,) = [step for step in steps_in(situation_of(meeting), may=True) if step.key == "declare_consent"]
    ConsentRequest.objects.filter(pk=request.pk).update(asked_at=request.asked_at - 30 * SECOND)
    (ready,) = [step for step in steps_in(situation_of(meeting), may=True) if step.key == "declare_consent"]

    assert [missing.sentence for missing in waiting.missing] == ["异议期未满，期满才能宣布通过"]
    assert (waiting.is_next, ready.is_ready) == (True, True)


@pytest.mark.parametrize("seconds", [9, 301])
def test_a_window_too_short_or_too_long(place: Place, meeting: Meeting, seconds: int) -> None:
    with pytest.raises(BadInput):
        ask_consent(meeting=meeting, seconds=seconds, by=place.facilitator)


def test_consent_is_asked_never_entered(place: Place, meeting: Meeting) -> None:
    item = situation_of(meeting).item_at_hand

    with pytest.raises(BadInput, match="无异议通过须先征求异议"):
        record_hand_vote(item=item, for_=6, against=0, abstain=0, method="consent", by=place.facilitator)


def test_owners_decide_by_area_and_not_by_consent(place: Place) -> None:
    meeting = opened(place, kind="owners_meeting", days=20)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    with pytest.raises(RequirementsNotMet, match="不能以无异议通过"):
        ask_consent(meeting=meeting, by=place.facilitator)


def test_an_item_without_a_text_has_nothing_to_consent_to(place: Place) -> None:
    with pytest.raises(RequirementsNotMet, match="没有可以表决的内容"):
        ask_consent(meeting=opened(place), by=place.facilitator)


def test_the_minutes_tell_both(place: Place, meeting: Meeting) -> None:
    at = meeting.starts_at
    ask_consent(meeting=meeting, by=place.facilitator, now=at)
    object_to_consent(meeting=meeting, by=place.members[2], now=at + SECOND)
    ask_consent(meeting=meeting, seconds=60, by=place.facilitator, now=at + 2 * SECOND)
    declare_consent(meeting=meeting, by=place.facilitator, now=at + 62 * SECOND)
    meeting = close_meeting(meeting=meeting, by=place.facilitator, reason="时间已到", now=at + 90 * SECOND)

    minutes = draft_minutes(meeting=meeting, by=place.recorder)

    assert "征求无异议（30秒）：“同意安装扶手。”孙建国提出异议，付诸表决。" in minutes.text
    assert "征求无异议（60秒）：“同意安装扶手。”无人异议。" in minutes.text
    assert "无异议通过：在场6人，同意6，反对0，弃权0。" in minutes.text
    assert "孙建国" not in str(public_facts(meeting, minutes.facts, minutes.text))


def test_one_tap_on_the_phone(client: Client, place: Place, meeting: Meeting) -> None:
    client.force_login(place.facilitator)
    client.post(f"/meetings/{meeting.pk}/chair/ask_consent/", {"seconds": "30"})
    client.force_login(place.members[3])

    page = client.get(f"/meetings/{meeting.pk}/").content.decode()
    answer = client.post(f"/meetings/{meeting.pk}/room/object/", follow=True)

    assert "我有异议" in page
    assert "您的异议已记下，这件事将付诸表决。" in answer.content.decode()
    assert ConsentRequest.objects.get().objector == attendance_of(meeting, place.members[3])


def test_an_announced_text_is_consented_to_without_a_motion(place: Place) -> None:
    meeting = opened(place)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    ask_consent(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    declare_consent(meeting=meeting, by=place.facilitator, now=meeting.starts_at + 30 * SECOND)

    assert AgendaItem.objects.get(position=2).decision == "同意加装电梯一部。"
