"""The course of a meeting: every refusal with its sentence, and what is stored when nothing is refused."""

import datetime as dt

import pytest

from community.models import Term
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.models import LedgerEntry, Notification
from core.requirements import RequirementsNotMet
from meetings import phases
from meetings.models import AgendaBallot, Meeting, Motion, Presence, Speech
from meetings.operations import (
    Invitee,
    adjourn_meeting,
    close_agenda_ballot,
    close_meeting,
    declare_recusal,
    draft_minutes,
    edit_minutes,
    end_floor,
    extend_floor,
    finish_agenda_item,
    give_floor,
    hand_over_chair,
    invite,
    move_speaker,
    name_recorder,
    next_agenda_item,
    object_to_minutes,
    open_agenda_ballot,
    open_meeting,
    order_amendment,
    propose_amendment,
    propose_motion,
    publish_minutes,
    record_decision,
    record_hand_vote,
    request_speech,
    resume_meeting,
    return_to_meeting,
    second_amendment,
    second_motion,
    sign_in_by_code,
    sign_minutes,
    sign_out,
    split_motion,
    suspend_meeting,
    withdraw_motion,
    withdraw_speech,
)
from meetings.queries.floor import SideTotals, speakers_queue, totals_by_person, totals_by_side
from meetings.queries.minutes import record_of, text_of
from meetings.queries.situation import attendance_numbers
from meetings.signin import code_for
from tests.meetings.makers import Place, attendance_of, bring_in, convene, make_user, opened
from voting.models import Recusal, Voter
from voting.operations import CastIntent, cast_votes

pytestmark = pytest.mark.django_db


def _keys(refused: pytest.ExceptionInfo[RequirementsNotMet]) -> list[str]:
    return [missing.key for missing in refused.value.missing]


def _motion(meeting: Meeting, place: Place, text: str = "同意加装电梯，费用按层分摊。") -> Motion:
    motion = propose_motion(meeting=meeting, text=text, by=place.members[0], now=meeting.starts_at)
    return second_motion(motion=motion, by=place.members[1], now=meeting.starts_at)


# --- opening ---------------------------------------------------------------------


@pytest.mark.parametrize(("present", "opens"), [(3, False), (4, True)])
def test_the_meeting_opens_at_the_quorum_exactly(place: Place, present: int, opens: bool) -> None:  # noqa: FBT001 - a table
    meeting = convene(place)
    bring_in(meeting, place, place.members[:present])

    if opens:
        meeting = open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
        assert meeting.quorum_sentence == "利益相关方应到6人，法定4人，实到4人，已达到"
        assert open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at).phase == "open"
    else:
        with pytest.raises(RequirementsNotMet) as refused:
            open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
        assert str(refused.value) == "利益相关方应到6人，法定4人，实到3人，还差1人（五议工作法议事规则）"


def test_a_meeting_does_not_begin_before_its_time(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members)

    with pytest.raises(WrongStage):
        open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at - dt.timedelta(minutes=31))

    assert (
        open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at - dt.timedelta(minutes=30)).phase
        == "open"
    )


@pytest.mark.parametrize(("representatives", "opens"), [(3, False), (4, True)])
def test_a_representatives_meeting_checks_its_composition(
    place: Place,
    representatives: int,
    opens: bool,  # noqa: FBT001 - a table
) -> None:
    for user in place.members[:representatives]:
        Term.objects.create(
            user=user, office="resident_representative", unit=place.community, starts_on=dt.date(2025, 1, 1)
        )
    meeting = convene(place, kind="resident_reps_meeting", invitees=[*place.members[representatives:5]])
    bring_in(meeting, place, place.members[:5])

    if opens:
        assert open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at).phase == "open"
    else:
        with pytest.raises(RequirementsNotMet) as refused:
            open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
        assert _keys(refused) == ["is_composed"]


def test_owners_may_open_below_the_quorum_of_their_vote(place: Place) -> None:
    meeting = convene(place, kind="owners_meeting")
    bring_in(meeting, place, place.members[:1])

    assert open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at).phase == "open"


