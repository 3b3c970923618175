"""A motion or an amendment that nobody seconds falls: said by the chair, and written into the minutes."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from core.errors import NotAllowed, Refused
from core.models import LedgerEntry
from core.requirements import RequirementsNotMet
from meetings.models import Amendment, Meeting, Motion
from meetings.operations import (
    Invitee,
    close_meeting,
    declare_recusal,
    draft_minutes,
    finish_agenda_item,
    let_fall,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    propose_amendment,
    propose_motion,
    record_hand_vote,
    second_amendment,
    second_motion,
    sign_in,
    split_motion,
    withdraw_motion,
)
from meetings.queries.situation import situation_of
from meetings.queries.steps import steps_in
from tests.meetings.makers import Place, bring_in, convene, opened
from voting.models import Recusal

pytestmark = [pytest.mark.django_db]


def amended(place: Place) -> tuple[Meeting, Motion, Amendment]:
    """Return an open meeting with a seconded motion and an amendment that waits for its second."""
    meeting = opened(place, agenda=["加装电梯"])
    at = meeting.starts_at
    motion = propose_motion(meeting=meeting, text="同意加装电梯。", by=place.members[0], now=at)
    second_motion(motion=motion, by=place.members[1], now=at)
    amendment = propose_amendment(motion=motion, passage="电梯", replacement="电梯两部", by=place.members[2], now=at)
    return meeting, motion, amendment


def keys(meeting: Meeting) -> list[str]:
    return [step.key for step in steps_in(situation_of(meeting), may=True) if step.is_ready]


def test_an_amendment_nobody_seconds_falls_and_the_motion_goes_on(place: Place) -> None:
    meeting, motion, amendment = amended(place)
    at = meeting.starts_at + dt.timedelta(minutes=1)
    assert "let_fall" in keys(meeting)

    with pytest.raises(NotAllowed):
        let_fall(what=amendment, by=place.members[3], now=at)
    fallen = let_fall(what=amendment, by=place.facilitator, now=at)
    again = let_fall(what=amendment, by=place.facilitator, now=at + dt.timedelta(minutes=1))

    motion.refresh_from_db()
    assert (fallen.status, fallen.get_status_display(), fallen.decided_at, again.decided_at) == (
        "fallen", "未获附议", at, at,
    )  # fmt: skip
    assert (motion.status, motion.text) == ("seconded", "同意加装电梯。")
    assert "let_fall" not in keys(meeting)
    assert "open_ballot" in keys(meeting)
    assert [e.act for e in LedgerEntry.objects.order_by("-sequence")[:1]] == ["let_amendment_fall"]
    with pytest.raises(Refused, match="已经有结论"):
        second_amendment(amendment=amendment, by=place.members[3], now=at)


def test_what_is_seconded_does_not_fall(place: Place) -> None:
    meeting, motion, amendment = amended(place)
    at = meeting.starts_at

    with pytest.raises(Refused, match="已经有人附议"):
        let_fall(what=motion, by=place.facilitator, now=at)
    second_amendment(amendment=amendment, by=place.members[3], now=at)
    with pytest.raises(RequirementsNotMet, match="没有等待附议的动议或者修正案"):
        let_fall(what=amendment, by=place.facilitator, now=at)


def test_a_motion_nobody_seconds_falls_by_the_chairs_button_and_the_minutes_say_so(
    client: Client, place: Place
) -> None:
    meeting, motion, amendment = amended(place)
    client.force_login(place.facilitator)
    address = f"/meetings/{meeting.pk}/chair/"
    with time_machine.travel(meeting.starts_at, tick=False):
        page = client.get(address).content.decode()
        client.post(f"{address}let_fall/", {"amendment": amendment.pk})
        withdraw_motion(motion=motion, by=place.members[0])
        other = propose_motion(meeting=meeting, text="改装扶手。", by=place.members[0])
        client.post(f"{address}let_fall/")
        finish_agenda_item(meeting=meeting, by=place.facilitator)
        close_meeting(meeting=meeting, by=place.facilitator)
        minutes = draft_minutes(meeting=meeting, by=place.recorder)

    other.refresh_from_db()
    assert f'name="amendment" value="{amendment.pk}" data-confirm="没有附议，这一项不再议。确定无人附议吗？"' in page
    assert other.status == "fallen"
    lines = str(minutes.facts)
    assert "修正案（孙建国提出，未获附议）：把“电梯”改为“电梯两部”" in lines
    assert "动议（赵铁柱提出，无人附议，未获附议）：改装扶手。" in lines


def test_a_part_taken_back_leaves_the_floor_to_the_next_and_parts_of_a_part_come_first(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    at = meeting.starts_at
    motion = propose_motion(meeting=meeting, text="同意加装电梯，按层分摊。", by=place.members[0], now=at)
    second_motion(motion=motion, by=place.members[1], now=at)
    first, last = split_motion(motion=motion, parts=["同意加装电梯。", "按层分摊。"], by=place.facilitator, now=at)
    one, other = split_motion(motion=first, parts=["同意加装。", "装在北侧。"], by=place.facilitator, now=at)

    withdraw_motion(motion=one, by=place.members[0], now=at)
    after_one = statuses(other, last)
    record_hand_vote(item=motion.item, for_=5, against=1, abstain=0, by=place.facilitator, now=at)
    after_other = statuses(other, last)
    withdraw_motion(motion=last, by=place.members[0], now=at)
    finish_agenda_item(meeting=meeting, by=place.facilitator, now=at)

    assert after_one == ["seconded", "waiting"]
    assert after_other == ["adopted", "seconded"]


def statuses(*motions: Motion) -> list[str]:
    for motion in motions:
        motion.refresh_from_db()
    return [motion.status for motion in motions]


def test_who_has_no_account_steps_aside_on_the_ballot_too(place: Place) -> None:
    meeting = convene(place, invitees=[*place.members, Invitee(name="杨奶奶", place="3幢201")], agenda=["加装电梯"])
    bring_in(meeting, place, place.members)
    old = meeting.attendances.get(name="杨奶奶")
    at = meeting.starts_at
    sign_in(meeting=meeting, attendance=old, by=place.grid_worker, now=at)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)

    declare_recusal(item=item, reason="是亲属", by=place.facilitator, attendance=old, now=at)
    opened_ballot = open_agenda_ballot(item=item, roll_call=True, by=place.facilitator, now=at)

    assert [row.voter.name for row in Recusal.objects.filter(item__ballot=opened_ballot.ballot)] == ["杨奶奶"]
    assert (opened_ballot.agenda_ballot.present_heads, opened_ballot.agenda_ballot.due_heads) == (6, 7)
