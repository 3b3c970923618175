"""What meetings decide reaches the proposals their items are about."""

import datetime as dt

import pytest

from core import clock, ledger
from core.actors import SYSTEM
from core.masking import mask_name
from core.models import News, Notification
from core.news import deliver, deliver_owed
from deliberation import operations
from deliberation.case import Case
from deliberation.requirements import REQUIREMENTS
from deliberation.stages import Status
from meetings.models import Meeting
from meetings.operations import close_meeting, next_agenda_item, open_meeting, record_decision, sign_in
from tests.deliberation.world import World
from voting.models import Ballot
from voting.operations import certify_ballot, close_ballot, open_ballot
from voting.signals import ballot_certified

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


def test_a_proposal_follows_its_ballot_though_the_process_that_closed_it_died(world: World) -> None:
    world.walk_to(Status.VOTING)
    assert world.p.ballot is not None

    close_ballot(
        world.p.ballot, by=world.facilitator, reason="都已投票。", now=world.now
    )  # nothing that follows the commit is run
    left = type(world.p).objects.get(pk=world.p.pk).status
    deliver_owed(clock.now() + dt.timedelta(minutes=2))
    deliver_owed(clock.now() + dt.timedelta(minutes=2))

    assert left == Status.VOTING
    assert type(world.p).objects.get(pk=world.p.pk).status == Status.COUNTING
    entry = ledger.entries_about(world.p).get(act="close_voting")
    told = f"{mask_name(world.facilitator.actor_name())}截止，理由：都已投票。"
    assert (entry.actor_id, entry.reason.endswith(told)) == (None, True)


def test_a_blocked_step_cites_the_rule_of_the_vote_not_that_of_owners(world: World) -> None:
    world.walk_to(Status.COUNTING)
    ballot = world.p.ballot
    assert ballot is not None
    type(ballot).objects.filter(pk=ballot.pk).update(rule={**ballot.rule, "article": "本社区议事规则第一条"})

    case = Case(type(world.p).objects.get(pk=world.p.pk), world.now)

    needs = [REQUIREMENTS[key] for key in ("ballot_passed", "ballot_rejected", "quorum_reached")]
    assert [need.missing(case).article for need in needs] == ["本社区议事规则第一条"] * 3


def test_leaders_are_told_of_a_certified_result_once_however_often_it_is_heard(world: World) -> None:
    world.walk_to(Status.COUNTING)
    ballot = world.p.ballot
    assert ballot is not None
    world.do(certify_ballot, ballot, by=world.tellers)

    world.after_commit(lambda: ballot_certified.send(sender=Ballot, ballot=ballot))

    assert Notification.objects.filter(user=world.director, text__contains="已经监票人确认").count() == 1


@pytest.mark.parametrize(
    "order",
    [
        ("ballot_certified", "ballot_closed", "ballot_opened"),
        ("ballot_closed", "ballot_opened", "ballot_certified"),
        ("ballot_closed", "ballot_certified"),
        ("ballot_opened",),
    ],
)
def test_a_proposal_follows_its_ballot_to_the_end_in_whatever_order_the_news_comes(
    world: World, order: tuple[str, ...]
) -> None:
    world.walk_to(Status.NOTICE_PERIOD)
    world.wait(16)
    ballot = world.p.ballot
    assert ballot is not None
    open_ballot(ballot, by=SYSTEM, now=world.now)  # what follows these commits is not run
    close_ballot(ballot, by=SYSTEM, reason="都已投票。", now=world.now)
    certify_ballot(ballot, by=world.tellers, now=world.now)

    for name in order:
        deliver(News.objects.get(name=name, about__ballot=["voting.ballot", ballot.pk]).pk)

    assert type(world.p).objects.get(pk=world.p.pk).status == Status.COUNTING
    assert Notification.objects.filter(user=world.director, text__contains="已经监票人确认").count() == 1