@pytest.mark.parametrize("who", ["member", "grid_worker", "stranger"])
def test_only_the_chair_recorder_and_heads_run_it(place: Place, who: str) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members)
    by = {"member": place.members[0], "grid_worker": place.grid_worker}.get(who) or make_user("stranger", "外人甲")

    with pytest.raises(NotAllowed):
        open_meeting(meeting=meeting, by=by, now=meeting.starts_at)

    assert open_meeting(meeting=meeting, by=place.recorder, now=meeting.starts_at).phase == "open"


# --- the door --------------------------------------------------------------------


def test_signing_in_is_for_the_day_of_the_meeting(place: Place) -> None:
    meeting = convene(place)

    with pytest.raises(WrongStage):
        bring_in(meeting, place, place.members[:1], at=meeting.starts_at - dt.timedelta(days=1))


def test_a_stranger_with_the_code_is_not_signed_in(place: Place) -> None:
    meeting = convene(place)

    with pytest.raises(NotAllowed):
        sign_in_by_code(
            meeting=meeting,
            code=code_for(meeting.pk, meeting.starts_at),
            by=make_user("stranger", "外人甲"),
            now=meeting.starts_at,
        )


def test_going_and_coming_back_keeps_every_time(place: Place) -> None:
    meeting = opened(place)
    at, somebody = meeting.starts_at, attendance_of(meeting, place.members[0])

    sign_out(meeting=meeting, attendance=somebody, by=place.members[0], now=at + dt.timedelta(minutes=10))
    sign_out(meeting=meeting, attendance=somebody, by=place.members[0], now=at + dt.timedelta(minutes=11))
    return_to_meeting(meeting=meeting, attendance=somebody, by=place.grid_worker, now=at + dt.timedelta(minutes=20))

    stays = list(Presence.objects.filter(attendance=somebody).order_by("in_at").values_list("in_at", "out_at"))
    assert stays == [(at, at + dt.timedelta(minutes=10)), (at + dt.timedelta(minutes=20), None)]


def test_leaving_lowers_the_hand(place: Place) -> None:
    meeting = opened(place)
    request_speech(meeting=meeting, stance="for", by=place.members[0], now=meeting.starts_at)

    sign_out(
        meeting=meeting,
        attendance=attendance_of(meeting, place.members[0]),
        by=place.grid_worker,
        now=meeting.starts_at,
    )

    assert speakers_queue(meeting) == []


def test_another_meetings_guest_cannot_be_signed_in_here(place: Place) -> None:
    one, other = convene(place), convene(place, title="另一次议事会")

    with pytest.raises(BadInput):
        return_to_meeting(
            meeting=one, attendance=attendance_of(other, place.members[0]), by=place.grid_worker, now=one.starts_at
        )


# --- the floor -------------------------------------------------------------------


def test_a_hand_needs_presence_and_an_invitation(place: Place) -> None:
    meeting = opened(place)
    sign_out(
        meeting=meeting,
        attendance=attendance_of(meeting, place.members[5]),
        by=place.grid_worker,
        now=meeting.starts_at,
    )

    with pytest.raises(Refused) as absent:
        request_speech(meeting=meeting, stance="for", by=place.members[5])
    with pytest.raises(NotAllowed):
        request_speech(meeting=meeting, stance="for", by=make_user("x", "外人甲"))
    with pytest.raises(BadInput):
        request_speech(meeting=meeting, stance="maybe", by=place.members[0])

    assert absent.value.reason_code == "not_signed_in_here"
    assert Speech.objects.count() == 0


