"""Before a vote is ended: the numbers the chair is told, and the reason an early end takes."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.actors import SYSTEM
from core.errors import BadInput
from core.models import LedgerEntry
from meetings.models import Meeting
from meetings.operations import close_agenda_ballot, open_agenda_ballot, settle_agenda_ballot, show_certified
from meetings.queries.ending import words_before_ending
from meetings.queries.outcomes import latest_verdict
from meetings.queries.situation import situation_of
from meetings.queries.steps import next_act
from tests.meetings.makers import Place, opened
from voting.models import Ballot, Voter
from voting.operations import (
    CastIntent,
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    create_ballot,
    join_ballots,
    open_ballot,
)

pytestmark = [pytest.mark.django_db]
END = dt.timedelta(hours=2)


def asked(place: Place, *, rule: str = "owners_278_ordinary") -> tuple[Meeting, Ballot]:
    """Return a meeting whose vote was announced with it, to end two hours after the meeting began, and is running."""
    meeting = opened(place, kind="owners_meeting", agenda=["加装电梯"], rule=rule)
    item = meeting.agenda.get()
    item.ballot = create_ballot(
        community=place.community, title="加装电梯", items=[{"title": "是否加装电梯"}], rule=rule,
        voters=[VoterDraft(user.name, user=user, area=5000 + n) for n, user in enumerate(place.members)],
        by=place.director, closes_at=meeting.starts_at + END, now=meeting.starts_at - dt.timedelta(days=9),
    ).ballot  # fmt: skip
    item.save(update_fields=["ballot"])
    ballot = open_agenda_ballot(item=item, by=place.facilitator, now=meeting.starts_at).ballot
    first, second, *_others = Voter.objects.filter(ballot=ballot).order_by("pk")
    for voter in (first, second):
        question = str(ballot.items.get().pk)
        intent = CastIntent(request=f"r{voter.pk}", ballot_id=ballot.pk, choices={question: "for"}, voter_id=voter.pk)
        assert cast_votes([intent], now=meeting.starts_at)[0].accepted
    ballot.refresh_from_db()
    return meeting, ballot


def test_the_question_names_heads_and_areas_and_the_announced_end(place: Place) -> None:
    meeting, ballot = asked(place)

    assert words_before_ending([ballot], meeting.starts_at) == (
        "已投2人，可投6人。已投面积100.01平方米，可投300.15平方米。公告的截止时间是12月7日 11:00。"
        "结束后不能再投票，确定结束表决吗？"
    )


def test_in_the_room_only_those_there_count_and_no_area_is_named(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    ballot = open_agenda_ballot(item=meeting.agenda.get(), by=place.facilitator, now=meeting.starts_at).ballot
    Voter.objects.filter(ballot=ballot, user=place.members[0]).update(present=False)

    assert words_before_ending([ballot], meeting.starts_at) == "已投0人，可投5人。结束后不能再投票，确定结束表决吗？"


def test_an_early_end_takes_a_reason_which_ledger_and_result_keep(place: Place) -> None:
    meeting, ballot = asked(place)
    at = meeting.starts_at + dt.timedelta(minutes=30)

    with pytest.raises(BadInput, match="提前截止须写明理由") as refused:
        close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at)
    ballot.refresh_from_db()
    assert (refused.value.field, ballot.phase) == ("reason", "open")

    closed = close_agenda_ballot(ballot=ballot, by=place.facilitator, reason="到会的都已投票", now=at)

    assert closed.result is not None
    assert closed.result["closed_early"] == {"planned": "2026-12-07T03:00:00+00:00", "reason": "到会的都已投票"}
    assert LedgerEntry.objects.get(act="close_ballot").reason == "到会的都已投票"


def test_the_chairs_page_asks_for_the_reason_only_before_the_announced_end(client: Client, place: Place) -> None:
    meeting, ballot = asked(place)
    address = f"/meetings/{meeting.pk}/chair/"
    client.force_login(place.facilitator)
    with time_machine.travel(meeting.starts_at + dt.timedelta(minutes=30), tick=False):
        page = client.get(address).content.decode()
        without = client.post(f"{address}close_ballot/", follow=True).content.decode()
    with time_machine.travel(meeting.starts_at + END, tick=False):
        later = client.get(address).content.decode()
    with time_machine.travel(meeting.starts_at + dt.timedelta(minutes=40), tick=False):
        client.post(f"{address}close_ballot/", {"early_reason": "到会的都已投票"})

    ballot.refresh_from_db()
    assert re.search(r'data-confirm="已投2人，可投6人。', page)
    assert 'name="early_reason"' in page
    assert "提前截止须写明理由" in without
    assert 'name="early_reason"' not in later
    assert (ballot.phase, (ballot.result or {})["closed_early"]["reason"]) == ("closed", "到会的都已投票")


def test_the_chair_ends_only_what_the_meeting_opened_and_the_item_waits_for_the_other_body(place: Place) -> None:
    meeting = opened(place, kind="owners_meeting", agenda=["加装电梯"])
    item, at = meeting.agenda.get(), meeting.starts_at
    facts: dict[str, Any] = {
        "community": place.community,
        "items": [{"title": "加装电梯"}],
        "by": place.director,
        "now": at,
    }
    voters = [VoterDraft(user.name, user=user, area=5000) for user in place.members]
    here = create_ballot(title="业主", rule="owners_278_ordinary", voters=voters, **facts).ballot
    there = create_ballot(
        title="居民", rule="residents_meeting", voters=voters, opens_at=at + dt.timedelta(days=1), **facts
    ).ballot
    join_ballots([here, there], title="加装电梯", by=place.director, now=at)
    item.ballot = here
    item.save(update_fields=["ballot"])

    open_agenda_ballot(item=item, by=place.facilitator, now=at)
    close_agenda_ballot(ballot=here, by=place.facilitator, now=at)

    there.refresh_from_db()
    row = item.ballots.get()
    assert (there.phase, row.ballot, row.settled_at) == ("draft", here, None)
    open_ballot(there, by=place.director, now=at + dt.timedelta(days=1))
    close_ballot(there, by=place.director, now=at + dt.timedelta(days=2))
    settle_agenda_ballot(ballot=there, by=SYSTEM, now=at + dt.timedelta(days=2))
    row.refresh_from_db()
    assert row.settled_at == at + dt.timedelta(days=2)


def test_a_result_is_preliminary_on_the_screens_until_the_tellers_sign(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    ballot = open_agenda_ballot(item=meeting.agenda.get(), by=place.facilitator).ballot
    close_agenda_ballot(ballot=ballot, by=place.facilitator)
    meeting.refresh_from_db()
    before, version = latest_verdict(meeting), meeting.version

    certify_ballot(ballot, by=["甲", "乙"], actor=place.director)
    show_certified(ballot=ballot)

    meeting.refresh_from_db()
    after = latest_verdict(meeting)
    assert before is not None
    assert after is not None
    assert [(one["is_preliminary"], one["method"]) for one in (before, after)] == [
        (True, "现场表决，初步结果，待监票人签认"),
        (False, "现场表决"),
    ]
    assert meeting.version == version + 1


def test_of_several_options_the_decision_names_the_one_that_won(place: Place) -> None:
    meeting = opened(place, agenda=["充电棚选址"], kind="residents_meeting")
    item = meeting.agenda.get()
    item.ballot = create_ballot(
        community=place.community, title="选址", rule="residents_meeting", in_room=True, by=place.director,
        items=[{"title": "建在哪里", "method": "one_of", "options": ["北侧空地", "车库入口"]}],
        voters=[VoterDraft(user.name, user=user) for user in place.members],
    ).ballot  # fmt: skip
    item.save(update_fields=["ballot"])
    assert next_act(situation_of(meeting)) == "open_ballot"
    ballot = open_agenda_ballot(item=item, by=place.facilitator).ballot
    question = ballot.items.get()
    for voter in Voter.objects.filter(ballot=ballot)[:5]:
        assert cast_votes([CastIntent(ballot.pk, voter.pk, str(voter.pk), {str(question.pk): "1"})])[0].accepted

    close_agenda_ballot(ballot=ballot, by=place.facilitator)

    item.refresh_from_db()
    verdict = latest_verdict(meeting)
    assert verdict is not None
    assert item.decision == "充电棚选址：北侧空地"
    assert [(line["label"], line["heads"], line["is_chosen"]) for line in verdict["lines"]] == [
        ("北侧空地", 5, True),
        ("车库入口", 0, False),
        ("反对", 0, False),
        ("弃权", 0, False),
    ]
