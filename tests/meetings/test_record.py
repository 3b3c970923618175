"""The drafted minutes: votes in the order they were taken, each saying on what, whole in the published paper."""

import datetime as dt

import pytest

from meetings.operations import (
    adjourn_meeting,
    close_agenda_ballot,
    close_meeting,
    declare_recusal,
    draft_minutes,
    lodge_meeting_proxy,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    propose_amendment,
    propose_motion,
    record_hand_vote,
    request_leave,
    resume_meeting,
    return_to_meeting,
    second_amendment,
    second_motion,
    sign_in,
    sign_out,
    split_motion,
)
from meetings.queries.minutes import public_facts, record_of
from tests.meetings.makers import Place, attendance_of, bring_in, convene, opened

pytestmark = [pytest.mark.django_db]


def test_votes_stand_in_their_order_and_say_on_what(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    request_leave(meeting=meeting, reason="出差", by=place.members[5])
    bring_in(meeting, place, place.members[:4])
    at, minute = meeting.starts_at, dt.timedelta(minutes=1)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    motion = propose_motion(meeting=meeting, text="换灯。从公共收益列支。", by=place.members[0], now=at)
    second_motion(motion=motion, by=place.members[1], now=at)
    amendment = propose_amendment(motion=motion, passage="换灯", replacement="换节能灯", by=place.members[2], now=at)
    second_amendment(amendment=amendment, by=place.members[3], now=at)
    ballot = open_agenda_ballot(item=item, amendment=amendment, by=place.facilitator, now=at + minute).ballot
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at + 2 * minute)
    split_motion(motion=motion, parts=["换节能灯。", "从公共收益列支。"], by=place.facilitator, now=at + 4 * minute)
    for number in (5, 6):
        record_hand_vote(item=item, for_=4, against=0, abstain=0, by=place.facilitator, now=at + number * minute)
    meeting = close_meeting(meeting=meeting, by=place.facilitator, now=at + 9 * minute)

    facts = record_of(meeting)

    counts = facts["agenda"][1]["counts"]
    assert [line.split("：实到")[0].split("：在场")[0] for line in counts] == [
        "现场表决《3幢2单元加装电梯议事会：加装电梯（修正案1）》",
        "举手表决（“换节能灯。”）",
        "举手表决（“从公共收益列支。”）",
    ]
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    published = public_facts(meeting, minutes.facts, minutes.text)
    assert published["agenda"][1]["vote"].splitlines() == counts
    assert len(published["agenda"][1]["vote"]) > 300
    assert (len(published["present"]), published["absent"]) == (4, ["吴**"])
    assert "缺席（1人）：周**" in str(published["sections"])
    assert attendance_of(meeting, place.members[5]).leave_reason == "出差"


def test_the_minutes_say_who_came_late_left_early_and_signed_late(place: Place) -> None:
    meeting = convene(place)
    at, minute = meeting.starts_at, dt.timedelta(minutes=1)
    bring_in(meeting, place, place.members[:4], at=at - 10 * minute)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    bring_in(meeting, place, place.members[4:5], at=at + 12 * minute)
    first, second = (attendance_of(meeting, place.members[n]) for n in (0, 1))
    sign_out(meeting=meeting, attendance=first, by=place.members[0], now=at + 20 * minute)
    return_to_meeting(meeting=meeting, attendance=first, by=place.grid_worker, now=at + 25 * minute)
    sign_out(meeting=meeting, attendance=second, by=place.members[1], now=at + 30 * minute)
    last = attendance_of(meeting, place.members[5])
    sign_in(meeting=meeting, attendance=last, by=place.grid_worker, override_reason="手机没电", now=at + 31 * minute)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=at + 40 * minute)

    text = draft_minutes(meeting=meeting, by=place.recorder).text

    assert (
        "出席（6人）：赵铁柱（09:20离会，09:25返回）、钱秀英（09:30离会）、孙建国、李桂兰、周小勇（09:12到会）、"
        "吴玉梅（09:31到会，补签）"
    ) in text


def test_who_comes_and_leaves_on_another_day_is_written_with_its_date(place: Place) -> None:
    meeting = convene(place)
    at, hour = meeting.starts_at, dt.timedelta(hours=1)
    bring_in(meeting, place, place.members[:4], at=at)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    later = at + dt.timedelta(days=1) - hour
    adjourn_meeting(meeting=meeting, resumes_at=later, reason="时间太晚", by=place.facilitator, now=at + hour)
    resume_meeting(meeting=meeting, by=place.facilitator, now=later)
    bring_in(meeting, place, place.members[4:5], at=later)
    first = attendance_of(meeting, place.members[0])
    sign_out(meeting=meeting, attendance=first, by=place.members[0], now=later + hour / 2)
    close_meeting(meeting=meeting, by=place.facilitator, reason="议完", now=later + hour)

    text = draft_minutes(meeting=meeting, by=place.recorder, now=later + hour).text

    assert "赵铁柱（12月8日 08:30离会）、钱秀英、孙建国、李桂兰、周小勇（12月8日 08:00到会）" in text


def test_the_minutes_name_who_stepped_aside_and_who_voted_for_whom(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    principal, holder, aside = (attendance_of(meeting, place.members[n]) for n in (4, 0, 1))
    lodge_meeting_proxy(meeting=meeting, principal=principal, holder=holder, matters="第2项", by=place.members[4])
    bring_in(meeting, place, place.members[:4])
    at = meeting.starts_at
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    declare_recusal(item=item, reason="承包人是亲属", attendance=aside, by=place.facilitator, now=at)
    meeting = close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=at)

    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    published = str(public_facts(meeting, minutes.facts, minutes.text))

    assert "委托代表（1人）：周小勇（由赵铁柱代）" in minutes.text
    assert "缺席（1人）：吴玉梅" in minutes.text
    assert "回避：钱秀英（承包人是亲属）" in minutes.text
    assert "委托代表（1人）：周**（由赵**代）" in published
    assert "回避：钱**（承包人是亲属）" in published


def test_a_paper_count_stands_beside_a_count_of_hands(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    at = meeting.starts_at
    item = meeting.agenda.get()
    for method, text in (("hand", "装在北侧。"), ("paper", "月底开工。")):
        motion = propose_motion(meeting=meeting, text=text, by=place.members[0], now=at)
        second_motion(motion=motion, by=place.members[1], now=at)
        record_hand_vote(item=item, for_=4, against=1, abstain=1, method=method, by=place.facilitator, now=at)

    counts = record_of(meeting)["agenda"][0]["counts"]

    assert [line.split("：在场")[0] for line in counts] == ["举手表决", "纸质计票"]
