"""Who is in the room for a vote: members, guardians, holders of powers, and who leaves while it runs."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from core import clock
from core.errors import BadInput, NotAllowed
from meetings import signin
from meetings.models import AgendaBallot, AgendaItem, Attendance, Meeting, Role
from meetings.operations import (
    Invitee,
    close_agenda_ballot,
    declare_recusal,
    invite,
    leave_meeting,
    lodge_meeting_proxy,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    return_to_meeting,
    sign_in_by_code,
    sign_out,
)
from meetings.queries.asked import roll_call_of
from tests.meetings.makers import Place, attendance_of, bring_in, convene, make_user
from voting.models import Ballot, BallotKind, Proxy, Vote, Voter
from voting.operations import CastIntent, CastOutcome, VoterDraft, cast_votes, create_ballot, lodge_proxy
from voting.operations.proxy import ProxyNotAllowed
from voting.queries import represented_by

pytestmark = pytest.mark.django_db
AWAY = "这次表决限到会的人参加，请先在会场签到。"


def begun(meeting: Meeting, place: Place, *, present: int = 5) -> AgendaItem:
    """Return the item with a text of an open meeting to which the first `present` members came."""
    bring_in(meeting, place, place.members[:present])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    return next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)


def opened(item: AgendaItem, place: Place, **more: object) -> Ballot:
    return open_agenda_ballot(item=item, by=place.facilitator, now=item.meeting.starts_at, **more).ballot  # type: ignore[arg-type] # passed through


def cast(ballot: Ballot, choice: str, *, voter: Voter | None = None, **more: Any) -> CastOutcome:
    intent = CastIntent(
        ballot.pk,
        voter.pk if voter is not None else None,
        f"{choice}-{voter}-{more}",
        {str(ballot.items.get().pk): choice},
        **more,
    )
    (outcome,) = cast_votes([intent])
    return outcome


def voter_of(ballot: Ballot, place: Place, number: int) -> Voter:
    return Voter.objects.get(ballot=ballot, user=place.members[number])


def leave(meeting: Meeting, place: Place, number: int) -> None:
    row = attendance_of(meeting, place.members[number])
    sign_out(meeting=meeting, attendance=row, by=place.grid_worker, now=meeting.starts_at + dt.timedelta(minutes=5))


@pytest.mark.parametrize("kind", [BallotKind.NAMED, BallotKind.SECRET])
def test_who_leaves_keeps_the_vote_cast_and_casts_no_other(client: Client, place: Place, kind: str) -> None:
    meeting = convene(place, kind="residents_meeting")
    ballot = opened(begun(meeting, place), place, kind=kind)
    for number, choice in ((0, "for"), (1, "for"), (2, "against")):
        assert cast(ballot, choice, voter=voter_of(ballot, place, number)).accepted

    leave(meeting, place, 1)
    leave(meeting, place, 3)

    refused = cast(ballot, "against", voter=voter_of(ballot, place, 3))
    said = {}
    for number in (0, 3, 4):
        client.force_login(place.members[number])
        said[number] = re.findall(r"现场表决：[^<]+(?=。)", client.get(f"/ballots/{ballot.pk}/").content.decode())
    assert said == {
        0: [],
        3: ["现场表决：在会场签到以后才能投票。打开这一页时，您还没有签到"],
        4: ["现场表决：您已签到，可以投票"],
    }
    assert (refused.code, refused.message) == ("not_eligible", AWAY)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at + dt.timedelta(minutes=9))
    ballot.refresh_from_db()
    assert ballot.result is not None
    item = ballot.result["items"][0]
    # In the room at the end: the first, third and fifth. The second voted before leaving, the fourth did not.
    assert (item["present"]["heads"], item["participating"]["heads"]) == (4, 3)
    assert item["decision"]["pass"][0]["needed"] == 3
    assert item["outcome"] == "rejected"


def test_too_many_leaving_takes_the_quorum_from_the_vote(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    ballot = opened(begun(meeting, place, present=4), place)
    for number in (0, 1, 2):
        cast(ballot, "for", voter=voter_of(ballot, place, number))

    leave(meeting, place, 3)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at + dt.timedelta(minutes=9))

    ballot.refresh_from_db()
    assert ballot.result is not None
    assert ballot.result["items"][0]["outcome"] == "not_quorate"


def test_who_comes_back_votes(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    ballot = opened(begun(meeting, place), place)
    leave(meeting, place, 0)
    row = attendance_of(meeting, place.members[0])

    return_to_meeting(meeting=meeting, attendance=row, by=place.grid_worker, now=meeting.starts_at)

    assert cast(ballot, "for", voter=voter_of(ballot, place, 0)).accepted


def with_ward(place: Place) -> tuple[Meeting, Attendance]:
    """Return a meeting to which a minor is invited whose guardian is an account that stands on no roll."""
    guardian = make_user("guardian", "丁父")
    people = [Invitee(user=user) for user in place.members]
    ward = Invitee(name="丁小宝", place="3幢101", guardian=guardian, guardian_name="丁父")
    meeting = convene(place, kind="residents_meeting", invitees=[*people, ward])
    return meeting, Attendance.objects.get(meeting=meeting, name="丁小宝")


def test_a_guardian_comes_for_the_ward_and_votes_only_in_the_room(client: Client, place: Place) -> None:
    meeting, ward = with_ward(place)
    guardian = ward.guardian
    assert guardian is not None
    ballot = opened(begun(meeting, place), place)
    entry = Voter.objects.get(ballot=ballot, name="丁小宝")
    assert (entry.guardian, entry.user, entry.present) == (guardian, None, False)
    facts: dict[str, Any] = {"on_behalf_of": str(entry.pk), "user_id": guardian.pk}
    assert cast(ballot, "for", **facts).message == AWAY

    code = signin.code_for(meeting.pk, meeting.starts_at)
    seat = sign_in_by_code(meeting=meeting, code=code, by=guardian, now=meeting.starts_at)

    assert seat == ward
    assert cast(ballot, "for", **facts).accepted
    client.force_login(guardian)
    assert "您是丁小宝的监护人，代为到会和表决。" in client.get(f"/meetings/{meeting.pk}/").content.decode()
    leave_meeting(meeting=meeting, by=guardian, now=meeting.starts_at + dt.timedelta(minutes=1))
    entry.refresh_from_db()
    assert entry.present is False


def test_a_ward_for_whom_somebody_steps_aside_is_not_voted_for_by_the_guardian(place: Place) -> None:
    meeting, ward = with_ward(place)
    guardian = ward.guardian
    assert guardian is not None
    item = begun(meeting, place)
    code = signin.code_for(meeting.pk, meeting.starts_at)
    sign_in_by_code(meeting=meeting, code=code, by=guardian, now=meeting.starts_at)
    declare_recusal(item=item, reason="施工方是家里人", by=place.facilitator, attendance=ward, now=meeting.starts_at)

    ballot = opened(item, place)

    entry = Voter.objects.get(ballot=ballot, name="丁小宝")
    outcome = cast(ballot, "for", on_behalf_of=str(entry.pk), user_id=guardian.pk)
    assert (outcome.accepted, outcome.code) == (False, "recused")
    assert AgendaBallot.objects.get().present_heads == 5


def test_one_code_signs_a_guardian_in_for_all_seats(place: Place) -> None:
    member = place.members[0]
    wards = [Invitee(name=name, guardian=member, guardian_name=member.name) for name in ("赵大宝", "赵二宝")]
    meeting = convene(place, invitees=[*(Invitee(user=user) for user in place.members), *wards])

    code = signin.code_for(meeting.pk, meeting.starts_at)
    first = sign_in_by_code(meeting=meeting, code=code, by=member, now=meeting.starts_at)

    assert first.user == member
    assert list(meeting.attendances.filter(signed_in_at__isnull=False).values_list("name", flat=True)) == [
        "赵铁柱",
        "赵大宝",
        "赵二宝",
    ]


def test_a_ward_holds_no_power(place: Place) -> None:
    meeting, ward = with_ward(place)

    with pytest.raises(ProxyNotAllowed, match="由监护人代行的人不能接受委托"):
        lodge_meeting_proxy(
            meeting=meeting,
            principal=attendance_of(meeting, place.members[0]),
            holder=ward,
            matters="全部",
            by=place.members[0],
        )


def test_a_holder_who_is_no_member_votes_once_in_the_room(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    cousin = make_user("cousin", "戚表弟")
    (guest, nameless, watcher) = invite(
        meeting=meeting,
        invitees=[
            Invitee(user=cousin, role=Role.GUEST),
            Invitee(name="没账号的", role=Role.GUEST),
            Invitee(user=make_user("watcher", "旁听人"), role=Role.OBSERVER),
        ],
        by=place.director,
    )
    giver = attendance_of(meeting, place.members[5])
    facts: dict[str, Any] = {"meeting": meeting, "principal": giver, "matters": "全部", "by": place.members[5]}
    with pytest.raises(ProxyNotAllowed, match="没有账号"):
        lodge_meeting_proxy(holder=nameless, **facts)
    with pytest.raises(BadInput, match="受托人须是应到会或者列席人员"):
        lodge_meeting_proxy(holder=watcher, **facts)
    lodge_meeting_proxy(holder=guest, **facts)

    ballot = opened(begun(meeting, place), place)
    entry = voter_of(ballot, place, 5)
    by_power: dict[str, Any] = {"on_behalf_of": str(entry.pk), "user_id": cousin.pk}
    assert cast(ballot, "for", **by_power).message == AWAY
    assert (AgendaBallot.objects.get().present_heads, AgendaBallot.objects.get().represented_heads) == (5, 0)

    bring_in(meeting, place, [cousin])
    assert cast(ballot, "for", **by_power).accepted
    leave(meeting, place, 4)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at + dt.timedelta(minutes=9))
    ballot.refresh_from_db()
    assert ballot.result is not None
    assert ballot.result["items"][0]["present"]["heads"] == 5


def test_a_holder_who_leaves_votes_for_nobody(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    cousin = make_user("cousin", "戚表弟")
    (guest,) = invite(meeting=meeting, invitees=[Invitee(user=cousin, role=Role.GUEST)], by=place.director)
    giver = attendance_of(meeting, place.members[5])
    lodge_meeting_proxy(meeting=meeting, principal=giver, holder=guest, matters="全部", by=place.members[5])
    bring_in(meeting, place, [cousin])
    ballot = opened(begun(meeting, place), place)
    assert Proxy.objects.get().holder_present is True

    leave_meeting(meeting=meeting, by=cousin, now=meeting.starts_at + dt.timedelta(minutes=1))

    entry = voter_of(ballot, place, 5)
    assert cast(ballot, "for", on_behalf_of=str(entry.pk), user_id=cousin.pk).message == AWAY
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at + dt.timedelta(minutes=9))
    ballot.refresh_from_db()
    assert ballot.result is not None
    assert ballot.result["items"][0]["present"]["heads"] == 5


def test_a_power_lodged_on_the_announced_ballot_opens_the_door(client: Client, place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    cousin = make_user("cousin", "戚表弟")
    ballot = create_ballot(
        community=place.community,
        title="加装电梯",
        kind="named",
        items=[{"title": "是否同意加装电梯"}],
        rule="residents_meeting",
        voters=[VoterDraft(user.name, user=user) for user in place.members],
        in_room=True,
        by=place.director,
    ).ballot
    meeting.agenda.filter(position=2).update(ballot=ballot)
    lodge_proxy(ballot, principal=voter_of(ballot, place, 5), holder_user=cousin, by=place.director)
    code = signin.code_for(meeting.pk, meeting.starts_at)
    with pytest.raises(NotAllowed, match="不在本次会议的邀请名单上"):
        sign_in_by_code(meeting=meeting, code=code, by=make_user("stranger", "路人"), now=meeting.starts_at)
    client.force_login(cousin)
    assert "请到签到台询问" not in client.get(f"/meetings/{meeting.pk}/signin/").content.decode()

    seat = sign_in_by_code(meeting=meeting, code=code, by=cousin, now=meeting.starts_at)

    assert (seat.role, seat.capacity, seat.is_present) == (Role.GUEST, "受托人", True)
    assert opened(begun(meeting, place), place) == ballot
    row = AgendaBallot.objects.get()
    assert (row.present_heads, row.represented_heads) == (5, 1)
    entry = voter_of(ballot, place, 5)
    assert cast(ballot, "for", on_behalf_of=str(entry.pk), user_id=cousin.pk).accepted


def test_a_roll_call_has_the_holder_answer_while_the_power_runs(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    lodge_meeting_proxy(
        meeting=meeting,
        principal=attendance_of(meeting, place.members[5]),
        holder=attendance_of(meeting, place.members[0]),
        matters="全部",
        by=place.members[5],
    )
    ballot = opened(begun(meeting, place), place, roll_call=True)
    bring_in(meeting, place, [place.members[5]])  # too late for this vote: the power had been carried to it

    def last_line() -> tuple[str, str, int]:
        roll = roll_call_of(meeting)
        assert roll is not None
        return roll.lines[-1].through, roll.lines[-1].why_not, roll.due

    assert last_line() == ("赵铁柱", "", 6)
    assert cast(ballot, "for", voter=voter_of(ballot, place, 5)).code == "proxy_not_allowed"
    leave(meeting, place, 0)
    assert last_line() == ("赵铁柱", "已委托，受托人未到会", 4)


def test_a_roll_call_keeps_the_answer_of_who_left(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    ballot = opened(begun(meeting, place), place, roll_call=True)
    assert cast(ballot, "for", voter=voter_of(ballot, place, 0)).accepted

    leave(meeting, place, 0)

    roll = roll_call_of(meeting)
    assert roll is not None
    assert (roll.called, roll.due, roll.lines[0].word, roll.lines[0].why_not) == (1, 5, "同意", "")
    # A roll call can be put right until it ends, but not from outside.
    assert cast(ballot, "against", voter=voter_of(ballot, place, 0)).message == AWAY
    assert Vote.objects.get().choice == "for"


def test_a_holder_let_in_is_written_down_in_chinese_whoever_reads(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    cousin = make_user("cousin", "Cousin")
    ballot = create_ballot(
        community=place.community, title="加装电梯", items=[{"title": "加装电梯"}], rule="residents_meeting",
        voters=[VoterDraft(user.name, user=user) for user in place.members], in_room=True, by=place.director,
    ).ballot  # fmt: skip
    meeting.agenda.filter(position=2).update(ballot=ballot)
    lodge_proxy(ballot, principal=voter_of(ballot, place, 5), holder_user=cousin, by=place.director)

    with translation.override("en"):
        code = signin.code_for(meeting.pk, meeting.starts_at)
        seat = sign_in_by_code(meeting=meeting, code=code, by=cousin, now=meeting.starts_at)

    assert seat.capacity == "受托人"


def test_a_power_past_its_last_day_represents_nobody(place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    ballot = create_ballot(
        community=place.community, title="加装电梯", items=[{"title": "加装电梯"}], rule="residents_meeting",
        voters=[VoterDraft(user.name, user=user) for user in place.members], in_room=True, by=place.director,
    ).ballot  # fmt: skip
    meeting.agenda.filter(position=2).update(ballot=ballot)
    lodge_proxy(
        ballot, principal=voter_of(ballot, place, 5), holder=voter_of(ballot, place, 0), by=place.director,
        valid_until=meeting.starts_at.date() - dt.timedelta(days=1), now=meeting.starts_at - dt.timedelta(days=3),
    )  # fmt: skip

    assert opened(begun(meeting, place), place) == ballot
    row = AgendaBallot.objects.get()
    assert (row.present_heads, row.represented_heads) == (5, 0)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at + dt.timedelta(minutes=9))
    ballot.refresh_from_db()
    assert ballot.result is not None
    assert ballot.result["items"][0]["present"]["heads"] == 5


def test_a_power_past_its_last_day_is_offered_to_nobody(place: Place) -> None:
    ballot = create_ballot(
        community=place.community, title="加装电梯", items=[{"title": "加装电梯"}], rule="residents_meeting",
        voters=[VoterDraft(user.name, user=user) for user in place.members], by=place.director,
    ).ballot  # fmt: skip
    holder, today = voter_of(ballot, place, 0), clock.local_date()
    for number, last in ((1, today), (2, today - dt.timedelta(days=1))):
        lodge_proxy(
            ballot, principal=voter_of(ballot, place, number), holder=holder, by=place.director,
            valid_until=last, now=clock.now() - dt.timedelta(days=3),
        )  # fmt: skip

    assert [one["name"] for one in represented_by(ballot, voter=holder, user_id=None)] == [place.members[1].name]
