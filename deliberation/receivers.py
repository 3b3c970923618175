"""News from the rooms below moves the proposal.

Every receiver may hear the same news twice: the second time changes nothing and tells nobody again.
A receiver never breaks the room that sent the news: a move that cannot be made is told to whoever has to make it.
"""

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from community.queries import office_holders
from core import clock, ledger
from core.actors import SYSTEM
from core.errors import Refused
from core.masking import mask_name
from core.notify import tell_once
from core.official import official_language
from deliberation import operations, rules
from deliberation.case import Outcome, ballot_outcome
from deliberation.models import NoticeLink, Proposal, Purpose
from deliberation.operations.acting import next_actors
from deliberation.stages import Status
from meetings.models import Meeting
from meetings.signals import meeting_closed, minutes_signed
from publish.models import Notice, Objection
from publish.signals import notice_failed, notice_period_ended, notice_posted, objection_upheld
from voting.mandates import ballots_together
from voting.models import Ballot, Phase
from voting.signals import ballot_certified, ballot_closed, ballot_opened

# Posted for everybody to see; no step waits for the end of their period.
_NOBODY_WAITS_FOR = frozenset(
    {
        Purpose.PROCEDURE,
        Purpose.PRELIMINARY,
        Purpose.NOT_QUORATE,
        Purpose.RESOLUTION,
        Purpose.RESPONSIBILITY,
        Purpose.RECTIFICATION,
    }
)
# What an objection that was upheld asks of the leaders.
_RETURN = "请修改后重新公示，或退回上一步"
_WHEN_UPHELD = {
    Purpose.ROLL: "请更正登记册，重新公示名册",
    Purpose.RESULT: "结果不能生效，请报街道处理",
}
_log = logging.getLogger(__name__)


@receiver(meeting_closed, dispatch_uid="deliberation.meeting_closed")
def _meeting_closed(*, meeting: Meeting, **_more: Any) -> None:
    operations.note_meeting_decisions(meeting, now=meeting.closed_at)


@receiver(minutes_signed, dispatch_uid="deliberation.minutes_signed")
def _minutes_signed(*, meeting: Meeting, **_more: Any) -> None:
    operations.note_signed_minutes(meeting, now=meeting.minutes.frozen_at)


@receiver(ballot_opened, dispatch_uid="deliberation.ballot_opened")
def _ballot_opened(*, ballot: Ballot, **_more: Any) -> None:
    """Follow the ballot as far as it is: news that was late must not leave a proposal behind one that is over."""
    _follow_opening(ballot)
    if ballot.closed_at is not None:
        _ballot_closed(ballot=ballot)


def _follow_opening(ballot: Ballot) -> None:
    for proposal in _deciding(ballot).filter(status=Status.NOTICE_PERIOD):
        _follow(operations.open_voting, proposal, ballot.opened_at)


@receiver(ballot_closed, dispatch_uid="deliberation.ballot_closed")
def _ballot_closed(*, ballot: Ballot, **_more: Any) -> None:
    """Follow a ballot that is closed, also where the news of its opening has not come yet."""
    _follow_opening(ballot)
    for proposal in _deciding(ballot).filter(status=Status.VOTING):
        _follow(partial(operations.close_voting, reason=_closed_by(ballot)), proposal, ballot.closed_at)
    _file_count(ballot, ballot.certified_at or ballot.closed_at)
    if ballot.certified_at is not None:
        _tell_of_result(ballot)


@receiver(ballot_certified, dispatch_uid="deliberation.ballot_certified")
def _ballot_certified(*, ballot: Ballot, **_more: Any) -> None:
    """Follow a certified ballot, also where earlier news of it has not come yet."""
    _ballot_closed(ballot=ballot)


def _closed_by(ballot: Ballot) -> str:
    """Return who closed the ballot, from a meeting or its own page, and why before its time; "" for the clock."""
    entry = ledger.entries_about(ballot).filter(act="close_ballot").order_by("-sequence").first()
    if entry is None or entry.actor_id is None:
        return ""
    said = f"由{rules.title_of(entry.office)}{mask_name(entry.actor_name)}截止"
    return f"{said}，理由：{entry.reason}" if entry.reason else said


