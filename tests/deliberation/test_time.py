"""What time does by itself: resuming, results taking effect, telling of what is overdue, news heard twice."""

import pytest

from core.models import Notification
from deliberation import operations
from deliberation.periodic import resume_due_proposals, tell_of_overdue
from deliberation.stages import Status
from publish.models import Notice
from publish.signals import notice_period_ended
from tests.deliberation.world import World
from voting.models import Ballot
from voting.operations import close_ballot, open_ballot
from voting.signals import ballot_closed

pytestmark = [pytest.mark.django_db]


def test_what_rested_resumes_on_its_day(world: World) -> None:
    world.walk_to(Status.DRAFTING_PLAN)
    world.do(operations.suspend_proposal, world.p, by=world.secretary, reason_code="dispute", days=10)
    world.wait(9)
    assert resume_due_proposals(world.now) == 0
    world.wait(1)

    assert resume_due_proposals(world.now) == 1

    world.proposal = type(world.p).objects.get(pk=world.p.pk)
    assert world.p.status == Status.DRAFTING_PLAN


def test_the_overdue_are_told_once_a_day(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    Notification.objects.all().delete()
    world.wait(8)

    first, second = tell_of_overdue(world.now), tell_of_overdue(world.now)

    assert (first, second) == (3, 0)
    assert set(Notification.objects.values_list("user__name", flat=True)) == {"罗书云", "何主任", "严督"}


def test_news_heard_twice_changes_nothing(world: World) -> None:
    world.walk_to(Status.EFFECTIVE)
    version = world.p.version
    link = world.p.notice_links.get(purpose="result")
    assert world.p.ballot is not None

    world.after_commit(lambda: notice_period_ended.send(sender=Notice, notice=link.notice))
    world.after_commit(lambda: ballot_closed.send(sender=Ballot, ballot=world.p.ballot))

    world.proposal = type(world.p).objects.get(pk=world.p.pk)
    assert (world.p.status, world.p.version) == (Status.EFFECTIVE, version)


def test_a_ballot_opened_and_closed_elsewhere_takes_the_proposal_along(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)
    world.wait(16)
    assert world.p.ballot is not None

    world.do(open_ballot, world.p.ballot, by=world.facilitator)
    assert world.p.status == Status.VOTING
    world.cast(["for"] * 9)
    world.do(close_ballot, world.p.ballot, by=world.facilitator, reason="都已投票。")

    assert world.p.status == Status.COUNTING


def test_a_ballot_opened_too_early_is_reported_not_followed(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)
    assert world.p.ballot is not None

    world.do(open_ballot, world.p.ballot, by=world.facilitator)

    assert world.p.status == Status.NOTICE_PERIOD
    told = Notification.objects.filter(user=world.director).order_by("-id")[0]
    assert "表决公告的天数还没有满" in told.text
