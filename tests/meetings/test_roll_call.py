"""The roll call: names called, answers noted through the one operation of casting, shown and kept apart."""

import datetime as dt

import pytest
from django.test import Client

from core.errors import BadInput, NotAllowed, NotFound, Refused
from core.models import LedgerEntry
from meetings.models import AgendaBallot, AgendaItem, Meeting
from meetings.operations import (
    Invitee,
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
    record_called_vote,
    second_amendment,
    second_motion,
    sign_in,
)
from meetings.queries.asked import roll_call_message, roll_call_of
from meetings.queries.minutes import public_facts
from tests.meetings.makers import Place, attendance_of, bring_in, convene
from voting.models import Ballot, BallotKind, Disclosure, Vote, Voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(place: Place) -> AgendaItem:
    """The item of an open residents' meeting: the first is away with a power for the second, the sixth is not there."""
    meeting = convene(place, kind="residents_meeting")
    lodge_meeting_proxy(
        meeting=meeting,
        principal=attendance_of(meeting, place.members[0]),
        holder=attendance_of(meeting, place.members[1]),
        matters="第2项",
        by=place.grid_worker,
    )
    bring_in(meeting, place, place.members[1:5])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    return next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)


def begin(item: AgendaItem, place: Place) -> Ballot:
    return open_agenda_ballot(item=item, roll_call=True, by=place.facilitator, now=item.meeting.starts_at).ballot


def voter(ballot: Ballot, place: Place, number: int) -> Voter:
    return Voter.objects.get(ballot=ballot, user=place.members[number])


def answer(ballot: Ballot, place: Place, number: int, word: str) -> None:
    record_called_vote(ballot=ballot, voter=voter(ballot, place, number), answer=word, by=place.recorder)


def test_a_roll_call_is_named_open_and_can_be_put_right(place: Place, item: AgendaItem) -> None:
    ballot = begin(item, place)

    answer(ballot, place, 1, "for")
    answer(ballot, place, 1, "against")
    answer(ballot, place, 1, "for")

    ballot.refresh_from_db()
    assert (ballot.kind, ballot.disclosure, ballot.revisable) == (BallotKind.NAMED, Disclosure.RUNNING, True)
    assert list(Vote.objects.values_list("voter__user", "choice", "channel")) == [(place.members[1].pk, "for", "hand")]
    assert ballot.cast == 1
    entries = LedgerEntry.objects.filter(act="record_called_vote")
    assert (entries.count(), "for" in str(entries[0].after)) == (3, False)


def test_the_holder_answers_for_who_is_away_and_nobody_for_who_is_not_there(place: Place, item: AgendaItem) -> None:
    ballot = begin(item, place)

    answer(ballot, place, 0, "against")
    with pytest.raises(Refused) as refused:
        answer(ballot, place, 5, "for")

    vote = Vote.objects.get()
    assert (vote.voter.user, vote.cast_by and vote.cast_by.user) == (place.members[0], place.members[1])
    assert refused.value.reason_code == "not_eligible"


def test_the_lines_say_who_is_next_and_who_is_not_called(place: Place, item: AgendaItem) -> None:
    declare_recusal(item=item, reason="亲属", by=place.members[2])
    ballot = begin(item, place)
    answer(ballot, place, 0, "for")

    roll = roll_call_of(item.meeting)

    assert roll is not None
    assert [(line.name, line.word, line.through, line.why_not) for line in roll.lines] == [
        ("赵铁柱", "同意", "钱秀英", ""),
        ("钱秀英", "", "", ""),
        ("孙建国", "", "", "回避"),
        ("李桂兰", "", "", ""),
        ("周小勇", "", "", ""),
        ("吴玉梅", "", "", "未到会"),
    ]
    assert (roll.called, roll.due, roll.next and roll.next.name) == (1, 4, "钱秀英")
    said = roll_call_message(item.meeting)
    assert said is not None
    assert (said["called"], said["due"], said["next"]) == (1, 4, "钱**")
    assert said["lines"][0] == {"name": "赵**", "answer": "for", "word": "同意"}