def test_one_hand_each_and_two_speeches_on_a_motion(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    for turn in range(2):
        request_speech(meeting=meeting, stance="for", by=place.members[0], now=at)
        with pytest.raises(Refused) as up:
            request_speech(meeting=meeting, stance="against", by=place.members[0], now=at)
        assert up.value.reason_code == "hand_is_up"
        give_floor(meeting=meeting, by=place.facilitator, now=at)
        end_floor(meeting=meeting, by=place.facilitator, now=at + dt.timedelta(seconds=60 + turn))

    with pytest.raises(Refused) as used_up:
        request_speech(meeting=meeting, stance="for", by=place.members[0], now=at)
    request_speech(meeting=meeting, stance="point_of_order", by=place.members[0], now=at)

    assert str(used_up.value) == "每人对同一动议最多发言两次。（五议工作法议事规则）"
    assert totals_by_side(meeting)[0] == SideTotals("for", "赞成", 2, 121)


def test_a_new_motion_gives_two_speeches_again(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    for _turn in range(2):
        request_speech(meeting=meeting, stance="for", by=place.members[0], now=at)
        give_floor(meeting=meeting, by=place.facilitator, now=at)
        end_floor(meeting=meeting, by=place.facilitator, now=at)

    _motion(meeting, place)

    assert request_speech(meeting=meeting, stance="for", by=place.members[0], now=at).motion is not None


def test_the_neutral_chair_neither_argues_nor_moves(place: Place) -> None:
    meeting = convene(place, invitees=[*place.members, place.facilitator])
    bring_in(meeting, place, [*place.members, place.facilitator])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    with pytest.raises(NotAllowed):
        request_speech(meeting=meeting, stance="for", by=place.facilitator)
    with pytest.raises(NotAllowed):
        propose_motion(meeting=meeting, text="同意。", by=place.facilitator)
    hand_over_chair(meeting=meeting, to=place.director, by=place.facilitator, reason="要发表意见")

    assert request_speech(meeting=meeting, stance="for", by=place.facilitator).stance == "for"
    assert LedgerEntry.objects.filter(act="hand_over_chair").count() == 1


def test_the_recorder_does_not_preside(place: Place) -> None:
    meeting = opened(place)

    with pytest.raises(BadInput):
        hand_over_chair(meeting=meeting, to=place.recorder, by=place.facilitator)


def test_one_speaker_at_a_time_with_extensions_noted(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    for user in place.members[:2]:
        request_speech(meeting=meeting, stance="for", by=user, now=at)
    speech = give_floor(meeting=meeting, by=place.facilitator, now=at)

    with pytest.raises(RequirementsNotMet) as refused:
        give_floor(meeting=meeting, by=place.facilitator, now=at)
    with pytest.raises(BadInput):
        extend_floor(meeting=meeting, by=place.facilitator, reason="还没说完", seconds=301)
    with pytest.raises(BadInput, match="理由"):
        extend_floor(meeting=meeting, by=place.facilitator, reason=" ")
    extend_floor(meeting=meeting, by=place.facilitator, reason="还没说完")

    speech.refresh_from_db()
    assert _keys(refused) == ["floor_is_free"]
    assert (speech.limit_seconds, speech.extensions) == (240, 1)


def test_the_chairs_change_of_the_order_is_recorded(place: Place) -> None:
    meeting = opened(place)
    speeches = [
        request_speech(meeting=meeting, stance="for", by=user, now=meeting.starts_at + dt.timedelta(seconds=n))
        for n, user in enumerate(place.members[:3])
    ]

    with pytest.raises(BadInput):
        move_speaker(speech=speeches[2], rank=0, by=place.facilitator, reason="")
    move_speaker(speech=speeches[2], rank=0, by=place.facilitator, reason="要赶回去照看孩子")

    assert [s.pk for s in speakers_queue(meeting)] == [speeches[n].pk for n in (2, 0, 1)]
    entry = LedgerEntry.objects.get(act="move_speaker")
    assert (entry.reason, entry.before, entry.after["rank"]) == ("要赶回去照看孩子", {"rank": None}, 0)


def test_time_and_order_changed_by_the_chair_stand_in_the_minutes_with_the_reason(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    first, second, third = (
        request_speech(meeting=meeting, stance=stance, by=user, now=at + dt.timedelta(seconds=n))
        for n, (user, stance) in enumerate(zip(place.members, ["for", "against", "for"], strict=False))
    )
    move_speaker(speech=second, rank=0, by=place.facilitator, reason="要赶回去照看孩子", now=at)
    give_floor(meeting=meeting, by=place.facilitator, now=at)
    extend_floor(meeting=meeting, by=place.facilitator, seconds=30, reason="还没说完", now=at)
    end_floor(meeting=meeting, by=place.facilitator, gist="担心采光", now=at + dt.timedelta(seconds=200))
    with pytest.raises(BadInput, match="理由"):
        give_floor(meeting=meeting, speech=third, by=place.facilitator, now=at + dt.timedelta(seconds=200))
    give_floor(
        meeting=meeting, speech=third, by=place.facilitator, reason="行动不便", now=at + dt.timedelta(seconds=200)
    )
    end_floor(meeting=meeting, by=place.facilitator, now=at + dt.timedelta(seconds=260))

    text = text_of(record_of(meeting))

    assert (
        "钱秀英（反对，3分20秒）：担心采光〔主持人调整发言次序，理由：要赶回去照看孩子〕"
        "〔主持人延长发言时间30秒，理由：还没说完〕" in text
    )
    assert "孙建国（赞成，1分0秒）〔主持人提前请其发言，理由：行动不便〕" in text
    assert text.endswith("发言统计：钱秀英1次、3分20秒；孙建国1次、1分0秒；赞成1次、1分0秒；反对1次、3分20秒")
    assert [(p.name, p.speeches, p.seconds, p.extensions) for p in totals_by_person(meeting)] == [
        ("钱秀英", 1, 200, 1),
        ("孙建国", 1, 60, 0),
    ]
    assert first.started_at is None


def test_only_the_person_or_the_chair_lowers_a_hand(place: Place) -> None:
    meeting = opened(place)
    speech = request_speech(meeting=meeting, stance="for", by=place.members[0], now=meeting.starts_at)

    with pytest.raises(NotAllowed):
        withdraw_speech(speech=speech, by=place.members[1])
    withdraw_speech(speech=speech, by=place.members[0])

    assert speakers_queue(meeting) == []


# --- motions ---------------------------------------------------------------------


def test_one_motion_at_a_time_and_nobody_seconds_their_own(place: Place) -> None:
    meeting = opened(place)
    motion = propose_motion(meeting=meeting, text="甲案。", by=place.members[0], now=meeting.starts_at)

    with pytest.raises(RequirementsNotMet) as refused:
        propose_motion(meeting=meeting, text="乙案。", by=place.members[1])
    with pytest.raises(Refused) as own:
        second_motion(motion=motion, by=place.members[0])
    with pytest.raises(RequirementsNotMet) as unseconded:
        open_agenda_ballot(item=motion.item, by=place.facilitator)

    assert _keys(refused) == ["no_live_motion"]
    assert own.value.reason_code == "own_motion"
    assert _keys(unseconded) == ["motion_is_seconded"]


@pytest.mark.parametrize("text", ["", "   ", "长" * 4001])
def test_a_motion_has_a_bounded_text(place: Place, text: str) -> None:
    meeting = opened(place)

    with pytest.raises(BadInput):
        propose_motion(meeting=meeting, text=text, by=place.members[0])


def test_a_guest_moves_nothing(place: Place) -> None:
    guest = make_user("guest", "物业经理")
    meeting = convene(place, invitees=[*place.members])
    invite(meeting=meeting, invitees=[Invitee(user=guest, role="guest")], by=place.facilitator)
    bring_in(meeting, place, [*place.members, guest])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    with pytest.raises(NotAllowed):
        propose_motion(meeting=meeting, text="涨物业费。", by=guest)

    assert request_speech(meeting=meeting, stance="neutral", by=guest).stance == "neutral"


def test_amendments_are_voted_in_order_and_merged(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    motion = _motion(meeting, place)
    first = propose_amendment(motion=motion, passage="按层", replacement="按户", by=place.members[2], now=at)
    second = propose_amendment(motion=motion, passage="按层分摊", replacement="按面积分摊", by=place.members[3], now=at)
    third = propose_amendment(motion=motion, passage="电梯", replacement="电梯一部", by=place.members[4], now=at)
    for amendment in (first, second, third):
        second_amendment(amendment=amendment, by=place.members[5], now=at)

    with pytest.raises(BadInput) as out_of_turn:
        record_hand_vote(item=motion.item, for_=4, against=0, abstain=0, amendment=second, by=place.facilitator, now=at)
    with pytest.raises(RequirementsNotMet) as before_amendments:
        record_hand_vote(item=motion.item, for_=4, against=0, abstain=0, by=place.facilitator, now=at)
    order_amendment(amendment=third, before=first, by=place.facilitator, now=at)
    for amendment in (third, first):
        record_hand_vote(
            item=motion.item, for_=4, against=0, abstain=0, amendment=amendment, by=place.facilitator, now=at
        )

    for row in (motion, first, second, third):
        row.refresh_from_db()
    assert out_of_turn.value.field == "amendment"
    assert _keys(before_amendments) == ["amendments_are_decided"]
    assert [a.status for a in (third, first, second)] == ["adopted", "adopted", "moot"]
    assert motion.text == "同意加装电梯一部，费用按户分摊。"
    assert motion.original_text == "同意加装电梯，费用按层分摊。"


@pytest.mark.parametrize(
    ("passage", "replacement", "field"),
    [("没有的话", "x", "passage"), ("", "x", "passage"), ("按层", "按层", "replacement")],
)
def test_an_amendment_changes_one_passage(place: Place, passage: str, replacement: str, field: str) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)

    with pytest.raises(BadInput) as refused:
        propose_amendment(motion=motion, passage=passage, replacement=replacement, by=place.members[2])

    assert refused.value.field == field


def test_a_split_question_comes_up_part_by_part(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    motion = _motion(meeting, place)

    parts = split_motion(motion=motion, parts=["同意加装电梯。", "费用按层分摊。"], by=place.facilitator, now=at)
    record_hand_vote(item=motion.item, for_=5, against=1, abstain=0, by=place.facilitator, now=at)

    for part in parts:
        part.refresh_from_db()
    assert [part.status for part in parts] == ["adopted", "seconded"]


def test_the_mover_withdraws_others_do_not(place: Place) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)

    with pytest.raises(NotAllowed):
        withdraw_motion(motion=motion, by=place.members[3])
    withdraw_motion(motion=motion, by=place.members[0])

    motion.refresh_from_db()
    assert motion.status == "withdrawn"


# --- votes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "field"),
    [((7, 0, 0), "for"), ((4, 2, 1), "for"), ((-1, 0, 0), "for"), ((0, -1, 0), "against"), ((0, 0, -1), "abstain")],
)
def test_a_count_is_checked_for_sums_and_signs(place: Place, numbers: tuple[int, int, int], field: str) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)

    with pytest.raises(BadInput) as refused:
        record_hand_vote(
            item=motion.item, for_=numbers[0], against=numbers[1], abstain=numbers[2], by=place.facilitator
        )

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("numbers", "status"),
    [((3, 3, 0), "rejected"), ((4, 2, 0), "adopted"), ((3, 0, 3), "rejected"), ((0, 0, 0), "rejected")],
)
def test_a_tie_is_not_a_majority_of_those_present(place: Place, numbers: tuple[int, int, int], status: str) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)

    record_hand_vote(item=motion.item, for_=numbers[0], against=numbers[1], abstain=numbers[2], by=place.facilitator)

    motion.refresh_from_db()
    assert motion.status == status


