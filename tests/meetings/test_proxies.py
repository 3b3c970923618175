"""Written powers of a meeting: who may give one to whom, and how it reaches the ballot."""

import datetime as dt
from typing import Any

import pytest

from community.models import Office, Term
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from meetings.models import AgendaBallot, AgendaItem, Attendance, Meeting, MeetingProxy, SheetCount
from meetings.operations import (
    close_agenda_ballot,
    lodge_meeting_proxy,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    record_hand_vote,
    revoke_meeting_proxy,
    sign_in,
)
from meetings.queries.live import message_of
from meetings.queries.minutes import record_of, text_of
from meetings.queries.situation import situation_of
from tests.meetings.makers import Place, attendance_of, bring_in, convene
from voting.models import Proxy, Voter
from voting.operations import CastIntent, VoterDraft, cast_votes, create_ballot
from voting.operations.proxy import ProxyNotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.fixture
def meeting(place: Place) -> Meeting:
    return convene(place, kind="residents_meeting")


def rows(meeting: Meeting, place: Place) -> list[Attendance]:
    return [attendance_of(meeting, user) for user in place.members]


def test_the_principal_lodges_a_power_and_the_ledger_says_so(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)

    proxy = lodge_meeting_proxy(
        meeting=meeting, principal=giver, holder=holder, matters="第2项，同意", by=place.members[0]
    )

    assert (proxy.principal_id, proxy.holder_id, proxy.matters) == (giver.pk, holder.pk, "第2项，同意")
    entry = LedgerEntry.objects.filter(act="lodge_meeting_proxy").get()
    assert (entry.after["principal"], entry.after["holder"]) == (giver.pk, holder.pk)


@pytest.mark.parametrize(
    ("given", "wanted", "sentence"),
    [
        ([], (0, 0), "不能委托自己。"),
        ([(0, 1)], (0, 2), "已经委托了他人。"),
        ([(0, 1)], (1, 2), "不能转委托。"),
        ([(0, 1)], (2, 0), "不能转委托。"),
        ([(0, 5), (1, 5), (2, 5)], (3, 5), "每人最多接受 3 份委托。"),
    ],
)
def test_a_power_that_may_not_be(
    place: Place, meeting: Meeting, given: list[tuple[int, int]], wanted: tuple[int, int], sentence: str
) -> None:
    people = rows(meeting, place)
    for one, other in given:
        lodge_meeting_proxy(
            meeting=meeting, principal=people[one], holder=people[other], matters="全部", by=place.grid_worker
        )

    with pytest.raises(ProxyNotAllowed) as refused:
        lodge_meeting_proxy(
            meeting=meeting,
            principal=people[wanted[0]],
            holder=people[wanted[1]],
            matters="全部",
            by=place.grid_worker,
        )

    assert refused.value.sentence == sentence
    assert MeetingProxy.objects.count() == len(given)


def test_a_council_allows_no_powers(place: Place) -> None:
    meeting = convene(place)
    giver, holder, *_ = rows(meeting, place)

    with pytest.raises(ProxyNotAllowed, match="这种会议的表决不允许委托。"):
        lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])


def test_nobody_lodges_the_power_of_another(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)

    with pytest.raises(NotAllowed, match="委托书由本人或者社区工作人员提交。"):
        lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[1])


def test_the_holder_votes_for_who_is_away(place: Place, meeting: Meeting) -> None:
    away, came_after_all, holder, *_others = rows(meeting, place)
    for principal in (away, came_after_all):
        lodge_meeting_proxy(meeting=meeting, principal=principal, holder=holder, matters="第2项", by=place.grid_worker)
    at = meeting.starts_at
    bring_in(meeting, place, place.members[1:])
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)

    opened = open_agenda_ballot(item=item, by=place.facilitator, now=at)

    assert list(Proxy.objects.values_list("principal__user", "holder__user", "instructions")) == [
        (place.members[0].pk, place.members[2].pk, "第2项")
    ]
    voters = {v.user_id: v.pk for v in Voter.objects.filter(ballot=opened.ballot)}
    question = str(opened.ballot.items.get().pk)
    holder_voter = voters[place.members[2].pk]
    intents = [
        CastIntent(
            ballot_id=opened.ballot.pk,
            voter_id=holder_voter,
            request=f"00000000-0000-4000-8000-00000000000{n}",
            choices={question: "for"},
            on_behalf_of=None if on_behalf is None else str(on_behalf),
            user_id=place.members[2].pk,
        )
        for n, on_behalf in enumerate([None, voters[place.members[0].pk], voters[place.members[1].pk]])
    ]
    assert [outcome.accepted for outcome in cast_votes(intents)] == [True, True, False]
    assert close_agenda_ballot(ballot=opened.ballot, by=place.facilitator, now=at).cast == 2


def test_after_the_opening_powers_stand_as_they_are(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)
    proxy = lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])
    bring_in(meeting, place, place.members[1:])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    with pytest.raises(WrongStage):
        revoke_meeting_proxy(proxy=proxy, by=place.members[0])

    proxy.refresh_from_db()
    assert proxy.revoked_at is None
    sign_in(meeting=meeting, attendance=giver, by=place.grid_worker, now=meeting.starts_at)