def _tell_of_result(ballot: Ballot) -> None:
    """Tell the leaders: the result is to be posted within three days, or to be declared not quorate."""
    if any(one.phase != Phase.CERTIFIED for one in ballots_together(ballot)):
        return
    for proposal in _deciding(ballot).filter(status=Status.COUNTING):
        step = "请宣布未达法定人数" if ballot_outcome(ballot) == Outcome.NOT_QUORATE else "请在三日内公布结果"
        tell_once(
            office_holders(proposal.community, *rules.LEADERS),
            f"“{proposal.title}”的结果已经监票人确认，{step}。",
            proposal.get_absolute_url(),
            since=ballot.certified_at,
        )


def _file_count(ballot: Ballot, now: dt.datetime | None) -> None:
    """File the papers of a count. One that cannot be made breaks nothing here: the vote is counted and stored."""
    try:
        for proposal in operations.proposals_owed_a_count(ballot):
            operations.file_count_papers(proposal, now=now)
    except Exception:  # noqa: BLE001 - whatever a paper lacks, the vote is over and what else hears of it goes on
        _log.exception("the count papers of ballot %s could not be filed; they are owed and tried again", ballot.pk)


def _deciding(ballot: Ballot) -> QuerySet[Proposal]:
    """Return the proposals a ballot decides, alone or together with the others of its motion."""
    return Proposal.objects.filter(ballot__in=ballots_together(ballot))


@receiver(notice_posted, dispatch_uid="deliberation.notice_posted")
def _notice_posted(*, notice: Notice, **_more: Any) -> None:
    """Post how a vote is held once its call hangs; close the file of a matter whose last report has its number."""
    links = NoticeLink.objects.filter(notice=notice, purpose__in=[Purpose.VOTE, Purpose.EVALUATION])
    for link in links.select_related("proposal"):
        if link.purpose == Purpose.VOTE:
            operations.file_voting_procedure(link.proposal, now=notice.posted_at)
        else:
            operations.file_archive_index(link.proposal, now=notice.posted_at)


@receiver(notice_period_ended, dispatch_uid="deliberation.notice_period_ended")
def _notice_period_ended(*, notice: Notice, **_more: Any) -> None:
    """Let a result take effect by itself; the other steps wait for somebody, who is told."""
    for link in NoticeLink.objects.filter(notice=notice).select_related("proposal__community"):
        proposal = link.proposal
        if link.purpose == Purpose.RESULT and proposal.status == Status.RESULT_PUBLICISED:
            passed = proposal.ballot is not None and ballot_outcome(proposal.ballot) == Outcome.PASSED
            _follow(operations.take_effect if passed else operations.record_not_passed, proposal, notice.ended_at)
        elif not proposal.is_final and link.purpose not in _NOBODY_WAITS_FOR:
            tell_once(
                next_actors(proposal),
                f"“{proposal.title}”的{_purpose(link)}已经期满。",
                proposal.get_absolute_url(),
                since=notice.ended_at,
            )


@receiver(objection_upheld, dispatch_uid="deliberation.objection_upheld")
def _objection_upheld(*, objection: Objection, **_more: Any) -> None:
    _tell_leaders(objection.notice, "“%(title)s”的公示有异议成立，%(next)s。", objection.ruled_at)


@receiver(notice_failed, dispatch_uid="deliberation.notice_failed")
def _notice_failed(*, notice: Notice, **_more: Any) -> None:
    # A retry may fail like the first time, and is told again; news heard twice is the smaller harm.
    _tell_leaders(notice, "“%(title)s”的一份文书没有发布成功，请重新发布。", clock.now())


def _tell_leaders(notice: Notice, sentence: str, since: dt.datetime | None) -> None:
    for link in NoticeLink.objects.filter(notice=notice).select_related("proposal__community"):
        tell_once(
            office_holders(link.proposal.community, *rules.LEADERS),
            sentence % {"title": link.proposal.title, "next": _WHEN_UPHELD.get(Purpose(link.purpose), _RETURN)},
            link.proposal.get_absolute_url(),
            since=since,
        )


@official_language()
def _purpose(link: NoticeLink) -> str:
    return str(link.get_purpose_display())


@official_language()
def _follow(operation: Callable[..., Proposal], proposal: Proposal, now: dt.datetime | None) -> None:
    """Make a move as the platform; where it is refused, tell the leaders why."""
    try:
        operation(proposal, by=SYSTEM, now=now)
    except Refused as refused:
        tell_once(
            office_holders(proposal.community, *rules.LEADERS),
            f"“{proposal.title}”没有自动进入下一步：{refused}",
            proposal.get_absolute_url(),
            since=now,
        )