def test_who_steps_aside_is_not_counted_present_but_stays_in_the_total(place: Place) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)
    declare_recusal(item=motion.item, reason="是施工方亲属", by=place.members[5])

    with pytest.raises(BadInput):
        record_hand_vote(item=motion.item, for_=6, against=0, abstain=0, by=place.facilitator)
    count = record_hand_vote(item=motion.item, for_=5, against=0, abstain=0, by=place.facilitator)

    assert (count.present_count, count.due_count) == (5, 6)


def test_stepping_aside_comes_before_the_count_and_is_noted_once(place: Place) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)
    for _again in range(2):
        declare_recusal(item=motion.item, reason="是施工方亲属", by=place.members[5])
    record_hand_vote(item=motion.item, for_=5, against=0, abstain=0, by=place.facilitator)

    with pytest.raises(WrongStage, match="已经表决过"):
        declare_recusal(item=motion.item, reason="晚了", by=place.members[3])

    assert LedgerEntry.objects.filter(act="declare_recusal").count() == 1


def test_the_ballot_knows_due_present_and_recused(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    motion = _motion(meeting, place)
    declare_recusal(item=motion.item, reason="是施工方亲属", by=place.members[5], now=at)
    sign_out(meeting=meeting, attendance=attendance_of(meeting, place.members[4]), by=place.grid_worker, now=at)

    opened_ballot = open_agenda_ballot(item=motion.item, by=place.facilitator, now=at)
    ballot, item = opened_ballot.ballot, opened_ballot.ballot.items.get()
    voters = [Voter.objects.get(ballot=ballot, user=user) for user in place.members]
    outcomes = cast_votes([CastIntent(ballot.pk, v.pk, f"request-{v.pk}", {str(item.pk): "for"}) for v in voters])
    with pytest.raises(RequirementsNotMet) as busy:
        next_agenda_item(meeting=meeting, by=place.facilitator)
    with pytest.raises(WrongStage):
        declare_recusal(item=motion.item, reason="晚了", by=place.members[3])
    return_to_meeting(
        meeting=meeting, attendance=attendance_of(meeting, place.members[4]), by=place.grid_worker, now=at
    )
    (late,) = cast_votes([CastIntent(ballot.pk, voters[4].pk, "request-late", {str(item.pk): "against"})])
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at)

    motion.refresh_from_db()
    assert [o.accepted for o in outcomes] == [True, True, True, True, False, False]
    assert late.accepted
    assert _keys(busy) == ["no_open_ballot", "no_live_motion"]
    assert Recusal.objects.get().voter == voters[5]
    assert AgendaBallot.objects.get().settled_at == at
    assert motion.status == "adopted"
    assert LedgerEntry.objects.filter(act="settle_agenda_ballot").count() == 1


