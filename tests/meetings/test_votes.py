"""The running votes as one reader meets them, and how a prepared one may be taken."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from django.test import Client

from core.errors import BadInput
from meetings.bars import verdict_bars
from meetings.forms import BallotForm
from meetings.messages import Agenda
from meetings.models import Meeting
from meetings.occasions import meeting_of
from meetings.operations import close_agenda_ballot, next_agenda_item, open_agenda_ballot
from meetings.queries.live import message_of
from meetings.queries.outcomes import latest_verdict, outcome_of
from meetings.queries.prepared import prepared_ballots
from meetings.queries.situation import situation_of
from meetings.queries.votes import open_votes
from tests.meetings.makers import Place, convene, opened
from voting.models import Ballot, Voter
from voting.operations import CastIntent, VoterDraft, cast_votes, create_ballot, join_ballots

pytestmark = [pytest.mark.django_db]
WHY = "两方分别表决，各有名册，不能一起唱名；请两方同时在手机上投票。"


@pytest.fixture
def meeting(place: Place) -> Meeting:
    """A meeting whose one item needs the owners (the first four) and the households (the last four of six)."""
    meeting = opened(place, kind="owners_meeting", agenda=["加装电梯"])
    item = meeting.agenda.get()
    facts: dict[str, Any] = {"community": place.community, "items": [{"title": "同意加装电梯吗"}], "by": place.director}
    owners = create_ballot(
        title="业主表决", rule="owners_278_ordinary", scope="owners",
        voters=[VoterDraft(user.name, user=user, area=5000) for user in place.members[:4]], **facts,
    ).ballot  # fmt: skip
    households = create_ballot(
        title="户代表表决", rule="residents_meeting", scope="households",
        voters=[VoterDraft(user.name, user=user) for user in place.members[2:]], **facts,
    ).ballot  # fmt: skip
    join_ballots([owners, households], title="加装电梯", by=place.director)
    item.ballot = owners
    item.save(update_fields=["ballot"])
    return meeting


def test_each_body_is_named_and_offered_to_those_on_its_roll(place: Place, meeting: Meeting) -> None:
    item = meeting.agenda.get()
    ballot = open_agenda_ballot(item=item, by=place.facilitator).ballot
    voter = Voter.objects.get(ballot=ballot, user=place.members[3])
    question = str(ballot.items.get().pk)
    assert cast_votes([CastIntent(ballot.pk, voter.pk, "a-request", {question: "for"})])[0].accepted

    seen = {
        n: [(vote.body, vote.is_mine, vote.has_voted) for vote in open_votes(situation_of(meeting), place.members[n])]
        for n in (0, 3, 5)
    }

    assert seen == {
        0: [("业主", True, False), ("户代表", False, False)],
        3: [("业主", True, True), ("户代表", True, False)],
        5: [("业主", False, False), ("户代表", True, False)],
    }


def test_two_bodies_are_not_called_by_name_and_the_form_says_why(place: Place, meeting: Meeting) -> None:
    item = meeting.agenda.get()

    form = BallotForm(prepared=prepared_ballots(meeting, item))

    assert [(value, label) for value, label in form["kind"].field.widget.choices] == [("named", "记名（已随会议公布）")]
    assert form["kind"].help_text == WHY
    assert "disclosure" not in form.fields
    with pytest.raises(BadInput) as refusal:
        open_agenda_ballot(item=item, roll_call=True, by=place.facilitator)
    assert (str(refusal.value), refusal.value.field) == (WHY, "kind")


def test_the_pages_of_a_ballot_lead_back_to_the_meeting(place: Place) -> None:
    meeting = opened(place)
    next_agenda_item(meeting=meeting, by=place.facilitator)
    ballot = open_agenda_ballot(item=meeting.agenda.get(position=2), by=place.facilitator).ballot

    running = Client().get(f"/ballots/{ballot.pk}/").content.decode()
    close_agenda_ballot(ballot=ballot, by=place.facilitator)
    counted = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    back = f'<a href="/meetings/{meeting.pk}/">'
    assert [page.count(back) for page in (running, counted)] == [1, 1]
    assert meeting.title in counted.partition(back)[2].partition("</a>")[0]


def test_a_ballot_that_goes_to_another_meeting_leads_back_to_the_later_one(place: Place, meeting: Meeting) -> None:
    ballot = meeting.agenda.get().ballot
    assert ballot is not None
    again = convene(
        place, kind="owners_meeting", agenda=["加装电梯"], starts_at=meeting.starts_at + dt.timedelta(days=1)
    )
    again.agenda.update(ballot=ballot)

    found = meeting_of(ballot)

    assert found is not None
    assert found.url == f"/meetings/{again.pk}/"


def test_the_form_says_what_counts_that_run_and_a_small_room_give_away() -> None:
    few, many = BallotForm(heads=9), BallotForm(heads=10)

    assert few["disclosure"].help_text == "计数实时公开：多投一票，就看得出这一票投了什么。"
    assert few["kind"].help_text == "无记名：人数少于 10，结果可能暴露个人的选择。"
    assert many["kind"].help_text == ""


def test_each_question_of_one_ballot_has_its_own_outcome(client: Client, place: Place) -> None:
    meeting = opened(place, agenda=["物业费", "绿化"])
    at = meeting.starts_at
    questions = [{"title": "涨价两角。"}, {"title": "公开账目。"}]
    ballot = open_agenda_ballot(
        item=meeting.agenda.get(status="current"), items=questions, title="物业费两问", by=place.facilitator, now=at
    ).ballot
    first, second = ballot.items.order_by("position")
    for user in place.members:
        voter = Voter.objects.get(ballot=ballot, user=user)
        choices = {str(first.pk): "against", str(second.pk): "for"}
        assert cast_votes([CastIntent(ballot.pk, voter.pk, f"r{user.pk}", choices)])[0].accepted
    close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at)

    verdict = latest_verdict(meeting)
    message = message_of("agenda", meeting, 9)
    client.force_login(place.facilitator)
    page = client.get(f"/meetings/{meeting.pk}/chair/").content.decode()

    assert verdict is not None
    assert (verdict["title"], verdict["outcome"], verdict["outcome_word"]) == ("物业费两问", "", "2项中1项通过")
    assert [(line["body"], line["label"], line["heads"]) for line in verdict["lines"]][:4:3] == [
        ("1. 涨价两角。", "1. 涨价两角。 同意", 0),
        ("2. 公开账目。", "2. 公开账目。 同意", 6),
    ]
    assert [(bar["label"], bar["met"]) for bar in verdict_bars(verdict)] == [
        ("1. 涨价两角。 同意人数", False),
        ("2. 公开账目。 同意人数", True),
    ]
    assert msgspec.to_builtins(msgspec.convert(message, Agenda)) == message
    assert "2项中1项通过：物业费两问" in page
    assert "<p><strong>2. 公开账目。</strong></p>" in page
    said = outcome_of(Ballot.objects.get(pk=ballot.pk))[1].splitlines()
    assert [line.partition("：")[0] for line in said] == ["1. 涨价两角。", "2. 公开账目。"]
