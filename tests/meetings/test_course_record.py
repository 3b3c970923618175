"""What the minutes say of the course of a meeting: breaks, another day, who presided after whom."""

import datetime as dt

import pytest
from django.test import Client

from core.errors import NotAllowed
from core.models import LedgerEntry
from meetings.models import Meeting
from meetings.operations import (
    adjourn_meeting,
    close_meeting,
    draft_minutes,
    finish_agenda_item,
    hand_over_chair,
    next_agenda_item,
    object_to_minutes,
    resume_meeting,
    sign_minutes,
    suspend_meeting,
)
from meetings.queries.minutes import public_facts
from tests.meetings.makers import Place, opened

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def meeting(place: Place) -> Meeting:
    return opened(place)


def test_the_minutes_tell_of_breaks_and_of_who_presided_after_whom(place: Place, meeting: Meeting) -> None:
    at = meeting.starts_at
    minute = dt.timedelta(minutes=1)
    suspend_meeting(meeting=meeting, by=place.facilitator, reason="休息十分钟", now=at + minute)
    resume_meeting(meeting=meeting, by=place.facilitator, now=at + 11 * minute)
    hand_over_chair(meeting=meeting, to=place.director, by=place.facilitator, reason="要发言", now=at + 12 * minute)
    later = at + dt.timedelta(days=1)
    adjourn_meeting(meeting=meeting, resumes_at=later, reason="时间太晚", by=place.director, now=at + 13 * minute)
    resume_meeting(meeting=meeting, by=place.director, now=later)
    close_meeting(meeting=meeting, by=place.director, reason="议完", now=later + minute)

    minutes = draft_minutes(meeting=meeting, by=place.recorder, now=later + 2 * minute)

    assert minutes.facts["course"] == [
        "2026年12月7日 09:01　休会（休息十分钟）",
        "2026年12月7日 09:11　继续开会",
        "2026年12月7日 09:12　主持人由欧阳清改为何主一（要发言）",
        "2026年12月7日 09:13　休会，定于2026年12月8日 09:00续会（时间太晚）",
        "2026年12月8日 09:00　继续开会",
    ]
    assert "会议经过：2026年12月7日 09:01　休会（休息十分钟）；" in minutes.text
    public = str(public_facts(Meeting.objects.get(pk=meeting.pk), minutes.facts, minutes.text))
    assert "主持人由欧阳*改为何**（要发言）" in public


def test_whoever_handed_the_chair_over_runs_the_meeting_no_more(place: Place, meeting: Meeting) -> None:
    hand_over_chair(meeting=meeting, to=place.members[0], by=place.facilitator, reason="要发表意见")

    with pytest.raises(NotAllowed, match="只有主持人、记录人或社区书记、主任可以操作会议进程"):
        suspend_meeting(meeting=meeting, by=place.facilitator)

    suspend_meeting(meeting=meeting, by=place.members[0])
    meeting.refresh_from_db()
    assert meeting.phase == "suspended"


def test_only_an_item_taken_up_before_its_turn_is_recorded_so(place: Place) -> None:
    meeting = opened(place, agenda=["通报", "电梯", "公约", "门禁"])
    finish_agenda_item(meeting=meeting, by=place.facilitator)
    next_agenda_item(meeting=meeting, by=place.facilitator)
    next_agenda_item(meeting=meeting, by=place.facilitator, item=meeting.agenda.get(position=4))
    next_agenda_item(meeting=meeting, by=place.facilitator)

    entries = LedgerEntry.objects.filter(act="take_up_agenda_item").order_by("sequence")
    assert [(entry.after["position"], entry.after["out_of_turn"]) for entry in entries] == [
        (1, False),
        (2, False),
        (4, True),
        (3, False),
    ]


def test_signing_is_greyed_while_an_objection_waits_and_said_once_done(
    client: Client, place: Place, meeting: Meeting
) -> None:
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了")
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    sign_minutes(minutes=minutes, by=place.recorder)
    object_to_minutes(minutes=minutes, text="我的发言没有记全。", by=place.members[0])

    client.force_login(place.facilitator)
    waiting = client.get(f"/meetings/{meeting.pk}/minutes/").content.decode()
    client.force_login(place.recorder)
    signed = client.get(f"/meetings/{meeting.pk}/minutes/").content.decode()

    assert "还不能：还有异议没有答复（五议工作法议事规则）" in waiting
    assert "minutes/sign/" not in waiting
    assert "您已签字，等待另一位签字。" in signed
