"""What the chair is asked before an act that cannot be taken back."""

import pytest

from meetings.models import Meeting, Stance
from meetings.operations import (
    close_agenda_ballot,
    finish_agenda_item,
    next_agenda_item,
    open_agenda_ballot,
    request_speech,
)
from meetings.queries.situation import situation_of
from meetings.queries.steps import steps_in
from meetings.queries.warnings import question_before
from tests.meetings.makers import Place, bring_in, convene, opened

pytestmark = [pytest.mark.django_db]


def asked(act: str, meeting: Meeting) -> str:
    return question_before(act, situation_of(Meeting.objects.get(pk=meeting.pk)))


def test_opening_says_who_is_there(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members[:5])

    assert asked("open", meeting) == "应到6人，实到5人。宣布开会后不能改回，确定开会吗？"


def test_closing_names_what_it_would_leave_open(place: Place) -> None:
    meeting = opened(place, agenda=["通报情况", "加装电梯", "充电棚", "门禁"])
    request_speech(meeting=meeting, stance=Stance.FOR, by=place.members[0])

    assert asked("close", meeting) == (
        "第1项还在议，散会即告结束。第1项还没有写明议定。还有1人举手等候发言。"
        "第2、3、4项还没有议，将记为未议及。散会后不能再继续本次会议。确定散会吗？"
    )
    assert asked("finish_item", meeting) == (
        "第1项还没有写明议定。还有1人举手等候发言。结束后不能再议第1项，确定结束吗？"
    )


def test_closing_tells_of_results_that_nobody_has_signed(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    request_speech(meeting=meeting, stance=Stance.FOR, by=place.members[0])
    assert asked("open_ballot", meeting) == (
        "在场和委托代表共6人。还有1人等候发言，表决开始后不再发言。表决开始后不能收回，确定开始吗？"
    )

    ballot = open_agenda_ballot(item=meeting.agenda.get(), by=place.facilitator).ballot
    close_agenda_ballot(ballot=ballot, by=place.facilitator)
    finish_agenda_item(meeting=meeting, by=place.facilitator)

    assert asked("close", meeting) == (
        "有1项表决的结果还没有监票人签认，散会后仍可签认。散会后不能再继续本次会议。确定散会吗？"
    )


def test_the_next_step_that_cannot_be_taken_back_always_asks(place: Place) -> None:
    """Enter alone does only what another act makes good: giving and ending the floor, a break, taking up an item."""
    meeting = opened(place)
    free = {step.key for step in steps_in(situation_of(meeting), may=True) if not step.confirm}

    assert free == {"ask_consent", "decide", "give_floor", "propose_motion", "suspend"}
    finish_agenda_item(meeting=meeting, by=place.facilitator)
    steps = {step.key: step for step in steps_in(situation_of(meeting), may=True)}
    assert (steps["next_item"].label, steps["next_item"].confirm) == ("进入下一项议程", "")
    next_agenda_item(meeting=meeting, by=place.facilitator)
    steps = {step.key: step for step in steps_in(situation_of(meeting), may=True)}
    assert steps["next_item"].label == "结束本项，进入下一项议程"