def test_several_ballots_follow_each_other_on_one_item(place: Place) -> None:
    meeting = opened(place)
    item = meeting.agenda.get(status="current")
    at = meeting.starts_at

    first = open_agenda_ballot(item=item, by=place.facilitator, now=at, title="第一次")
    close_agenda_ballot(ballot=first.ballot, by=place.facilitator, now=at)
    second = open_agenda_ballot(item=item, by=place.facilitator, now=at, title="再次表决", kind="secret")

    item.refresh_from_db()
    assert item.ballot == second.ballot
    assert item.ballots.count() == 2
    assert second.ballot.subject_type == "meetings.meeting"


def test_losing_the_quorum_stops_the_voting(place: Place) -> None:
    meeting = opened(place)
    motion = _motion(meeting, place)
    for user in place.members[:3]:
        sign_out(meeting=meeting, attendance=attendance_of(meeting, user), by=place.grid_worker, now=meeting.starts_at)

    with pytest.raises(RequirementsNotMet) as refused:
        open_agenda_ballot(item=motion.item, by=place.facilitator)
    with pytest.raises(RequirementsNotMet):
        record_hand_vote(item=motion.item, for_=3, against=0, abstain=0, by=place.facilitator)

    assert _keys(refused) == ["is_quorate"]


# --- breaks and the end ------------------------------------------------------------


