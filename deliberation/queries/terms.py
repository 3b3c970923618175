"""Until when a step is due, and in which days the time left is counted."""

import datetime as dt
from typing import NamedTuple

from core import clock
from core.calendar import ends_on, office_calendar
from core.deadlines import working_days_between
from core.workdays import DayTable
from deliberation import limits
from deliberation.models import Proposal
from deliberation.stages import Status


class Due(NamedTuple):
    """The last day of a step; `working_days` left where the term counts those, else None."""

    ends: dt.date | None
    working_days: int | None = None
    is_provisional: bool = False


def waits_for_receipt(proposal: Proposal) -> bool:
    """Return whether nobody has signed for the proposal yet."""
    return proposal.status == Status.SUBMITTED and proposal.acknowledged_at is None


def due_of(proposal: Proposal, *, today: dt.date | None = None, calendar: DayTable | None = None) -> Due:
    """Return until when the next act is due: receipt within a working day, before the screening ends.

    Two queries for the calendar, unless it is given or every day counts.
    """
    if waits_for_receipt(proposal):
        table = calendar or office_calendar()
        span = limits.ACKNOWLEDGE
        found = ends_on(clock.local_date(proposal.entered_at), span.days, span.mode, calendar=table)
        left = working_days_between(today or clock.local_date(), found.ends, table)
        return Due(found.ends, left, found.provisional)
    return term_of(proposal, today=today, calendar=calendar)


def term_of(proposal: Proposal, *, today: dt.date | None = None, calendar: DayTable | None = None) -> Due:
    """Return until when the present status is due. Two queries at most, as `working_days_left`."""
    left = working_days_left(proposal, today=today, calendar=calendar)
    return Due(proposal.due_on, left, proposal.due_is_provisional)


def working_days_left(
    proposal: Proposal, *, today: dt.date | None = None, calendar: DayTable | None = None
) -> int | None:
    """Return the working days left of the present status, None where its term counts every day or there is none.

    Two queries for the calendar, unless it is given or not needed.
    """
    if proposal.due_on is None or limits.counted_in(proposal.status) == "calendar":
        return None
    return working_days_between(today or clock.local_date(), proposal.due_on, calendar or office_calendar())