def test_the_hall_shows_the_names_around_the_next_one(place: Place) -> None:
    names = [f"王{c}" for c in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"]
    meeting = convene(place, kind="residents_meeting", invitees=[Invitee(name=name) for name in names])
    for row in meeting.attendances.exclude(name__in=names[-2:]):
        sign_in(meeting=meeting, attendance=row, by=place.grid_worker, now=meeting.starts_at)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    ballot = begin(item, place)

    def shown() -> tuple[int, int, str, list[str]]:
        said = roll_call_message(meeting)
        assert said is not None
        return said["called"], said["due"], said["next"], [line["word"] for line in said["lines"]]

    assert shown() == (0, 14, "王*(甲)", [""] * 12)
    for called in Voter.objects.filter(ballot=ballot, present=True).order_by("pk")[:11]:
        record_called_vote(ballot=ballot, voter=called, answer="for", by=place.recorder)
    assert shown() == (11, 14, "王*(12)", ["同意"] * 8 + [""] * 3 + ["未到会"])
    for called in Voter.objects.filter(ballot=ballot, present=True).order_by("pk")[11:]:
        record_called_vote(ballot=ballot, voter=called, answer="against", by=place.recorder)
    assert shown() == (14, 14, "", ["同意"] * 7 + ["反对"] * 3 + ["未到会"] * 2)


def test_an_amendment_may_be_put_to_a_roll_call(client: Client, place: Place, item: AgendaItem) -> None:
    meeting = item.meeting
    motion = propose_motion(meeting=meeting, text="同意安装扶手。", by=place.members[1])
    second_motion(motion=motion, by=place.members[2])
    amendment = propose_amendment(motion=motion, passage="扶手", replacement="木扶手", by=place.members[3])
    second_amendment(amendment=amendment, by=place.members[4])
    client.force_login(place.facilitator)

    client.post(f"/meetings/{meeting.pk}/chair/vote_amendment/", {"kind": "roll_call", "disclosure": "at_closing"})

    opened = AgendaBallot.objects.get()
    assert (opened.amendment, opened.is_roll_call) == (amendment, True)
    for number in range(5):
        answer(opened.ballot, place, number, "for")
    close_agenda_ballot(ballot=opened.ballot, by=place.facilitator)
    motion.refresh_from_db()
    assert motion.text == "同意安装木扶手。"


def test_only_who_runs_the_meeting_notes_answers_and_only_in_a_roll_call(place: Place, item: AgendaItem) -> None:
    plain = open_agenda_ballot(item=item, by=place.facilitator, now=item.meeting.starts_at).ballot
    with pytest.raises(NotFound, match="不是唱名表决"):
        answer(plain, place, 1, "for")
    close_agenda_ballot(ballot=plain, by=place.facilitator, now=item.meeting.starts_at)
    item.refresh_from_db()
    ballot = begin(item, place)

    with pytest.raises(NotAllowed):
        record_called_vote(ballot=ballot, voter=voter(ballot, place, 1), answer="for", by=place.members[1])
    with pytest.raises(BadInput):
        answer(ballot, place, 1, "maybe")
    with pytest.raises(BadInput, match="不在本次表决的名册中"):
        record_called_vote(ballot=ballot, voter=voter(plain, place, 1), answer="for", by=place.recorder)

    assert Vote.objects.filter(item__ballot=ballot).count() == 0


def test_a_secret_vote_is_no_roll_call(place: Place, item: AgendaItem) -> None:
    with pytest.raises(BadInput, match="唱名表决是记名的"):
        open_agenda_ballot(item=item, kind="secret", roll_call=True, by=place.facilitator, now=item.meeting.starts_at)

    assert AgendaBallot.objects.count() == 0


def test_the_answers_stay_in_the_signed_minutes_and_are_not_published(place: Place, item: AgendaItem) -> None:
    ballot, meeting = begin(item, place), item.meeting
    for number, word in enumerate(["for", "for", "for", "against", "abstain"]):
        answer(ballot, place, number, word)
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=meeting.starts_at)
    assert roll_call_of(meeting) is None
    at = meeting.starts_at + dt.timedelta(hours=1)
    meeting = close_meeting(meeting=meeting, by=place.facilitator, now=at)

    minutes = draft_minutes(meeting=meeting, by=place.recorder)

    assert "同意（3人）：赵铁柱（钱秀英代）、钱秀英、孙建国；反对（1人）：李桂兰；" in minutes.text
    assert "弃权（1人）：周小勇；未到会（1人）：吴玉梅" in minutes.text
    published = public_facts(meeting, minutes.facts, minutes.text)
    assert "唱名记录" not in str(published)
    assert "弃权（1人）" not in str(published)


def test_the_chairs_page_calls_the_names(client: Client, place: Place, item: AgendaItem) -> None:
    meeting = Meeting.objects.get()
    client.force_login(place.recorder)
    client.post(f"/meetings/{meeting.pk}/chair/open_ballot/", {"kind": "roll_call", "disclosure": "at_closing"})
    ballot = Ballot.objects.get()

    page = client.get(f"/meetings/{meeting.pk}/chair/").content.decode()
    client.post(f"/meetings/{meeting.pk}/chair/answer/", {"voter": voter(ballot, place, 0).pk, "answer": "against"})

    assert "唱名表决：0 / 5 人已答" in page
    assert 'data-answer="3"' in page
    assert Vote.objects.get().choice == "against"
    page = client.get(f"/meetings/{meeting.pk}/chair/").content.decode()
    assert "唱名表决：1 / 5 人已答" in page
    wrong = client.post(f"/meetings/{meeting.pk}/chair/answer/", {"voter": "x", "answer": "for"}, follow=True)
    assert "没有找到所选的项目" in wrong.content.decode()