def test_breaks_and_going_on_another_day(place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at

    suspend_meeting(meeting=meeting, by=place.facilitator, now=at)
    with pytest.raises(RequirementsNotMet) as refused:
        next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    resume_meeting(meeting=meeting, by=place.facilitator, now=at)
    with pytest.raises(BadInput):
        adjourn_meeting(meeting=meeting, resumes_at=at, reason="太晚", by=place.facilitator, now=at)
    with pytest.raises(BadInput):
        adjourn_meeting(meeting=meeting, resumes_at=at + dt.timedelta(days=1), reason="", by=place.facilitator, now=at)
    meeting = adjourn_meeting(
        meeting=meeting, resumes_at=at + dt.timedelta(days=1), reason="太晚", by=place.facilitator, now=at
    )

    assert "is_open" in _keys(refused)
    assert (meeting.phase, meeting.resumes_at) == ("suspended", at + dt.timedelta(days=1))


def test_closing_with_items_left_needs_a_reason(place: Place) -> None:
    meeting = opened(place)

    with pytest.raises(RequirementsNotMet) as refused:
        close_meeting(meeting=meeting, by=place.facilitator)
    meeting = close_meeting(meeting=meeting, by=place.facilitator, reason="时间已晚", now=meeting.starts_at)

    assert _keys(refused) == ["agenda_is_done"]
    assert list(meeting.agenda.order_by("position").values_list("status", flat=True)) == ["done", "skipped"]
    assert close_meeting(meeting=meeting, by=place.facilitator).phase == "closed"


def test_a_reason_does_not_close_over_an_undecided_motion(place: Place) -> None:
    meeting = opened(place)
    _motion(meeting, place)

    with pytest.raises(RequirementsNotMet) as refused:
        close_meeting(meeting=meeting, by=place.facilitator, reason="时间已晚")

    assert _keys(refused) == ["no_live_motion"]


def test_decisions_are_written_on_items_that_were_reached(place: Place) -> None:
    meeting = opened(place)
    first, second = meeting.agenda.order_by("position")

    record_decision(item=first, decision="照办。", dissent="孙*不同意。", by=place.recorder)
    with pytest.raises(WrongStage):
        record_decision(item=second, decision="照办。", by=place.recorder)
    finish_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    first.refresh_from_db()
    assert (first.decision, first.dissent, first.status) == ("照办。", "孙*不同意。", "done")


# --- minutes ---------------------------------------------------------------------


def _closed(place: Place) -> Meeting:
    meeting = opened(place)
    return close_meeting(meeting=meeting, by=place.facilitator, reason="时间已晚", now=meeting.starts_at)


def test_a_closed_meeting_still_says_who_was_there(place: Place) -> None:
    meeting = opened(place)
    before = attendance_numbers(meeting).present_heads

    meeting = close_meeting(meeting=meeting, by=place.facilitator, reason="时间已晚", now=meeting.starts_at)

    assert before > 0
    assert attendance_numbers(meeting).present_heads == before


def test_two_different_people_sign(place: Place) -> None:
    meeting = _closed(place)
    minutes = draft_minutes(meeting=meeting, by=place.recorder)

    with pytest.raises(NotAllowed):
        sign_minutes(minutes=minutes, by=place.director)
    sign_minutes(minutes=minutes, by=place.facilitator)
    sign_minutes(minutes=minutes, by=place.facilitator)
    with pytest.raises(WrongStage):
        publish_minutes(minutes=minutes, by=place.director)
    minutes = edit_minutes(minutes=minutes, text="改了一句。", version=1, by=place.recorder)
    assert minutes.signatures.count() == 0
    sign_minutes(minutes=minutes, by=place.recorder)
    minutes = sign_minutes(minutes=minutes, by=place.facilitator)
    with pytest.raises(WrongStage):
        edit_minutes(minutes=minutes, text="再改。", version=2, by=place.recorder)

    meeting.refresh_from_db()
    assert meeting.phase == "minuted"
    assert len(minutes.content_hash) == 64


def test_only_who_was_there_objects(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members[:4])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=meeting.starts_at)
    minutes = draft_minutes(meeting=meeting, by=place.recorder)

    with pytest.raises(NotAllowed):
        object_to_minutes(minutes=minutes, text="我没来。", by=place.members[5])
    object_to_minutes(minutes=minutes, text="不对。", by=place.members[0])
    with pytest.raises(Refused) as blocked:
        sign_minutes(minutes=minutes, by=place.facilitator)

    assert blocked.value.reason_code == "objections_open"


