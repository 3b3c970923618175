"""Reads of publish."""

from publish.queries.board import (
    board_page,
    issuers_on_the_board,
    latest_about,
    notice_by_number,
    notices_about,
    notices_in_trouble,
    public_notices,
)
from publish.queries.numbering import missing_serials
from publish.queries.objections import (
    objection_counts,
    objections_awaiting,
    objections_of,
    with_days_to_acknowledge,
)
from publish.queries.periods import period_for, with_working_days
from publish.queries.verification import Verdict, follower_of, verdict_of

__all__ = [
    "Verdict",
    "board_page",
    "follower_of",
    "issuers_on_the_board",
    "latest_about",
    "missing_serials",
    "notice_by_number",
    "notices_about",
    "notices_in_trouble",
    "objection_counts",
    "objections_awaiting",
    "objections_of",
    "period_for",
    "public_notices",
    "verdict_of",
    "with_days_to_acknowledge",
    "with_working_days",
]
