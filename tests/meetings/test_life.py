"""The whole life of a meeting, from the notice to the frozen minutes."""

import datetime as dt

import pytest
from django.test import TestCase

from core import ledger
from core.models import LedgerEntry
from meetings import signals
from meetings.models import AgendaItem, Meeting, Motion, Presence
from meetings.operations import (
    close_agenda_ballot,
    close_meeting,
    draft_minutes,
    edit_minutes,
    end_floor,
    give_floor,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    propose_amendment,
    propose_motion,
    publish_minutes,
    record_hand_vote,
    request_speech,
    second_amendment,
    second_motion,
    sign_minutes,
    sign_out,
)
from publish.models import Notice
from tests.meetings.makers import Place, attendance_of, bring_in, convene
from voting.models import Voter
from voting.operations import CastIntent, cast_votes

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_profiles,
]


def test_a_meeting_from_notice_to_minutes(place: Place) -> None:  # noqa: PLR0915 - a whole life is one story
    heard: list[tuple[str, int]] = []

    def hear_close(sender: object, meeting: Meeting, **_more: object) -> None:
        heard.append(("closed", meeting.pk))

    def hear_signed(sender: object, meeting: Meeting, **_more: object) -> None:
        heard.append(("signed", meeting.pk))

    signals.meeting_closed.connect(hear_close)
    signals.minutes_signed.connect(hear_signed)
    with TestCase.captureOnCommitCallbacks(execute=True):
        meeting = convene(place)
        bring_in(meeting, place, place.members[:5])
        at = meeting.starts_at
        open_meeting(meeting=meeting, by=place.facilitator, now=at)
        next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
        request_speech(meeting=meeting, stance="for", by=place.members[0], now=at)
        give_floor(meeting=meeting, by=place.facilitator, now=at)
        end_floor(meeting=meeting, by=place.facilitator, gist="电梯方便老人。", now=at + dt.timedelta(seconds=150))
        item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
        motion = propose_motion(meeting=meeting, text="同意加装电梯一部，费用按层分摊。", by=place.members[0], now=at)
        second_motion(motion=motion, by=place.members[1], now=at)
        amendment = propose_amendment(
            motion=motion, passage="按层分摊", replacement="按层分摊，一层不分摊", by=place.members[2], now=at
        )
        second_amendment(amendment=amendment, by=place.members[3], now=at)
        record_hand_vote(item=item, for_=4, against=1, abstain=0, amendment=amendment, by=place.facilitator, now=at)
        opened_ballot = open_agenda_ballot(item=item, by=place.facilitator, now=at)
    with TestCase.captureOnCommitCallbacks(execute=True):
        ballot = opened_ballot.ballot
        question = ballot.items.get()
        choices = ["for", "for", "for", "for", "against"]
        outcomes = cast_votes(
            [
                CastIntent(
                    ballot.pk, Voter.objects.get(ballot=ballot, user=user).pk, f"request-{n}", {str(question.pk): c}
                )
                for n, (user, c) in enumerate(zip(place.members[:5], choices, strict=True))
            ]
        )
        assert [outcome.accepted for outcome in outcomes] == [True] * 5
        close_agenda_ballot(ballot=ballot, by=place.facilitator, now=at)
        sign_out(
            meeting=meeting,
            attendance=attendance_of(meeting, place.members[4]),
            by=place.members[4],
            now=at + dt.timedelta(minutes=40),
        )
        close_meeting(meeting=meeting, by=place.facilitator, now=at + dt.timedelta(minutes=60))
    with TestCase.captureOnCommitCallbacks(execute=True):
        minutes = draft_minutes(meeting=meeting, by=place.recorder)
        minutes = edit_minutes(minutes=minutes, text=f"{minutes.text}\n补充一句。", version=1, by=place.recorder)
        sign_minutes(minutes=minutes, by=place.facilitator)
        minutes = sign_minutes(minutes=minutes, by=place.recorder)
    with TestCase.captureOnCommitCallbacks(execute=True):
        notice = publish_minutes(minutes=minutes, by=place.director)
    signals.meeting_closed.disconnect(hear_close)
    signals.minutes_signed.disconnect(hear_signed)

    meeting.refresh_from_db()
    item.refresh_from_db()
    assert meeting.phase == "minuted"
    assert heard == [("closed", meeting.pk), ("signed", meeting.pk)]
    assert item.decision == "同意加装电梯一部，费用按层分摊，一层不分摊。"
    assert Motion.objects.get().status == "adopted"
    assert question.title == "同意加装电梯一部，费用按层分摊，一层不分摊。"
    assert ballot.roll_heads == 6
    assert ballot.result is not None
    assert ballot.result["outcome"] == "passed"
    assert minutes.frozen_at is not None
    assert "电梯方便老人。" in minutes.text
    assert "补充一句。" in minutes.text
    assert Presence.objects.filter(out_at__isnull=True).count() == 0
    assert Notice.objects.get(kind="meeting_notice").subject_id == str(meeting.pk)
    assert notice.facts["chair"] == "欧阳*"
    assert notice.is_public
    assert "赵铁柱" not in str(notice.facts)
    assert notice.facts["due"] == 6
    assert list(AgendaItem.objects.values_list("status", flat=True)) == ["done", "done"]
    assert ledger.first_break() is None
    assert LedgerEntry.objects.filter(act="sign_minutes").count() == 2