def test_the_draft_tells_who_was_there_and_who_was_not(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members[:4])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=meeting.starts_at)

    text = draft_minutes(meeting=meeting, by=place.recorder).text

    assert "出席（4人）：赵铁柱、钱秀英、孙建国、李桂兰" in text
    assert "缺席（2人）：周小勇、吴玉梅" in text
    assert "法定人数：利益相关方应到6人，法定4人，实到4人，已达到" in text


def test_a_meeting_without_recorder_cannot_be_signed(place: Place) -> None:
    meeting = convene(place, recorder=None)
    bring_in(meeting, place, place.members)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=meeting.starts_at)
    minutes = draft_minutes(meeting=meeting, by=place.director)

    with pytest.raises(Refused) as refused:
        sign_minutes(minutes=minutes, by=place.facilitator)

    assert refused.value.reason_code == "no_recorder"


def test_another_recorder_is_named_with_the_reason_also_after_the_meeting(place: Place) -> None:
    meeting = opened(place)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=meeting.starts_at)
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    sign_minutes(minutes=minutes, by=place.recorder)

    with pytest.raises(NotAllowed):
        name_recorder(meeting=meeting, to=place.director, reason="我来", by=place.members[0])
    with pytest.raises(BadInput, match="理由"):
        name_recorder(meeting=meeting, to=place.director, reason=" ", by=place.facilitator)
    with pytest.raises(BadInput, match="不能同时"):
        name_recorder(meeting=meeting, to=place.facilitator, reason="没有别人", by=place.facilitator)
    name_recorder(meeting=meeting, to=place.director, reason="记录人住院", by=place.facilitator)
    unsigned = minutes.signatures.count()
    sign_minutes(minutes=minutes, by=place.director)
    minutes = sign_minutes(minutes=minutes, by=place.facilitator)
    with pytest.raises(WrongStage):
        name_recorder(meeting=meeting, to=place.recorder, reason="好了", by=place.director)

    entry = LedgerEntry.objects.get(act="name_recorder")
    assert (unsigned, minutes.frozen_at is not None) == (0, True)
    assert (entry.before, entry.after["recorder"], entry.reason) == (
        {"recorder": place.recorder.pk},
        place.director.pk,
        "记录人住院",
    )


