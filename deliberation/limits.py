"""Numbers of the method: days, rounds, shares (RULEBOOK 1 and 3). A leaf: plain numbers, each with its source.

[law] binds; [default] is ours and may be changed here for one place.
"""

from types import MappingProxyType
from typing import Literal, NamedTuple

from deliberation.stages import Status

Mode = Literal["calendar", "working"]


class Term(NamedTuple):
    """A span of days and how they are counted."""

    days: int
    mode: Mode


ACKNOWLEDGE = Term(1, "working")  # [default]
SCREENING_EXTENSION = Term(5, "working")  # [default] once
APPEAL = Term(10, "working")  # after a rejection
SUSPENSION = Term(30, "calendar")  # without consensus after two rounds
VOTE_EXTENSION_DAYS = 15  # [default] at most, once
TASK_AMBER_DAYS = 3  # a task due within so many days is shown amber [default]

SUPPLEMENTS = 2  # at most
RECTIFICATIONS = 2  # at most; after the second failure the subdistrict takes over
ROUNDS_WITHOUT_CONSENSUS = 2  # after so many rounds the matter may go on without consensus
SAME_MATTER_BAR_MONTHS = 6  # [default] after a vote that did not pass

STAKEHOLDERS_PRESENT = (2, 3)  # [default] of those invited
WRITTEN_OBJECTIONS = (1, 3)  # [default] of affected households send a plan back

# Posting periods in calendar days, as `publish.periods` has them.
PLAN_DAYS = 7
RESULT_DAYS = 7

RATING_WINDOW = Term(15, "calendar")  # [default]
RATINGS_AT_LEAST = 10  # [default] or 5 % of the affected households, whichever is more
RATINGS_SHARE = (5, 100)
SATISFACTION_NEEDED = (80, 100)  # [default]

# What each status is given to end in, from the day it is entered. Statuses whose end is set by a notice, a ballot
# or a task list are not here: the operation that enters them says the day.
DUE = MappingProxyType(
    {
        Status.SUBMITTED: Term(5, "working"),
        Status.SUPPLEMENT_REQUESTED: Term(10, "working"),
        Status.ACCEPTED: Term(10, "working"),
        Status.DELIBERATING: Term(30, "calendar"),
        Status.CONSENSUS_RECORDED: Term(5, "working"),
        Status.DRAFTING_PLAN: Term(20, "working"),
        Status.PLAN_PUBLICISED: Term(PLAN_DAYS, "calendar"),
        Status.PARTY_REVIEWED: Term(10, "working"),
        Status.READY_TO_VOTE: Term(10, "working"),
        Status.COUNTING: Term(3, "calendar"),  # [practice] result posted within 3 days
        Status.RESULT_PUBLICISED: Term(RESULT_DAYS, "calendar"),
        Status.NOT_QUORATE: Term(5, "working"),
        Status.EFFECTIVE: Term(10, "working"),
        Status.AWAITING_ACCEPTANCE: Term(5, "working"),
        Status.EVALUATING: RATING_WINDOW,
        Status.RECTIFYING: Term(10, "working"),
        Status.SUSPENDED: SUSPENSION,
        Status.ESCALATED: Term(10, "working"),
        Status.ANNULLED: Term(10, "working"),
    }
)


def counted_in(status: str) -> Mode:
    """Return which days the term of `status` counts. One set by a notice, a ballot or a task list counts them all."""
    term = DUE.get(Status(status))
    return term.mode if term is not None else "calendar"
