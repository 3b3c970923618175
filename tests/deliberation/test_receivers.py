"""What meetings decide reaches the proposals their items are about."""

import pytest

from core import ledger
from core.models import Notification
from deliberation import operations
from deliberation.stages import Status
from meetings.models import Meeting
from meetings.operations import close_meeting, next_agenda_item, open_meeting, record_decision, sign_in
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def hold(world: World, decision: str, dissent: str = "") -> Meeting:
    """Hold the session of this round: everybody comes, the first item is decided."""
    meeting = Meeting.objects.get()
    world.wait((meeting.starts_at - world.now).days)
    for attendance in meeting.attendances.filter(is_stakeholder=True):
        world.do(sign_in, meeting=meeting, attendance=attendance, by=world.grid_worker)
    world.do(open_meeting, meeting=meeting, by=world.facilitator)
    item = world.do(next_agenda_item, meeting=meeting, by=world.facilitator)
    if decision:
        world.do(record_decision, item=item, decision=decision, dissent=dissent, by=world.facilitator)
    return world.do(close_meeting, meeting=meeting, by=world.facilitator, reason="时间已到")


def test_a_decision_goes_into_the_ledger_of_its_proposal_and_is_told(world: World) -> None:
    world.walk_to(Status.DELIBERATING)

    meeting = hold(world, "同意在北侧加装。", "一楼担心采光。")

    entry = ledger.entries_about(world.p).get(act="meeting_decided")
    assert entry.after["meeting"] == meeting.pk
    assert (entry.after["decisions"], entry.after["dissent"]) == (["同意在北侧加装。"], ["一楼担心采光。"])
    heard = Notification.objects.filter(text__endswith="上议定：同意在北侧加装。")
    assert world.proposer.pk in heard.values_list("user_id", flat=True)


def test_the_same_news_a_second_time_changes_nothing(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    meeting = hold(world, "同意在北侧加装。")
    version, told = world.p.version, Notification.objects.count()

    assert operations.note_meeting_decisions(meeting, now=world.now) == 0

    assert ledger.entries_about(world.p).filter(act="meeting_decided").count() == 1
    assert (type(world.p).objects.get().version, Notification.objects.count()) == (version, told)


def test_a_meeting_that_decided_nothing_carries_nothing(world: World) -> None:
    world.walk_to(Status.DELIBERATING)

    hold(world, "")

    assert not ledger.entries_about(world.p).filter(act="meeting_decided").exists()