# --- who is told -----------------------------------------------------------------


def told(text: str) -> tuple[int, str]:
    """Return to how many the notification that starts with `text` went, and what it said."""
    rows = Notification.objects.filter(text__startswith=text)
    return rows.count(), rows[0].text


def test_everybody_invited_is_told_of_a_break_and_of_another_day(place: Place) -> None:
    meeting = opened(place)
    at, invited = meeting.starts_at, meeting.attendances.exclude(user=None).count()

    suspend_meeting(meeting=meeting, by=place.facilitator, reason="停电", now=at)
    resume_meeting(meeting=meeting, by=place.facilitator, now=at)
    adjourn_meeting(
        meeting=meeting, resumes_at=at + dt.timedelta(days=1), reason="天色已晚", by=place.facilitator, now=at
    )

    assert told("会议休会") == (invited, "会议休会，稍后在原地继续：3幢2单元加装电梯议事会：停电")
    assert told("会议改期") == (
        invited,
        "会议改期：3幢2单元加装电梯议事会，12-08 09:00续会，党群服务中心二楼议事厅。天色已晚",
    )


def test_a_refused_adjournment_tells_nobody(place: Place) -> None:
    meeting = opened(place)

    with pytest.raises(BadInput):
        adjourn_meeting(
            meeting=meeting, resumes_at=meeting.starts_at, reason="晚", by=place.facilitator, now=meeting.starts_at
        )

    assert not Notification.objects.filter(text__startswith="会议改期").exists()


# --- the table of phases -----------------------------------------------------------


def test_every_move_leads_from_known_phases_to_a_known_phase() -> None:
    known = {phase for starts, end in phases.MOVES.values() for phase in (*starts, end)}

    assert known == {"draft", "convened", "open", "suspended", "closed", "minuted", "cancelled"}
    assert {move: end for move, (_starts, end) in phases.MOVES.items()} == {
        "convene": "convened",
        "cancel": "cancelled",
        "open": "open",
        "suspend": "suspended",
        "adjourn": "suspended",
        "resume": "open",
        "close": "closed",
        "freeze_minutes": "minuted",
    }
