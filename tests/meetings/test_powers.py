"""Powers lodged for a ballot of the agenda stand on the meeting's page of powers, masked but to the desk."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.errors import NotAllowed
from meetings.queries.powers import powers_of_ballots
from meetings.rules import ballots_here, holds_power_here
from tests.meetings.makers import Place, convene, make_user
from voting.conducting import Act, require_conductor
from voting.models import Voter
from voting.operations import VoterDraft, create_ballot, join_ballots, lodge_proxy

pytestmark = [pytest.mark.django_db]


def test_the_page_names_the_powers_of_agenda_ballots_until_their_last_day(client: Client, place: Place) -> None:
    meeting = convene(place, kind="residents_meeting")
    cousin, uncle = make_user("cousin", "戚表弟"), make_user("uncle", "戚舅舅")
    ballot = create_ballot(
        community=place.community, title="加装电梯", items=[{"title": "加装电梯"}], rule="residents_meeting",
        voters=[VoterDraft(user.name, user=user) for user in place.members], in_room=True, by=place.director,
    ).ballot  # fmt: skip
    meeting.agenda.filter(position=2).update(ballot=ballot)
    fifth, sixth = Voter.objects.filter(ballot=ballot).order_by("pk")[4:6]
    past = lodge_proxy(ballot, principal=fifth, holder_user=uncle, by=place.director)
    type(past).objects.filter(pk=past.pk).update(valid_until=dt.date(2020, 1, 1))
    lodge_proxy(ballot, principal=sixth, holder_user=cousin, by=place.director)

    assert powers_of_ballots(meeting, masked=False) == [("加装电梯", "吴玉梅", "戚表弟")]
    assert (holds_power_here(cousin, meeting), holds_power_here(uncle, meeting)) == (True, False)
    client.force_login(place.members[0])
    page = client.get(f"/meetings/{meeting.pk}/proxies/").content.decode()
    assert "吴** 委托 戚**" in page
    assert "戚表弟" not in page
    client.force_login(place.grid_worker)
    assert "吴玉梅 委托 戚表弟" in client.get(f"/meetings/{meeting.pk}/proxies/").content.decode()


def test_powers_for_the_other_bodys_ballot_are_those_of_the_meeting_unless_it_votes_in_writing(place: Place) -> None:
    meeting = convene(place, kind="owners_meeting")
    cousin, uncle = make_user("cousin", "戚表弟"), make_user("uncle", "戚舅舅")
    facts: dict[str, Any] = {
        "community": place.community, "items": [{"title": "加装电梯"}], "rule": "owners_278_ordinary",
        "voters": [VoterDraft(user.name, user=user, area=5000) for user in place.members], "by": place.director,
    }  # fmt: skip
    owners, households = (create_ballot(title=title, **facts).ballot for title in ("业主", "户代表"))
    written = create_ballot(title="书面", opens_at=meeting.starts_at, **facts).ballot
    join_ballots([owners, households, written], title="加装电梯", by=place.director)
    meeting.agenda.filter(position=2).update(ballot=owners)

    for ballot, holder in ((households, cousin), (written, uncle)):
        ballot.refresh_from_db()
        voter = Voter.objects.filter(ballot=ballot).order_by("pk")[0]
        lodge_proxy(ballot, principal=voter, holder_user=holder, by=place.director)

    assert powers_of_ballots(meeting, masked=False) == [("户代表", place.members[0].name, "戚表弟")]
    assert (holds_power_here(cousin, meeting), holds_power_here(uncle, meeting)) == (True, False)
    assert set(ballots_here(meeting)) == {owners, households}
    for ballot in (owners, households):
        assert require_conductor(place.facilitator, Act.PEOPLE, ballot) == ""
    with pytest.raises(NotAllowed):
        require_conductor(place.facilitator, Act.PEOPLE, written)
