"""Whoever runs a meeting conducts its ballots, also without an office; nobody conducts those of another meeting."""

import datetime as dt

import pytest

from core.errors import NotAllowed
from meetings.models import Meeting
from meetings.operations import next_agenda_item, open_agenda_ballot, open_meeting
from tests.meetings.makers import Place, bring_in, convene, make_user
from voting.models import Ballot, Phase
from voting.operations import add_voter, cancel_ballot, close_ballot, create_ballot, open_ballot
from voting.operations.drafts import VoterDraft

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _running(place: Place) -> Meeting:
    """Return an open meeting at its item with a text, chaired by somebody without an office."""
    meeting = convene(place, kind="residents_meeting")
    bring_in(meeting, place, place.members[:5])
    Meeting.objects.filter(pk=meeting.pk).update(chair=make_user("chair", "无职主持"))
    meeting.refresh_from_db()
    open_meeting(meeting=meeting, by=meeting.chair, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=meeting.chair, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=meeting.chair, now=meeting.starts_at)
    return meeting


def test_the_chair_conducts_the_ballots_of_the_meeting_and_no_roll(place: Place) -> None:
    meeting = _running(place)

    ballot = open_agenda_ballot(
        item=meeting.agenda.get(status="current"), by=meeting.chair, now=meeting.starts_at
    ).ballot
    for by in (place.members[0], make_user("other", "旁人")):
        with pytest.raises(NotAllowed):
            close_ballot(ballot, by=by)
    with pytest.raises(NotAllowed):
        add_voter(ballot, VoterDraft("多一人"), by=meeting.chair, reason="漏登")
    closed = close_ballot(ballot, by=meeting.chair, now=meeting.starts_at + dt.timedelta(minutes=5))

    assert closed.phase == Phase.CLOSED


def test_the_chair_makes_no_ballot_about_anything_else(place: Place) -> None:
    meeting = _running(place)
    other = convene(place, kind="residents_meeting", title="另一次居民会议")

    for subject in (None, other):
        with pytest.raises(NotAllowed):
            create_ballot(
                community=meeting.community, title="别的事", items=[{"title": "别的事"}], rule="residents_meeting",
                voters=[VoterDraft("甲")], subject=subject, by=meeting.chair,
            )  # fmt: skip
    about_it = create_ballot(
        community=meeting.community, title="本次会议的事", items=[{"title": "本次会议的事"}], rule="residents_meeting",
        voters=[VoterDraft("甲")], subject=meeting, by=meeting.chair,
    ).ballot  # fmt: skip
    with pytest.raises(NotAllowed):
        cancel_ballot(about_it, by=meeting.chair, reason="不办了")

    assert Ballot.objects.count() == 1


def test_the_chair_conducts_no_ballot_that_is_not_on_the_agenda(place: Place) -> None:
    meeting = _running(place)
    written = create_ballot(
        community=meeting.community, title="书面表决", items=[{"title": "书面表决"}], rule="residents_meeting",
        voters=[VoterDraft("甲")], subject=meeting, by=place.director,
    ).ballot  # fmt: skip

    with pytest.raises(NotAllowed):
        open_ballot(written, by=meeting.chair)
    open_ballot(written, by=place.director)
    with pytest.raises(NotAllowed):
        close_ballot(written, by=meeting.chair)
