"""Moves from many statuses: suspend, resume, terminate."""

import datetime as dt

from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput
from core.official import official_language
from deliberation import limits
from deliberation.models import Proposal
from deliberation.moves import TERMINATE_CODES
from deliberation.operations.acting import Done, make_move
from meetings import operations as meetings
from meetings.models import Meeting
from meetings.phases import CONVENED, DRAFT
from voting import operations as voting
from voting.mandates import ballots_together
from voting.models import Phase
from voting.operations.ballot import LONGEST_REASON


def suspend_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    days: int = limits.SUSPENSION.days,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Let a matter rest for at most 30 days; it resumes where it was."""
    moment = now or clock.now()
    if not isinstance(days, int) or not 1 <= days <= limits.SUSPENSION.days:
        raise BadInput(_("中止最多%(days)d日。") % {"days": limits.SUSPENSION.days}, field="days")

    def carry_out(locked: Proposal) -> Done:
        locked.resumes_on = clock.local_date(moment) + dt.timedelta(days=days)
        return Done(due=locked.resumes_on, facts={"resumes_on": locked.resumes_on.isoformat()})

    return make_move(
        "suspend",
        proposal,
        by=by,
        reason=reason,
        reason_code=reason_code,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def resume_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Go on where the matter was; its deadline is counted anew."""
    return make_move("resume", proposal, by=by, reason=reason, expected_version=expected_version, now=now)


def terminate_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """End a matter without a decision: unlawful, no_consensus, impossible, matter_gone.

    An open ballot is closed; one that was only announced is called off, and so are meetings that have not begun.
    """

    def carry_out(locked: Proposal) -> None:
        with official_language():
            why = reason.strip() or str(TERMINATE_CODES[reason_code])
            for meeting in Meeting.objects.filter(
                subject_type=ledger.subject_type(locked), subject_id=str(locked.pk), phase__in=[DRAFT, CONVENED]
            ):
                meetings.cancel_meeting(meeting=meeting, reason=f"“{locked.title}”已终止：{why}", by=by, now=now)
        if locked.ballot is None:
            return
        for ballot in ballots_together(locked.ballot):
            if ballot.phase == Phase.OPEN:
                voting.close_ballot(ballot, by=by, reason=" ".join(why.split())[:LONGEST_REASON], now=now)
            elif ballot.phase == Phase.DRAFT:
                voting.cancel_ballot(ballot, by=by, reason=why, now=now)

    return make_move(
        "terminate",
        proposal,
        by=by,
        reason=reason,
        reason_code=reason_code,
        expected_version=expected_version,
        now=now,
        carry_out=carry_out,
    )