def test_a_power_is_taken_back_before_the_opening_and_given_anew(place: Place, meeting: Meeting) -> None:
    giver, holder, other, *_ = rows(meeting, place)
    proxy = lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])

    revoke_meeting_proxy(proxy=proxy, by=place.members[0])

    again = lodge_meeting_proxy(meeting=meeting, principal=giver, holder=other, matters="全部", by=place.members[0])
    assert list(meeting.proxies.filter(revoked_at=None)) == [again]


def hire(place: Place, number: int) -> None:
    Term.objects.create(
        user=place.members[number],
        office=Office.PROPERTY_STAFF,
        unit=place.community,
        starts_on=dt.date(2024, 1, 1),
    )


def test_property_staff_and_candidates_hold_no_power(place: Place, meeting: Meeting) -> None:
    giver, guard, candidate, *_ = rows(meeting, place)
    hire(place, 1)
    election = create_ballot(
        community=place.community,
        title="推选楼栋长",
        kind="secret",
        items=[{"title": "楼栋长", "method": "election", "options": [place.members[2].name, "周小勇"]}],
        rule="rc_runoff",
        voters=[VoterDraft("甲")],
        by=place.director,
    ).ballot
    meeting.agenda.filter(position=2).update(ballot=election)

    for holder, sentence in ((guard, "物业服务人员不能接受委托。"), (candidate, "候选人不能接受委托。")):
        with pytest.raises(ProxyNotAllowed, match=sentence):
            lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])

    assert MeetingProxy.objects.count() == 0


def test_a_holder_hired_after_the_opening_does_not_stop_the_vote(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)
    lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])
    item = in_session(place, meeting, present=4)
    hire(place, 1)

    open_agenda_ballot(item=item, by=place.facilitator, now=meeting.starts_at)

    assert Proxy.objects.count() == 0


def in_session(place: Place, meeting: Meeting, *, present: int) -> AgendaItem:
    """Return the item of an open meeting to which members 1..`present` came, not the first one."""
    bring_in(meeting, place, place.members[1 : present + 1])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    return next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)


def test_the_quorum_counts_who_is_represented_and_shows_them_apart(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)
    Attendance.objects.filter(meeting=meeting).update(area=8_840)
    lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])
    bring_in(meeting, place, place.members[2:5])
    (alone,) = situation_of(meeting).quorum
    bring_in(meeting, place, [place.members[1]])

    (together,) = situation_of(meeting).quorum

    assert (alone.reached, alone.represented, alone.met) == (3, 0, False)
    assert (together.reached, together.represented, together.met) == (5, 1, True)
    assert together.sentence() == "应到6人，法定4人，实到4人、委托代表1人，共5人，已达到"
    said = message_of("attendance", meeting, 1)
    assert (said["present"], said["represented"], said["represented_area"]) == (4, 1, "88.40")
    bring_in(meeting, place, [place.members[0]])
    (in_person,) = situation_of(meeting).quorum
    assert (in_person.reached, in_person.represented) == (5, 0)


def test_area_is_represented_too(place: Place) -> None:
    meeting = convene(place, kind="owners_meeting", days=20)
    Attendance.objects.filter(meeting=meeting).update(area=10_000)
    giver, holder, *_ = rows(meeting, place)
    lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])
    bring_in(meeting, place, place.members[1:4])

    heads, area = situation_of(meeting).quorum

    assert (heads.reached, heads.represented, heads.needed, heads.met) == (4, 1, 4, True)
    assert (area.reached, area.represented, area.needed, area.met) == (40_000, 10_000, 40_000, True)
    assert (
        area.sentence()
        == "应到600.00平方米，法定400.00平方米，实到300.00平方米、委托代表100.00平方米，共400.00平方米，已达到"
    )


def test_a_count_of_hands_and_the_minutes_know_who_is_represented(place: Place, meeting: Meeting) -> None:
    giver, holder, *_ = rows(meeting, place)
    lodge_meeting_proxy(meeting=meeting, principal=giver, holder=holder, matters="全部", by=place.members[0])
    item = in_session(place, meeting, present=4)
    facts: dict[str, Any] = {"item": item, "by": place.facilitator, "now": meeting.starts_at}

    with pytest.raises(BadInput, match="多于在场的4人和委托代表的1人"):
        record_hand_vote(for_=5, against=1, abstain=0, **facts)
    record_hand_vote(for_=3, against=2, abstain=0, **facts)

    count = SheetCount.objects.get()
    assert (count.present_count, count.represented_count, count.due_count, count.outcome) == (4, 1, 6, "passed")
    opened = open_agenda_ballot(**facts)
    row = AgendaBallot.objects.get(ballot=opened.ballot)
    assert (row.present_heads, row.represented_heads) == (4, 1)
    assert "举手表决：在场4人（另委托代表1人），同意3，反对2，弃权0。" in text_of(record_of(meeting))
