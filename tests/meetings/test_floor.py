"""What is in order while a vote runs: the vote and points of order; putting the question ends the debate on it."""

import pytest

from core.errors import Refused, Stale
from core.requirements import RequirementsNotMet
from meetings.models import Meeting, Motion, Speech, Stance
from meetings.operations import (
    close_agenda_ballot,
    end_floor,
    finish_agenda_item,
    give_floor,
    let_fall,
    next_agenda_item,
    open_agenda_ballot,
    propose_amendment,
    propose_motion,
    record_hand_vote,
    request_speech,
    second_amendment,
    second_motion,
)
from meetings.queries.situation import situation_of
from meetings.queries.steps import next_act
from tests.meetings.makers import Place, attendance_of, opened

pytestmark = [pytest.mark.django_db]
ONLY = "表决正在进行，只能投票或者提程序问题（五议工作法议事规则）"


@pytest.fixture
def meeting(place: Place) -> Meeting:
    return opened(place, agenda=["加装电梯", "充电棚"])


def moved(place: Place, meeting: Meeting) -> Motion:
    motion = propose_motion(meeting=meeting, text="同意加装电梯一部，一楼不承担。", by=place.members[0])
    return second_motion(motion=motion, by=place.members[1])


def waiting(meeting: Meeting) -> list[tuple[str, str]]:
    hands = Speech.objects.filter(meeting=meeting, started_at=None, withdrawn_at=None).order_by("id")
    return list(hands.values_list("attendance__name", "stance"))


def test_the_question_put_lowers_the_hands_of_the_debate_but_not_points_of_order(
    place: Place, meeting: Meeting
) -> None:
    moved(place, meeting)
    request_speech(meeting=meeting, stance=Stance.FOR, by=place.members[0])
    request_speech(meeting=meeting, stance=Stance.POINT_OF_ORDER, by=place.members[1])

    open_agenda_ballot(item=meeting.agenda.get(position=1), by=place.facilitator)

    assert waiting(meeting) == [("钱秀英", Stance.POINT_OF_ORDER)]


def test_a_count_of_hands_lowers_them_too(place: Place, meeting: Meeting) -> None:
    moved(place, meeting)
    request_speech(meeting=meeting, stance=Stance.AGAINST, by=place.members[2])

    record_hand_vote(
        item=meeting.agenda.get(position=1), for_=4, against=1, abstain=0, method="hand", by=place.facilitator
    )

    assert waiting(meeting) == []
    assert next_act(situation_of(meeting)) == "finish_item"


def test_a_vote_on_an_amendment_keeps_who_waits_to_speak_on_the_motion(place: Place, meeting: Meeting) -> None:
    motion = moved(place, meeting)
    amendment = propose_amendment(motion=motion, passage="一楼", replacement="一楼和二楼", by=place.members[2])
    second_amendment(amendment=amendment, by=place.members[3])
    request_speech(meeting=meeting, stance=Stance.FOR, by=place.members[0])

    opened_ballot = open_agenda_ballot(item=motion.item, amendment=amendment, by=place.facilitator)
    with pytest.raises(RequirementsNotMet) as refusal:
        give_floor(meeting=meeting, by=place.facilitator)

    assert str(refusal.value) == ONLY
    assert waiting(meeting) == [("赵铁柱", Stance.FOR)]
    close_agenda_ballot(ballot=opened_ballot.ballot, by=place.facilitator)
    assert next_act(situation_of(meeting)) == "give_floor"


def test_nothing_but_points_of_order_while_a_vote_runs(place: Place, meeting: Meeting) -> None:
    motion = moved(place, meeting)
    waits = propose_amendment(motion=motion, passage="一楼", replacement="一楼和二楼", by=place.members[2])
    later = propose_amendment(motion=motion, passage="一部", replacement="两部", by=place.members[3])
    second_amendment(amendment=waits, by=place.members[3])
    open_agenda_ballot(item=motion.item, amendment=waits, by=place.facilitator)

    refused = []
    for act in (
        lambda: request_speech(meeting=meeting, stance=Stance.AGAINST, by=place.members[0]),
        lambda: propose_amendment(motion=motion, passage="同意", replacement="不同意", by=place.members[0]),
        lambda: second_amendment(amendment=later, by=place.members[0]),
        lambda: let_fall(what=later, by=place.facilitator),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        refused.append(str(refusal.value))
    assert refused == [ONLY] * 4

    request_speech(meeting=meeting, stance=Stance.POINT_OF_ORDER, by=place.members[0])
    assert next_act(situation_of(meeting)) == "give_floor"
    give_floor(meeting=meeting, by=place.facilitator)
    assert next_act(situation_of(meeting)) == "end_floor"
    end_floor(meeting=meeting, by=place.facilitator)
    assert next_act(situation_of(meeting)) == "close_ballot"


def test_a_hand_raised_before_the_vote_is_not_called_out_of_turn_during_it(place: Place, meeting: Meeting) -> None:
    motion = moved(place, meeting)
    amendment = propose_amendment(motion=motion, passage="一楼", replacement="一楼和二楼", by=place.members[2])
    second_amendment(amendment=amendment, by=place.members[3])
    hand = request_speech(meeting=meeting, stance=Stance.FOR, by=place.members[0])
    request_speech(meeting=meeting, stance=Stance.POINT_OF_ORDER, by=place.members[1])
    open_agenda_ballot(item=motion.item, amendment=amendment, by=place.facilitator)

    with pytest.raises(RequirementsNotMet) as refusal:
        give_floor(meeting=meeting, speech=hand, reason="先听他说", by=place.facilitator)

    assert str(refusal.value) == ONLY
    assert attendance_of(meeting, place.members[0]).speeches.get().started_at is None


def test_two_who_press_at_once_move_on_by_one_item(place: Place, meeting: Meeting) -> None:
    seen = str(meeting.agenda.get(position=1).pk)
    next_agenda_item(meeting=meeting, by=place.facilitator, seen=seen)

    for act in (next_agenda_item, finish_agenda_item):
        with pytest.raises((Stale, RequirementsNotMet)):
            act(meeting=meeting, by=place.recorder, seen=seen)

    assert list(meeting.agenda.order_by("position").values_list("status", flat=True)) == ["done", "current"]
    finish_agenda_item(meeting=meeting, by=place.facilitator, seen=str(meeting.agenda.get(position=2).pk))
    with pytest.raises(RequirementsNotMet, match="还没有开始议程"):
        finish_agenda_item(meeting=meeting, by=place.recorder, seen="")
